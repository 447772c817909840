#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/kill_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::minutes;

namespace {

// With them an answer has begun and is no longer held.
const std::string first_words = Script::events("hi")[2];

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += part;
  return out;
}

std::size_t end_of(const std::string& bytes, const std::string& part) {
  return bytes.find(part) + part.size();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// Asks once for each byte of an answer, which is cut there, and checks what the client is told.
class Cutting {
 public:
  Cutting(Cast cast, Cut how, bool pooled = false)
      : cast_(cast), how_(how), pooled_(pooled), stage_(cast) {}

  /// After each byte, or each `stride` of them.
  void run(const Script& whole, bool stream, std::size_t stride = 1) {
    bytes_ = bytes_of(whole);
    head_end_ = end_of(bytes_, "\r\n\r\n");
    stream_ = stream;
    for (std::size_t n = 0; n < bytes_.size(); n += stride) run_once(n);
    stage_.check_usable();
  }

 private:
  void run_once(std::size_t n) {
    CAPTURE(n);
    RelayFixture& f = stage_.f;
    if (pooled_) {
      stage_.good->respond_with({});
      CHECK(f.ask(request(false)).status == 200);
    }
    Script script;
    if (n > 0) script.send(bytes_.substr(0, n));
    how_ == Cut::reset ? script.reset() : script.close();
    stage_.good->respond_with([script](const RecordedRequest&) { return script; });
    const std::size_t asked = stage_.good->requests().size();
    const std::size_t finished = f.observer.requests.size();
    const auto client = f.connect();
    client->send(request(stream_));
    f.until([&] {
      const auto all = client->answers();
      return client->gone() || (!all.empty() && all.back().complete);
    });
    check(*client, n);
    f.until([&] { return f.observer.requests.size() == finished + 1; });
    const std::size_t open = f.relay->in_flight();
    REQUIRE(open == 0);
    // It was this provider that the client heard of, on the connection that the test is about.
    REQUIRE(stage_.good->requests().size() > asked);
    if (pooled_) {
      CHECK(stage_.good->requests()[asked].connection ==
            stage_.good->requests()[asked - 1].connection);
      // A pooled connection that is lost without a line is followed by one more try.
      const bool without_a_line = n < end_of(bytes_, "\r\n");
      CHECK(stage_.good->requests().size() == asked + (without_a_line ? 2 : 1));
    } else {
      CHECK(stage_.good->requests().size() == asked + 1);
    }
    if (cast_ == Cast::two) CHECK(tries(f.observer.requests.back()).starts_with("failing:failed "));
    // A key that was set aside is free again.
    if (status() == 429) f.harness.advance(minutes(10));
  }

  int status() const { return std::stoi(bytes_.substr(9, 3)); }

  void check(const RawClient& client, std::size_t n) {
    const auto all = client.answers();
    REQUIRE(all.size() == 1);
    CHECK(all[0].complete);
    if (stream_ && n >= end_of(bytes_, first_words))
      check_stream(all[0], n);
    else
      check_error(all[0], n);
  }

  // Nothing of the answer was of use to the client: a whole error of the relay's own, or that of
  // the provider before.
  void check_error(const Answer& answer, std::size_t n) const {
    const bool limited = status() == 429 && n >= head_end_;
    const int expected = cast_ == Cast::two ? 500 : limited ? 429 : 502;
    CHECK(answer.status == expected);
    CHECK(answer.body.starts_with(R"({"type":"error","error":{"type":")"));
    CHECK(answer.body.ends_with("}"));
    // A half of the provider's error is never shown.
    CHECK_FALSE(has(answer.body, "from the provider"));
  }

  // Never silence, never a made-up end: what came, and that it broke.
  void check_stream(const Answer& answer, std::size_t n) const {
    const auto events = Script::events("hi");
    const std::size_t end = end_of(bytes_, events.back());
    CHECK(answer.status == 200);
    if (n >= end) {
      CHECK(answer.body == joined(events));
      return;
    }
    // Where only the connection's end ends it, a last event may lack its blank line.
    if (n + 2 >= end && has(answer.body, events.back())) {
      CHECK(answer.body == joined(events));
      return;
    }
    CHECK_FALSE(has(answer.body, events.back()));
    const std::string error = "event: error\ndata: {\"type\":\"error\",\"error\":";
    REQUIRE(count(answer.body, error) == 1);
    CHECK(answer.body.ends_with("}\n\n"));
    // Whole events, and nothing of the one that was cut.
    const std::string before = answer.body.substr(0, answer.body.find(error));
    CHECK(before.ends_with("\n\n"));
    CHECK(joined(events).starts_with(before));
    CHECK(has(before, first_words));
  }

  Cast cast_;
  Cut how_;
  bool pooled_;
  KillStage stage_;
  std::string bytes_;
  std::size_t head_end_ = 0;
  bool stream_ = false;
};

// A stream without chunks: its end is that of the connection.
Script unframed_stream() {
  Script script;
  script.head(200, {{"content-type", "text/event-stream"}, {"connection", "close"}});
  for (const std::string& event : Script::events("hi")) script.send(event);
  return script;
}

Script chunked_error(int status, const std::string& type) {
  const std::string body =
      R"({"type":"error","error":{"type":")" + type + R"(","message":"from the provider"}})";
  Script script;
  script.head(status, {{"content-type", "application/json"}, {"transfer-encoding", "chunked"}});
  return script.chunk(body.substr(0, 20)).chunk(body.substr(20)).last_chunk();
}

}  // namespace

TEST_CASE("a stream cut after any byte never leaves the client waiting", "[scenario]") {
  Cutting(Cast::one, GENERATE(Cut::close, Cut::reset)).run(Script::stream("hi"), true);
}

TEST_CASE("a second provider's stream may be cut anywhere too", "[scenario]") {
  Cutting(Cast::two, GENERATE(Cut::close, Cut::reset)).run(Script::stream("hi"), true, 3);
}

TEST_CASE("a stream without framing may be cut anywhere", "[scenario]") {
  Cutting(Cast::one, GENERATE(Cut::close, Cut::reset)).run(unframed_stream(), true, 3);
}

TEST_CASE("a stream on a pooled connection may be cut after any byte", "[scenario]") {
  Cutting(Cast::one, GENERATE(Cut::close, Cut::reset), true).run(Script::stream("hi"), true);
}

TEST_CASE("a stream over TLS may be cut anywhere", "[scenario]") {
  Cutting(Cast::over_tls, GENERATE(Cut::close, Cut::reset), GENERATE(false, true))
      .run(Script::stream("hi"), true, 5);
}

TEST_CASE("a message cut after any byte never leaves the client waiting", "[scenario]") {
  Cutting(Cast::one, GENERATE(Cut::close, Cut::reset)).run(Script::message("hi"), false);
}

TEST_CASE("a message on a pooled connection may be cut after any byte", "[scenario]") {
  Cutting(Cast::one, GENERATE(Cut::close, Cut::reset), true).run(Script::message("hi"), false);
}

TEST_CASE("a message over TLS may be cut anywhere", "[scenario]") {
  Cutting(Cast::over_tls, GENERATE(Cut::close, Cut::reset)).run(Script::message("hi"), false, 2);
}

TEST_CASE("an error may be cut after any byte", "[scenario]") {
  const Cut how = GENERATE(Cut::close, Cut::reset);
  const bool pooled = GENERATE(false, true);
  Cutting cutting(Cast::one, how, pooled);
  SECTION("one that is the request's") {
    cutting.run(Script::error(400, "invalid_request_error", "from the provider"), false);
  }
  SECTION("a rate limit") {
    cutting.run(Script::error(429, "rate_limit_error", "from the provider"), false);
  }
  SECTION("a failure") {
    cutting.run(Script::error(500, "api_error", "from the provider"), false);
  }
  SECTION("a failure in chunks") {
    cutting.run(chunked_error(500, "api_error"), false);
  }
}

TEST_CASE("an error over TLS may be cut anywhere", "[scenario]") {
  Cutting(Cast::over_tls, GENERATE(Cut::close, Cut::reset))
      .run(Script::error(500, "api_error", "from the provider"), false, 2);
}

TEST_CASE("a stream that breaks before its first event goes on at the next provider",
          "[scenario]") {
  const auto events = Script::events("hi");
  const std::string start = events[0] + events[1];
  RelayFixture f;
  FakeProvider& broken = f.add_provider("broken");
  f.add_provider("good").respond_with([](const RecordedRequest&) { return Script::stream("hi"); });
  f.config.health.failure_threshold = 1'000'000;
  f.config.routing.affinity = "none";
  f.start();
  for (std::size_t n = 0; n <= start.size(); n += 3) {
    Script script = Script::stream_head().chunk(std::string_view(start).substr(0, n)).close();
    broken.respond_with([&](const RecordedRequest&) { return script; });
    const Answer answer = f.ask(request(true));
    INFO("cut after " << n << " bytes of events");
    CHECK(answer.status == 200);
    CHECK(answer.body == joined(events));
    CHECK(tries(f.observer.requests.back()) == "broken:failed good:success");
  }
}
