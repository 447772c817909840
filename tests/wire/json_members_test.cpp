#include "wire/json_members.hpp"

#include <simdjson.h>

#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "wire/json_scan.hpp"

using namespace ccrelay;
using namespace ccrelay::wire;

namespace {

std::string error_of(std::string_view text) {
  const auto members = JsonMembers::read(text);
  return members ? "" : members.error().message;
}

// What another reader thinks: the whole text is one valid object.
bool is_object(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  return !parser.parse(text.data(), text.size()).get(element) && element.is_object();
}

}  // namespace

TEST_CASE("every member is told with the places of its key, value and comma", "[wire]") {
  const std::string text = R"( { "a" : [1, {"b": "}"}] ,"c":"x\"y" , "a":null } )";
  const auto members = JsonMembers::read(text);
  REQUIRE(members);
  REQUIRE(members->size() == 3);
  CHECK(members->open() == 1);
  CHECK(text[members->close()] == '}');
  CHECK(members->close() == text.size() - 2);
  const auto cut = [&](Span span) { return text.substr(span.offset, span.length); };
  const JsonMember& first = (*members)[0];
  CHECK(first.name == "a");
  CHECK(cut(first.key) == "\"a\"");
  CHECK(cut(first.value) == R"([1, {"b": "}"}])");
  CHECK(first.comma == text.find(" ,\"c") + 1);
  const JsonMember& second = (*members)[1];
  CHECK(cut(second.key) == "\"c\"");
  CHECK(cut(second.value) == R"("x\"y")");
  CHECK(second.value.end() == text.find(" , \"a"));
  CHECK(second.comma == text.find(" , \"a") + 1);
  const JsonMember& third = (*members)[2];
  CHECK(members->raw(third) == "null");
  CHECK(third.comma == JsonMember::no_comma);
}

TEST_CASE("of several members with one name the last counts, however it is spelled", "[wire]") {
  const std::string text = R"({"model":"a","mod\u0065l":"b"})";
  const auto members = JsonMembers::read(text);
  REQUIRE(members);
  CHECK(members->find("model") == &(*members)[1]);
  CHECK(members->string("model") == "b");
  CHECK(members->find("mod") == nullptr);
}

TEST_CASE("an object without members is one", "[wire]") {
  const auto members = JsonMembers::read("\t{ \n} ");
  REQUIRE(members);
  CHECK(members->size() == 0);
  CHECK(members->open() == 1);
  CHECK(members->close() == 4);
}

TEST_CASE("objects further in are walked with offsets of the whole text", "[wire]") {
  const std::string text = R"({"error":{"code":7,"more":{"x":"y"}},"list":[]})";
  const auto members = JsonMembers::read(text);
  REQUIRE(members);
  const auto error = members->inside("error");
  REQUIRE(error);
  CHECK(error->integer("code") == 7);
  CHECK((*error)[0].key.offset == text.find("\"code\""));
  CHECK(error->inside("more")->string("x") == "y");
  CHECK_FALSE(members->inside("list"));
  CHECK_FALSE(members->inside("absent"));
}

TEST_CASE("strings are decoded", "[wire]") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"("")", ""},
      {R"("a\"\\\/\b\f\n\r\tz")", "a\"\\/\b\f\n\r\tz"},
      {R"("\u0041\u00fc\u20AC\ud83d\ude00")", "A\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80"},
      {R"("\ud83dx\ude00\ud83d\u0041\ud83d")",
       "\xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBD"
       "A\xEF\xBF\xBD"},
      {R"("\u0000")", std::string(1, '\0')},
  };
  for (const auto& [raw, meaning] : cases) {
    INFO(raw);
    CHECK(json_decoded(raw) == meaning);
  }
}

TEST_CASE("whole numbers are read, quoted or not", "[wire]") {
  const std::string text =
      R"({"a":3600,"b":"-12","c":1.5,"d":"1h","e":99999999999999999999,"f":true,"g":"","h":[1]})";
  const auto members = JsonMembers::read(text);
  REQUIRE(members);
  CHECK(members->integer("a") == 3600);
  CHECK(members->integer("b") == -12);
  for (const char* name : {"c", "d", "e", "f", "g", "h", "absent"}) {
    INFO(name);
    CHECK_FALSE(members->integer(name));
  }
  CHECK_FALSE(members->string("a"));
}

TEST_CASE("what is wrong with a text is said with its place", "[wire]") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "at byte 0: '{' is expected"},
      {"[1]", "at byte 0: '{' is expected"},
      {"{", "at byte 1: a string is expected"},
      {"{\"a\"", "at byte 4: ':' is expected"},
      {"{\"a\":", "at byte 5: a value is expected"},
      {"{\"a\":1", "at byte 6: ',' or '}' is expected"},
      {"{\"a\":1,}", "at byte 7: a string is expected"},
      {"{\"a\":1}}", "at byte 7: something follows the object"},
      {"{\"a\":[1}}", "at byte 7: ',' or ']' is expected"},
      {"{\"a\":{\"b\":1]}", "at byte 11: ',' or '}' is expected"},
      {"{\"a\":[1,]}", "at byte 8: a value is expected"},
      {"{\"a\":01}", "at byte 6: ',' or '}' is expected"},
      {"{\"a\":-}", "at byte 5: a value is expected"},
      {"{\"a\":1.}", "at byte 7: a digit is expected"},
      {"{\"a\":1e}", "at byte 7: a digit is expected"},
      {"{\"a\":nul}", "at byte 5: a value is expected"},
      {"{\"a", "at byte 3: a string has no end"},
      {"{\"a\\", "at byte 3: a string has no end"},
      {"{\"a\":\"\n\"}", "at byte 6: a string holds a control character"},
      {"{\"a\":\"\\x\"}", "at byte 6: a string holds an escape that JSON does not know"},
      {"{\"a\":\"\\u12g4\"}", "at byte 6: \\u is followed by four hexadecimal digits"},
      {"{\"a\":\"\xFF\"}", "it is not UTF-8"},
  };
  for (const auto& [text, words] : cases) {
    INFO(text);
    CHECK(error_of(text) == "not a JSON object: " + words);
  }
}

TEST_CASE("no text at all is no object", "[wire]") {
  CHECK(error_of({}) == "not a JSON object: at byte 0: '{' is expected");
}

TEST_CASE("nesting has a limit and needs no stack", "[wire]") {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  CHECK(error_of(nested(JsonScan::depth_max)) == "");
  CHECK(error_of(nested(JsonScan::depth_max + 1)) ==
        "not a JSON object: at byte 1029: it is nested too deeply");
  CHECK(error_of("{\"a\":" + std::string(1 << 20, '[')) != "");
}

TEST_CASE("a text that is cut or has a byte changed is accepted if it is JSON, and only then",
          "[wire]") {
  const std::string text =
      R"({"a":[1,-0.5e+3,{"b":[]},{}],"c":"\u00e9\\\n","d":true,"e":{"f":null,"g":false},"":0})";
  REQUIRE(error_of(text) == "");
  for (std::size_t size = 0; size < text.size(); ++size)
    CHECK(error_of(text.substr(0, size)) != "");
  std::mt19937 random(7);
  const std::string bytes = "{}[]\",:\\ 0-e.tn\n\x7f\xC3u";
  for (int i = 0; i < 20000; ++i) {
    std::string changed = text;
    for (unsigned n = random() % 3 + 1; n > 0; --n)
      changed[random() % changed.size()] = bytes[random() % bytes.size()];
    INFO(changed);
    REQUIRE(error_of(changed).empty() == is_object(changed));
  }
}
