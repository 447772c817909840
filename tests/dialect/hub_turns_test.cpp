#include "dialect/hub_turns.hpp"

#include <functional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "dialect/json_out.hpp"

using namespace ccrelay::dialect;

namespace {

std::string messages(const std::function<void(HubTurns&)>& say) {
  HubTurns turns;
  say(turns);
  std::string text;
  JsonOut json(text);
  turns.write(json);
  return text;
}

std::string said(std::string_view role, const std::vector<std::string>& blocks) {
  std::string text;
  JsonOut json(text);
  json.object().string("role", role).array("content");
  for (const std::string& block : blocks) json.raw(block);
  json.end().end();
  return text;
}

std::string call(std::string_view id) {
  return R"({"type":"tool_use","id":")" + std::string(id) + R"(","name":"f","input":{}})";
}

std::string result(std::string_view id, std::string_view text) {
  return R"({"type":"tool_result","tool_use_id":")" + std::string(id) + R"(","content":")" +
         std::string(text) + R"("})";
}

}  // namespace

TEST_CASE("neighbours of one role become one message, and each call is answered behind it") {
  struct Row {
    std::function<void(HubTurns&)> say;
    std::vector<std::string> messages;
  };
  const Row rows[] = {
      {[](HubTurns&) {}, {}},
      {[](HubTurns& t) { t.user_text("a"), t.user_text(""), t.user_text("b"); },
       {said("user", {text_block("a"), text_block("b")})}},
      // Two calls, answered in another order and before more was said.
      {[](HubTurns& t) {
         t.assistant_text("x"), t.call("1", "f", "{}"), t.call("2", "f", "{}");
         t.result("2", R"("two")"), t.result("1", R"("one")"), t.user_text("go on");
       },
       {said("assistant", {text_block("x"), call("1"), call("2")}),
        said("user", {result("1", "one"), result("2", "two"), text_block("go on")})}},
      // One call at a time.
      {[](HubTurns& t) {
         t.call("1", "f", "{}"), t.result("1", R"("one")");
         t.call("2", "f", "{}"), t.result("2", R"("two")");
       },
       {said("assistant", {call("1")}), said("user", {result("1", "one")}),
        said("assistant", {call("2")}), said("user", {result("2", "two")})}},
      // A result that comes late, and one that never comes.
      {[](HubTurns& t) {
         t.call("1", "f", "{}"), t.user_text("wait"), t.result("1", R"("one")");
         t.call("2", "f", "{}");
       },
       {said("assistant", {call("1")}), said("user", {result("1", "one"), text_block("wait")}),
        said("assistant", {call("2")}), said("user", {result("2", "(no result)")})}},
      // An id that is used twice.
      {[](HubTurns& t) {
         t.call("1", "f", "{}"), t.result("1", R"("one")");
         t.call("1", "f", "{}"), t.result("1", R"("two")");
       },
       {said("assistant", {call("1")}), said("user", {result("1", "one")}),
        said("assistant", {call("1")}), said("user", {result("1", "two")})}},
  };
  for (const Row& row : rows) {
    std::string all = "[";
    for (const std::string& message : row.messages) all += (all == "[" ? "" : ",") + message;
    CHECK(messages(row.say) == all + "]");
  }
}

TEST_CASE("a result without a call is told, whichever of them stands first") {
  HubTurns turns;
  turns.call("1", "f", "{}");
  turns.result("1", R"("one")");
  CHECK(turns.unasked().empty());
  turns.result("1", R"("again")");
  CHECK(turns.unasked() == "1");
  turns.call("1", "f", "{}");
  CHECK(turns.unasked().empty());
}

TEST_CASE("arguments become the text of an object, its numbers as they were") {
  const std::pair<std::string, std::string> rows[] = {
      {"", "{}"},
      {"  \n", "{}"},
      {R"({"n":12345678901234567890,"f":1.0,"e":1e2})",
       R"({"n":12345678901234567890,"f":1.0,"e":1e2})"},
      {"[1]", R"({"raw_arguments":"[1]"})"},
      {R"({"cut":"of)", R"({"raw_arguments":"{\"cut\":\"of"})"},
  };
  for (const auto& [arguments, input] : rows) CHECK(input_from_arguments(arguments) == input);
}

TEST_CASE("the last blocks of the user's last messages are marked, once and in place") {
  HubTurns turns;
  turns.user_text("1"), turns.assistant_text("x"), turns.user_text("2"), turns.user_text("3");
  turns.call("c", "f", "{}"), turns.result("c", Words("ok"));
  std::string text;
  JsonOut json(text);
  turns.write(json, 2);
  CHECK(text == "[" + said("user", {text_block("1")}) + "," + said("assistant", {text_block("x")}) +
                    "," + said("user", {text_block("2"), with_cache_mark(text_block("3"))}) + "," +
                    said("assistant", {call("c")}) + "," +
                    said("user", {with_cache_mark(result("c", "ok"))}) + "]");
}
