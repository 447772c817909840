#include <ccrelay/config_load.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "config/scratch_directory.hpp"
#include "config/variables.hpp"
#include "scenario/quirk_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// What is said of servers and of translation in the configuration.

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

TEST_CASE("a last message of the assistant goes to who goes on with it", "[scenario][translate]") {
  for (const bool alone : {false, true}) {
    INFO(alone);
    TranslateStage f;
    f.add_vendor(Speech::chat, "refuses");
    f.config.providers[0].quirks = {{"prefill", "false"}};
    if (!alone) f.add_vendor(Speech::responses, "takes").will_say(saying("on it goes"));
    f.start();
    Agent agent(Speech::anthropic, false);
    agent.ask("x");
    std::string body = agent.body();
    body.insert(body.rfind(']'), R"(,{"role":"assistant","content":"It be"})");
    const Answer answer = f.RelayFixture::ask(RelayFixture::post(body));
    CHECK(f.providers[0]->requests().empty());
    if (alone) {
      CHECK(answer.status == 400);
      CHECK(has(answer.body, "a last message of the assistant"));
      continue;
    }
    CHECK(answer.status == 200);
    CHECK(has(answer.body, "on it goes"));
    REQUIRE(f.providers[1]->requests().size() == 1);
    CHECK(has(f.providers[1]->requests()[0].body, "It be"));
  }
}

TEST_CASE("a limit that the client does not name is no provider's but Claude's",
          "[scenario][translate]") {
  for_each_translation([](Speech client, Speech provider) {
    if (client == Speech::anthropic) return;  // has to name one
    TranslateStage f;
    f.config.translation.default_max_tokens = 4321;
    f.add_vendor(provider, "v").will_say(saying("well"));
    f.start();
    const std::string body =
        client == Speech::chat ? R"({"model":"m","messages":[{"role":"user","content":"x"}]})"
        : client == Speech::responses ? R"({"model":"m","input":"x"})"
                                      : R"({"contents":[{"role":"user","parts":[{"text":"x"}]}]})";
    Agent agent(client, false);
    agent.ask("x");
    const Answer answer = f.RelayFixture::ask(RelayFixture::post(body, {}, agent.target()));
    CHECK(answer.status == 200);
    CHECK(has(answer.body, "well"));
    REQUIRE(f.providers[0]->requests().size() == 1);
    const std::string& sent = f.providers[0]->requests()[0].body;
    INFO(sent);
    CHECK(has(sent, "4321") == (provider == Speech::anthropic));
    CHECK_FALSE(has(sent, "32000"));
    CHECK(f.complaints().empty());
  });
}

TEST_CASE("with Azure's older paths a deployment is asked on them", "[scenario][translate]") {
  struct Row {
    const char* api;
    const char* target;
    const char* answer;
  };
  const Row rows[] = {
      {"chat",
       "/openai/deployments/my%20deployment/chat/completions?api-version=2025-04-01-preview",
       R"({"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,)"
       R"("message":{"role":"assistant","content":"yes"},"finish_reason":"stop"}],)"
       R"("usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}})"},
      {"responses", "/openai/responses?api-version=2025-04-01-preview",
       R"({"id":"resp_1","object":"response","created_at":1,"model":"m","status":"completed",)"
       R"("error":null,"incomplete_details":null,"instructions":null,"metadata":{},)"
       R"("parallel_tool_calls":true,"temperature":1.0,"tool_choice":"auto","tools":[],)"
       R"("top_p":1.0,"output":[{"type":"message","id":"m_1",)"
       R"("role":"assistant","status":"completed","content":[{"type":"output_text","text":"yes",)"
       R"("annotations":[]}]}],"usage":{"input_tokens":3,"output_tokens":1,"total_tokens":4}})"},
  };
  for (const Row& row : rows) {
    // One of them has the provider's own words.
    for (const Speech client : all_speeches) {
      INFO(to_string(client) << " > " << row.api);
      RelayFixture f;
      FakeProvider& provider = f.add_provider("v");
      ProviderConfig& entry = f.config.providers[0];
      entry.type = "azure_openai";
      entry.base_url += "/openai/v1";
      entry.api = row.api;
      entry.azure_api_version = "2025-04-01-preview";
      entry.model_mapping = {{"*", "my deployment"}};
      provider.enqueue(Script::reply(200, "application/json", row.answer));
      f.start();
      Agent agent(client, false);
      agent.model = "m";
      agent.ask("x");
      const Answer answer = f.ask(RelayFixture::post(agent.body(), {}, agent.target()));
      const Said said =
          agent.hear(answer.status, answer.headers.get("content-type").value_or(""), answer.body);
      CHECK(said.error.empty());
      CHECK(said.text == "yes");
      REQUIRE(provider.requests().size() == 1);
      const RecordedRequest& request = provider.requests()[0];
      CHECK(request.head.target == row.target);
      CHECK(request.head.headers.get("api-key") == "sk-test-v");
      CHECK_FALSE(request.head.headers.contains("authorization"));
      CHECK(Json::read(request.body)["model"].is("my deployment"));
      if (to_string(client) == row.api) CHECK(answer.body == row.answer);
    }
  }
}

TEST_CASE("a stream from Azure's older paths reaches its own client as it came",
          "[scenario][translate]") {
  for (const Speech speech : {Speech::chat, Speech::responses}) {
    INFO(to_string(speech));
    RelayFixture f;
    FakeProvider& provider = f.add_provider("v");
    ProviderConfig& entry = f.config.providers[0];
    entry.type = "azure_openai";
    entry.base_url += "/openai/v1";
    entry.api = to_string(speech);
    entry.azure_api_version = "2025-04-01-preview";
    entry.model_mapping = {{"*", "my deployment"}};
    f.start();
    Agent agent(speech, true);
    agent.ask("x");
    Vendor vendor(speech, "v");
    vendor.will_say(saying("yes"));
    const Vendor::Answer said = vendor.answer(agent.target(), agent.body());
    provider.enqueue(script_of(said));
    const Answer answer = f.ask(RelayFixture::post(agent.body(), {}, agent.target()));
    CHECK(answer.body == said.body());
    CHECK(agent.hear(answer.status, "text/event-stream", answer.body).text == "yes");
    CHECK(tries(f.finished()) == "v:success");
    REQUIRE(provider.requests().size() == 1);
    CHECK(has(provider.requests()[0].head.target, "?api-version=2025-04-01-preview"));
    CHECK(Json::read(provider.requests()[0].body)["model"].is("my deployment"));
  }
}

TEST_CASE("a profile of one's own file is what its server is asked by", "[scenario][translate]") {
  const test::ScratchDirectory folder;
  folder.write("own.toml",
               "[[profiles]]\nname = \"mine\"\nhosts = [\"127.0.0.1\"]\n"
               "max_tokens_field = \"max_completion_tokens\"\nsystem_role = \"developer\"\n"
               "[[profiles.models]]\nmatch = [\"small-*\"]\ndrop = [\"temperature\"]\n");
  const auto read = load_config(folder.write("c.toml",
                                             "[translation]\nprofiles_file = \"own.toml\"\n"
                                             "[[providers]]\nname = \"v\"\ntype = \"ollama\"\n"),
                                test::variables());
  REQUIRE(read);
  for (const std::string_view model : {"small-1", "large-1"}) {
    INFO(model);
    RelayFixture f;
    FakeProvider& provider = f.add_provider("v");
    f.config.translation = read->translation;
    ProviderConfig& entry = f.config.providers[0];
    entry.type = "openai";
    entry.base_url += "/v1";
    entry.model_mapping = {{"*", std::string(model)}};
    provider.enqueue(Script::reply(200, "application/json",
                                   R"({"choices":[{"index":0,"message":{"role":"assistant",)"
                                   R"("content":"yes"},"finish_reason":"stop"}]})"));
    f.start();
    Agent agent(Speech::anthropic, false);
    agent.more = R"(,"temperature":0.5)";
    agent.ask("x");
    CHECK(f.ask(RelayFixture::post(agent.body())).status == 200);
    REQUIRE(provider.requests().size() == 1);
    const Json body = Json::read(provider.requests()[0].body);
    CHECK(body["max_completion_tokens"].raw() == "1000");
    CHECK_FALSE(body["max_tokens"]);
    CHECK(roles_of(body) == "developer user ");
    CHECK(body["temperature"].raw() == (model == "small-1" ? "" : "0.5"));
  }
}

TEST_CASE("who can't ask for Claude's prompt cache has it asked for, unless that is off",
          "[scenario][translate]") {
  const auto marks = [](const RecordedRequest& request) {
    std::size_t count = 0;
    const std::string_view mark = R"("cache_control":{"type":"ephemeral"})";
    for (auto at = request.body.find(mark); at != std::string::npos;
         at = request.body.find(mark, at + 1))
      ++count;
    return count;
  };
  for (const Speech client : all_speeches) {
    for (const bool on : {true, false}) {
      INFO(to_string(client) << (on ? "" : ", off"));
      TranslateStage f;
      f.config.translation.auto_cache = on;
      Vendor& vendor = f.add_vendor(Speech::anthropic, "v");
      vendor.will_say(calling());
      vendor.will_say(saying("done"));
      f.start();
      Agent agent = agent_with_tools(client, false);
      if (client == Speech::anthropic) agent.model = "claude-real";
      give_results(agent, f.ask(agent));
      CHECK(line_of(f.ask(agent)) == line_of(saying("done")));
      CHECK(f.complaints().empty());
      const auto requests = f.providers[0]->requests();
      REQUIRE(requests.size() == 2);
      // System, tools and what was said last; then what was said before as well.
      const bool asked = on && client != Speech::anthropic;
      CHECK(marks(requests[0]) == (asked ? 3u : 0u));
      CHECK(marks(requests[1]) == (asked ? 4u : 0u));
    }
  }
}
