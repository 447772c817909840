#include "dialect/json_flow.hpp"

#include <cstddef>
#include <string>
#include <string_view>

#include "catch.hpp"

using namespace ccrelay::dialect;

namespace {

std::string flowed(std::string_view text, std::size_t piece) {
  JsonFlow flow;
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece) flow.feed(text.substr(at, piece), out);
  flow.end(out);
  return out;
}

struct Row {
  const char* in;
  const char* out;
};

}  // namespace

TEST_CASE("halves of surrogate pairs and line ends are put right, all else stays") {
  const Row rows[] = {
      {R"({"a":12345678901234567890,"b":1.0,"c":1e2})",
       R"({"a":12345678901234567890,"b":1.0,"c":1e2})"},
      {R"("\ud83d\ude00")", R"("\ud83d\ude00")"},
      {R"("\ud83d")", "\"\xEF\xBF\xBD\""},
      {R"("\ude00")", "\"\xEF\xBF\xBD\""},
      {R"("\ud83d\ud83d\ude00x")", "\"\xEF\xBF\xBD\\ud83d\\ude00x\""},
      {R"("\ud83dx")", "\"\xEF\xBF\xBDx\""},
      {R"("\ud83d\n")", "\"\xEF\xBF\xBD\\n\""},
      {R"("\\ud83d\"")", R"("\\ud83d\"")"},
      {R"({"\ud83d":[]})", "{\"\xEF\xBF\xBD\":[]}"},
      {"{\n\"a\":\r\n1}", "{ \"a\":  1}"},
      {"{\"a\":\"\\u", "{\"a\":\"\\u"},
  };
  for (const Row& row : rows) {
    INFO(row.in);
    std::string whole;
    append_json(whole, row.in);
    CHECK(whole == row.out);
    for (const std::size_t piece : {1U, 2U, 3U, 7U}) CHECK(flowed(row.in, piece) == row.out);
  }
}

TEST_CASE(
    "half of a surrogate pair is found wherever it stands, and nothing else is taken for it") {
  for (std::size_t before = 0; before < 40; ++before) {
    for (std::size_t behind = 0; behind < 20; ++behind) {
      const std::string front = "\"ud, " + std::string(before, 'x');
      const std::string rest = std::string(behind, 'y') + "\"";
      CAPTURE(before, behind);
      for (const char* half : {R"(\ud83d)", R"(\uDC00)"}) {
        std::string out;
        append_json(out, front + half + rest);
        CHECK(out == front + "\xEF\xBF\xBD" + rest);
      }
      for (const char* other :
           {R"(\u00e9)", R"(\ud83d\ude00)", R"(\\ud83d)", R"(\n)", R"(ud800)"}) {
        std::string out;
        append_json(out, front + other + rest);
        CHECK(out == front + other + rest);
      }
      std::string out;
      append_json(out, "[" + front + rest + "\n,1]");
      CHECK(out == "[" + front + rest + " ,1]");
    }
  }
}

TEST_CASE("an object, array or string is complete with its last byte") {
  for (const std::string_view text :
       {R"({"a":"}\"","b":[{}]})", R"([[],"]"])", R"("a\\")", R"( {} )"}) {
    INFO(text);
    JsonFlow flow;
    std::string out;
    const std::size_t last = text.find_last_not_of(' ');
    for (std::size_t i = 0; i < text.size(); ++i) {
      flow.feed(text.substr(i, 1), out);
      CHECK(flow.complete() == (i >= last));
    }
  }
  JsonFlow flow;
  std::string out;
  flow.feed(" ", out);
  CHECK_FALSE(flow.begun());
  flow.feed("12", out);
  CHECK(flow.begun());
  CHECK_FALSE(flow.complete());
}
