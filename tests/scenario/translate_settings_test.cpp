#include <map>
#include <string>

#include "scenario/quirk_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// What is said of a server in the configuration.

TEST_CASE("what is set of a server in [providers.quirks] goes over its profile",
          "[scenario][translate]") {
  struct Row {
    std::map<std::string, std::string> quirks;
    const char* more;  // of the request
    const char* sent;  // a part of what is sent; empty: nothing is
    const char* not_sent;
  };
  const char* const tools =
      R"(,"tools":[{"name":"a","input_schema":{}},{"name":"b","input_schema":{}}])";
  const std::string with_tools = tools;
  const std::string forced = with_tools + R"(,"tool_choice":{"type":"any"})";
  const std::string one_call =
      with_tools + R"(,"tool_choice":{"type":"auto","disable_parallel_tool_use":true})";
  const char* const format =
      R"(,"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}})";
  const Row rows[] = {
      {{}, "", R"("max_tokens":1000)", "max_completion_tokens"},
      {{{"max_tokens_field", "\"max_completion_tokens\""}},
       "",
       R"("max_completion_tokens":1000)",
       "\"max_tokens\""},
      {{{"max_output_tokens", "100"}}, "", R"("max_tokens":100)", "1000"},
      {{{"system_role", "\"developer\""}},
       "",
       R"({"role":"developer","content":"be brief"})",
       "\"system\""},
      {{{"drop", R"(["temperature"])"}},
       R"(,"temperature":0.5,"top_p":0.25)",
       R"("top_p":0.25)",
       "temperature"},
      {{{"sampling", "false"}}, R"(,"temperature":0.5,"top_p":0.25)", "be brief", "top_p"},
      {{{"effort_field", "\"reasoning\""}, {"efforts", R"(["low","medium"])"}},
       R"(,"output_config":{"effort":"high"})",
       R"("reasoning":{"effort":"medium"})",
       "reasoning_effort"},
      {{{"effort_field", "\"reasoning_effort\""},
        {"efforts", R"(["low"])"},
        {"effort_with_tools", "\"omit\""}},
       R"(,"output_config":{"effort":"high"},"tools":[{"name":"a","input_schema":{}}])",
       "\"tools\"",
       "reasoning_effort"},
      {{}, forced.c_str(), R"("tool_choice":"required")", "auto"},
      {{{"tool_choice", R"(["auto"])"}}, forced.c_str(), R"("tool_choice":"auto")", "required"},
      {{{"tool_choice", "[]"}}, forced.c_str(), "\"tools\"", "tool_choice"},
      {{}, one_call.c_str(), R"("parallel_tool_calls":false)", "strict"},
      {{{"parallel_tool_calls", "false"}}, one_call.c_str(), "\"tools\"", "parallel_tool_calls"},
      {{{"strict", "true"}},
       R"(,"tools":[{"name":"a","strict":true,"input_schema":{"type":"object"}}])",
       R"("strict":true)",
       "input_schema"},
      {{{"tools_max", "1"}}, tools, "", ""},
      {{{"stop_max", "1"}}, R"(,"stop_sequences":["A","B"])", R"("stop":["A"])", "\"B\""},
      {{{"response_format", "\"json_object\""}},
       format,
       R"("response_format":{"type":"json_object"})",
       "schema"},
      {{{"response_format", "\"\""}}, format, "be brief", "response_format"},
      {{}, R"(,"metadata":{"user_id":"u"})", "be brief", "prompt_cache_key"},
      {{{"cache_key", "true"}},
       R"(,"metadata":{"user_id":"u"})",
       R"("prompt_cache_key":")",
       "user_id"},
      {{{"stream_usage", "false"}}, R"(,"stream":true)", R"("stream":true)", "stream_options"},
  };
  for (const Row& row : rows) {
    INFO(row.more << " " << (row.quirks.empty() ? "" : row.quirks.begin()->first));
    RelayFixture f;
    FakeProvider& provider = f.add_provider("v");
    ProviderConfig& entry = f.config.providers[0];
    entry.type = "openai";
    entry.api = "chat";
    entry.model_mapping = {{"*", "some-model"}};
    entry.quirks = row.quirks;
    entry.quirks["think_tags"] = "true";
    const bool stream = has(row.more, "\"stream\"");
    provider.respond_with([stream](const RecordedRequest&) {
      const std::string said = "<think>hm</think>\\n\\nyes";
      if (!stream)
        return Script::reply(200, "application/json",
                             R"({"choices":[{"index":0,"message":{"role":"assistant","content":")" +
                                 said + R"("},"finish_reason":"stop"}]})");
      return Script::reply(200, "text/event-stream",
                           "data: " + delta(R"({"content":")" + said + "\"}") +
                               "\n\ndata: " + delta("{}", R"("stop")") + "\n\ndata: [DONE]\n\n");
    });
    f.start();
    Agent agent(Speech::anthropic, stream);
    agent.ask("x");
    std::string body = agent.body();
    // What the agent says itself of a stream counts.
    const std::string more = stream ? "" : row.more;
    body.insert(body.find(R"(,"messages")"), more);
    const Answer answer = f.ask(RelayFixture::post(body, "X-Claude-Code-Session-Id: s\r\n"));
    if (row.sent[0] == '\0') {
      CHECK(answer.status == 400);
      CHECK(provider.requests().empty());
      continue;
    }
    const Said said =
        agent.hear(answer.status, answer.headers.get("content-type").value_or(""), answer.body);
    CHECK(said.error.empty());
    CHECK(said.thinking + ": " + said.text == "hm: yes");
    REQUIRE(provider.requests().size() == 1);
    INFO(provider.requests()[0].body);
    CHECK(has(provider.requests()[0].body, row.sent));
    CHECK_FALSE(has(provider.requests()[0].body, row.not_sent));
  }
}
