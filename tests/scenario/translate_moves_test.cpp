#include <algorithm>
#include <cstddef>
#include <string>

#include "dialect/json_text.hpp"
#include "scenario/translate_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// Where a request goes when providers of several dialects could take it, and what is learnt.

namespace {

std::string post_to(Speech client, const std::string& body) {
  return RelayFixture::post(body, {}, Agent(client, false).target());
}

}  // namespace

TEST_CASE("a conversation in a tool loop moves to another dialect's provider and home again",
          "[scenario][translate]") {
  for (const Speech client : all_speeches) {
    for (const Speech home : all_speeches) {
      const Speech away = home == Speech::responses ? Speech::gemini : Speech::responses;
      // Gemini's own client asks by the path, which is no other dialect's.
      if (client == Speech::gemini && home == Speech::gemini) continue;
      INFO(to_string(client) << " > " << to_string(home) << ", " << to_string(away));
      TranslateStage f;
      f.config.routing.affinity = "none";
      Vendor& first = f.add_vendor(home, "home", home == Speech::chat && client != home);
      Vendor& second = f.add_vendor(away, "away");
      for (const char* number : {"1", "3", "5"}) first.will_say(calling(number));
      for (const char* number : {"2", "4"}) second.will_say(calling(number));
      f.start();
      Agent agent = agent_with_tools(client, true);
      if (home == client && client == Speech::anthropic) agent.model = "claude-real";
      for (int turn = 0; turn < 5; ++turn) {
        INFO("turn " << turn);
        if (turn == 1) f.providers[0]->enqueue(Script::stream_head().reset());
        if (turn == 3) f.providers[0]->enqueue(Script::reply(500, "application/json", "{}"));
        const Said said = f.ask(agent);
        INFO(line_of(said) << f.complaints());
        CHECK(f.finished(static_cast<std::size_t>(turn + 1)).attempts.back().provider ==
              (turn % 2 == 0 ? "home" : "away"));
        REQUIRE(said.calls.size() == 2);
        give_results(agent, said);
      }
      CHECK(f.complaints().empty());
    }
  }
}

TEST_CASE("what a provider cannot carry goes to one that can", "[scenario][translate]") {
  const std::string body =
      R"({"model":"asked","max_tokens":100,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"file","file_id":"file_1"}},{"type":"text","text":"read it"}]}]})";
  TranslateStage f;
  f.add_vendor(Speech::chat, "chat");
  f.add_vendor(Speech::gemini, "gemini");
  SECTION("to the next one") {
    f.add_vendor(Speech::anthropic, "anthropic");
    f.start();
    CHECK(f.RelayFixture::ask(post_to(Speech::anthropic, body)).status == 200);
    CHECK(f.finished().attempts.back().provider == "anthropic");
    CHECK(has(f.providers[2]->requests().at(0).body, "file_1"));
  }
  SECTION("to none: it is the request's fault") {
    f.start();
    const Answer answer = f.RelayFixture::ask(post_to(Speech::anthropic, body));
    CHECK(answer.status == 400);
    CHECK(has(answer.body, "invalid_request_error"));
    CHECK(has(answer.body, "a file by id"));
  }
  SECTION("without it, where that is wanted") {
    f.config.routing.debug = true;
    f.config.translation.unsupported = "drop";
    f.start();
    const Answer answer = f.RelayFixture::ask(post_to(Speech::anthropic, body));
    CHECK(answer.status == 200);
    CHECK(answer.headers.get("x-cc-relay-dropped") == "a file by id");
    CHECK_FALSE(has(f.providers[0]->requests().at(0).body, "file_1"));
  }
  CHECK(f.complaints().empty());
}

TEST_CASE("a result that comes late, of a call without an id, reaches every vendor",
          "[scenario][translate]") {
  const std::string body =
      R"({"model":"asked","max_tokens":50,"messages":[{"role":"user","content":"go"},)"
      R"({"role":"assistant","content":[{"type":"tool_use","id":"","name":"look","input":{}}]},)"
      R"({"role":"user","content":"how far?"},{"role":"assistant","content":"still at it"},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"","content":"seen"}]}],)"
      R"("tools":[{"name":"look","input_schema":{"type":"object"}}]})";
  for (const Speech provider : {Speech::chat, Speech::responses, Speech::gemini}) {
    INFO(to_string(provider));
    TranslateStage f;
    Vendor& vendor = f.add_vendor(provider, "v");
    vendor.will_say(saying("done"));
    f.start();
    const Answer answer = f.RelayFixture::ask(post_to(Speech::anthropic, body));
    CHECK(answer.status == 200);
    CHECK(has(answer.body, "done"));
    CHECK(f.complaints().empty());
    const std::string& heard = vendor.heard();
    INFO(heard);
    CHECK(has(heard, ": seen"));
    CHECK(heard.find("result call_") < heard.find("how far?"));
  }
}

TEST_CASE("a hosted tool that is left out is named once", "[scenario][translate]") {
  const std::string tools[] = {
      R"([{"type":"code_execution_20250522","name":"code_execution"}])",
      R"([{"type":"code_execution_20250522","name":"code_execution"},)"
      R"({"name":"look","input_schema":{"type":"object"}}])",
  };
  for (const std::string& list : tools) {
    for (const Speech provider : {Speech::chat, Speech::responses, Speech::gemini}) {
      INFO(to_string(provider) << " " << list);
      TranslateStage f;
      f.add_vendor(provider, "v").will_say(saying("done"));
      f.config.routing.debug = true;
      f.config.translation.unsupported = "drop";
      f.start();
      const Answer answer = f.RelayFixture::ask(post_to(
          Speech::anthropic,
          R"({"model":"asked","max_tokens":50,"messages":[{"role":"user","content":"x"}],"tools":)" +
              list + "}"));
      CHECK(answer.status == 200);
      CHECK(has(answer.body, "done"));
      CHECK(answer.headers.get("x-cc-relay-dropped") == "code_execution_20250522");
      const std::string sent = f.providers[0]->requests().at(0).body;
      CHECK_FALSE(has(sent, "code_execution"));
      CHECK(f.complaints().empty());
    }
  }
}

TEST_CASE("a strict tool goes with a schema that its vendor takes strict",
          "[scenario][translate]") {
  const std::string open =
      R"({"type":"object","properties":{"n":{"type":"array","items":{"type":"object","properties":{}}}},"required":["n"]})";
  const std::string closed =
      R"({"type":"object","properties":{"n":{"type":"array","items":{"type":"object","properties":{},"additionalProperties":false}}},"required":["n"],"additionalProperties":false})";
  struct Row {
    Speech client;
    Speech provider;
    std::string tool;
  };
  const Row rows[] = {
      {Speech::chat, Speech::anthropic,
       R"({"type":"function","function":{"name":"look","strict":true,"parameters":)" + open + "}}"},
      {Speech::responses, Speech::anthropic,
       R"({"type":"function","name":"look","strict":true,"parameters":)" + open + "}"},
      {Speech::anthropic, Speech::responses,
       R"({"name":"look","strict":true,"input_schema":)" + open + "}"},
      {Speech::anthropic, Speech::chat,
       R"({"name":"look","strict":true,"input_schema":)" + open + "}"},
  };
  for (const Row& row : rows) {
    INFO(to_string(row.client) << " > " << to_string(row.provider));
    TranslateStage f;
    f.add_vendor(row.provider, "v").will_say(saying("done"));
    f.start();
    const std::string words = row.client == Speech::responses
                                  ? R"("input":"x")"
                                  : R"("messages":[{"role":"user","content":"x"}])";
    const Answer answer =
        f.RelayFixture::ask(post_to(row.client, R"({"model":"asked","max_tokens":50,)" + words +
                                                    R"(,"tools":[)" + row.tool + "]}"));
    CHECK(answer.status == 200);
    CHECK(has(answer.body, "done"));
    const std::string sent = f.providers[0]->requests().at(0).body;
    INFO(sent);
    CHECK(has(sent, closed));
    CHECK(has(sent, R"("strict":true)"));
  }
}

TEST_CASE("what no translation can mean is refused at once in the client's dialect",
          "[scenario][translate]") {
  struct Row {
    Speech client;
    const char* body;
    const char* words;
  };
  const Row rows[] = {
      {Speech::responses, R"({"model":"asked","input":"x","previous_response_id":"resp_1"})",
       "\"code\":\"previous_response_not_found\""},
      {Speech::responses, R"({"model":"asked","input":"x","background":true})",
       "\"param\":\"background\""},
      {Speech::chat,
       R"({"model":"asked","messages":[{"role":"user","content":"x"}],"functions":[{"name":"f"}]})",
       "\"param\":\"functions\""},
      {Speech::chat, R"({"model":"asked"})", "\"param\":\"messages\""},
      {Speech::gemini, R"({"contents":[{"role":"other","parts":[{"text":"x"}]}]})",
       "INVALID_ARGUMENT"},
      {Speech::anthropic,
       R"({"model":"asked","max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"x"}]}]})",
       "invalid_request_error"},
  };
  for (const Row& row : rows) {
    INFO(row.body);
    TranslateStage f;
    const Speech provider = row.client == Speech::gemini ? Speech::responses : Speech::gemini;
    f.add_vendor(provider, "v");
    f.start();
    const Answer answer = f.RelayFixture::ask(post_to(row.client, row.body));
    CHECK(answer.status == 400);
    INFO(answer.body);
    CHECK(has(answer.body, row.words));
    CHECK(f.providers[0]->requests().empty());
  }
}

TEST_CASE("nothing is translated where that is off", "[scenario][translate]") {
  TranslateStage f;
  f.config.translation.enabled = false;
  f.add_vendor(Speech::chat, "chat");
  f.config.providers[0].models = {"asked"};
  f.start();
  // Nor is a model listed for whoever could not ask for it.
  const auto listed = [&](const std::string& path, const std::string& headers) {
    return has(f.RelayFixture::ask(RelayFixture::get(path, headers)).body, "asked");
  };
  CHECK(listed("/v1/models", {}));
  CHECK(listed("/v1/models", "user-agent: OpenAI/JS 6.49.0\r\n"));
  CHECK_FALSE(listed("/v1/models", "anthropic-version: 2023-06-01\r\n"));
  CHECK_FALSE(listed("/v1beta/models", {}));
  Agent stranger(Speech::anthropic, false);
  stranger.ask("x");
  CHECK(f.ask(stranger).error.substr(0, 3) == "404");
  CHECK(f.providers[0]->requests().empty());
  Agent native(Speech::chat, false);
  native.ask("x");
  std::string sent = native.body();
  CHECK(f.ask(native).error.empty());
  // Byte for byte, but for the model's name.
  sent.replace(sent.find("asked"), 5, "gpt-real");
  REQUIRE(f.providers[0]->requests().size() == 1);
  CHECK(f.providers[0]->requests()[0].body == sent);
}

TEST_CASE("a field that a provider refuses is left out in one more try, and from then on",
          "[scenario][translate]") {
  struct Row {
    Speech provider;
    const char* refusal;
    const char* field;
  };
  const Row rows[] = {
      {Speech::chat,
       R"({"error":{"message":"Unsupported parameter: 'parallel_tool_calls' is not supported with this model.","type":"invalid_request_error","param":"parallel_tool_calls","code":"unsupported_parameter"}})",
       "parallel_tool_calls"},
      {Speech::responses,
       R"({"error":{"message":"Unsupported parameter: 'temperature' is not supported with this model.","type":"invalid_request_error","param":"temperature","code":null}})",
       "temperature"},
      {Speech::gemini,
       R"({"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"topK\" at 'generation_config': Cannot find field.","status":"INVALID_ARGUMENT"}})",
       "topK"},
  };
  for (const Row& row : rows) {
    INFO(row.field);
    TranslateStage f;
    f.add_vendor(row.provider, "v");
    f.providers[0]->enqueue(Script::reply(400, "application/json", row.refusal));
    f.start();
    Agent agent = agent_with_tools(Speech::anthropic, false);
    agent.thinks = false;
    agent.more =
        R"(,"temperature":0.5,"top_k":5,"tool_choice":{"type":"auto","disable_parallel_tool_use":true})";
    CHECK(f.ask(agent).error.empty());
    agent.ask("again");
    CHECK(f.ask(agent).error.empty());
    const auto& requests = f.providers[0]->requests();
    REQUIRE(requests.size() == 3);
    const std::string member = "\"" + std::string(row.field) + "\"";
    CHECK(has(requests[0].body, member));
    CHECK_FALSE(has(requests[1].body, member));
    CHECK_FALSE(has(requests[2].body, member));
    CHECK(f.complaints().empty());
  }
}

TEST_CASE("who refuses reasoning is not sent the same once more",
          "[scenario][translate][healing]") {
  const char* const words = "messages.1.content.0: Invalid `signature` in `thinking` block";
  const auto type_for = [](Speech provider) {
    return provider == Speech::gemini ? "INVALID_ARGUMENT" : "invalid_request_error";
  };
  // None went along: there was none, or what there was is of somebody else.
  for (const bool thought : {false, true}) {
    for_each_translation([&](Speech client, Speech provider) {
      INFO((thought ? "with another's thoughts" : "without a thought"));
      TranslateStage f;
      const Vendor& vendor = f.add_vendor(provider, "v");
      const Speech other = *std::find_if(all_speeches.begin(), all_speeches.end(), [&](Speech one) {
        return one != client && one != provider;
      });
      f.add_vendor(other, "other").will_say(calling());
      // Each serves one model.
      const char* const asked[] = {"asked", "another"};
      for (std::size_t i = 0; i < 2; ++i) {
        ProviderConfig& entry = f.config.providers[i];
        entry.models = {asked[i]};
        entry.model_mapping = {{asked[i], entry.model_mapping.at("*")}};
      }
      f.start();
      Agent agent = agent_with_tools(client, false);
      if (thought) {
        agent.model = "another";
        give_results(agent, f.ask(agent));
        agent.model = "asked";
      }
      const std::string more = client == Speech::anthropic ? "X-Claude-Code-Session-Id: s\r\n" : "";
      f.providers[0]->enqueue(script_of(vendor.error(400, type_for(provider), words)));
      CHECK(has(f.ask(agent, more).error, "Invalid `signature`"));
      CHECK(f.last.status == 400);
      CHECK(tries(f.finished(thought ? 2 : 1)) == "v:rejected");
      CHECK(f.providers[0]->requests().size() == 1);
    });
  }
}

TEST_CASE("the provider's own reasoning that it refuses is left out once",
          "[scenario][translate][healing]") {
  const char* const words = "messages.1.content.0: Invalid `signature` in `thinking` block";
  for_each_translation([&](Speech client, Speech provider) {
    if (provider == Speech::chat) return;  // none of its reasoning is sealed
    TranslateStage f;
    Vendor& vendor = f.add_vendor(provider, "v");
    vendor.will_say(calling());
    f.start();
    Agent agent = agent_with_tools(client, false);
    give_results(agent, f.ask(agent));
    const char* type = provider == Speech::gemini ? "INVALID_ARGUMENT" : "invalid_request_error";
    f.providers[0]->enqueue(script_of(vendor.error(400, type, words)));
    f.providers[0]->enqueue(script_of(vendor.error(400, type, words)));
    CHECK(has(f.ask(agent).error, "Invalid `signature`"));
    CHECK(tries(f.finished(2)) == "v:rejected v:rejected");
    REQUIRE(f.providers[0]->requests().size() == 3);
    CHECK(f.providers[0]->requests()[1].body != f.providers[0]->requests()[2].body);
  });
}

TEST_CASE("OpenAI's limits and an empty account mean for its keys what Anthropic's do",
          "[scenario][translate]") {
  TranslateStage f;
  f.add_vendor(Speech::chat, "v");
  add_key(f, 0, "sk-test-v-two");
  SECTION("an empty account sets the key aside, and the next one is asked") {
    f.providers[0]->enqueue(Script::reply(
        429, "application/json",
        R"({"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}})"));
    f.start();
    Agent agent(Speech::anthropic, false);
    agent.ask("x");
    CHECK(f.ask(agent).error.empty());
    CHECK(tries(f.finished()) == "v:exhausted v:success");
  }
  SECTION("a limit goes on to the next key") {
    f.providers[0]->enqueue(Script::reply(
        429, "application/json",
        R"({"error":{"message":"Rate limit reached","type":"requests","param":null,"code":"rate_limit_exceeded"}})",
        {{"retry-after", "20"}}));
    f.start();
    Agent agent(Speech::anthropic, false);
    agent.ask("x");
    CHECK(f.ask(agent).error.empty());
    CHECK(tries(f.finished()) == "v:rate_limited v:success");
  }
}

TEST_CASE("how long to wait is told to each client as it reads it", "[scenario][translate]") {
  for (const Speech client : all_speeches) {
    const Speech provider = client == Speech::gemini ? Speech::chat : Speech::gemini;
    INFO(to_string(client));
    TranslateStage f;
    f.add_vendor(provider, "v");
    f.providers[0]->enqueue(
        provider == Speech::gemini
            ? Script::reply(
                  429, "application/json",
                  R"({"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}})")
            : Script::reply(
                  429, "application/json",
                  R"({"error":{"message":"slow","type":"requests","param":null,"code":"rate_limit_exceeded"}})",
                  {{"retry-after", "35"}}));
    f.start();
    Agent agent(client, false);
    agent.ask("x");
    CHECK(f.ask(agent).error.substr(0, 3) == "429");
    CHECK(f.last.headers.get("retry-after") == "35");
    if (client == Speech::gemini) CHECK(has(f.last.body, "RetryInfo"));
  }
}

TEST_CASE("Claude Code's web search goes to a provider that can search, and comes back",
          "[scenario][translate]") {
  TranslateStage f;
  f.add_vendor(Speech::chat, "never");
  f.add_vendor(Speech::responses, "v");
  f.providers[1]->enqueue(Script::reply(
      200, "application/json",
      R"({"id":"resp_1","object":"response","created_at":1,"model":"gpt-real","status":"completed","error":null,"incomplete_details":null,"output":[{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"relays","sources":[{"type":"url","url":"https://a.example/x"}]}},{"type":"message","id":"m","role":"assistant","status":"completed","content":[{"type":"output_text","text":"found it","annotations":[{"type":"url_citation","url":"https://a.example/x","title":"T","start_index":0,"end_index":5}]}]}],"usage":{"input_tokens":5,"output_tokens":6,"total_tokens":11}})"));
  f.start();
  const Answer answer = f.RelayFixture::ask(post_to(
      Speech::anthropic,
      R"({"model":"asked","max_tokens":1000,"tools":[{"type":"web_search_20250305","name":"web_search","max_uses":8}],"messages":[{"role":"user","content":"look for relays"}]})"));
  INFO(answer.body);
  CHECK(answer.status == 200);
  REQUIRE(f.providers[1]->requests().size() == 1);
  CHECK(f.providers[0]->requests().empty());
  CHECK(has(f.providers[1]->requests()[0].body, R"("type":"web_search")"));
  const auto message = dialect::Json::read(answer.body);
  std::string kinds;
  for (const dialect::Json block : message["content"].items()) kinds += block["type"].text() + " ";
  CHECK(kinds == "server_tool_use web_search_tool_result text ");
  CHECK(has(answer.body, R"("input":{"query":"relays"})"));
  CHECK(has(answer.body, R"("cited_text":"found")"));
  CHECK(message["usage"]["server_tool_use"]["web_search_requests"].integer() == 1);
}
