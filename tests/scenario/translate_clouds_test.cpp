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
