// A configuration that is read again: when, how often, and what comes of it. The clock is manual;
// files are read on a thread of their own, which is waited for by what it causes.

#include <ccrelay/config_load.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>

#include "catch.hpp"
#include "config/scratch_directory.hpp"
#include "scenario/relay_fixture.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;
using std::chrono::milliseconds;

namespace {

/// A relay whose configuration is a file.
struct Stage {
  Stage() {
    provider = &f.add_provider("one");
    f.config.providers.clear();
    write("failover");
    f.options.reload = [this] {
      ++reads;
      std::unique_lock lock(mutex);
      gate.wait(lock, [this] { return open; });
      return read_config_file(file(), {});
    };
    f.options.reloaded = [this](const Config* now) { ++(now ? taken : refused); };
  }
  ~Stage() { let_read(true); }

  std::string file() const { return folder.path() + "/relay.toml"; }
  std::string text(const std::string& strategy, const std::string& more = {}) const {
    return "[server]\nlisten = \"127.0.0.1:0\"\n" + more + "[routing]\nstrategy = \"" + strategy +
           "\"\n[[providers]]\nname = \"one\"\ntype = \"anthropic\"\nbase_url = \"" +
           provider->url() + "\"\nkeys = [{ key = \"sk-canary\" }]\n";
  }
  void write(const std::string& strategy, const std::string& more = {}) {
    folder.write("relay.toml", text(strategy, more));
  }
  void start() {
    auto read = read_config_file(file(), {}).config;
    if (!read) FAIL(read.error().message);
    f.config = *read;
    f.start();
  }
  void let_read(bool may) {
    const std::lock_guard lock(mutex);
    open = may;
    gate.notify_all();
  }
  std::size_t noted(const std::string& event) const {
    return static_cast<std::size_t>(
        std::count_if(f.observer.notes.begin(), f.observer.notes.end(),
                      [&](const Note& note) { return note.event == event; }));
  }
  Note last(const std::string& event) const {
    Note last;
    for (const Note& note : f.observer.notes) {
      if (note.event == event) last = note;
    }
    return last;
  }
  std::string message(const std::string& event) const { return last(event).message; }
  /// Time goes by until `done`.
  template <class Done>
  void pass_until(Done done) {
    for (int i = 0; i < 500 && !done(); ++i) f.harness.advance(milliseconds(50));
    REQUIRE(done());
  }
  void pass(milliseconds time) {
    for (milliseconds gone{0}; gone < time; gone += milliseconds(50)) {
      f.harness.advance(milliseconds(50));
    }
  }
  std::string status() { return f.ask(F::get("/v1/providers")).body; }

  test::ScratchDirectory folder;
  std::atomic<int> reads{0}, taken{0}, refused{0};
  std::mutex mutex;
  std::condition_variable gate;
  bool open = true;
  F f;
  FakeProvider* provider = nullptr;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a change is read after 100 ms of quiet and told in one line", "[scenario][reload]") {
  Stage s;
  s.start();
  s.write("round_robin");
  s.f.harness.settle();
  s.f.harness.advance(milliseconds(60));
  s.folder.write("relay.toml", s.text("round_robin"));
  s.f.harness.settle();
  s.f.harness.advance(milliseconds(99));
  CHECK(s.reads == 0);
  s.f.harness.advance(milliseconds(1));
  s.f.until([&] { return s.noted("reloaded") == 1; });
  CHECK(s.reads == 1);
  CHECK(s.taken == 1);
  CHECK(s.message("reloaded") ==
        s.file() + " was read again: routing.strategy: failover → round_robin");
  const Note note = s.last("reloaded");
  REQUIRE(note.fields.size() == 1);
  CHECK(note.fields[0].name == "took_ms");
  CHECK(note.level == Level::info);
}

TEST_CASE("who never stops writing is read after a second", "[scenario][reload]") {
  Stage s;
  s.start();
  for (int i = 0; i < 11; ++i) {
    CHECK(s.reads == 0);
    s.write(i % 2 == 0 ? "round_robin" : "shuffle");
    s.f.harness.settle();
    s.f.harness.advance(milliseconds(95));
  }
  s.f.until([&] { return s.reads > 0; });
  s.pass_until([&] { return s.noted("reloaded") > 0; });
}

TEST_CASE("a file that says what it said is not read", "[scenario][reload]") {
  Stage s;
  s.start();
  s.write("failover");
  s.pass_until([&] { return s.noted("reload_unchanged") == 1; });
  CHECK(s.reads == 0);
  CHECK(s.noted("reloaded") == 0);
}

TEST_CASE("a mistake is read once more before it counts, and taken back it is well again",
          "[scenario][reload]") {
  Stage s;
  s.start();
  s.write("failover", "colour = 1\n");
  s.pass_until([&] { return s.noted("reload_failed") == 1; });
  CHECK(s.reads == 2);
  CHECK(s.refused == 1);
  CHECK(has(s.message("reload_failed"),
            "the old configuration stays in use: " + s.file() + ":3:1: server.colour is unknown"));
  CHECK(has(s.status(), R"("rejected":{"time":"2026-01-01T)"));
  CHECK(has(s.status(), ":3:1: server.colour is unknown"));
  // Written again as it is it is no news.
  s.write("failover", "colour = 1\n");
  s.pass_until([&] { return s.noted("reload_unchanged") == 1; });
  CHECK(s.reads == 2);
  s.write("failover");
  s.pass_until([&] { return s.noted("reloaded") == 1; });
  CHECK(s.reads == 3);
  CHECK(has(s.message("reloaded"), "nothing in it has changed"));
  CHECK_FALSE(has(s.status(), "rejected"));
}

TEST_CASE("a file that is half written does no harm", "[scenario][reload]") {
  Stage s;
  s.start();
  const std::string whole = s.text("round_robin");
  s.folder.write("relay.toml", whole.substr(0, whole.size() / 2));
  s.pass_until([&] { return s.reads == 1; });
  s.folder.write("relay.toml", whole);
  s.pass_until([&] { return s.noted("reloaded") == 1; });
  CHECK(s.noted("reload_failed") == 0);
  CHECK(s.refused == 0);
}

TEST_CASE("a file that is missing is waited for, two seconds long", "[scenario][reload]") {
  Stage s;
  s.start();
  std::filesystem::remove(s.file());
  const TimePoint gone = s.f.harness.clock().now();
  s.pass_until([&] { return s.noted("reload_failed") == 1; });
  CHECK(s.f.harness.clock().now() - gone >= milliseconds(2'100));
  CHECK(s.message("reload_failed") ==
        "the old configuration stays in use: " + s.file() + " is missing");
  CHECK(s.last("reload_failed").level == Level::warn);
  CHECK(s.reads == 0);
  CHECK(has(s.status(), "relay.toml is missing"));
  s.write("round_robin");
  s.pass_until([&] { return s.noted("reloaded") == 1; });
  CHECK_FALSE(has(s.status(), "rejected"));
}

TEST_CASE("a file that is back before that is what it says", "[scenario][reload]") {
  Stage s;
  s.start();
  std::filesystem::remove(s.file());
  s.pass(milliseconds(500));
  s.write("failover");
  s.pass_until([&] { return s.noted("reload_unchanged") == 1; });
  s.pass(milliseconds(3'000));
  CHECK(s.noted("reload_failed") == 0);
  CHECK(s.reads == 0);
  std::filesystem::remove(s.file());
  s.pass(milliseconds(500));
  s.write("round_robin");
  s.pass_until([&] { return s.noted("reloaded") == 1; });
  CHECK(s.noted("reload_failed") == 0);
}

TEST_CASE("a file that is empty for a moment takes nothing away", "[scenario][reload]") {
  Stage s;
  s.start();
  s.folder.write("relay.toml", "");
  s.pass(milliseconds(1'500));
  CHECK(s.reads == 0);
  s.write("round_robin");
  s.pass_until([&] { return s.noted("reloaded") == 1; });
  CHECK(has(s.message("reloaded"), "failover → round_robin"));
  CHECK_FALSE(has(s.message("reloaded"), "removed"));
  s.pass(milliseconds(3'000));
  CHECK(s.reads == 1);
  CHECK(s.taken == 1);
}

TEST_CASE("a file that stays empty is what it says after two seconds", "[scenario][reload]") {
  Stage s;
  s.start();
  s.folder.write("relay.toml", "");
  const TimePoint emptied = s.f.harness.clock().now();
  s.pass_until([&] { return s.noted("reloaded") == 1; });
  CHECK(s.f.harness.clock().now() - emptied >= milliseconds(2'100));
  CHECK(has(s.message("reloaded"), "providers.one: removed"));
  s.write("failover");
  s.pass_until([&] { return s.noted("reloaded") == 2; });
  CHECK(has(s.message("reloaded"), "providers.one: added"));
}

TEST_CASE("one reading at a time, and one more for all that came meanwhile", "[scenario][reload]") {
  Stage s;
  s.start();
  s.let_read(false);
  s.f.relay->reload();
  s.f.until([&] { return s.reads == 1; });
  for (int i = 0; i < 3; ++i) s.f.relay->reload();
  s.write("round_robin");
  s.pass(milliseconds(1'000));
  CHECK(s.reads == 1);
  s.let_read(true);
  s.f.until([&] { return s.noted("reloaded") == 2; });
  s.pass(milliseconds(1'000));
  CHECK(s.reads == 2);
}

TEST_CASE("what is read does not keep requests waiting, and they keep what they began with",
          "[scenario][reload]") {
  Stage s;
  s.start();
  Script script = Script::stream_head();
  const auto events = Script::events("hello");
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i == 3) script.hold();
    script.chunk(events[i]);
  }
  s.provider->enqueue(script.last_chunk());
  s.provider->enqueue(Script::message("hi"));
  const auto running = s.f.connect();
  running->send(F::post(F::body(true)));
  s.f.until([&] { return has(running->received(), events[2]); });
  s.let_read(false);
  s.f.relay->reload();
  s.f.until([&] { return s.reads == 1; });
  CHECK(s.f.ask(F::post(F::body(false))).status == 200);
  s.folder.write("relay.toml",
                 "[server]\nlisten = \"127.0.0.1:0\"\n[[providers]]\nname = \"two\"\n"
                 "type = \"anthropic\"\nbase_url = \"http://127.0.0.1:1\"\n");
  s.let_read(true);
  s.f.until([&] { return has(s.message("reloaded"), "providers.one: removed"); });
  s.provider->release();
  s.f.until([&] { return !running->answers().empty() && running->answers()[0].complete; });
  std::string expected;
  for (const auto& event : events) expected += event;
  CHECK(running->answers()[0].body == expected);
}

TEST_CASE("without server.watch_config only who asks has it read", "[scenario][reload]") {
  Stage s;
  s.write("failover", "watch_config = false\n");
  s.start();
  s.write("round_robin", "watch_config = false\n");
  s.pass(milliseconds(3'000));
  CHECK(s.reads == 0);
  s.f.relay->reload();
  s.f.until([&] { return s.noted("reloaded") == 1; });
  // It is a setting like any other.
  s.write("round_robin");
  s.f.relay->reload();
  s.f.until([&] { return s.noted("reloaded") == 2; });
  CHECK(has(s.message("reloaded"), "server.watch_config: false → true"));
  s.write("shuffle");
  s.pass_until([&] { return s.noted("reloaded") == 3; });
}

TEST_CASE("POST /-/reload answers what has changed and what needs a restart",
          "[scenario][reload]") {
  Stage s;
  s.start();
  s.write("round_robin", "workers = 2\n");
  const Answer answer = s.f.ask(
      "POST /-/reload HTTP/1.1\r\nHost: localhost\r\nx-cc-relay-reload: 1\r\n"
      "Content-Length: 0\r\n\r\n");
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"configuration":")" + s.file() +
                           R"(","changed":["server.workers: 1 → 2","routing.strategy: failover → )"
                           R"(round_robin"],"needs_restart":["server.workers"]})");
  CHECK(has(s.message("reloaded"), "; what changed in server.workers is in force after a restart"));
}

TEST_CASE("POST /-/reload is refused to who may not ask", "[scenario][reload]") {
  struct Case {
    const char* name;
    std::string auth, request, headers;
    int status;
  };
  const std::string asking = "x-cc-relay-reload: 1\r\n";
  const std::string keyed =
      "[server.auth]\napi_key = \"canary-in-0123456789\"\nallow_subscription = true\n";
  const Case cases[] = {
      {"no header", "", "POST", "", 403},
      {"a page", "", "POST", asking + "Origin: http://evil.example\r\n", 403},
      {"a page of this relay", "", "POST", asking + "Origin: http://localhost\r\n", 403},
      {"by a proxy", "", "POST", asking + "X-Forwarded-For: 203.0.113.9\r\n", 403},
      {"a method", "", "GET", asking, 405},
      {"without the key", keyed, "POST", asking, 401},
      {"a wrong key", keyed, "POST", asking + "x-api-key: canary-no\r\n", 401},
      {"a subscription", keyed, "POST", asking + "Authorization: Bearer sk-ant-own\r\n", 403},
      {"the key", keyed, "POST", asking + "x-api-key: canary-in-0123456789\r\n", 200},
      {"the key as Bearer", keyed, "POST",
       asking + "Authorization: Bearer canary-in-0123456789\r\n", 200},
  };
  for (const Case& one : cases) {
    INFO(one.name);
    Stage s;
    s.write("failover", one.auth);
    s.start();
    const Answer answer = s.f.ask(one.request + " /-/reload HTTP/1.1\r\nHost: localhost\r\n" +
                                  one.headers + "Content-Length: 0\r\n\r\n");
    CHECK(answer.status == one.status);
    CHECK(s.reads == (one.status == 200 ? 1 : 0));
  }
}

TEST_CASE("a program without a way to read it offers no reload", "[scenario][reload]") {
  Stage s;
  s.f.options.reload = nullptr;
  s.start();
  CHECK(s.f.ask("POST /-/reload HTTP/1.1\r\nHost: localhost\r\nx-cc-relay-reload: 1\r\n"
                "Content-Length: 0\r\n\r\n")
            .status == 404);
  s.write("round_robin");
  s.pass(milliseconds(500));
  CHECK(s.noted("reload_unchanged") == 0);
}

TEST_CASE("a reader that throws changes nothing", "[scenario][reload]") {
  Stage s;
  s.f.options.reload = []() -> ConfigReading { throw std::runtime_error("no disk"); };
  s.start();
  s.f.relay->reload();
  s.pass_until([&] { return s.noted("reload_failed") == 1; });
  CHECK(has(s.message("reload_failed"), "std::runtime_error: no disk"));
}

TEST_CASE("a relay that is destroyed while its configuration is read waits for that",
          "[scenario][reload]") {
  Stage s;
  s.start();
  s.let_read(false);
  s.f.relay->reload();
  s.f.until([&] { return s.reads == 1; });
  s.let_read(true);
  s.f.relay.reset();
  CHECK(s.taken == 1);
}
