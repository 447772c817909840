#include "dialect/json_out.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay::dialect;

TEST_CASE("objects and arrays are written with their commas behind what is there") {
  std::string out = "data: [";
  JsonOut json(out);
  json.object().string("type", "a\"b").number("n", -3).boolean("t", true).null("z");
  json.array("list").string("x").number(1).boolean(false).null().object().end().array().end().end();
  json.object("in").raw("big", "12345678901234567890").raw("none", Json()).end().end();
  CHECK(out ==
        "data: ["
        R"({"type":"a\"b","n":-3,"t":true,"z":null,)"
        R"("list":["x",1,false,null,{},[]],"in":{"big":12345678901234567890,"none":null}})");
}

TEST_CASE("all that is open can be closed at once") {
  std::string out;
  JsonOut json(out);
  json.array().object().array("a").object();
  json.end_all();
  CHECK(out == R"([{"a":[{}]}])");
}

TEST_CASE("a raw value stays one line of legal JSON") {
  std::string out;
  JsonOut(out).array().raw("{\"a\":\n\"\\ud83d\"}").end();
  CHECK(out == "[{\"a\": \"\xEF\xBF\xBD\"}]");
}

TEST_CASE("arguments change between string and object without being parsed") {
  const std::string object = R"({"b":1.0,"a":"q\"\u00e9\n","n":12345678901234567890})";
  const std::string string = string_from_json(object);
  CHECK(string == R"("{\"b\":1.0,\"a\":\"q\\\"\\u00e9\\n\",\"n\":12345678901234567890}")");
  CHECK(json_from_string(Json::read(string)) == object);
  CHECK(string_from_json(R"({"a":"\ud83d"})") == "\"{\\\"a\\\":\\\"\xEF\xBF\xBD\\\"}\"");
  CHECK(json_quoted("\xFF\x01") == "\"\xEF\xBF\xBD\\u0001\"");
  CHECK(is_object_text(" {} "));
  CHECK_FALSE(is_object_text("[]"));
  CHECK_FALSE(is_object_text("{}{}"));
  CHECK_FALSE(is_object_text(""));
}
