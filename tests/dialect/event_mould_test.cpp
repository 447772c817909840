#include "dialect/event_mould.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay::dialect;

namespace {

// Whether the second event is the first with other words, and which.
std::string again(const std::string& first, const std::string& second) {
  const Json event = Json::read(first);
  EventMould mould;
  mould.cast(event, event["d"]["text"], {{"type", "d", "usage"}, "usage"});
  CHECK(mould.fits(first));
  if (!mould.fits(second)) return "another";
  CHECK(Json::read(second));
  CHECK(Json::read(second)["d"]["text"].text() == mould.words());
  return std::string(mould.words());
}

}  // namespace

TEST_CASE("an event fits the mould of another when only words differ", "[dialect]") {
  const std::string first =
      R"({"type":"t","n":7,"pad":"xy","d":{"text":"one","more":1},"usage":{"a":1,"b":{"c":20}}})";
  struct Row {
    const char* event;
    const char* words;
  };
  const Row rows[] = {
      {R"({"type":"t","n":7,"pad":"xy","d":{"text":"two","more":1},"usage":{"a":1,"b":{"c":20}}})",
       "two"},
      // What is not read, and what is counted.
      {R"({"type":"t","n":123,"pad":"","d":{"text":"","more":1},"usage":{"a":0,"b":{"c":9999}}})",
       ""},
      {R"({"type":"t","n":7,"pad":"\"\u00e9","d":{"text":"\"a\\\n\u00e9\ud83d\ude00\/","more":1},"usage":{"a":1,"b":{"c":20}}})",
       "\"a\\\n\xC3\xA9\xF0\x9F\x98\x80/"},
      {R"({"type":"t","n":7,"pad":"xy","d":{"text":"two","more":1},"usage":{"a":1,"b":{"c":20}}   })",
       "two"},
      // What is read, or nested where nobody counts, stays.
      {R"({"type":"u","n":7,"pad":"xy","d":{"text":"two","more":1},"usage":{"a":1,"b":{"c":20}}})",
       "another"},
      {R"({"type":"t","n":7,"pad":"xy","d":{"text":"two","more":2},"usage":{"a":1,"b":{"c":20}}})",
       "another"},
      {R"({"type":"t","n":7,"pad":"xy","d":{"text":"two","more":1},"usage":{"a":1,"b":{"c":20}},"x":1})",
       "another"},
      {R"({"type":"t","n":7,"pad":"xy","d":{"text":"two","more":1},"usage":{"a":1}})", "another"},
      {R"({"type":"t","n":7,"pad":"xy","d":{"text":null,"more":1},"usage":{"a":1,"b":{"c":20}}})",
       "another"},
      // What is no JSON, or a number that nobody counts with.
      {R"({"type":"t","n":07,"pad":"xy","d":{"text":"two","more":1},"usage":{"a":1,"b":{"c":20}}})",
       "another"},
      {R"({"type":"t","n":,"pad":"xy","d":{"text":"two","more":1},"usage":{"a":1,"b":{"c":20}}})",
       "another"},
      {R"({"type":"t","n":7,"pad":"xy","d":{"text":"two","more":1},"usage":{"a":1e3,"b":{"c":20}}})",
       "another"},
      {R"({"type":"t","n":7,"pad":"xy","d":{"text":"two","more":1},"usage":{"a":1234567890123456,"b":{"c":20}}})",
       "another"},
      {R"({"type":"t","n":7,"pad":"xy","d":{"text":"\q","more":1},"usage":{"a":1,"b":{"c":20}}})",
       "another"},
      {R"({"type":"t","n":7,"pad":"xy","d":{"text":"\u12g4","more":1},"usage":{"a":1,"b":{"c":20}}})",
       "another"},
      {"{\"type\":\"t\",\"n\":7,\"pad\":\"xy\",\"d\":{\"text\":\"a\nb\",\"more\":1},\"usage\":{"
       "\"a\":1,\"b\":{\"c\":20}}}",
       "another"},
      {R"({"type":"t","n":7,"pad":"xy","d":{"text":"two)", "another"},
      {R"({"type":"t","n":7,"pad":"xy","d":{"text":"two\)", "another"},
      {"", "another"},
  };
  for (const Row& row : rows) {
    INFO(row.event);
    CHECK(again(first, row.event) == row.words);
  }
}

TEST_CASE("no mould is made of what has no words", "[dialect]") {
  const std::string text = R"({"d":{"text":7}})";
  const Json event = Json::read(text);
  EventMould mould;
  CHECK_FALSE(mould.fits(text));
  mould.cast(event, event["d"]["text"], {{"d"}});
  CHECK_FALSE(mould.fits(text));
  mould.cast(event, Json(), {{"d"}});
  CHECK_FALSE(mould.fits(text));
}
