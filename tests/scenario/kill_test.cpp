#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/kill_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

using F = RelayFixture;

Script held_stream() {
  Script script = Script::stream_head();
  for (const std::string& event : Script::events("hello world")) script.chunk(event).hold();
  return script.last_chunk();
}

Script held(bool stream) {
  return stream ? held_stream() : Script().hold().send(bytes_of(Script::message("hi")));
}

/// A request of some megabytes, more than sockets hold.
std::string large_request() {
  return F::post(R"({"model":"claude-test","messages":[{"role":"user","content":")" +
                 std::string(16 << 20, 'x') + "\"}]}");
}

/// Whether the client has this many whole answers and no other.
bool is_answered(const RawClient& client, std::size_t count) {
  const auto all = client.answers();
  return all.size() == count && all.back().complete;
}

/// Drops the client after `turns` turns of the loop. True if it had `count` answers before that.
bool drop_after_turns(KillStage& s, RawClient& client, std::size_t count, int turns, Cut how) {
  int turn = 0;
  bool whole = false;
  s.f.until([&] {
    whole = is_answered(client, count);
    s.good->release();
    return whole || turn++ >= turns;
  });
  cut(client, how);
  return whole;
}

}  // namespace

TEST_CASE("a client may leave at any turn", "[scenario]") {
  for (const bool failover : {false, true}) {
    for (const bool stream : {false, true}) {
      for (const Cut how : {Cut::close, Cut::reset}) {
        KillStage s(failover ? Cast::two : Cast::one);
        bool whole = false;
        for (int turns = 0; !whole && turns < 200; ++turns) {
          INFO((failover ? "failover, " : "")
               << (stream ? "stream" : "message") << ", turn " << turns);
          s.good->respond_with([&](const RecordedRequest&) { return held(stream); });
          const auto client = s.f.connect();
          client->send(request(stream));
          whole = drop_after_turns(s, *client, 1, turns, how);
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
    KillStage s(Cast::one);
    s.good->respond_with([](const RecordedRequest&) { return Script().hold(); });
    const std::string whole = request(true);
    for (std::size_t n = 0; n < whole.size(); ++n) {
      const auto client = s.f.connect();
      client->send(whole.substr(0, n));
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
    KillStage s(Cast::one);
    std::size_t cut_at = 0;
    s.good->respond_with([&](const RecordedRequest&) {
      return Script::stream_head().chunk(std::string_view(stream).substr(0, cut_at)).hold();
    });
    std::size_t held = 0;
    for (cut_at = 1; cut_at <= stream.size(); cut_at += 5) {
      const auto client = s.f.connect();
      client->send(request(true));
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
    KillStage s(Cast::two);
    s.good->respond_with([](const RecordedRequest&) { return Script().hold(); });
    const auto client = s.f.connect();
    client->send(request(false));
    s.f.until([&] { return s.good->requests().size() == 1; });
    cut(*client, how);
    s.f.until([&] { return s.good->cancelled() == 1; });
    const RequestSummary& summary = s.f.finished();
    CHECK(summary.status == 499);
    CHECK(summary.ending == Ending::client_gone);
    s.check_usable();
  }
}

TEST_CASE("a client may leave at any turn of the second request of its connection", "[scenario]") {
  const bool stream = GENERATE(false, true);
  const Cut how = GENERATE(Cut::close, Cut::reset);
  KillStage s(Cast::one);
  bool whole = false;
  for (int turns = 0; !whole && turns < 200; ++turns) {
    INFO((stream ? "stream" : "message") << ", turn " << turns);
    s.good->respond_with({});
    const auto client = s.f.connect();
    client->send(request(stream));
    s.f.until([&] { return is_answered(*client, 1); });
    s.good->respond_with([&](const RecordedRequest&) { return held(stream); });
    const std::size_t before = s.f.observer.requests.size();
    client->send(request(stream));
    whole = drop_after_turns(s, *client, 2, turns, how);
    s.f.until([&] { return s.f.relay->in_flight() == 0; });
    s.f.harness.settle();
    CHECK(s.f.relay->in_flight() == 0);
    // Either it came to the relay's knowledge or it did not; never twice.
    CHECK(s.f.observer.requests.size() <= before + 1);
  }
  CHECK(whole);
  s.check_usable();
}

TEST_CASE("a client may leave at any turn while it pipelines", "[scenario]") {
  const bool stream = GENERATE(false, true);
  const Cut how = GENERATE(Cut::close, Cut::reset);
  KillStage s(Cast::one);
  s.good->respond_with([&](const RecordedRequest&) { return held(stream); });
  bool whole = false;
  for (int turns = 0; !whole && turns < 400; ++turns) {
    INFO((stream ? "stream" : "message") << ", turn " << turns);
    const std::size_t before = s.good->requests().size();
    const std::size_t cancelled = s.good->cancelled();
    const auto client = s.f.connect();
    client->send(request(stream) + request(!stream) + request(stream));
    whole = drop_after_turns(s, *client, 3, turns, how);
    s.f.until([&] { return s.f.relay->in_flight() == 0; });
    s.f.harness.settle();
    CHECK(s.f.relay->in_flight() == 0);
    CHECK(s.good->requests().size() <= before + 3);
    // One after the other: at most one ran when the client left.
    CHECK(s.good->cancelled() <= cancelled + 1);
  }
  CHECK(whole);
  s.check_usable();
}

TEST_CASE("a client that leaves while it pipelines has no further request started", "[scenario]") {
  const Cut how = GENERATE(Cut::close, Cut::reset);
  KillStage s(Cast::one);
  s.good->respond_with([](const RecordedRequest&) { return Script().hold(); });
  const auto client = s.f.connect();
  client->send(request(true) + request(true) + request(true));
  s.f.until([&] { return s.good->requests().size() == 1; });
  cut(*client, how);
  s.f.until([&] { return s.good->cancelled() == 1; });
  CHECK(s.f.finished().ending == Ending::client_gone);
  s.f.harness.settle();
  CHECK(s.f.observer.requests.size() == 1);
  CHECK(s.good->requests().size() == 1);
  s.check_usable();
}

TEST_CASE("a client may leave anywhere in a large upload", "[scenario]") {
  const Cut how = GENERATE(Cut::close, Cut::reset);
  KillStage s(Cast::one);
  const std::string upload = large_request();
  for (std::size_t n = upload.size() / 7; n < upload.size(); n += upload.size() / 7) {
    INFO(n << " of " << upload.size() << " bytes");
    const auto client = s.f.connect();
    client->send(upload.substr(0, n));
    s.f.until([&] { return client->connected() && client->unsent() == 0; });
    cut(*client, how);
    s.f.until([&] { return s.f.relay->in_flight() == 0; });
  }
  s.f.harness.settle();
  CHECK(s.good->requests().empty());
  s.check_usable();
}

TEST_CASE("a client that leaves ends a large upload that the provider does not take",
          "[scenario]") {
  const Cut how = GENERATE(Cut::close, Cut::reset);
  KillStage s(Cast::one);
  // So that the provider has a connection that can be told to wait.
  CHECK(s.f.ask(request(false)).status == 200);
  s.good->pause_reading(true);
  const auto client = s.f.connect();
  client->send(large_request());
  s.f.until([&] { return client->connected() && client->unsent() == 0; });
  s.f.harness.settle();
  CHECK(s.f.relay->in_flight() == 1);
  cut(*client, how);
  const RequestSummary& summary = s.f.finished(2);
  CHECK(summary.ending == Ending::client_gone);
  REQUIRE(summary.attempts.size() == 1);
  CHECK(summary.attempts[0].outcome == Outcome::cancelled);
  s.good->pause_reading(false);
  s.f.until([&] { return s.good->connections_open() == 0; });
  CHECK(s.good->requests().size() == 1);
  s.check_usable();
}

TEST_CASE("a client that leaves while it takes nothing ends its stream at the provider",
          "[scenario]") {
  const Cut how = GENERATE(Cut::close, Cut::reset);
  const bool held_back = GENERATE(true, false);
  CAPTURE(held_back);
  KillStage s(Cast::one);
  s.good->respond_with([](const RecordedRequest&) {
    const auto events = Script::events(std::string(100'000, 'x'));
    Script script = Script::stream_head();
    for (const std::size_t i : {0, 2}) script.chunk(events[i]);
    for (int i = 0; i < 200; ++i) script.chunk(events[3]);
    return script.hold();
  });
  const auto client = s.f.connect(4096);
  client->pause_reading(held_back);
  client->send(request(true));
  s.f.until([&] { return s.good->requests().size() == 1; });
  s.f.harness.settle();
  cut(*client, how);
  s.f.until([&] { return s.good->cancelled() == 1; });
  const RequestSummary& summary = s.f.finished();
  CHECK(summary.status == 200);
  CHECK(summary.ending == Ending::client_gone);
  // Reading from the provider had stopped: 20 MB were never taken in.
  if (held_back) CHECK(summary.bytes_out < 10'000'000);
  s.check_usable();
}

TEST_CASE("the relay may be destroyed at any turn", "[scenario]") {
  for (const bool stream : {false, true}) {
    bool whole = false;
    for (int turns = 0; !whole && turns < 100; ++turns) {
      KillStage s(Cast::two);
      s.good->respond_with(
          [&](const RecordedRequest&) { return stream ? held_stream() : Script::message("hi"); });
      const auto client = s.f.connect();
      client->send(request(stream));
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
