#include "dialect/hub_tools.hpp"

#include <string>

#include "catch.hpp"
#include "dialect/search_text.hpp"

using namespace ccrelay::dialect;

TEST_CASE("a schema without a type is that of an object", "[dialect]") {
  struct Row {
    const char* schema;
    const char* typed;
  };
  for (const Row& row : {
           Row{"", R"({"type":"object","properties":{}})"},
           Row{"null", R"({"type":"object","properties":{}})"},
           Row{"{ }", R"({"type":"object","properties":{}})"},
           Row{R"({"properties":{"a":{}}})", R"({"type":"object","properties":{"a":{}}})"},
           Row{R"({"type":"object","x":1.0})", R"({"type":"object","x":1.0})"},
       }) {
    CAPTURE(row.schema);
    CHECK(typed_schema(Json::read(row.schema)) == row.typed);
  }
}

TEST_CASE("hosted tools are needed when they are all there is, or forced", "[dialect]") {
  const std::string hosted = R"({"type":"web_search_20250305","name":"web_search"})";
  const std::string own = R"({"name":"f","input_schema":{}})";
  const auto needed = [](const std::string& tools, const std::string& choice) {
    return hosted_tools_needed(Json::read(tools), Json::read(choice));
  };
  CHECK(needed("[" + hosted + "]", ""));
  CHECK_FALSE(needed("[" + hosted + "," + own + "]", R"({"type":"any"})"));
  CHECK(needed("[" + hosted + "," + own + "]", R"({"type":"tool","name":"web_search"})"));
  CHECK_FALSE(needed("[" + own + "]", ""));
  CHECK_FALSE(is_hosted_tool(Json::read(R"({"type":"custom","name":"f"})")));
}

TEST_CASE("a search of the past is a text with what was found, at most 4 KiB", "[dialect]") {
  SearchText searches;
  searches.search(Json::read(
      R"({"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"cats"}})"));
  CHECK(
      searches.found(Json::read(
          R"({"tool_use_id":"s","content":[{"type":"web_search_result","title":"A","url":"u"}]})")) ==
      "[Web search: cats]\n- A: u");
  CHECK(searches.found(Json::read(
            R"({"tool_use_id":"s","content":{"type":"web_search_tool_result_error"}})")) ==
        "[Web search: cats]\n(failed)");
  std::string many = R"({"tool_use_id":"s","content":[{"title":"A","url":"u"})";
  for (int i = 0; i < 1000; ++i) many += R"(,{"title":"A","url":"u"})";
  const std::string text = searches.found(Json::read(many + "]}"));
  CHECK(text.size() <= 4096);
  CHECK(text.size() > 4000);
}
