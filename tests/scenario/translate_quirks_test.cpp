#include <string>

#include "scenario/quirk_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// A loop of Claude Code's with each vendor's server.

namespace {

// As Claude Code asks, with all that not everybody takes.
Agent claude_code(bool stream) {
  Agent agent = agent_with_tools(Speech::anthropic, stream);
  agent.more =
      R"(,"metadata":{"user_id":"u"},"context_management":{"edits":[]},"temperature":0.5,)"
      R"("stop_sequences":["END"],"tool_choice":{"type":"auto","disable_parallel_tool_use":true})";
  return agent;
}

}  // namespace

TEST_CASE("a tool loop goes on with every vendor's server, however peculiar",
          "[scenario][translate]") {
  const bool stream = GENERATE(true, false);
  for (const Quirks& quirks : all_quirks()) {
    INFO(quirks.profile << " " << quirks.model << (stream ? ", streamed" : ""));
    QuirkStage f(quirks);
    Agent agent = claude_code(stream);
    const Said said = f.ask(agent);
    INFO(f.refused << f.last.body);
    CHECK(said.error.empty());
    CHECK(said.thinking == quirks.thinking);
    CHECK(said.stop == "tool_use");
    CHECK(usage_line_of(said) == "input 30 cached 20 output 9 thought 4");
    REQUIRE(said.calls.size() == 2);
    CHECK(said.calls[0].name + said.calls[0].arguments == R"(look{"n":1})");
    CHECK(said.calls[1].name + said.calls[1].arguments == "list{}");
    for (std::size_t i = 0; i < 2; ++i) {
      if (quirks.ids[i].empty()) {
        CHECK(said.calls[i].id.substr(0, 5) == "call_");
      } else {
        CHECK(said.calls[i].id == quirks.ids[i]);
      }
    }
    CHECK(said.calls[0].id != said.calls[1].id);
    const RequestSummary& summary = f.finished();
    CHECK(tries(summary) == "v:success");
    CHECK(usage_of(summary).tokens[TokenClass::output] == 9u);
    agent.results({{said.calls[0].id, "seen"}, {said.calls[1].id, "none"}});
    agent.remind("time flies");
    CHECK(line_of(f.ask(agent)) == line_of(saying("done")));
    CHECK(f.refused.empty());
    CHECK(has(f.providers[0]->requests().back().body, "time flies"));
  }
}

TEST_CASE("reasoning comes back to every vendor, whatever the client keeps of it",
          "[scenario][translate]") {
  for (const Quirks& quirks : all_quirks()) {
    for (const Speech client : {Speech::responses, Speech::gemini}) {
      for (const bool keeps : {true, false}) {
        INFO(to_string(client) << " > " << quirks.profile << " " << quirks.model
                               << (keeps ? "" : ", all dropped"));
        QuirkStage f(quirks);
        Agent agent = agent_with_tools(client, client == Speech::responses);
        agent.keeps_reasoning = keeps;
        const Said said = f.ask(agent);
        CHECK(said.thinking == quirks.thinking);
        REQUIRE(said.calls.size() == 2);
        agent.results({{said.calls[0].id, "seen"}, {said.calls[1].id, "none"}});
        CHECK(line_of(f.ask(agent)) == line_of(saying("done")));
        INFO(f.last.body);
        CHECK(f.refused.empty());
      }
    }
  }
}

TEST_CASE("a call is forced as each vendor takes it, or asked for", "[scenario][translate]") {
  for (const Quirks& quirks : all_quirks()) {
    for (const bool named : {false, true}) {
      INFO(quirks.profile << " " << quirks.model << (named ? ", by name" : ""));
      QuirkStage f(quirks);
      f.must_think = false;
      f.choice = named ? quirks.named : quirks.forced;
      if (f.choice.empty()) f.choice = "-";
      Agent agent = agent_with_tools(Speech::anthropic, true);
      agent.thinks = false;
      agent.more = named ? R"(,"tool_choice":{"type":"tool","name":"look"})"
                         : R"(,"tool_choice":{"type":"any"})";
      CHECK(f.ask(agent).calls.size() == 2);
      INFO(f.last.body);
      CHECK(f.refused.empty());
    }
  }
}

// What the profiles are worth: the same servers refuse who knows nothing of them.
TEST_CASE("without its profile a peculiar server refuses something", "[scenario][translate]") {
  for (const Quirks& quirks : all_quirks()) {
    if (!quirks.strange) continue;
    INFO(quirks.profile << " " << quirks.model);
    QuirkStage f(quirks, false);
    Agent agent = claude_code(true);
    const Said said = f.ask(agent);
    if (said.calls.size() == 2) {
      agent.results({{said.calls[0].id, "seen"}, {said.calls[1].id, "none"}});
      agent.remind("time flies");
      f.ask(agent);
    }
    CHECK_FALSE(f.refused.empty());
  }
}
