#include <ccrelay/manage.hpp>

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
