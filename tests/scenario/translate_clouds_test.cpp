#include <array>
#include <string>
#include <string_view>

#include "base/base64.hpp"
#include "provider/bedrock_answer.hpp"
#include "scenario/seen.hpp"
#include "scenario/translate_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// Claude Code in Bedrock's or Vertex's form with a provider of another one: what it asks and hears
// is Anthropic's in other clothes, which an agent of Anthropic's is given here.

namespace {

constexpr std::array cloud_forms{Dialect::bedrock, Dialect::vertex};

std::string_view cloud_name(Dialect form) {
  return form == Dialect::bedrock ? "bedrock" : "vertex";
}

std::string cloud_path(Dialect form, const std::string& model, bool stream) {
  if (form == Dialect::bedrock)
    return "/model/" + model + (stream ? "/invoke-with-response-stream" : "/invoke");
  return "/v1/projects/p/locations/l/publishers/anthropic/models/" + model +
         (stream ? ":streamRawPredict" : ":rawPredict");
}

void without_text(std::string& text, const std::string& what) {
  if (const auto at = text.find(what); at != std::string::npos) text.erase(at, what.size());
}

// The model is in the path, and Bedrock's stream as well.
std::string cloud_body(Dialect form, const Agent& agent) {
  std::string body = agent.body();
  without_text(body, R"("model":")" + agent.model + "\",");
  if (form == Dialect::bedrock) without_text(body, R"("stream":true,)");
  const bool is_bedrock = form == Dialect::bedrock;
  body.insert(1, is_bedrock
                     ? R"("anthropic_version":"bedrock-2023-05-31","anthropic_beta":["b-1"],)"
                     : R"("anthropic_version":"vertex-2023-10-16",)");
  return body;
}

// Frames as the events that they hold.
std::string events_of_frames(std::string_view frames) {
  provider::BedrockStream reader;
  std::string events;
  CHECK(reader.feed(frames, events));
  CHECK(reader.end(events));
  return events;
}

// An answer with thinking that nobody remembers.
constexpr std::string_view told_elsewhere =
    R"({"type":"message","role":"assistant","model":"claude-real","content":[)"
    R"({"type":"thinking","thinking":"hm","signature":"of-another"},)"
    R"({"type":"redacted_thinking","data":"of-another"},{"type":"text","text":"so"}],)"
    R"("stop_reason":"end_turn"})";

struct CloudStage : TranslateStage {
  Said ask(Agent& agent, Dialect form) {
    const std::string more = std::string("Authorization: Bearer client-canary\r\n") +
                             (form == Dialect::vertex ? "anthropic-beta: b-1\r\n" : "");
    last = RelayFixture::ask(
        post(cloud_body(form, agent), more, cloud_path(form, agent.model, agent.streams())));
    std::string type(last.headers.get("content-type").value_or(""));
    if (type != "application/vnd.amazon.eventstream")
      return agent.hear(last.status, form == Dialect::bedrock && agent.streams() ? "none" : type,
                        last.body);
    CHECK(form == Dialect::bedrock);
    return agent.hear(last.status, "text/event-stream", events_of_frames(last.body));
  }
};

}  // namespace

TEST_CASE("a tool loop goes on between a client of a cloud's form and any provider",
          "[scenario][translate]") {
  const bool stream = GENERATE(false, true);
  for (const Dialect form : cloud_forms) {
    for (const Speech provider : all_speeches) {
      INFO(cloud_name(form) << " > " << to_string(provider) << (stream ? ", streamed" : ""));
      CloudStage f;
      Vendor& vendor = f.add_vendor(provider, "v", provider == Speech::chat);
      vendor.will_say(calling());
      vendor.will_say(saying("done"));
      f.start();
      Agent agent = agent_with_tools(Speech::anthropic, stream);
      // Anthropic's own answer comes as it is.
      agent.model = provider == Speech::anthropic ? "claude-real" : "claude-asked";
      const Said said = f.ask(agent, form);
      INFO(f.complaints());
      CHECK(line_of(said) == line_of(calling()));
      CHECK(usage_line_of(said) == usage_line_of(calling()));
      const RequestSummary& summary = f.finished();
      CHECK(tries(summary) == "v:success");
      CHECK(summary.stream == stream);
      CHECK(summary.ending == Ending::complete);
      CHECK(summary.model_asked == agent.model);
      CHECK(usage_of(summary).tokens[TokenClass::cache_read] == 20u);
      give_results(agent, said);
      CHECK(line_of(f.ask(agent, form)) == line_of(saying("done")));
      CHECK(f.complaints().empty());
      CHECK(has(vendor.heard(), "user: hello \xC3\xBC\n"));
      CHECK(has(vendor.heard(), R"(call call_a1 look {"n":12345678901234567890,"b":1.0})"));
      CHECK(has(vendor.heard(), "result call_a1: seen\nresult call_b1: none\n"));
      CHECK_FALSE(has(received(*f.providers[0]), "client-canary"));
      const RecordedRequest& sent = f.providers[0]->requests().at(0);
      CHECK(sent.head.headers.get("anthropic-beta").value_or("-") ==
            (provider == Speech::anthropic ? "b-1" : "-"));
      CHECK_FALSE(has(sent.body, "anthropic_"));
    }
  }
}

TEST_CASE("a client of a cloud's form keeps to its cloud where that is", "[scenario][translate]") {
  CloudStage f;
  Vendor& vendor = f.add_vendor(Speech::chat, "v");
  f.add_provider("b");
  ProviderConfig& cloud = f.config.providers.back();
  cloud.type = "bedrock";
  cloud.aws_region = "us-east-1";
  cloud.models = {"asked"};
  vendor.will_say(saying("from the other"));
  f.start();
  Agent agent(Speech::anthropic, false);
  agent.ask("x");
  for (int i = 0; i < 3; ++i) f.ask(agent, Dialect::bedrock);
  CHECK(f.providers[0]->requests().empty());
  CHECK(f.providers[1]->requests().size() == 3);
  Agent other(Speech::anthropic, false);
  other.model = "not-there";
  other.ask("x");
  CHECK(line_of(f.ask(other, Dialect::bedrock)) == line_of(saying("from the other")));
}

TEST_CASE("what goes wrong at another provider is told in the words of the client's cloud",
          "[scenario][translate]") {
  for (const Speech provider : all_speeches) {
    INFO(to_string(provider));
    CloudStage f;
    const Vendor& vendor = f.add_vendor(provider, "v");
    f.start();
    Agent agent(Speech::anthropic, true);
    agent.ask("x");
    const char* type = provider == Speech::gemini ? "INVALID_ARGUMENT" : "invalid_request_error";
    f.providers[0]->enqueue(script_of(vendor.error(400, type, "that is odd")));
    f.ask(agent, Dialect::bedrock);
    CHECK(f.last.status == 400);
    CHECK(f.last.headers.get("x-amzn-errortype") == "ValidationException");
    CHECK(f.last.body == R"({"message":"that is odd"})");
    f.providers[0]->enqueue(script_of(vendor.error(400, type, "that is odd")));
    f.ask(agent, Dialect::vertex);
    CHECK(f.last.status == 400);
    CHECK(has(f.last.body, R"({"type":"error","error":{"type":"invalid_request_error")"));
    const Answer broken = f.RelayFixture::ask(
        RelayFixture::post("{", {}, cloud_path(Dialect::bedrock, "claude-asked", false)));
    CHECK(broken.status == 400);
    CHECK(broken.headers.get("x-amzn-errortype") == "ValidationException");
  }
}

TEST_CASE("a stream that breaks off ends for Bedrock's client by an exception, never by its end",
          "[scenario][translate]") {
  for (const Speech provider : all_speeches) {
    INFO(to_string(provider));
    for (const bool told : {true, false}) {
      CloudStage f;
      f.add_vendor(provider, "v");
      Vendor sample(provider, "sample");
      sample.will_say(saying("begun and more"));
      Agent native(provider, true);
      native.ask("x");
      const Vendor::Answer whole = sample.answer(native.target(), native.body());
      const std::size_t count = provider == Speech::responses ? 6
                                : provider == Speech::gemini  ? 1
                                : provider == Speech::chat    ? 2
                                                              : 5;
      Script begun = begun_of(whole, count);
      f.providers[0]->enqueue(told ? begun.chunk(overloaded_event(provider)).last_chunk()
                                   : begun.close());
      f.start();
      Agent agent(Speech::anthropic, true);
      agent.ask("x");
      const Said said = f.ask(agent, Dialect::bedrock);
      CHECK(f.last.status == 200);
      CHECK(said.error.substr(0, 13) == "in the stream");
      CHECK(has(f.last.body, ":exception-type"));
      CHECK_FALSE(has(events_of_frames(f.last.body), "message_stop"));
      CHECK(tries(f.finished()) == "v:stream_broken");
    }
  }
}

TEST_CASE("tokens are counted for a client of a cloud's form by whoever can",
          "[scenario][translate]") {
  const std::string counted =
      R"({"anthropic_version":"x","max_tokens":1,"messages":[{"role":"user","content":"hi"}]})";
  const std::string of_bedrock =
      R"({"input":{"invokeModel":{"body":")" + base::base64_encoded(counted) + R"("}}})";
  const std::string of_vertex =
      R"({"anthropic_version":"x","model":"claude-asked","messages":[{"role":"user","content":"hi"}]})";
  struct Counter {
    Speech speech;
    const char* answer;
  };
  const Counter counters[] = {{Speech::anthropic, R"({"input_tokens":42})"},
                              {Speech::responses, R"({"object":"x","input_tokens":42})"},
                              {Speech::gemini, R"({"totalTokens":42})"}};
  for (const Counter& counter : counters) {
    INFO(to_string(counter.speech));
    CloudStage f;
    f.add_vendor(counter.speech, "v");
    for (int i = 0; i < 2; ++i)
      f.providers[0]->enqueue(Script::reply(200, "application/json", counter.answer));
    f.start();
    const Answer bedrock =
        f.RelayFixture::ask(RelayFixture::post(of_bedrock, {}, "/model/claude-asked/count-tokens"));
    CHECK(bedrock.body == R"({"inputTokens":42})");
    const Answer vertex = f.RelayFixture::ask(RelayFixture::post(
        of_vertex, {},
        "/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict"));
    CHECK(vertex.body == R"({"input_tokens":42})");
    for (const RecordedRequest& sent : f.providers[0]->requests()) {
      CHECK(has(sent.body, "hi"));
      CHECK_FALSE(has(sent.body, "max_tokens"));
      CHECK_FALSE(has(sent.body, "anthropic_version"));
    }
  }
}

TEST_CASE("thinking that an Anthropic provider refuses is left out for a client of a cloud's form",
          "[scenario][translate]") {
  for (const Dialect form : cloud_forms) {
    INFO(cloud_name(form));
    CloudStage f;
    Vendor& vendor = f.add_vendor(Speech::anthropic, "v");
    vendor.will_say(saying("done"));
    f.start();
    Agent agent(Speech::anthropic, false);
    agent.model = "claude-real";
    agent.ask("x");
    agent.hear(200, "application/json", told_elsewhere);
    agent.ask("y");
    CHECK(line_of(f.ask(agent, form)) == line_of(saying("done")));
    CHECK(tries(f.finished()) == "v:rejected v:success");
    const auto& asked = f.providers[0]->requests();
    REQUIRE(asked.size() == 2);
    CHECK(has(asked[0].body, "of-another"));
    CHECK_FALSE(has(asked[1].body, "of-another"));
    CHECK(has(vendor.heard(), "assistant: so\nuser: y\n"));
  }
}

TEST_CASE("thinking that is refused when tokens are counted for Bedrock's client is left out",
          "[scenario][translate]") {
  CloudStage f;
  f.add_vendor(Speech::anthropic, "v");
  f.providers[0]->enqueue(
      Script::error(400, "invalid_request_error",
                    "messages.1.content.0: Invalid `signature` in `thinking` block"));
  f.providers[0]->enqueue(Script::reply(200, "application/json", R"({"input_tokens":42})"));
  f.start();
  Agent agent(Speech::anthropic, false);
  agent.ask("x");
  agent.hear(200, "application/json", told_elsewhere);
  const std::string body =
      R"({"input":{"invokeModel":{"body":")" + base::base64_encoded(agent.body()) + R"("}}})";
  CHECK(f.RelayFixture::ask(RelayFixture::post(body, {}, "/model/asked/count-tokens")).body ==
        R"({"inputTokens":42})");
  const auto& asked = f.providers[0]->requests();
  REQUIRE(asked.size() == 2);
  CHECK(has(asked[0].body, "of-another"));
  CHECK_FALSE(has(asked[1].body, "of-another"));
}

TEST_CASE("a client of a cloud's form shows no Anthropic provider what another one has signed",
          "[scenario][translate]") {
  const bool stream = GENERATE(false, true);
  for (const Dialect form : cloud_forms) {
    INFO(cloud_name(form));
    CloudStage f;
    f.add_vendor(Speech::anthropic, "one").will_say(calling());
    Vendor& two = f.add_vendor(Speech::anthropic, "two");
    two.will_say(saying("done"));
    f.start();
    Agent agent = agent_with_tools(Speech::anthropic, stream);
    agent.model = "claude-real";
    give_results(agent, f.ask(agent, form));
    f.providers[0]->enqueue(Script::error(500, "api_error", "down"));
    CHECK(line_of(f.ask(agent, form)) == line_of(saying("done")));
    CHECK(tries(f.finished(2)) == "one:failed two:success");
    CHECK(has(f.providers[0]->requests().at(1).body, "\"type\":\"thinking\""));
    CHECK_FALSE(has(received(*f.providers[1]), "\"type\":\"thinking\""));
    CHECK(has(two.heard(), "result call_a1: seen\nresult call_b1: none\n"));
    CHECK(f.complaints().empty());
  }
}

TEST_CASE(
    "what a client of a cloud's form has picked costs nobody the key of an Anthropic provider",
    "[scenario][translate][choice]") {
  for (const Dialect form : cloud_forms) {
    for (const int status : {401, 403}) {
      INFO(cloud_name(form) << " " << status);
      CloudStage f;
      Vendor& vendor = f.add_vendor(Speech::anthropic, "v");
      vendor.will_say(saying("done"));
      f.providers[0]->enqueue(
          script_of(vendor.error(status, "permission_error", "That is not allowed.")));
      f.start();
      Agent agent(Speech::anthropic, false);
      agent.model = "claude-real";
      agent.ask("x");
      Agent picky = agent;
      picky.more = R"(,"container":"of-another")";
      f.ask(picky, form);
      CHECK(f.last.status == 403);
      CHECK(has(f.last.body, "the request itself brought container"));
      CHECK(has(f.providers[0]->requests()[0].body, R"("container":"of-another")"));
      CHECK(line_of(f.ask(agent, form)) == line_of(saying("done")));
      CHECK(f.providers[0]->requests().size() == 2);
    }
  }
}

TEST_CASE("an error inside of a 200 has its name for Bedrock's client", "[scenario][translate]") {
  struct Row {
    Speech provider;
    bool stream;
    bool begun;  // an answer stands in front of it, that the client has not got
    std::string event;
    int status;
    const char* name;
  };
  const Row rows[] = {
      {Speech::anthropic, true, false, in_band_error("invalid_request_error"), 400,
       "ValidationException"},
      {Speech::chat, true, false,
       "data: {\"error\":{\"code\":400,\"message\":\"from the provider\"}}\n\n", 400,
       "ValidationException"},
      {Speech::anthropic, false, true, in_band_error("overloaded_error"), 529,
       "ServiceUnavailableException"},
  };
  for (const Row& row : rows) {
    INFO(to_string(row.provider) << (row.stream ? ", streamed" : ""));
    CloudStage f;
    f.add_vendor(row.provider, "v");
    Vendor sample(row.provider, "sample");
    sample.will_say(saying("begun and more"));
    Agent native(row.provider, true);
    native.ask("x");
    const std::size_t count = row.begun ? 5 : 0;
    f.providers[0]->enqueue(begun_of(sample.answer(native.target(), native.body()), count)
                                .chunk(row.event)
                                .last_chunk());
    f.start();
    Agent agent(Speech::anthropic, row.stream);
    agent.ask("x");
    f.ask(agent, Dialect::bedrock);
    CHECK(f.last.status == row.status);
    CHECK(f.last.headers.get("content-type") == "application/json");
    CHECK(f.last.headers.get("x-amzn-errortype") == row.name);
    CHECK(f.last.body == R"({"message":"from the provider"})");
    CHECK(f.providers[0]->requests().size() == 1);
  }
}

TEST_CASE("a limit has its name for Bedrock's client also while its key is set aside",
          "[scenario][translate]") {
  CloudStage f;
  const Vendor& vendor = f.add_vendor(Speech::chat, "v");
  f.providers[0]->enqueue(script_of(vendor.error(429, "rate_limit_exceeded", "slow down")));
  f.start();
  Agent agent(Speech::anthropic, true);
  agent.ask("x");
  for (int i = 0; i < 2; ++i) {
    f.ask(agent, Dialect::bedrock);
    CHECK(f.last.status == 429);
    CHECK(f.last.headers.get("x-amzn-errortype") == "ThrottlingException");
    CHECK(f.last.body == R"({"message":"slow down"})");
  }
  CHECK(f.providers[0]->requests().size() == 1);
}

TEST_CASE("half an event never becomes a frame for Bedrock's client", "[scenario][translate]") {
  CloudStage f;
  f.config.stream.buffer_bytes = 16'384;  // what is longer goes on before its end
  f.add_vendor(Speech::anthropic, "v");
  Vendor sample(Speech::anthropic, "sample");
  sample.will_say(saying("begun and more"));
  Agent native(Speech::anthropic, true);
  native.ask("x");
  const std::string half =
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
      "\"delta\":{\"type\":\"text_delta\",\"text\":\"" +
      std::string(20'000, 'h');
  f.providers[0]->enqueue(
      begun_of(sample.answer(native.target(), native.body()), 5).chunk(half).close());
  f.start();
  Agent agent(Speech::anthropic, true);
  agent.model = "claude-real";
  agent.ask("x");
  CHECK(f.ask(agent, Dialect::bedrock).error.substr(0, 13) == "in the stream");
  CHECK(has(f.last.body, ":exception-type"));
  CHECK_FALSE(has(events_of_frames(f.last.body), "hhhh"));
  CHECK_FALSE(has(f.last.body, "aGhoaGho"));  // in base64, where no frame was read of it
  CHECK(tries(f.finished()) == "v:stream_broken");
}
