#include <ccrelay/manage.hpp>

#include <cstddef>
#include <string>
#include <vector>

#include "scenario/books.hpp"
#include "scenario/still_telemetry.hpp"
#include "scenario/translate_stage.hpp"
#include "support/exposition.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// What is written down of requests of other dialects: in the summary, the metrics, the ledger and
// the spans.

TEST_CASE("requests of every dialect are told apart in summary, metrics and ledger",
          "[scenario][translate][account]") {
  Books f;
  f.add_provider("one");
  f.config.providers[0].models = {"claude-test"};
  f.start();
  struct Row {
    Speech client;
    const char* endpoint;
  };
  const Row rows[] = {{Speech::anthropic, "messages"},
                      {Speech::chat, "chat"},
                      {Speech::responses, "responses"},
                      {Speech::gemini, "gemini"}};
  std::size_t count = 0;
  for (const Row& row : rows) {
    INFO(row.endpoint);
    for (const char* model : {"claude-test", "nobody's"}) {
      Agent agent(row.client, false);
      agent.model = model;
      agent.ask("x");
      const bool served = model == std::string("claude-test");
      CHECK(f.ask(RelayFixture::post(agent.body(), {}, agent.target())).status ==
            (served ? 200 : 404));
      const RequestSummary& summary = f.finished(++count);
      CHECK(summary.endpoint == row.endpoint);
      CHECK(summary.attempts.size() == (served ? 1u : 0u));
    }
  }
  const Metrics seen(f.ask(RelayFixture::get("/metrics")).body);
  for (const Row& row : rows) {
    INFO(row.endpoint);
    const std::string endpoint = std::string("endpoint=\"") + row.endpoint + "\"";
    const auto requests = [&](const char* code) {
      return seen["ccrelay_requests_total{" + endpoint + ",client=\"anonymous\",code=\"" + code +
                  "\"}"];
    };
    CHECK(requests("200") == 1);
    CHECK(requests("404") == 1);
    CHECK(seen["ccrelay_request_duration_seconds_count{" + endpoint + "}"] == 2);
    const std::string where = " WHERE endpoint = '" + std::string(row.endpoint) + "'";
    CHECK(f.number("SELECT count(*) FROM requests" + where) == 2);
    // 11 tokens in, 7 out, 3 written to the cache, 5 read.
    CHECK(f.number("SELECT cost_nano_usd FROM usage" + where) ==
          11 * 2000 + 7 * 10'000 + 3 * 2500 + 5 * 100);
  }
}

TEST_CASE("who looks at a request is told what was spoken, and what was translated",
          "[scenario][translate][manage]") {
  for (const Speech client : all_speeches) {
    for (const Speech provider : all_speeches) {
      INFO(to_string(client) << " to " << to_string(provider));
      TranslateStage f;
      f.add_vendor(provider, "v").will_say(saying("done"));
      f.start();
      Agent agent(client, true);
      agent.ask("x");
      f.ask(agent);
      CHECK(f.last.status == 200);
      CHECK(f.complaints().empty());
      f.finished();
      const auto ended = f.relay->manager().requests({}, true);
      REQUIRE(ended);
      const auto request = f.relay->manager().request(ended->at(0).id);
      REQUIRE(request);
      const std::string from(to_string(client));
      const std::string to(to_string(provider));
      CHECK(request->dialect == from);
      REQUIRE(request->attempts.size() == 1);
      CHECK(request->attempts[0].dialect == to);
      CHECK(request->attempts[0].translated == (client == provider ? "" : from + '>' + to));
      const auto told = f.relay->manager().provider("v");
      REQUIRE(told);
      CHECK(told->dialects == std::vector<std::string>{to});
    }
  }
}

namespace {

// A client that gets an Anthropic provider's stream in other words, and how it knows that it broke.
struct Listener {
  const char* name;
  std::string path;
  std::string body;
  const char* broken;
  const char* end;  // of one that is whole
};

std::vector<Listener> listeners() {
  std::vector<Listener> out;
  struct Row {
    Speech speech;
    const char* broken;
    const char* end;
  };
  const Row rows[] = {{Speech::chat, R"(data: {"error":{)", "[DONE]"},
                      {Speech::responses, "event: response.failed", "response.completed"},
                      {Speech::gemini, R"({"error":{"code":)", "finishReason"}};
  for (const Row& row : rows) {
    Agent agent(row.speech, true);
    agent.model = "claude-test";
    agent.ask("x");
    out.push_back(
        {to_string(row.speech).data(), agent.target(), agent.body(), row.broken, row.end});
  }
  // As an array, and as frames.
  Listener array = out.back();
  array.name = "array";
  array.path.erase(array.path.find('?'));
  out.push_back(array);
  out.push_back({"bedrock", "/model/claude-test/invoke-with-response-stream",
                 R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":8,)"
                 R"("messages":[{"role":"user","content":"x"}]})",
                 ":exception-type", "message_stop"});
  return out;
}

const std::string delta_begin =
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"";

}  // namespace

TEST_CASE("a stream that is more than a client's words can keep is booked as broken",
          "[scenario][translate][account]") {
  constexpr std::size_t mebibyte = std::size_t{1} << 20;
  for (const Listener& listener : listeners()) {
    // One event beyond all bounds; and, where all of it is said once more at the end, all together.
    for (const bool in_one : {true, false}) {
      if (!in_one && listener.name != std::string("responses")) continue;
      INFO(listener.name << (in_one ? ", in one event" : ", all together"));
      Books f;
      FakeProvider& provider = f.add_provider("one");
      f.config.providers[0].models = {"claude-test"};
      const auto events = Script::events("begun");
      Script script = Script::stream_head().chunk(events[0]).chunk(events[2]).chunk(events[3]);
      const std::string much(mebibyte, 'x');
      for (int i = 0; i < 17; ++i)
        script.chunk((in_one && i > 0 ? "" : delta_begin) + much + (in_one ? "" : "\"}}\n\n"));
      provider.enqueue(script.hold());
      f.start();
      const Answer answer = f.ask(RelayFixture::post(listener.body, {}, listener.path));
      CHECK(answer.status == 200);
      CHECK(answer.complete);
      CHECK(has(answer.body, listener.broken));
      CHECK_FALSE(has(answer.body, listener.end));
      if (listener.name == std::string("array")) CHECK(answer.body.back() == ']');
      const RequestSummary& summary = f.finished();
      CHECK(summary.ending == Ending::broken);
      CHECK(has(summary.error, "the answer of provider \"one\" can't be translated"));
      CHECK(tries(summary) == "one:stream_broken");
      f.until([&] { return provider.cancelled() == 1; });
      // What was known of its usage is paid for.
      REQUIRE(summary.attempts.at(0).usage.charges.size() == 1);
      CHECK(summary.attempts[0].usage.charges[0].tokens[TokenClass::input] == 11u);
      CHECK(summary.attempts[0].usage.charges[0].partial);
      const Metrics seen(f.RelayFixture::ask(RelayFixture::get("/metrics")).body);
      CHECK(seen["ccrelay_attempts_total{provider=\"one\",model=\"claude-test\","
                 "outcome=\"stream_broken\"}"] == 1);
      f.check_agreement();
    }
  }
}

TEST_CASE("an answer that turns out to be none is booked as broken",
          "[scenario][translate][account]") {
  // Too long to be looked at before it is passed on, and cut within: what asks for a stream hears
  // of it in the stream.
  const std::string cut =
      R"({"type":"message","id":"m","role":"assistant","model":"claude-test",)"
      R"("usage":{"input_tokens":11,"output_tokens":7},"content":[{"type":"text","text":")" +
      std::string(4000, 'x') + R"("}],"stop_reason":)";
  for (const bool stream : {true, false}) {
    for (const Speech speech : {Speech::chat, Speech::responses, Speech::gemini}) {
      INFO(to_string(speech) << (stream ? ", streamed" : ""));
      Books f;
      FakeProvider& provider = f.add_provider("one");
      f.config.providers[0].models = {"claude-test"};
      f.config.stream.inspect_bytes = 1024;
      provider.enqueue(Script::reply(200, "application/json", cut));
      f.start();
      Agent agent(speech, stream);
      agent.model = "claude-test";
      agent.ask("x");
      const Answer answer = f.ask(RelayFixture::post(agent.body(), {}, agent.target()));
      const Said said =
          agent.hear(answer.status, answer.headers.get("content-type").value_or(""), answer.body);
      CHECK(answer.status == (stream ? 200 : 502));
      CHECK(said.error.substr(0, 13) == (stream ? "in the stream" : said.error.substr(0, 13)));
      CHECK_FALSE(said.error.empty());
      const RequestSummary& summary = f.finished();
      CHECK(summary.ending == Ending::broken);
      CHECK(tries(summary) == "one:stream_broken");
      CHECK(provider.requests().size() == 1);
    }
  }
}

TEST_CASE("an attempt at a vendor of another dialect tells what it was and why it ended",
          "[scenario][translate][trace]") {
  for_each_translation([](Speech client, Speech provider) {
    StillTelemetry telemetry;
    TranslateStage f;
    f.options.telemetry = &telemetry;
    f.add_vendor(provider, "v").will_say(saying("done"));
    f.start();
    Agent agent(client, true);
    agent.ask("x");
    CHECK(line_of(f.ask(agent)) == line_of(saying("done")));
    const AttemptSummary& attempt = f.finished().attempts.at(0);
    CHECK(attempt.provider_type == f.config.providers[0].type);
    CHECK_FALSE(attempt.response_id.empty());
    CHECK(attempt.stop_reason == "end_turn");
    CHECK_FALSE(attempt.traceparent.empty());
    CHECK(f.providers[0]->requests().at(0).head.headers.get("traceparent") == attempt.traceparent);
    CHECK(attempt.model != "asked");
    // What the client calls it is no name that the provider told, to find a price by.
    CHECK(attempt.usage.charges.at(0).model != "asked");
  });
}
