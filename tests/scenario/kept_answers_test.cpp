#include <memory>
#include <string>
#include <string_view>

#include "scenario/clouds.hpp"
#include "scenario/translate_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// What is kept of an answer beside what its client waits for: it is counted like the bodies of
// requests, and done without where it can be.

namespace {

template <class Fixture>
void give_room(Fixture& f) {
  f.config.server.max_body_bytes = 10'000;
  f.config.server.max_buffered_body_bytes = 1;  // room for one body at any rate
}

std::string counts_of(RelayFixture& f) {
  return f.RelayFixture::ask(RelayFixture::get("/v1/providers")).body;
}

std::size_t held_by(RelayFixture& f) {
  f.harness.settle();
  const std::string counts = counts_of(f);
  return std::stoul(counts.substr(counts.find(R"("body_bytes":)") + 13));
}

bool nothing_held(RelayFixture& f) {
  f.harness.settle();
  return has(counts_of(f), R"("body_bytes":0,"bodies_refused":0)");
}

Vendor::Answer stream_of(Speech provider, const Said& said) {
  Vendor vendor(provider, "sample");
  vendor.will_say(said);
  Agent agent(provider, true);
  agent.ask("x");
  return vendor.answer(agent.target(), agent.body());
}

std::string body_so_far(const RawClient& client) {
  const auto all = client.answers();
  return all.empty() ? std::string() : all.back().body;
}

}  // namespace

TEST_CASE("reasoning is remembered for a client that drops it where there is room",
          "[scenario][translate]") {
  for (const bool fits : {true, false}) {
    INFO(fits);
    TranslateStage f;
    give_room(f);
    Vendor& vendor = f.add_vendor(Speech::gemini, "v");
    Said said;
    said.thinking = std::string(fits ? 1500 : 12'000, 't');
    said.calls = {{"call_1", "look", R"({"n":1})"}};
    said.stop = "tool_use";
    vendor.will_say(said);
    vendor.will_say(saying("done"));
    f.providers[0]->respond_with([&](const RecordedRequest& request) {
      const Vendor::Answer answer = vendor.answer(request.head.target, request.body);
      if (answer.events.size() < 4) return script_of(answer);
      // What it thinks comes first, here in small pieces: none is kept by who reads it.
      Script script = Script::stream_head();
      for (std::size_t at = 0; at < said.thinking.size(); at += 500) {
        script.chunk(R"(data: {"candidates":[{"content":{"role":"model","parts":[{"text":")" +
                     said.thinking.substr(at, 500) + R"(","thought":true}]},"index":0}]})" +
                     "\n\n");
      }
      script.hold();
      for (std::size_t i = 2; i < answer.events.size(); ++i) script.chunk(answer.events[i]);
      return script.last_chunk();
    });
    f.start();
    Agent agent(Speech::anthropic, true);
    agent.tools = {{"look", R"({"type":"object","properties":{"n":{"type":"number"}}})"}};
    agent.keeps_reasoning = false;
    agent.ask("x");
    const auto client = f.connect();
    client->send(RelayFixture::post(agent.body(), {}, agent.target()));
    f.until([&] { return body_so_far(*client).size() > said.thinking.size(); });
    // The last chunk is kept by who reads it.
    CHECK(held_by(f) >= (fits ? said.thinking.size() : 0));
    CHECK(held_by(f) < (fits ? 10'000 : 1000));
    f.providers[0]->release();
    f.until([&] { return client->answers().size() == 1 && client->answers()[0].complete; });
    // The client has all of it.
    const Said heard = agent.hear(200, "text/event-stream", client->answers()[0].body);
    CHECK(line_of(heard) == line_of(said));
    CHECK(nothing_held(f));
    // And the provider what was remembered.
    agent.results({{"call_1", "seen", false}});
    CHECK(line_of(f.ask(agent)) == line_of(saying("done")));
    CHECK(f.complaints().empty());
    CHECK(has(vendor.heard(), "thinks: " + said.thinking) == fits);
    CHECK(nothing_held(f));
  }
}

TEST_CASE("a stream that only the relay wants to understand takes no room from others",
          "[scenario][translate]") {
  for (const std::size_t length : {5000U, 12'000U}) {
    for (const bool cut : {false, true}) {
      INFO(length << (cut ? ", cut" : ""));
      const bool fits = length < 10'000;
      TranslateStage f;
      give_room(f);
      f.add_vendor(Speech::responses, "v");
      const Vendor::Answer answer = stream_of(Speech::responses, saying(std::string(length, 'x')));
      // The whole text stands in the last events once more.
      std::size_t told = 0;
      while (!has(answer.events[told], "output_text.done")) ++told;
      Script script = begun_of(answer, told).hold();
      for (std::size_t i = told; i + (cut ? 1 : 0) < answer.events.size(); ++i)
        script.chunk(answer.events[i]);
      f.providers[0]->enqueue(cut ? script.reset() : script.last_chunk());
      f.start();
      Agent agent(Speech::responses, true);
      agent.ask("x");
      const auto client = f.connect();
      client->send(RelayFixture::post(agent.body(), {}, agent.target()));
      f.until([&] { return body_so_far(*client).size() > length; });
      // What an answer of it would begin with, should it be cut, is kept at any rate.
      CHECK(held_by(f) >= (fits ? length : 0));
      CHECK(held_by(f) < (fits ? 10'000 : 1000));
      f.providers[0]->release();
      f.until([&] { return client->answers().size() == 1 && client->answers()[0].complete; });
      const std::string body = client->answers()[0].body;
      if (!cut) {
        CHECK(body == answer.body());
        CHECK(tries(f.finished()) == "v:success");
      } else {
        CHECK(has(body, "response.failed"));
        CHECK_FALSE(has(body, "response.completed"));
        CHECK(f.finished().ending == Ending::broken);
      }
      CHECK(nothing_held(f));
    }
  }
}

TEST_CASE("a frame of Bedrock's that is not whole takes room like a request's body", "[scenario]") {
  for (const std::size_t length : {5000U, 12'000U}) {
    INFO(length);
    RelayFixture f;
    give_room(f);
    FakeEnvironment environment;
    environment.set("AWS_ACCESS_KEY_ID", "AKIDTEST");
    environment.set("AWS_SECRET_ACCESS_KEY", "aws-secret-canary");
    f.options.environment = environment.lookup();
    FakeProvider& bedrock = f.add_provider("b");
    as_bedrock(f);
    const std::string frames = bedrock_frames(std::string(length, 'x'));
    bedrock.enqueue(bedrock_head()
                        .chunk(frames.substr(0, frames.size() - 4000))
                        .hold()
                        .chunk(frames.substr(frames.size() - 4000))
                        .last_chunk());
    f.start();
    const auto client = f.connect();
    client->send(RelayFixture::post(RelayFixture::body(true)));
    f.until([&] { return bedrock.requests().size() == 1; });
    const auto done = [&] {
      const auto all = client->answers();
      return all.size() == 1 && all[0].complete;
    };
    if (length < 10'000) {
      CHECK(held_by(f) > 1000);
      bedrock.release();
      f.until(done);
      CHECK(has(client->answers()[0].body, std::string(length, 'x')));
      CHECK(f.finished().ending == Ending::complete);
      CHECK(nothing_held(f));
    } else {
      f.until(done);
      CHECK(has(client->answers()[0].body, "event: error"));
      CHECK(has(client->answers()[0].body, "(server.max_buffered_body_bytes)"));
      CHECK_FALSE(has(client->answers()[0].body, "xxx"));
      CHECK(f.finished().ending == Ending::broken);
      CHECK(has(f.finished().error, "(server.max_buffered_body_bytes)"));
      f.until([&] { return bedrock.cancelled() == 1; });
      CHECK(held_by(f) == 0);
    }
  }
}
