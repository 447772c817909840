#include "dialect/custom_input.hpp"

#include <string>
#include <utility>

#include "catch.hpp"

using namespace ccrelay::dialect;

TEST_CASE("a custom tool's text comes out of its object, wherever that is cut") {
  const std::pair<std::string, std::string> rows[] = {
      {R"({"input":"abc"})", "abc"},
      {R"({"input":""})", ""},
      {"{ \"input\" :\n \"a\" }", "a"},
      {R"({"input":"a\n\t\"\\\/\u00e9\ud83d\ude00z"})", "a\n\t\"\\/\xC3\xA9\xF0\x9F\x98\x80z"},
      {R"({"input":"\ud83d"})", "\xEF\xBF\xBD"},
      {R"({"input":"\ud83dx"})", "\xEF\xBF\xBDx"},
      {R"({"input":"a\\"})", "a\\"},
      {R"({"input":"a","more":"b"})", "a"},
      {R"({"more":{"input":"b"},"input":"a"})", "a"},
      // A stream that broke off has said what it has said.
      {R"({"input":"abc)", "abc"},
      {R"({"input":"abc\)", R"(abc\)"},
      {R"({"input":"abc\u00)", R"(abc\u00)"},
      // No such object: all of it.
      {R"({"command":"ls"})", R"({"command":"ls"})"},
      {R"({"input":["a"]})", R"({"input":["a"]})"},
      {"*** Begin", "*** Begin"},
      {"{}", "{}"},
      {"", ""},
  };
  for (const auto& [json, text] : rows) {
    CAPTURE(json);
    for (const std::size_t step :
         {std::size_t{1}, std::size_t{2}, std::size_t{3}, json.size() + 1}) {
      CustomInput input;
      std::string told;
      for (std::size_t at = 0; at < json.size(); at += step) {
        input.feed(std::string_view(json).substr(at, step), told);
      }
      input.end(told);
      CHECK(told == text);
      CHECK(input.text() == text);
    }
  }
}

TEST_CASE("a custom tool's text is told as soon as it is known") {
  CustomInput input;
  std::string told;
  CHECK(input.untouched());
  input.feed(R"({"input":"ab)", told);
  CHECK(told == "ab");
  input.feed(R"(\)", told);
  CHECK(told == "ab");
  input.feed(R"(nc)", told);
  CHECK(told == "ab\nc");
  CHECK_FALSE(input.untouched());
}
