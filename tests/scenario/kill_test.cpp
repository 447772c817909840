#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/relay_fixture.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

using F = RelayFixture;

/// How a peer goes away.
enum class Cut { close, reset };

void cut(RawClient& client, Cut how) {
  how == Cut::reset ? client.reset() : client.close();
}

/// Two providers with a failing first one, or one alone; all that the tests below have in common.
struct Stage {
  explicit Stage(bool failover) {
    if (failover) {
      FakeProvider& failing = f.add_provider("failing");
      failing.respond_with(
          [](const RecordedRequest&) { return Script::error(500, "api_error", "no"); });
    }
    good = &f.add_provider("good");
    f.start();
  }

  /// Nothing is left of what went before, and the next client is served.
  void check_usable() {
    f.until([&] { return f.relay->in_flight() == 0; });
    good->respond_with({});
    const Answer answer = f.ask(F::post(F::body(false)));
    CHECK(answer.status == 200);
    CHECK(answer.complete);
  }

  F f;
  FakeProvider* good = nullptr;
};

Script held_stream() {
  Script script = Script::stream_head();
  for (const std::string& event : Script::events("hello world")) script.chunk(event).hold();
  return script.last_chunk();
}

/// Drops the client after `turns` turns of the loop. True if the answer was whole before that.
bool drop_after_turns(Stage& s, const std::string& request, int turns, Cut how) {
  const auto client = s.f.connect();
  client->send(request);
  int turn = 0;
  bool whole = false;
  s.f.until([&] {
    const auto all = client->answers();
    whole = !all.empty() && all.back().complete;
    s.good->release();
    return whole || turn++ >= turns;
  });
  cut(*client, how);
  return whole;
}

/// What the client has after the provider's answer was cut.
void check_told(const RawClient& client, bool stream, const std::string& where) {
  INFO(where);
  const auto all = client.answers();
  REQUIRE(all.size() <= 1);
  if (all.empty()) {
    CHECK(client.gone());
    return;
  }
  const Answer& answer = all[0];
  const bool in_band =
      answer.body.find("event: error\ndata: {\"type\":\"error\"") != std::string::npos;
  const bool stopped = answer.body.find(Script::events("hi").back()) != std::string::npos;
  if (answer.complete && answer.status == 200 && stream) {
    // Never silence: a stream that ends properly has said how.
    const bool told = in_band || stopped;
    CHECK(told);
  }
  if (!answer.complete) CHECK(client.gone());
}

/// All bytes of a script's answer.
std::string bytes_of(const Script& script) {
  std::string out;
  for (const Script::Step& step : script.steps()) {
    if (step.kind == Script::Step::Kind::send) out += step.bytes;
  }
  return out;
}

void cut_provider_everywhere(const Script& whole, bool stream, Cut how, bool failover) {
  const std::string bytes = bytes_of(whole);
  Stage s(failover);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    Script script;
    if (n > 0) script.send(bytes.substr(0, n));
    how == Cut::reset ? script.reset() : script.close();
    s.good->respond_with([&](const RecordedRequest&) { return script; });
    const std::size_t before = s.f.observer.requests.size();
    const auto client = s.f.connect();
    client->send(F::post(F::body(stream)));
    s.f.until([&] {
      const auto all = client->answers();
      return client->gone() || (!all.empty() && all.back().complete);
    });
    check_told(*client, stream, "cut after " + std::to_string(n) + " bytes");
    s.f.until([&] { return s.f.observer.requests.size() == before + 1; });
    const std::size_t open = s.f.relay->in_flight();
    REQUIRE(open == 0);
  }
  s.check_usable();
}

}  // namespace

TEST_CASE("a client may leave at any turn", "[scenario]") {
  for (const bool failover : {false, true}) {
    for (const bool stream : {false, true}) {
      for (const Cut how : {Cut::close, Cut::reset}) {
        Stage s(failover);
        bool whole = false;
        for (int turns = 0; !whole && turns < 200; ++turns) {
          INFO((failover ? "failover, " : "")
               << (stream ? "stream" : "message") << ", turn " << turns);
          s.good->respond_with([&](const RecordedRequest&) {
            return stream ? held_stream() : Script().hold().send(bytes_of(Script::message("hi")));
          });
          whole = drop_after_turns(s, F::post(F::body(stream)), turns, how);
          s.f.until([&] { return s.f.relay->in_flight() == 0; });
          s.f.harness.settle();
          CHECK(s.f.relay->in_flight() == 0);
        }
        CHECK(whole);
        s.check_usable();
      }
    }
  }
}

TEST_CASE("a client may leave after any byte of its request", "[scenario]") {
  for (const Cut how : {Cut::close, Cut::reset}) {
    Stage s(false);
    s.good->respond_with([](const RecordedRequest&) { return Script().hold(); });
    const std::string request = F::post(F::body(true));
    for (std::size_t n = 0; n < request.size(); ++n) {
      const auto client = s.f.connect();
      client->send(request.substr(0, n));
      s.f.until([&] { return client->connected() && client->unsent() == 0; });
      cut(*client, how);
    }
    s.f.harness.settle();
    CHECK(s.f.relay->in_flight() == 0);
    CHECK(s.good->requests().empty());
    s.check_usable();
  }
}

TEST_CASE("a client may leave after any byte of its stream", "[scenario]") {
  std::string stream;
  const auto events = Script::events("hi");
  for (const std::string& event : events) stream += event;
  for (const Cut how : {Cut::close, Cut::reset}) {
    Stage s(false);
    std::size_t cut_at = 0;
    s.good->respond_with([&](const RecordedRequest&) {
      return Script::stream_head().chunk(std::string_view(stream).substr(0, cut_at)).hold();
    });
    std::size_t held = 0;
    for (cut_at = 1; cut_at <= stream.size(); cut_at += 5) {
      const auto client = s.f.connect();
      client->send(F::post(F::body(true)));
      held = s.good->requests().size() + 1;
      s.f.until([&] { return s.good->requests().size() == held; });
      s.f.harness.settle();
      cut(*client, how);
      s.f.until([&] { return s.good->cancelled() == held; });
      const RequestSummary& summary = s.f.finished(held);
      INFO("after " << cut_at << " bytes");
      CHECK(summary.ending == Ending::client_gone);
      REQUIRE(summary.attempts.size() == 1);
      CHECK(summary.attempts[0].outcome == Outcome::cancelled);
      CHECK(s.f.relay->in_flight() == 0);
    }
    s.check_usable();
  }
}

TEST_CASE("a client that leaves ends its request at the provider before the head", "[scenario]") {
  for (const Cut how : {Cut::close, Cut::reset}) {
    Stage s(true);
    s.good->respond_with([](const RecordedRequest&) { return Script().hold(); });
    const auto client = s.f.connect();
    client->send(F::post(F::body(false)));
    s.f.until([&] { return s.good->requests().size() == 1; });
    cut(*client, how);
    s.f.until([&] { return s.good->cancelled() == 1; });
    const RequestSummary& summary = s.f.finished();
    CHECK(summary.status == 499);
    CHECK(summary.ending == Ending::client_gone);
    s.check_usable();
  }
}

TEST_CASE("a stream cut by FIN after any byte never leaves the client waiting", "[scenario]") {
  cut_provider_everywhere(Script::stream("hi"), true, Cut::close, false);
}

TEST_CASE("a stream cut by RST after any byte never leaves the client waiting", "[scenario]") {
  cut_provider_everywhere(Script::stream("hi"), true, Cut::reset, false);
}

TEST_CASE("a second provider's stream may be cut after any byte too", "[scenario]") {
  cut_provider_everywhere(Script::stream("hi"), true, Cut::close, true);
}

TEST_CASE("a message cut by FIN after any byte never leaves the client waiting", "[scenario]") {
  cut_provider_everywhere(Script::message("hi"), false, Cut::close, false);
}

TEST_CASE("a message cut by RST after any byte never leaves the client waiting", "[scenario]") {
  cut_provider_everywhere(Script::message("hi"), false, Cut::reset, false);
}

TEST_CASE("a stream that breaks before its first event goes on at the next provider",
          "[scenario]") {
  const auto events = Script::events("hi");
  const std::string start = events[0] + events[1];
  F f;
  FakeProvider& broken = f.add_provider("broken");
  f.add_provider("good");
  f.start();
  for (std::size_t n = 0; n <= start.size(); n += 3) {
    Script script = Script::stream_head().chunk(std::string_view(start).substr(0, n)).close();
    broken.respond_with([&](const RecordedRequest&) { return script; });
    const Answer answer = f.ask(F::post(F::body(true)));
    INFO("cut after " << n << " bytes of events");
    CHECK(answer.status == 200);
    CHECK(answer.body.find("event: error") == std::string::npos);
    CHECK(answer.body.find("event: message_stop\n") != std::string::npos);
  }
}

TEST_CASE("the relay may be destroyed at any turn", "[scenario]") {
  for (const bool stream : {false, true}) {
    bool whole = false;
    for (int turns = 0; !whole && turns < 100; ++turns) {
      Stage s(true);
      s.good->respond_with(
          [&](const RecordedRequest&) { return stream ? held_stream() : Script::message("hi"); });
      const auto client = s.f.connect();
      client->send(F::post(F::body(stream)));
      int turn = 0;
      s.f.until([&] {
        const auto all = client->answers();
        whole = !all.empty() && all.back().complete;
        s.good->release();
        return whole || turn++ >= turns;
      });
      s.f.relay.reset();
      s.f.until([&] { return whole || client->gone() || !client->connected(); });
    }
    CHECK(whole);
  }
}
