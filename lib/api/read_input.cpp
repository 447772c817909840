#include <algorithm>
#include <utility>

#include "api/errors.hpp"
#include "api/input.hpp"
#include "base/percent.hpp"
#include "wire/json_members.hpp"
#include "wire/json_scan.hpp"

// Where an Input comes from.
namespace ccrelay::api {
namespace {

// Messages that a request holds are not nested deeper.
constexpr int depth_max = 4;
// No request has more fields; each is looked for among the others.
constexpr std::size_t fields_max = 1'000;

std::string decoded(std::string_view text) {
  std::string blanks(text);
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  return base::percent_decoded(blanks);
}

// `ttlMs` is `ttl_ms`.
std::string snake_case(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      out += '_';
      out += static_cast<char>(c + 32);
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

Input::Field& Input::field(std::string_view name) {
  for (Field& one : fields_) {
    if (one.name == name) return one;
  }
  fields_.push_back({std::string(name), std::string(name), {}});
  return fields_.back();
}

management::Reply<Input> Input::of_query(std::string_view query) {
  Input input;
  for (std::size_t count = 0; !query.empty(); ++count) {
    if (count == fields_max) return wrong_field("query", "has more than 1000 parameters");
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(one.size() + 1, query.size()));
    if (one.empty()) continue;
    const std::size_t sign = std::min(one.find('='), one.size());
    const std::string_view value = one.substr(std::min(sign + 1, one.size()));
    input.field(decoded(one.substr(0, sign))).values.push_back({Kind::word, decoded(value)});
  }
  return input;
}

Input::Value Input::value_of(std::string_view raw) {
  switch (raw.front()) {
    case '"':
      return {Kind::string, wire::json_decoded(raw)};
    case '{':
    case '[':
      return {Kind::nested, {}};
    case 't':
    case 'f':
      return {Kind::boolean, std::string(raw)};
    case 'n':
      return {Kind::nested, {}};
    default:
      return {Kind::number, std::string(raw)};
  }
}

// Of checked JSON.
void Input::append_array(Field& into, std::string_view array) {
  into.list = true;
  wire::JsonScan scan(array, 1);
  scan.skip_space();
  while (!scan.failed() && scan.peek() != ']') {
    const std::size_t begin = scan.at();
    scan.skip_value();
    into.values.push_back(value_of(array.substr(begin, scan.at() - begin)));
    scan.skip_space();
    if (!scan.take(',')) break;
    scan.skip_space();
  }
}

void Input::flatten(std::string_view object, const std::string& prefix, const std::string& shown,
                    int depth) {
  const auto members = wire::JsonMembers::read(object);
  if (!members) return;
  for (const wire::JsonMember& member : *members) {
    const std::string_view raw = members->raw(member);
    const std::string name = prefix + snake_case(member.name);
    if (fields_.size() == fields_max) return wrong("body", "has more than 1000 fields");
    Field& one = field(name);
    one.shown = shown + std::string(member.name);
    if (!one.values.empty() || one.list) wrong(one.shown, "is there twice");
    if (raw == "null") continue;
    if (raw.front() == '[') {
      append_array(one, raw);
      continue;
    }
    one.values.push_back(value_of(raw));
    const std::string below = one.shown + '.';
    if (raw.front() == '{' && depth < depth_max) flatten(raw, name + '.', below, depth + 1);
  }
}

management::Reply<Input> Input::of_json(std::string_view body) {
  Input input;
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return input;
  const auto members = wire::JsonMembers::read(body);
  if (!members) {
    return management::Refusal{management::Code::invalid_argument,
                               "the body is no JSON object: " + members.error().message,
                               {}};
  }
  input.flatten(body, {}, {}, 1);
  return input;
}

Input Input::of_field(std::string_view name, std::string text) {
  Input input;
  input.field(name).values.push_back({Kind::string, std::move(text)});
  return input;
}

}  // namespace ccrelay::api
