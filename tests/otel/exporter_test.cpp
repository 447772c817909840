#include <ccrelay/config.hpp>
#include <ccrelay/telemetry.hpp>
#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>

#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "catch.hpp"
#include "otel/proto_reader.hpp"
#include "otel/sample.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::minutes;

namespace {

/// Keeps notes, which come on the exporter's thread.
class Notes final : public Observer {
 public:
  void noted(const Note& note) override {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::string(note.event) + ' ' + note.message);
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

/// A collector on a loop of the test's, and who sends to it when it is told to.
struct Scene {
  Scene() {
    collector.respond_with(
        [](const RecordedRequest&) { return Script::reply(200, "application/x-protobuf", ""); });
    options.endpoint = collector.url();
    options.interval = minutes(60);
    options.notes = &notes;
  }

  void start() {
    auto made = make_telemetry(options);
    if (!made) FAIL(made.error().message);
    telemetry = *std::move(made);
  }
  /// Whether all arrived.
  bool flush() {
    auto done = std::async(std::launch::async, [&] { return telemetry->flush(minutes(1)); });
    CHECK(harness.run_until(
        [&] { return done.wait_for(milliseconds(0)) == std::future_status::ready; }));
    return done.get();
  }
  /// What came to this path, in order.
  std::vector<std::string> bodies(const std::string& path) const {
    std::vector<std::string> out;
    for (const RecordedRequest& request : collector.requests()) {
      if (request.head.path() == path) out.push_back(request.body);
    }
    return out;
  }
  std::size_t spans(const std::string& body) const {
    return Proto(body).inner(1).inner(2).count(2);
  }
  /// Its destructor turns no loop.
  void end() {
    auto done = std::async(std::launch::async, [&] { telemetry.reset(); });
    CHECK(harness.run_until(
        [&] { return done.wait_for(milliseconds(0)) == std::future_status::ready; }));
  }

  LoopHarness harness;
  FakeProvider collector{harness.loop()};
  Notes notes;
  TelemetryOptions options;
  std::unique_ptr<Telemetry> telemetry;
};

Script refusal(int status, const Headers& more = {}) {
  return Script::reply(status, "text/plain", "CANARY words of the collector", more);
}

}  // namespace

TEST_CASE("traces and metrics arrive where OTLP has them", "[otel]") {
  Scene s;
  s.options.endpoint += GENERATE("", "/", "/prefix");
  s.options.headers = {{"authorization", Secret("Bearer t")}, {"x-empty", Secret("")}};
  const std::string prefix = s.options.endpoint.ends_with("prefix") ? "/prefix" : "";
  s.start();
  s.telemetry->request_finished(traced_request());
  s.telemetry->request_finished(traced_request());
  CHECK(s.flush());
  REQUIRE(s.bodies(prefix + "/v1/traces").size() == 1);
  REQUIRE(s.bodies(prefix + "/v1/metrics").size() == 1);
  CHECK(s.spans(s.bodies(prefix + "/v1/traces")[0]) == 6);
  for (const RecordedRequest& request : s.collector.requests()) {
    CHECK(request.head.method == "POST");
    CHECK(request.head.headers.get("content-type") == "application/x-protobuf");
    CHECK(request.head.headers.get("authorization") == "Bearer t");
    CHECK(request.head.headers.get("x-empty") == "");
    CHECK_FALSE(request.head.headers.contains("expect"));
    CHECK(request.head.headers.get("user-agent").value_or("").starts_with("OTel-OTLP-Exporter-"));
  }
  const TelemetryStatus status = s.telemetry->status();
  CHECK(status.up);
  CHECK(status.sent == 2);
  CHECK(status.queue == 0);
  CHECK(status.dropped == 0);
  CHECK(s.notes.all().empty());
  s.end();
}

TEST_CASE("what waits at the end is sent before it", "[otel]") {
  Scene s;
  s.start();
  s.telemetry->request_finished(traced_request());
  s.end();
  CHECK(s.bodies("/v1/traces").size() == 1);
  CHECK(s.bodies("/v1/metrics").size() == 1);
}

TEST_CASE("what is switched off is not sent", "[otel]") {
  Scene s;
  s.options.traces = GENERATE(true, false);
  s.options.metrics = !s.options.traces;
  s.options.sample_ratio = 0.5;
  s.start();
  CHECK(s.telemetry->sample_ratio() ==
        (s.options.traces ? std::optional<double>(0.5) : std::nullopt));
  s.telemetry->request_finished(traced_request());
  RequestSummary unsampled = traced_request();
  unsampled.own_traceparent.back() = '0';
  s.telemetry->request_finished(unsampled);
  CHECK(s.flush());
  // Where spans are wanted, only of what is sampled.
  const auto traces = s.bodies("/v1/traces");
  // A client's traceparent is read either way; here it says "sampled".
  if (s.options.traces) {
    REQUIRE(traces.size() == 1);
    CHECK(s.spans(traces[0]) == 3);
  }
  CHECK(s.bodies("/v1/metrics").size() == (s.options.metrics ? 1 : 0));
  s.end();
}

TEST_CASE("a collector that is short of breath gets the same again", "[otel]") {
  Scene s;
  s.options.metrics = false;
  const int status = GENERATE(429, 503);
  s.collector.enqueue(refusal(status, {{"Retry-After", "0"}}));
  s.collector.enqueue(refusal(status, {{"Retry-After", "0"}}));
  s.start();
  s.telemetry->request_finished(traced_request());
  CHECK(s.flush());
  const auto traces = s.bodies("/v1/traces");
  REQUIRE(traces.size() == 3);
  CHECK(traces[0] == traces[1]);
  CHECK(traces[0] == traces[2]);
  CHECK(s.telemetry->status().sent == 1);
  CHECK(s.telemetry->status().dropped == 0);
  const auto notes = s.notes.all();
  REQUIRE(notes.size() == 2);
  CHECK(notes[0].starts_with("otel traces can't be sent to " + s.collector.url() + ": it answers " +
                             std::to_string(status)));
  CHECK(notes[1] == "otel traces arrive again at " + s.collector.url());
  s.end();
}

TEST_CASE("what a collector refuses for good is dropped, counted and said once", "[otel]") {
  Scene s;
  s.options.headers = {{"authorization", Secret("Bearer CANARY")}};
  s.collector.respond_with([](const RecordedRequest&) { return refusal(401); });
  s.start();
  for (int i = 0; i < 3; ++i) {
    s.telemetry->request_finished(traced_request());
    CHECK_FALSE(s.flush());
  }
  CHECK(s.bodies("/v1/traces").size() == 3);
  const TelemetryStatus status = s.telemetry->status();
  CHECK_FALSE(status.up);
  CHECK(status.dropped == 3);
  CHECK(status.sent == 0);
  CHECK(in_words(status) == s.collector.url() +
                                ": it answers 401: it wants another credential (otel.headers), 3 "
                                "dropped");
  const auto notes = s.notes.all();
  CHECK(notes.size() == 3);  // traces, metrics, and that something is dropped
  for (const std::string& note : notes) CHECK(note.find("CANARY") == std::string::npos);
  s.end();
}

TEST_CASE("a redirect is not followed: a key would go to whom it names", "[otel]") {
  Scene s;
  s.options.metrics = false;
  FakeProvider elsewhere(s.harness.loop());
  s.collector.enqueue(refusal(307, {{"Location", elsewhere.url() + "/v1/traces"}}));
  s.start();
  s.telemetry->request_finished(traced_request());
  CHECK_FALSE(s.flush());
  CHECK(elsewhere.requests().empty());
  s.end();
}

TEST_CASE("a collector that says nothing keeps nobody, and the oldest go", "[otel]") {
  Scene s;
  s.options.queue_max = 16;
  s.collector.respond_with([](const RecordedRequest&) {
    return Script().hold().send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  s.options.interval = milliseconds(100);
  s.start();
  s.telemetry->request_finished(traced_request());
  CHECK(s.harness.run_until([&] { return s.collector.requests().size() == 2; }));
  // It hangs with what came first, and more comes than may wait.
  for (int i = 0; i < 100; ++i) s.telemetry->request_finished(traced_request());
  CHECK(s.harness.run_until([&] { return s.telemetry->status().dropped > 0; }));
  const TelemetryStatus status = s.telemetry->status();
  CHECK(status.queue <= 2 * s.options.queue_max);
  s.collector.respond_with(
      [](const RecordedRequest&) { return Script::reply(200, "application/x-protobuf", ""); });
  s.collector.release();
  s.flush();
  const TelemetryStatus after = s.telemetry->status();
  CHECK(after.sent + after.dropped == 101);
  CHECK(after.queue == 0);
  std::size_t said = 0;
  for (const std::string& note : s.notes.all()) {
    if (note.find("more wait than otel.queue_max") != std::string::npos) ++said;
  }
  CHECK(said == 1);
  s.end();
}

TEST_CASE("a collector that is not there is tried again, and is no error at the start", "[otel]") {
  Scene s;
  {
    FakeProvider gone(s.harness.loop());
    s.options.endpoint = gone.url();
  }
  s.start();
  s.telemetry->request_finished(traced_request());
  auto asked = std::async(std::launch::async, [&] { return s.telemetry->flush(milliseconds(1)); });
  CHECK_FALSE(asked.get());
  CHECK(s.harness.run_until([&] { return !s.telemetry->status().up; }));
  CHECK(s.telemetry->status().queue == 1);
  s.end();  // does not wait for tries that are to come
  const auto notes = s.notes.all();
  CHECK_FALSE(notes.empty());
  CHECK(notes.back().find("1 request is dropped") != std::string::npos);
}

TEST_CASE("an endpoint that is none is an error", "[otel]") {
  TelemetryOptions options;
  options.endpoint = GENERATE("", "127.0.0.1:4318", "grpc://x");
  const auto made = make_telemetry(options);
  REQUIRE_FALSE(made);
  CHECK(made.error().message ==
        "otel.endpoint is no URL of a collector; write it like http://127.0.0.1:4318");
}

TEST_CASE("options are those of the configuration, with the proxy that leads there", "[otel]") {
  Config config;
  CHECK(telemetry_options(config).endpoint.empty());
  config.proxy = {"http://secure-proxy", "http://plain-proxy", "direct.test"};
  config.otel.sample_ratio = 250'000;
  const auto proxy = [&](const char* endpoint) {
    config.otel.endpoint = endpoint;
    CHECK(telemetry_options(config).endpoint == endpoint);
    return telemetry_options(config).proxy;
  };
  CHECK(proxy("https://o.test") == "http://secure-proxy");
  CHECK(proxy("http://o.test:4318") == "http://plain-proxy");
  CHECK(proxy("https://a.direct.test") == "");
  CHECK(proxy("http://127.0.0.1:4318") == "");
  CHECK(proxy("http://localhost:4318") == "");
  CHECK(proxy("http://[::1]:4318") == "");
  CHECK(telemetry_options(config).sample_ratio == 0.25);
  config.otel.traces = config.otel.metrics = false;
  CHECK(telemetry_options(config).endpoint.empty());
}
