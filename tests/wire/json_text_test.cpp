#include "wire/json_text.hpp"

#include <vector>

#include "catch.hpp"

using namespace ccrelay::wire;

TEST_CASE("text becomes a JSON string", "[wire]") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"a\"b\\c/", R"("a\"b\\c/")"},
      {"\n\r\t", R"("\n\r\t")"},
      {std::string("\0\x01\x1f\x7f", 4), R"("\u0000\u0001\u001f\u007f")"},
      {"\xC3\xBC \xE2\x82\xAC \xF0\x9F\x98\x80", "\"\xC3\xBC \xE2\x82\xAC \xF0\x9F\x98\x80\""},
  };
  for (const auto& [text, json] : cases) {
    INFO(json);
    CHECK(json_string(text) == json);
  }
}

TEST_CASE("bytes that are no UTF-8 become the replacement character", "[wire]") {
  const std::string bad = "\xEF\xBF\xBD";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"\xFF", bad},                                // never a lead
      {"a\x80z", "a" + bad + "z"},                  // a trail alone
      {"\xC3", bad},                                // cut
      {"\xE2\x82", bad + bad},                      // cut
      {"\xC0\xAF", bad + bad},                      // overlong
      {"\xE0\x80\xAF", bad + bad + bad},            // overlong
      {"\xED\xA0\x80", bad + bad + bad},            // a surrogate
      {"\xF4\x90\x80\x80", bad + bad + bad + bad},  // beyond U+10FFFF
      {"\xC3(", bad + "("},
  };
  for (const auto& [text, json] : cases) {
    INFO(json);
    CHECK(json_string(text) == "\"" + json + "\"");
  }
}

TEST_CASE("a JSON string is appended to what is there", "[wire]") {
  std::string out = "x:";
  append_json_string(out, "y");
  CHECK(out == "x:\"y\"");
}

TEST_CASE("an error's envelope is Anthropic's with the request's id", "[wire]") {
  CHECK(error_envelope("api_error", "it \"broke\"", "req_1") ==
        R"({"type":"error","error":{"type":"api_error","message":"it \"broke\""},)"
        R"("request_id":"req_1"})");
}

TEST_CASE("an error's envelope without an id leaves the id out", "[wire]") {
  CHECK(error_envelope("api_error", "m", "") ==
        R"({"type":"error","error":{"type":"api_error","message":"m"}})");
}

TEST_CASE("what is UTF-8 is told from what is not") {
  for (const char* yes : {"", "plain", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\x7F"}) {
    CAPTURE(yes);
    CHECK(is_utf8(yes));
  }
  // Alone, cut short, too long a form, a half of a surrogate pair, beyond the last code point.
  for (const char* no :
       {"\x80", "\xC3", "\xE2\x82", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
    CAPTURE(no);
    CHECK_FALSE(is_utf8(no));
  }
}
