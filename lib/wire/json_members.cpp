#include "wire/json_members.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "wire/json_scan.hpp"

namespace ccrelay::wire {

Result<JsonMembers> JsonMembers::read(std::string_view text) {
  const auto wrong = [](const std::string& what) {
    return Error{ErrorCode::provider, "not a JSON object: " + what};
  };
  // Not of nothing, which may be a null pointer: UBSan calls reading it undefined.
  if (!text.empty() && !simdjson::validate_utf8(text.data(), text.size()))
    return wrong("it is not UTF-8");
  JsonScan scan(text);
  scan.skip_space();
  JsonMembers members(text, scan.at());
  if (const std::string error = members.walk(); !error.empty()) return wrong(error);
  JsonScan rest(text, members.close_ + 1);
  rest.skip_space();
  if (!rest.at_end()) rest.fail("something follows the object");
  if (rest.failed()) return wrong(rest.error());
  return members;
}

std::string JsonMembers::walk() {
  JsonScan scan(text_, open_);
  if (!scan.take('{')) scan.fail("'{' is expected");
  scan.skip_space();
  bool more = !scan.failed() && scan.peek() != '}';
  while (more && !scan.failed()) {
    JsonMember member;
    scan.skip_space();
    member.key.offset = scan.at();
    scan.skip_string();
    member.key.length = scan.at() - member.key.offset;
    scan.skip_space();
    if (!scan.failed() && !scan.take(':')) scan.fail("':' is expected");
    scan.skip_space();
    member.value.offset = scan.at();
    scan.skip_value();
    member.value.length = scan.at() - member.value.offset;
    scan.skip_space();
    if (scan.failed()) break;
    if (members_.size() == members_max) {
      scan.fail("more members than anybody needs");
      break;
    }
    member.name = name_of(text_.substr(member.key.offset, member.key.length));
    more = scan.peek() == ',';
    if (more) member.comma = scan.at();
    scan.take(',');
    members_.push_back(std::move(member));
  }
  close_ = scan.at();
  if (!scan.failed() && !scan.take('}')) scan.fail("',' or '}' is expected");
  return scan.error();
}

std::string_view JsonMembers::name_of(std::string_view raw) {
  if (raw.find('\\') == std::string_view::npos) return raw.substr(1, raw.size() - 2);
  if (!decoded_) decoded_ = std::make_shared<std::deque<std::string>>();
  return decoded_->emplace_back(json_decoded(raw));
}

std::optional<JsonMembers> JsonMembers::inside(const JsonMember& member) const {
  if (text_[member.value.offset] != '{') return std::nullopt;
  JsonMembers inner(text_, member.value.offset);
  // Its form was checked already; it may have too many.
  if (!inner.walk().empty()) return std::nullopt;
  return inner;
}

std::optional<JsonMembers> JsonMembers::inside(std::string_view name) const {
  const JsonMember* member = find(name);
  return member ? inside(*member) : std::nullopt;
}

const JsonMember* JsonMembers::find(std::string_view name) const {
  const auto found = std::find_if(members_.rbegin(), members_.rend(),
                                  [&](const JsonMember& member) { return member.name == name; });
  return found == members_.rend() ? nullptr : &*found;
}

std::optional<std::string> JsonMembers::string(const JsonMember& member) const {
  const std::string_view value = raw(member);
  if (value.front() != '"') return std::nullopt;
  return json_decoded(value);
}

std::optional<std::string> JsonMembers::string(std::string_view name) const {
  const JsonMember* member = find(name);
  return member ? string(*member) : std::nullopt;
}

std::optional<std::int64_t> JsonMembers::integer(std::string_view name) const {
  const JsonMember* member = find(name);
  if (!member) return std::nullopt;
  std::string_view digits = raw(*member);
  if (digits.front() == '"') digits = digits.substr(1, digits.size() - 2);
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, value);
  if (failure != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace ccrelay::wire
