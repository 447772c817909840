#include "provider/body_edit.hpp"

#include <algorithm>

#include "wire/json_scan.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::provider {

Result<BodyEdit> BodyEdit::of(std::string_view body) {
  auto members = wire::JsonMembers::read(body);
  if (!members) return Error{ErrorCode::client, "the request's body is " + members.error().message};
  return BodyEdit(body, std::move(*members));
}

bool BodyEdit::has(std::string_view name) const {
  return top_.members.find(name) != nullptr;
}

std::string_view BodyEdit::value(std::string_view name) const {
  const wire::JsonMember* member = top_.members.find(name);
  return member ? top_.members.raw(*member) : std::string_view();
}

void BodyEdit::remove(std::string_view name) {
  remove_from(top_, name);
}

void BodyEdit::remove_from(Object& object, std::string_view name) {
  object.removed.resize(object.members.size());
  for (std::size_t i = 0; i < object.members.size(); ++i) {
    if (object.members[i].name == name) object.removed[i] = true;
  }
}

void BodyEdit::remove_in_each(std::string_view array, std::string_view name) {
  const wire::JsonMember* member = top_.members.find(array);
  if (!member || body_[member->value.offset] != '[') return;
  wire::JsonScan scan(body_, member->value.offset + 1);
  scan.skip_space();
  while (!scan.failed() && scan.peek() != ']') {
    wire::JsonMember element;
    element.value.offset = scan.at();
    scan.skip_value();
    element.value.length = scan.at() - element.value.offset;
    if (auto inside = top_.members.inside(element); inside && inside->find(name)) {
      const std::size_t open = inside->open();
      auto known = std::find_if(inner_.begin(), inner_.end(), [&](const Object& object) {
        return object.members.open() == open;
      });
      if (known == inner_.end()) {
        inner_.push_back({std::move(*inside), {}});
        known = inner_.end() - 1;
      }
      remove_from(*known, name);
    }
    scan.skip_space();
    if (!scan.take(',')) break;
    scan.skip_space();
  }
}

void BodyEdit::insert(std::string_view name, std::string_view value) {
  if (!inserted_.empty()) inserted_ += ',';
  wire::append_json_string(inserted_, name);
  inserted_ += ':';
  inserted_ += value;
}

void BodyEdit::replace(std::string_view name, std::string_view value) {
  for (const wire::JsonMember& member : top_.members) {
    if (member.name != name) continue;
    replaced_.push_back({member.value.offset, member.value.length, std::string(value)});
  }
}

// A run of removed members goes with the comma behind it, or, where it is the last, with the one
// before it.
void BodyEdit::append_removals(const Object& object, std::vector<Splice>& splices) const {
  const wire::JsonMembers& members = object.members;
  for (std::size_t i = 0; i < object.removed.size(); ++i) {
    if (!object.removed[i]) continue;
    const std::size_t first = i;
    while (i + 1 < object.removed.size() && object.removed[i + 1]) ++i;
    std::size_t begin = members[first].key.offset;
    std::size_t end = members[i].value.offset + members[i].value.length;
    if (i + 1 < members.size()) {
      end = members[i + 1].key.offset;
    } else if (first > 0) {
      begin = members[first - 1].comma;
    }
    splices.push_back({begin, end - begin, {}});
  }
}

std::vector<Splice> BodyEdit::take_splices() {
  std::vector<Splice> splices = std::move(replaced_);
  append_removals(top_, splices);
  for (const Object& object : inner_) {
    const bool goes_anyway = std::any_of(splices.begin(), splices.end(), [&](const Splice& splice) {
      return splice.offset <= object.members.open() &&
             object.members.open() < splice.offset + splice.length;
    });
    if (!goes_anyway) append_removals(object, splices);
  }
  if (!inserted_.empty()) {
    const auto& removed = top_.removed;
    const bool some_stay = static_cast<std::size_t>(std::count(removed.begin(), removed.end(),
                                                               true)) < top_.members.size();
    splices.push_back({top_.members.open() + 1, 0, inserted_ + (some_stay ? "," : "")});
  }
  std::stable_sort(splices.begin(), splices.end(), [](const Splice& a, const Splice& b) {
    return a.offset != b.offset ? a.offset < b.offset : a.length < b.length;
  });
  return splices;
}

}  // namespace ccrelay::provider
