#include <string>

#include "dialect/json_text.hpp"
#include "scenario/seen.hpp"
#include "scenario/translate_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using dialect::Json;

// A client of any dialect with a provider of any other, through the whole relay.

namespace {

std::string picture(Speech client) {
  switch (client) {
    case Speech::anthropic:
      return R"({"model":"asked","max_tokens":100,"messages":[{"role":"user","content":[{"type":"text","text":"what is it"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw=="}}]}]})";
    case Speech::chat:
      return R"({"model":"asked","messages":[{"role":"user","content":[{"type":"text","text":"what is it"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw=="}}]}]})";
    case Speech::responses:
      return R"({"model":"asked","input":[{"role":"user","content":[{"type":"input_text","text":"what is it"},{"type":"input_image","image_url":"data:image/png;base64,iVBORw==","detail":"auto"}]}]})";
    case Speech::gemini:
      break;
  }
  return R"({"contents":[{"role":"user","parts":[{"text":"what is it"},{"inlineData":{"mimeType":"image/png","data":"iVBORw=="}}]}]})";
}

}  // namespace

TEST_CASE("a tool loop goes on between any client and any provider, and both ends are well",
          "[scenario][translate]") {
  const bool stream = GENERATE(false, true);
  for (const Speech client : all_speeches) {
    for (const Speech provider : all_speeches) {
      INFO(to_string(client) << " > " << to_string(provider) << (stream ? ", streamed" : ""));
      TranslateStage f;
      f.config.routing.debug = true;
      Vendor& vendor = f.add_vendor(provider, "v", provider == Speech::chat && client != provider);
      vendor.will_say(calling());
      vendor.will_say(saying("done"));
      f.start();
      Agent agent = agent_with_tools(client, stream);
      // Between two of the same dialect the model's name in the answer is the provider's.
      if (client == provider) agent.model = "claude-real";
      const Said said = f.ask(agent, "Authorization: Bearer client-canary\r\n");
      INFO(f.complaints());
      Said expected = calling();
      // OpenAI's own chat tells no reasoning.
      if (provider == Speech::chat && client == provider) expected.thinking.clear();
      CHECK(line_of(said) == line_of(expected));
      CHECK(usage_line_of(said) == usage_line_of(expected));
      const std::string translated =
          std::string(to_string(client)) + ">" + std::string(to_string(provider));
      CHECK(f.last.headers.get("x-cc-relay-translated").value_or("") ==
            (client == provider ? "" : translated));
      const RequestSummary& summary = f.finished();
      CHECK(tries(summary) == "v:success");
      CHECK(summary.stream == stream);
      CHECK(summary.ending == Ending::complete);
      CHECK(summary.model_asked == agent.model);
      const auto& tokens = usage_of(summary).tokens;
      CHECK(tokens[TokenClass::input] == 30u);
      CHECK(tokens[TokenClass::cache_read] == 20u);
      CHECK(tokens[TokenClass::output] == 9u);
      give_results(agent, said);
      CHECK(line_of(f.ask(agent)) == line_of(saying("done")));
      CHECK(f.complaints().empty());
      CHECK(has(vendor.heard(), "system: be brief\n"));
      CHECK(has(vendor.heard(), "user: hello \xC3\xBC\n"));
      CHECK(has(vendor.heard(), R"(call call_a1 look {"n":12345678901234567890,"b":1.0})"));
      CHECK(has(vendor.heard(), "result call_a1: seen\nresult call_b1: none\n"));
      if (!expected.thinking.empty())
        CHECK(has(vendor.heard(), "thinks: hm, \xE2\x82\xAC \"so\"\n"));
      CHECK_FALSE(has(received(*f.providers[0]), "client-canary"));
      CHECK_FALSE(has(log_lines(f.observer), "client-canary"));
    }
  }
}

TEST_CASE("a stream that comes byte by byte is translated the same", "[scenario][translate]") {
  for_each_translation([](Speech client, Speech provider) {
    TranslateStage f;
    f.piece = 1;
    Vendor& vendor = f.add_vendor(provider, "v");
    vendor.interleaves = true;
    Said short_one = calling();
    if (provider == Speech::chat) short_one.thinking.clear();
    vendor.will_say(short_one);
    f.start();
    Agent agent = agent_with_tools(client, true);
    CHECK(line_of(f.ask(agent)) == line_of(short_one));
    CHECK(usage_line_of(agent.hear(200, "text/event-stream", f.last.body)) ==
          usage_line_of(short_one));
    CHECK(f.complaints().empty());
  });
}

TEST_CASE("reasoning that a client drops is put back", "[scenario][translate]") {
  for_each_translation([](Speech client, Speech provider) {
    const bool stream =
        client == Speech::chat || (client == Speech::anthropic && provider != Speech::responses);
    TranslateStage f;
    Vendor& vendor = f.add_vendor(provider, "v", provider == Speech::chat);
    vendor.will_say(calling());
    vendor.will_say(saying("done"));
    f.start();
    Agent agent = agent_with_tools(client, stream);
    agent.keeps_reasoning = false;
    give_results(agent, f.ask(agent));
    CHECK(line_of(f.ask(agent)) == line_of(saying("done")));
    CHECK(f.complaints().empty());
    CHECK(has(vendor.heard(), "thinks: hm"));
  });
}

TEST_CASE("with no memory, what a client drops is made up for or left out",
          "[scenario][translate]") {
  for_each_translation([](Speech client, Speech provider) {
    TranslateStage f;
    f.config.translation.memory_max = 0;
    Vendor& vendor = f.add_vendor(provider, "v", provider == Speech::chat);
    vendor.will_say(calling());
    vendor.will_say(saying("done"));
    f.start();
    Agent agent = agent_with_tools(client, false);
    agent.keeps_reasoning = false;
    give_results(agent, f.ask(agent));
    CHECK(line_of(f.ask(agent)) == line_of(saying("done")));
    CHECK(f.complaints().empty());
    CHECK_FALSE(has(vendor.heard(), "thinks: hm"));
  });
}

TEST_CASE("a picture reaches every provider", "[scenario][translate]") {
  for_each_translation([](Speech client, Speech provider) {
    TranslateStage f;
    Vendor& vendor = f.add_vendor(provider, "v");
    f.start();
    const Agent agent(client, false);
    const Answer answer =
        f.RelayFixture::ask(RelayFixture::post(picture(client), {}, agent.target()));
    CHECK(answer.status == 200);
    CHECK(f.complaints().empty());
    CHECK(has(vendor.heard(), "what is it"));
    REQUIRE(f.providers[0]->requests().size() == 1);
    CHECK(has(f.providers[0]->requests()[0].body, "iVBORw=="));
  });
}

TEST_CASE("every way an answer can stop reaches every client", "[scenario][translate]") {
  for_each_translation([](Speech client, Speech provider) {
    for (const char* stop : {"end_turn", "max_tokens", "refusal"}) {
      INFO(stop);
      TranslateStage f;
      Said said = saying("a");
      said.stop = stop;
      f.add_vendor(provider, "v").will_say(said);
      f.start();
      Agent agent(client, client != Speech::gemini);
      agent.ask("x");
      CHECK(line_of(f.ask(agent)) == line_of(said));
    }
  });
}

TEST_CASE("tokens are counted by a provider of another dialect that can", "[scenario][translate]") {
  struct Asked {
    Speech speech;
    const char* target;
    const char* body;
    const char* answer;
  };
  const Asked asked[] = {
      {Speech::anthropic, "/v1/messages/count_tokens",
       R"({"model":"asked","messages":[{"role":"user","content":"hi"}]})",
       R"({"input_tokens":42})"},
      {Speech::responses, "/v1/responses/input_tokens", R"({"model":"asked","input":"hi"})",
       R"({"object":"response.input_tokens","input_tokens":42})"},
      {Speech::gemini, "/v1beta/models/gemini-3-real:countTokens",
       R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}]})", R"({"totalTokens":42})"},
  };
  for (const Asked& client : asked) {
    for (const Asked& provider : asked) {
      if (client.speech == provider.speech) continue;
      INFO(to_string(client.speech) << " > " << to_string(provider.speech));
      TranslateStage f;
      f.add_vendor(Speech::chat, "never");
      f.add_vendor(provider.speech, "v");
      f.providers[1]->enqueue(Script::reply(200, "application/json", provider.answer));
      f.start();
      const Answer answer = f.RelayFixture::ask(RelayFixture::post(client.body, {}, client.target));
      CHECK(answer.status == 200);
      CHECK(answer.body == client.answer);
      REQUIRE(f.providers[1]->requests().size() == 1);
      CHECK(f.providers[1]->requests()[0].head.target == provider.target);
      CHECK(f.providers[0]->requests().empty());
    }
  }
}

TEST_CASE("Gemini's client gets a JSON array where it asks for no events",
          "[scenario][translate]") {
  TranslateStage f;
  f.add_vendor(Speech::anthropic, "v").will_say(saying("hello there"));
  f.start();
  Agent agent(Speech::gemini, true);
  agent.ask("x");
  const Answer answer = f.RelayFixture::ask(RelayFixture::post(
      agent.body(), "x-goog-api-key: k\r\n", "/v1beta/models/asked:streamGenerateContent"));
  CHECK(answer.status == 200);
  CHECK(has(answer.headers.get("content-type").value_or(""), "application/json"));
  const Json array = Json::read(answer.body);
  REQUIRE(array.is_array());
  std::string text;
  std::string finish;
  for (const Json chunk : array.items()) {
    for (const Json candidate : chunk["candidates"].items()) {
      for (const Json part : candidate["content"]["parts"].items()) text += part["text"].text();
      finish = candidate["finishReason"].text();
    }
  }
  CHECK(text == "hello there");
  CHECK(finish == "STOP");
}
