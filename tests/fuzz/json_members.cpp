// What is a JSON object to another reader is one here, with the same names and strings; what is no
// JSON is refused; and the places are where they are said to be.
#include "wire/json_members.hpp"

#include <simdjson.h>

#include "fuzz/input.hpp"

using namespace ccrelay;
using namespace ccrelay::wire;

namespace {

// These it also says of texts that RFC 8259 lets pass: numbers beyond its types, halves of
// surrogate pairs, deep nesting.
bool is_stricter(simdjson::error_code error) {
  return error == simdjson::NUMBER_ERROR || error == simdjson::STRING_ERROR ||
         error == simdjson::DEPTH_ERROR;
}

void check_places(std::string_view text, const JsonMembers& members) {
  std::size_t at = members.open();
  FUZZ_CHECK(text[at] == '{' && text[members.close()] == '}');
  for (std::size_t i = 0; i < members.size(); ++i) {
    const JsonMember& member = members[i];
    FUZZ_CHECK(member.key.offset > at && member.value.offset > member.key.end());
    FUZZ_CHECK(text[member.key.offset] == '"' && text[member.key.end() - 1] == '"');
    FUZZ_CHECK(member.value.length > 0 && member.value.end() <= members.close());
    const bool last = i + 1 == members.size();
    FUZZ_CHECK(last == (member.comma == JsonMember::no_comma));
    FUZZ_CHECK(last || (member.comma >= member.value.end() && text[member.comma] == ','));
    at = last ? members.close() : member.comma;
    // A value cut out stands for itself.
    const std::string alone = "{\"a\":" + std::string(members.raw(member)) + "}";
    FUZZ_CHECK(JsonMembers::read(alone).has_value());
    if (const auto inner = members.inside(member)) check_places(text, *inner);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Piece piece(fuzz::Input(data, size).rest());
  const std::string_view text = piece;
  if (text.substr(0, 3) == "\xEF\xBB\xBF") return 0;  // newer versions of the other skip it
  const auto members = JsonMembers::read(text);
  if (members) check_places(text, *members);

  simdjson::dom::parser parser;
  simdjson::dom::element element;
  const auto error = parser.parse(simdjson::padded_string(text)).get(element);
  if (error) {
    FUZZ_CHECK(!members || is_stricter(error));
    return 0;
  }
  simdjson::dom::object object;
  const bool is_object = !element.get_object().get(object);
  FUZZ_CHECK(members.has_value() == is_object);
  if (!is_object) return 0;
  std::size_t count = 0;
  for (const auto [key, value] : object) {
    const JsonMember& member = (*members)[count++];
    FUZZ_CHECK(member.name == key);
    std::string_view string;
    const auto ours = members->string(member);
    FUZZ_CHECK(ours.has_value() == value.is_string());
    FUZZ_CHECK(!ours || (!value.get_string().get(string) && *ours == string));
  }
  FUZZ_CHECK(count == members->size());
  return 0;
}
