#include "provider/body_edit.hpp"

#include <algorithm>

#include "wire/json_scan.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::provider {
namespace {

constexpr std::string_view in_array = "[]";

}  // namespace

Result<BodyEdit> BodyEdit::of(std::string_view body) {
  auto members = wire::JsonMembers::read(body);
  if (!members) return Error{ErrorCode::client, "the request's body is " + members.error().message};
  return BodyEdit(body, std::move(*members));
}

bool BodyEdit::has(std::string_view name) const {
  return top_.find(name) != nullptr;
}

std::string_view BodyEdit::value(std::string_view name) const {
  const wire::JsonMember* member = top_.find(name);
  return member ? top_.raw(*member) : std::string_view();
}

const BodyEdit::Cut* BodyEdit::Cut::find(std::string_view part) const {
  const auto found =
      std::find_if(inside.begin(), inside.end(), [&](const Cut& one) { return one.name == part; });
  return found == inside.end() ? nullptr : &*found;
}

BodyEdit::Cut& BodyEdit::Cut::of(std::string_view part) {
  for (Cut& one : inside) {
    if (one.name == part) return one;
  }
  inside.push_back({std::string(part), false, {}});
  return inside.back();
}

void BodyEdit::remove(std::string_view path) {
  Cut* at = &cuts_;
  while (true) {
    const auto end = std::min(path.find('.'), path.size());
    std::string_view part = path.substr(0, end);
    int arrays = 0;
    for (; part.ends_with(in_array); part.remove_suffix(in_array.size())) ++arrays;
    at = &at->of(part);
    for (; arrays > 0; --arrays) at = &at->of(in_array);
    if (end == path.size()) break;
    path.remove_prefix(end + 1);
  }
  at->whole = true;
}

void BodyEdit::insert(std::string_view name, std::string_view value) {
  if (!inserted_.empty()) inserted_ += ',';
  wire::append_json_string(inserted_, name);
  inserted_ += ':';
  inserted_ += value;
}

void BodyEdit::replace(std::string_view name, std::string_view value) {
  for (const wire::JsonMember& member : top_) {
    if (member.name != name) continue;
    replaced_.push_back({member.value.offset, member.value.length, std::string(value)});
  }
}

void BodyEdit::cut(const Cut& what, std::size_t at, std::vector<Splice>& splices) const {
  if (body_[at] == '{') cut_members(what, at, splices);
  if (body_[at] == '[') cut_elements(what, at, splices);
}

// A run of removed members goes with the comma behind it, or, where it is the last, with the one
// before it.
void BodyEdit::cut_members(const Cut& what, std::size_t at, std::vector<Splice>& splices) const {
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::size_t run = none;         // where the run that goes on begins
  std::size_t kept_comma = none;  // behind the last member that stays
  wire::JsonScan scan(body_, at + 1);
  scan.skip_space();
  for (bool more = scan.peek() != '}'; more && !scan.failed();) {
    scan.skip_space();
    const std::size_t key = scan.at();
    scan.skip_string();
    const std::string_view raw = body_.substr(key, scan.at() - key);
    const bool escaped = raw.find('\\') != std::string_view::npos;
    const Cut* goes =
        escaped ? what.find(wire::json_decoded(raw)) : what.find(raw.substr(1, raw.size() - 2));
    scan.skip_space();
    scan.take(':');
    scan.skip_space();
    const std::size_t value = scan.at();
    scan.skip_value();
    const std::size_t value_end = scan.at();
    scan.skip_space();
    const std::size_t comma = scan.at();
    more = scan.take(',');
    if (goes && goes->whole) {
      if (run == none) run = key;
      if (more) continue;
      const std::size_t begin = kept_comma == none ? run : kept_comma;
      splices.push_back({begin, value_end - begin, {}});
      return;
    }
    if (run != none) splices.push_back({run, key - run, {}});
    run = none;
    kept_comma = comma;
    if (goes) cut(*goes, value, splices);
  }
}

void BodyEdit::cut_elements(const Cut& what, std::size_t at, std::vector<Splice>& splices) const {
  const Cut* each = what.find(in_array);
  if (!each) return;
  wire::JsonScan scan(body_, at + 1);
  scan.skip_space();
  for (bool more = scan.peek() != ']'; more && !scan.failed();) {
    scan.skip_space();
    const std::size_t element = scan.at();
    scan.skip_value();
    cut(*each, element, splices);
    scan.skip_space();
    more = scan.take(',');
  }
}

bool BodyEdit::some_member_stays() const {
  return std::any_of(top_.begin(), top_.end(), [&](const wire::JsonMember& member) {
    const Cut* goes = cuts_.find(member.name);
    return !goes || !goes->whole;
  });
}

std::vector<Splice> BodyEdit::take_splices() {
  std::vector<Splice> splices = std::move(replaced_);
  cut(cuts_, top_.open(), splices);
  if (!inserted_.empty()) {
    splices.push_back({top_.open() + 1, 0, inserted_ + (some_member_stays() ? "," : "")});
  }
  std::stable_sort(splices.begin(), splices.end(), [](const Splice& a, const Splice& b) {
    return a.offset != b.offset ? a.offset < b.offset : a.length < b.length;
  });
  return splices;
}

}  // namespace ccrelay::provider
