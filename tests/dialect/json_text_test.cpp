#include "dialect/json_text.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay::dialect;

TEST_CASE("JSON is read as text, and what is wrong with it is told by its place") {
  CHECK(Json::read(" {\"a\":1} \n").raw() == "{\"a\":1}");
  std::string error;
  for (const char* text :
       {"", "  ", "{", "{\"a\":}", "[1,]", "1 2", "nul", "\"\\x\"", "{\"a\":1}}"}) {
    INFO(text);
    error.clear();
    CHECK_FALSE(Json::read(text, &error));
    CHECK(error.rfind("at byte ", 0) == 0);
  }
}

TEST_CASE("each kind of value knows what it is") {
  CHECK(Json::read("\"\"").is_string());
  CHECK(Json::read("{}").is_object());
  CHECK(Json::read("[]").is_array());
  CHECK(Json::read("-1").is_number());
  CHECK(Json::read("0").is_number());
  CHECK(Json::read("true").is_true());
  CHECK(Json::read("false").is_false());
  CHECK(Json::read("null").is_null());
  CHECK_FALSE(Json::read("null").told());
  CHECK_FALSE(Json().told());
  CHECK_FALSE(Json().is_null());
  CHECK(Json::read("{ }").is_empty());
  CHECK(Json::read("[\n]").is_empty());
  CHECK_FALSE(Json::read("[[]]").is_empty());
}

TEST_CASE("members and items come in their order with their text untouched") {
  const Json json = Json::read(
      R"({ "b" : 12345678901234567890 , "a":[ 1.0,1e2 ,"x\"]}",{"c":"}"} ], "\u0062":null,"e":{}})");
  std::vector<std::string> seen;
  for (const JsonMember& member : json.members())
    seen.push_back(member.name() + "=" + std::string(member.value.raw()));
  CHECK(seen == std::vector<std::string>{"b=12345678901234567890",
                                         "a=[ 1.0,1e2 ,\"x\\\"]}\",{\"c\":\"}\"} ]", "b=null",
                                         "e={}"});
  seen.clear();
  for (const Json& item : json["a"].items()) seen.emplace_back(item.raw());
  CHECK(seen == std::vector<std::string>{"1.0", "1e2", "\"x\\\"]}\"", "{\"c\":\"}\"}"});
  CHECK(json["b"].is_null());  // the last one counts
  CHECK_FALSE(json["d"]);
  CHECK_FALSE(json["d"]["e"]["f"]);
  CHECK(json["e"].members().begin() == json["e"].members().end());
}

TEST_CASE("strings are decoded when somebody asks, numbers too") {
  CHECK(Json::read(R"("a\n\u00e9\ud83d\ude00")").text() == "a\n\u00e9\U0001F600");
  CHECK(Json::read(R"("\ud83d")").text() == "\uFFFD");
  CHECK(Json::read(R"("\\")").text() == "\\");
  CHECK(Json::read("\"te\\u0078t\"").is("text"));
  CHECK(Json::read("1").text().empty());
  CHECK(Json::read("12").integer() == 12);
  CHECK(Json::read("1e3").integer() == 1000);
  CHECK(Json::read("4.0").integer() == 4);
  CHECK_FALSE(Json::read("4.5").integer());
  CHECK_FALSE(Json::read("12345678901234567890").integer());
  CHECK_FALSE(Json::read("\"12\"").integer());
  CHECK(Json::read("0.5").number() == 0.5);
}
