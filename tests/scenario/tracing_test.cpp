#include <ccrelay/testing/fake_provider.hpp>

#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/h2_stage.hpp"
#include "scenario/relay_fixture.hpp"
#include "scenario/still_telemetry.hpp"
#include "scenario/throwing.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

// W3C Trace Context: which traceparent a provider gets, and what is kept of it.

namespace {

const std::string trace = "0af7651916cd43dd8448eb211c80319c";
const std::string parent = "00-" + trace + "-b7ad6b7169203331-01";

std::string with(const std::string& traceparent, const std::string& tracestate = "v=1") {
  return "traceparent: " + traceparent + "\r\ntracestate: " + tracestate + "\r\n";
}

std::string header(const FakeProvider& provider, std::size_t request, const char* name) {
  const auto& headers = provider.requests().at(request).head.headers;
  std::string all;
  for (const Header field : headers) {
    if (field.name == std::string_view(name))
      all += (all.empty() ? "" : "|") + std::string(field.value);
  }
  return all;
}

std::string trace_of(const std::string& traceparent) {
  return traceparent.size() == 55 ? traceparent.substr(3, 32) : "none";
}
std::string span_of(const std::string& traceparent) {
  return traceparent.size() == 55 ? traceparent.substr(36, 16) : "none";
}
std::string flags_of(const std::string& traceparent) {
  return traceparent.size() == 55 ? traceparent.substr(53) : "none";
}

}  // namespace

TEST_CASE("without tracing the client's trace headers pass as they came", "[scenario][trace]") {
  const std::string sent = GENERATE(true, false) ? parent : "garbage";
  StillTelemetry metrics_alone;
  metrics_alone.ratio = {};
  F f;
  f.options.telemetry = GENERATE(true, false) ? &metrics_alone : nullptr;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  CHECK(f.ask(F::post(F::body(false), with(sent, "any=thing=goes"))).status == 200);
  CHECK(header(provider, 0, "traceparent") == sent);
  CHECK(header(provider, 0, "tracestate") == "any=thing=goes");
  const RequestSummary& told = f.finished();
  CHECK(told.own_traceparent.empty());
  CHECK(told.attempts.at(0).traceparent.empty());
  CHECK(told.traceparent == (sent == parent ? parent : ""));
  CHECK(told.tracestate.empty());
}

TEST_CASE("without a telemetry an attempt tells nothing that only it asks for",
          "[scenario][trace]") {
  F f;
  f.add_provider("one");
  f.start();
  f.ask(F::post(F::body(true)));
  const AttemptSummary& attempt = f.finished().attempts.at(0);
  CHECK(attempt.provider_type.empty());
  CHECK(attempt.server.empty());
  CHECK(attempt.response_id.empty());
  CHECK(attempt.stop_reason.empty());
}

TEST_CASE("with tracing a provider is told of the attempt's own span in the client's trace",
          "[scenario][trace]") {
  StillTelemetry telemetry;
  F f;
  f.options.telemetry = &telemetry;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const std::string flags = GENERATE("00", "01", "03");
  CHECK(f.ask(F::post(F::body(GENERATE(false, true)), with(parent.substr(0, 53) + flags))).status ==
        200);
  const RequestSummary& told = f.finished();
  REQUIRE(telemetry.requests.size() == 1);
  CHECK(telemetry.turns > 0);
  CHECK(told.traceparent == parent.substr(0, 53) + flags);
  CHECK(trace_of(told.own_traceparent) == trace);
  CHECK(flags_of(told.own_traceparent) == flags);
  const std::string sent = header(provider, 0, "traceparent");
  CHECK(sent == told.attempts.at(0).traceparent);
  CHECK(trace_of(sent) == trace);
  CHECK(flags_of(sent) == flags);
  CHECK(
      std::set<std::string>{span_of(parent), span_of(told.own_traceparent), span_of(sent)}.size() ==
      3);
  CHECK(header(provider, 0, "tracestate") == "v=1");
}

TEST_CASE("retries and failover are told apart by their spans", "[scenario][trace]") {
  StillTelemetry telemetry;
  F f;
  f.options.telemetry = &telemetry;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  one.enqueue(Script::error(500, "api_error", "down"));
  f.start();
  CHECK(f.ask(F::post(F::body(true), with(parent))).status == 200);
  const RequestSummary& told = f.finished();
  REQUIRE(told.attempts.size() == 2);
  const std::string first = header(one, 0, "traceparent");
  const std::string second = header(two, 0, "traceparent");
  CHECK(first == told.attempts[0].traceparent);
  CHECK(second == told.attempts[1].traceparent);
  CHECK(trace_of(first) == trace);
  CHECK(trace_of(second) == trace);
  CHECK(span_of(first) != span_of(second));
  CHECK(header(two, 0, "tracestate") == "v=1");
}

TEST_CASE("a client without a well-formed traceparent begins a new trace", "[scenario][trace]") {
  StillTelemetry telemetry;
  telemetry.ratio = GENERATE(0.0, 1.0);
  const std::string flags = *telemetry.ratio > 0 ? "03" : "02";
  F f;
  f.options.telemetry = &telemetry;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  std::set<std::string> traces;
  const std::vector<std::string> odd{"", with("ff" + parent.substr(2)), with(parent + "-1"),
                                     with(parent) + with(parent), "tracestate: v=1\r\n"};
  for (std::size_t i = 0; i < odd.size(); ++i) {
    INFO(odd[i]);
    CHECK(f.ask(F::post(F::body(false), odd[i])).status == 200);
    const RequestSummary& told = f.finished(i + 1);
    CHECK(told.traceparent.empty());
    const std::string sent = header(provider, i, "traceparent");
    CHECK(sent == told.attempts.at(0).traceparent);
    CHECK(flags_of(sent) == flags);
    CHECK(flags_of(told.own_traceparent) == flags);
    CHECK(trace_of(sent) == trace_of(told.own_traceparent));
    CHECK(span_of(sent) != span_of(told.own_traceparent));
    CHECK(header(provider, i, "tracestate").empty());
    traces.insert(trace_of(sent));
  }
  CHECK(traces.size() == odd.size());
  CHECK(traces.count(trace) == 0);
}

TEST_CASE("a malformed tracestate is dropped and the trace goes on", "[scenario][trace]") {
  StillTelemetry telemetry;
  F f;
  f.options.telemetry = &telemetry;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  CHECK(f.ask(F::post(F::body(false), with(parent, "not a list"))).status == 200);
  CHECK(trace_of(header(provider, 0, "traceparent")) == trace);
  CHECK(header(provider, 0, "tracestate").empty());
}

TEST_CASE("a client of HTTP/2 is traced as any other", "[scenario][trace]") {
  StillTelemetry telemetry;
  F f;
  f.options.telemetry = &telemetry;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  auto client = h2_connect(f);
  CHECK(ended(f, *client, client->post(F::body(true))).answer.status == 200);
  const RequestSummary& told = f.finished();
  CHECK(trace_of(told.own_traceparent) != "none");
  CHECK(header(provider, 0, "traceparent") == told.attempts.at(0).traceparent);
}

TEST_CASE("what a telemetry throws reaches nobody, and nothing is traced then",
          "[scenario][trace]") {
  struct Throwing final : Telemetry {
    std::optional<double> sample_ratio() const override {
      throw_one("exception");
      return {};
    }
    bool flush(std::chrono::milliseconds) override { return true; }
    TelemetryStatus status() const override { return {}; }
    void request_finished(const RequestSummary&) override { throw_one("int"); }
    void turn_ended() override { throw_one("bad_alloc"); }
  } telemetry;
  F f;
  f.options.telemetry = &telemetry;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  CHECK(f.ask(F::post(F::body(false), with(parent))).status == 200);
  CHECK(f.finished().own_traceparent.empty());
  CHECK(header(provider, 0, "traceparent") == parent);
}

TEST_CASE("an attempt tells where it went and what the answer calls itself", "[scenario][trace]") {
  StillTelemetry telemetry;
  F f;
  f.options.telemetry = &telemetry;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  CHECK(f.ask(F::post(F::body(GENERATE(true, false)))).status == 200);
  const AttemptSummary& attempt = f.finished().attempts.at(0);
  CHECK(attempt.provider_type == "anthropic");
  CHECK(attempt.server == provider.url());
  CHECK_FALSE(attempt.response_id.empty());
  CHECK(attempt.stop_reason == "end_turn");
}

TEST_CASE("a long answer that is read in passing tells its id and why it ended, too",
          "[scenario][trace]") {
  StillTelemetry telemetry;
  F f;
  f.options.telemetry = &telemetry;
  f.config.stream.inspect_bytes = 64;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script::reply(
      200, "application/json",
      R"({"id":"msg_long","type":"message","role":"assistant","content":[{"type":"text","text":")" +
          std::string(1000, 'x') +
          R"("}],"stop_reason":"max_tokens","usage":{"input_tokens":1}})"));
  f.start();
  CHECK(f.ask(F::post(F::body(false))).status == 200);
  CHECK(f.finished().attempts.at(0).response_id == "msg_long");
  CHECK(f.finished().attempts.at(0).stop_reason == "max_tokens");
}

TEST_CASE("a request and its attempts began when both clocks say so", "[scenario][trace]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(Script().hold().send("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"));
  f.start();
  const WallTime wall = f.harness.clock().wall();
  const TimePoint now = f.harness.clock().now();
  auto client = f.connect();
  client->send(F::post(F::body(true)));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.advance(std::chrono::seconds(2));
  one.release();
  f.finished();
  const RequestSummary& told = f.finished();
  REQUIRE(told.attempts.size() == 2);
  CHECK(told.began - wall == told.started - now);
  CHECK(told.attempts[0].started == told.started);
  CHECK(told.attempts[1].started - told.started >= std::chrono::seconds(2));
  CHECK(told.attempts[1].started - told.attempts[0].started ==
        told.attempts[1].began - told.attempts[0].began);
}

TEST_CASE("how sending to a collector goes is told in figures and, while it fails, in words",
          "[scenario][trace]") {
  StillTelemetry telemetry;
  telemetry.told = {"http://o.test", false, "it answers 404", 3, 5, 7};
  F f;
  f.options.telemetry = &telemetry;
  f.add_provider("one");
  f.start();
  const std::string figures = f.ask(F::get("/metrics")).body;
  for (const char* line :
       {"\nccrelay_otel_up 0\n", "\nccrelay_otel_queue_requests 3\n",
        "\nccrelay_otel_requests_total 5\n", "\nccrelay_otel_dropped_total 7\n"}) {
    INFO(line);
    CHECK(figures.find(line) != std::string::npos);
  }
  const std::string words = R"("otel":"http://o.test: it answers 404, 3 waiting, 7 dropped")";
  CHECK(f.ask(F::get("/v1/providers")).body.find(words) != std::string::npos);
  telemetry.told.up = true;
  CHECK(f.ask(F::get("/v1/providers")).body.find("\"otel\"") == std::string::npos);
}
