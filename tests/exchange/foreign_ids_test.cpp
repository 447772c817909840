#include "exchange/foreign_ids.hpp"

#include <string>

#include "catch.hpp"
#include "wire/request_view.hpp"

using namespace ccrelay;

namespace {

std::string spliced(std::string body, const std::vector<Splice>& splices) {
  for (auto it = splices.rbegin(); it != splices.rend(); ++it) {
    body.replace(it->offset, it->length, it->replacement);
  }
  return body;
}

std::string fitted(std::string body) {
  wire::RequestReader reader;
  wire::RequestView view;
  REQUIRE(reader.read(body, view).empty());
  const auto splices = exchange::fitting_ids(body, view.foreign_ids);
  return spliced(body, splices);
}

std::string turn(const std::string& id, const std::string& text = "x") {
  return R"({"model":"claude-x","messages":[{"role":"user","content":"go"},)"
         R"({"role":"assistant","content":[{"type":"tool_use","id":")" +
         id + R"(","name":"bash","input":{"id":")" + id +
         R"("}}]},{"role":"user","content":[{"type":"tool_result", "tool_use_id" : ")" + id +
         R"(","content":")" + text + R"("}]}]})";
}

}  // namespace

TEST_CASE("an id that Anthropic takes stays") {
  for (const char* id : {"toolu_01Ab-c", "call_1", "a"}) CHECK(fitted(turn(id)) == turn(id));
}

TEST_CASE("an id of another provider's gets another one, the same in call and result") {
  const std::string body = fitted(turn("functions.bash:0"));
  const std::string again = fitted(turn("functions.bash:0", "later"));
  CHECK(body.find(R"("input":{"id":"functions.bash:0"})") != std::string::npos);
  const auto at = body.find("\"id\":\"") + 6;
  const std::string id = body.substr(at, body.find('"', at) - at);
  CHECK(id.starts_with("call_"));
  CHECK(body.find("\"tool_use_id\" : \"" + id + '"') != std::string::npos);
  CHECK(again.find("\"id\":\"" + id + '"') != std::string::npos);
}

TEST_CASE("the words of a conversation that are like an id stay") {
  const std::string text = R"(he said \"functions.bash:0\" and \"id\":\"functions.bash:0\")";
  CHECK(fitted(turn("functions.bash:0", text)).find(text) != std::string::npos);
}

TEST_CASE("ids that are too long or have escapes are given others too") {
  const std::string longer(65, 'a');
  CHECK(fitted(turn(longer)).find("\"tool_use_id\" : \"" + longer) == std::string::npos);
  CHECK(fitted(turn("a\\u002eb")).find("\"tool_use_id\" : \"a\\u002eb\"") == std::string::npos);
}

TEST_CASE("any number of ids is found in one pass over the body") {
  // By one pass for each this took forty seconds.
  std::string body = R"({"model":"m","messages":[)";
  constexpr int calls = 20000;
  for (int i = 0; i < calls; ++i) {
    const std::string id = "c." + std::to_string(i);
    body += std::string(i > 0 ? "," : "") +
            R"({"role":"assistant","content":[{"type":"tool_use","id":")" + id +
            R"(","name":"b","input":{}}]},{"role":"user","content":[{"type":"tool_result",)" +
            R"("tool_use_id":")" + id + R"("}]})";
  }
  const std::string fitting = fitted(body + "]}");
  CHECK(fitting.find("\"c.") == std::string::npos);
}

TEST_CASE("a user's block that looks like a call is none") {
  std::string body =
      R"({"model":"m","messages":[{"content":[{"type":"tool_use","id":"a.b"}],"role":"user"}]})";
  wire::RequestReader reader;
  wire::RequestView view;
  REQUIRE(reader.read(body, view).empty());
  CHECK(view.foreign_ids.empty());
}
