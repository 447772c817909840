#include "dialect/words.hpp"

#include <string>
#include <vector>

#include "catch.hpp"
#include "dialect/json_out.hpp"

using namespace ccrelay::dialect;

namespace {

// As a request has it: in a text that is indexed, and long enough for it.
std::string string_of(const std::string& inside, const std::string& behind) {
  const std::string text = R"({"a":")" + inside + behind + R"(","b":1})";
  JsonIndex index;
  std::string error;
  const Json json = index.read(text, &error);
  INFO(error);
  REQUIRE(json);
  const Json string = json["a"];
  std::string out;
  JsonOut(out).string(string);
  CHECK(out == json_quoted(string.text()));
  CHECK('"' + Words(string).inside() + '"' == out);
  return out;
}

}  // namespace

TEST_CASE("a string goes on with its escapes, and always as if it were decoded and encoded") {
  struct Row {
    std::string inside;
    std::string after;  // empty: the same
  };
  const Row rows[] = {
      {R"(say \"hi\" \\ \n\r\t)", ""},
      {R"(\u001b[0m\u0000\u007f\u0008\u000c)", ""},
      {"\xC3\xA9\xE4\xBD\xA0\xF0\x9F\x98\x80", ""},
      {R"(\/\b\f)", R"(/\u0008\u000c)"},
      {R"(\u001B\u007F\u000a\u0009\u000d\u0041)", R"(\u001b\u007f\n\t\rA)"},
      {R"(\u00e9\ud83d\ude00)", "\xC3\xA9\xF0\x9F\x98\x80"},
      {R"(\ud83d\ude00x\ud83d\ud83d\ude00\ude00)",
       "\xF0\x9F\x98\x80x\xEF\xBF\xBD\xF0\x9F\x98\x80\xEF\xBF\xBD"},
      {"\x7F", R"(\u007f)"},
      {"\xFF", "\xEF\xBF\xBD"},
      {"\xC3", "\xEF\xBF\xBD"},
  };
  for (const std::string& behind :
       {std::string(), std::string(80, 'x'), R"(\\)" + std::string(80, ' ')}) {
    for (const Row& row : rows) {
      CAPTURE(row.inside, behind);
      CHECK(string_of(row.inside, behind) ==
            '"' + (row.after.empty() ? row.inside : row.after) + behind + '"');
    }
  }
}

TEST_CASE("an escape is understood wherever it stands among others") {
  for (std::size_t before = 0; before < 140; ++before) {
    for (const char* escape :
         {R"(\u00e9)", R"(\\u00e9)", R"(\/\b)", R"(\ud83d)", R"(\u000a)", R"(\n)", R"(\\)", R"(\")",
          R"(\u001b)", R"(\\\")", R"(\ud83d\ude00)"}) {
      CAPTURE(before, escape);
      string_of(std::string(before, 'a') + escape + escape, std::string(70, 'b'));
    }
  }
}

TEST_CASE("words are put together from strings and from text") {
  Words words(Json(R"("a\nb")"));
  words.add(" \"c\" ").add(Json(R"("\/")")).add(Words("d\n")).add(Json("null")).add(Json());
  CHECK(words.inside() == R"(a\nb \"c\" /d\n)");
  CHECK(Words(Json("[]")).empty());
  CHECK(Words("").empty());
  CHECK(Words("ERROR: no").begin_with("error"));
  CHECK_FALSE(Words("err").begin_with("error"));
  CHECK(Words(Json(R"("\u0065rror")")).begin_with("error"));
}

TEST_CASE("words that are kept as they stand are the same words") {
  const std::string text = R"(["\u0065rror: \/","","plain",5])";
  std::vector<Json> items;
  for (const Json& item : Json(text).items()) items.push_back(item);
  const Words kept = Words::of(items[0]);
  CHECK_FALSE(kept.empty());
  CHECK(kept.begin_with("Error"));
  CHECK(Words::of(items[0]).add("\n").add(Words::of(items[2])).inside() == R"(error: /\nplain)");
  CHECK(Words("a ").add(Words::of(items[0])).inside() == "a error: /");
  CHECK(Words(kept).add(items[2]).inside() == "error: /plain");
  CHECK(Words::of(items[1]).empty());
  CHECK(Words::of(items[3]).empty());
  std::string out;
  JsonOut(out).object().string("text", Words::of(items[0])).string("other", kept).end();
  CHECK(out == R"({"text":"error: /","other":"error: /"})");
}

TEST_CASE("a value becomes a string with its numbers and its order, put right if need be") {
  const auto quoted = [](const std::string& text) {
    JsonIndex index;
    std::string out;
    JsonOut(out).quoted(index.read(text));
    CHECK(out == string_from_json(text));
    return out;
  };
  CHECK(quoted(R"({"b":1.0,"a":"q\"\u00e9\n"})") == R"("{\"b\":1.0,\"a\":\"q\\\"\\u00e9\\n\"}")");
  CHECK(quoted("{\"a\":\n[\"\\ud83d\"]}") == "\"{\\\"a\\\": [\\\"\xEF\xBF\xBD\\\"]}\"");
  CHECK(quoted("12345678901234567890") == R"("12345678901234567890")");
}

TEST_CASE("what an index says is as it should be goes on, all else is put right") {
  const auto raw = [](const std::string& text) {
    JsonIndex index;
    std::string out;
    JsonOut(out).raw(index.read(text));
    return out;
  };
  CHECK(raw(R"({"a":["\ud83d\ude00\u0041\/", { "b" : 1.0 }]})") ==
        R"({"a":["\ud83d\ude00\u0041\/", { "b" : 1.0 }]})");
  CHECK(raw("[1,\r\n{\"a\":\"\\ude00\"}]") == "[1,  {\"a\":\"\xEF\xBF\xBD\"}]");
  JsonIndex index;
  const std::string text = "[ [1,2] ,\n[3],\"" + std::string(70, 'x') + "\",[4,\n5]]";
  std::vector<bool> clean;
  for (const Json& item : index.read(text).items()) clean.push_back(item.is_clean());
  CHECK(clean == std::vector<bool>{true, true, true, false});
}
