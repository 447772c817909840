#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "upstream/client_scene.hpp"

using namespace ccrelay;
using namespace ccrelay::upstream;
using Event = Listener::Event;

namespace {

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 1;
  for (char& c : text) {
    state = state * 1664525u + 1013904223u;
    c = static_cast<char>(state >> 24);
  }
  return text;
}

Script chunked(std::string_view body, std::size_t chunk) {
  Script script;
  script.head(200, {{"transfer-encoding", "chunked"}});
  for (std::size_t at = 0; at < body.size(); at += chunk) script.chunk(body.substr(at, chunk));
  return script.last_chunk();
}

}  // namespace

TEST_CASE("pausing and resuming loses nothing of a large answer", "[upstream]") {
  const std::string body = pattern(5'000'000);
  const bool sized = GENERATE(true, false);
  const bool resumes_at_once = GENERATE(true, false);
  // TLS holds bytes that the socket does not show.
  const bool with_tls = GENERATE(true, false);
  CAPTURE(sized, resumes_at_once, with_tls);
  Scene scene(tls_or_not(with_tls));
  scene.provider.enqueue(sized ? Script::reply(200, "x/y", body) : chunked(body, 7001));
  Listener listener;
  std::size_t calls = 0;
  bool waiting = false;
  listener.flow = [&](std::string_view) {
    if (calls++ % 3 != 1) return Flow::taken;
    if (resumes_at_once) {
      listener.transfer->resume();
    } else {
      waiting = true;
    }
    return Flow::pause;
  };
  scene.start(listener);
  REQUIRE(scene.harness.run_until([&] {
    if (waiting) listener.transfer->resume();
    waiting = false;
    return listener.done();
  }));
  CHECK(listener.result().end == End::complete);
  CHECK(calls > 100);
  CHECK((listener.body == body));
}

TEST_CASE("a pause behind many small TLS records keeps their order", "[upstream]") {
  const std::string body = pattern(200'000);
  Scene scene(tls_or_not(true));
  scene.provider.enqueue(chunked(body, 50));
  Listener listener;
  std::size_t calls = 0;
  bool waiting = false;
  listener.flow = [&](std::string_view) {
    // Well behind what is read in one go.
    if (++calls % 67 != 0) return Flow::taken;
    waiting = true;
    return Flow::pause;
  };
  scene.start(listener);
  REQUIRE(scene.harness.run_until([&] {
    if (!std::exchange(waiting, false)) return listener.done();
    const std::size_t before = calls;
    scene.harness.settle();
    CHECK(calls == before);
    listener.transfer->resume();
    return false;
  }));
  CHECK(listener.result().end == End::complete);
  CHECK((listener.body == body));
}

TEST_CASE("a paused transfer is told nothing", "[upstream]") {
  Scene scene;
  scene.provider.enqueue(chunked(pattern(3'000'000), 10'000));
  Listener listener;
  std::size_t calls = 0;
  listener.flow = [&calls](std::string_view) { return ++calls, Flow::pause; };
  scene.start(listener);
  REQUIRE(scene.harness.run_until([&] { return calls > 0; }));
  scene.harness.settle();
  CHECK(calls == 1);
  // The provider cannot send on either.
  CHECK(scene.provider.connections_open() == 1);
  listener.transfer.reset();
  scene.harness.settle();
  CHECK(calls == 1);
  CHECK(scene.provider.connections_open() == 0);
}

TEST_CASE("resuming what is not paused does nothing", "[upstream]") {
  Scene scene;
  Listener listener;
  scene.start(listener);
  listener.transfer->resume();
  REQUIRE(scene.harness.run_until([&] {
    listener.transfer->resume();
    return listener.done();
  }));
  CHECK(listener.result().end == End::complete);
  listener.transfer->resume();
  scene.harness.settle();
}

TEST_CASE("an answer that ends while paused is still delivered whole", "[upstream]") {
  Scene scene;
  scene.provider.enqueue(Script().send("HTTP/1.1 200 OK\r\n\r\n" + pattern(40'000)).close());
  Listener listener;
  bool paused = false;
  listener.flow = [&](std::string_view) {
    return std::exchange(paused, true) ? Flow::taken : Flow::pause;
  };
  scene.start(listener);
  REQUIRE(scene.harness.run_until([&] { return paused; }));
  scene.harness.settle();
  CHECK_FALSE(listener.done());
  listener.transfer->resume();
  REQUIRE(scene.harness.run_until([&] { return listener.done(); }));
  CHECK(listener.result().end == End::complete);
  CHECK((listener.body == pattern(40'000)));
}

TEST_CASE("a large body in uneven pieces arrives whole", "[upstream]") {
  const std::string body = pattern(10'000'000);
  const std::string_view all = body;
  std::vector<std::string_view> pieces{all.substr(0, 1), "", all.substr(1, 65'535)};
  for (std::size_t at = 65'536; at < all.size(); at += 1'234'567)
    pieces.push_back(all.substr(at, 1'234'567));
  Scene scene(tls_or_not(GENERATE(false, true)));
  Listener listener;
  scene.run(listener, "POST", pieces);
  CHECK(listener.result().end == End::complete);
  const auto& request = scene.provider.requests().at(0);
  CHECK((request.body == body));
  CHECK(request.head.headers.get("content-length") == "10000000");
  CHECK_FALSE(request.head.headers.contains("expect"));
}

TEST_CASE("bodies around the size of a TLS record arrive whole", "[upstream]") {
  const std::size_t size =
      GENERATE(1, 14'335, 14'336, 14'337, 16'383, 16'384, 16'385, 65'536, 131'072);
  const std::string body = pattern(size);
  const std::string_view all = body;
  Scene scene(tls_or_not(GENERATE(false, true)));
  Listener listener;
  scene.run(listener, "POST", {all.substr(0, size / 2), all.substr(size / 2)});
  CHECK(listener.result().end == End::complete);
  CHECK((scene.provider.requests().at(0).body == body));
}

TEST_CASE("the body may go when the answer begins", "[upstream]") {
  const std::size_t size = GENERATE(std::size_t{10}, std::size_t{500'000});
  auto body = std::make_unique<std::string>(pattern(size));
  Scene scene;
  Listener listener;
  listener.react = [&](Event event) {
    if (event == Event::connected) CHECK(listener.transfer->needs_body());
    if (event != Event::head) return;
    CHECK_FALSE(listener.transfer->needs_body());
    body.reset();
  };
  scene.run(listener, "POST", {*body});
  CHECK(listener.result().end == End::complete);
  CHECK((scene.provider.requests().at(0).body == pattern(size)));
}

TEST_CASE("an answer that comes before the body was sent does not let it go", "[upstream]") {
  const std::string body(5'000'000, 'x');
  Scene scene;
  scene.provider.pause_reading(true);
  Listener listener;
  scene.start(listener, "POST", {body});
  REQUIRE(scene.harness.run_until([&] { return !listener.connected.empty(); }));
  scene.harness.settle();
  CHECK(listener.transfer->needs_body());
}

// SQLite's trick: destroy the transfer at the N-th event, for each N until a run completes.
TEST_CASE("a transfer may be destroyed at each of its events", "[upstream]") {
  // As sent / through a pause before each piece of the answer.
  const bool pausing = GENERATE(false, true);
  const std::string upload = pattern(GENERATE(std::size_t{10}, std::size_t{300'000}));
  std::size_t events = 0;
  const bool with_tls = GENERATE(false, true);
  for (std::size_t kill_at = 1;; ++kill_at) {
    CAPTURE(pausing, upload.size(), with_tls, kill_at);
    Scene scene(tls_or_not(with_tls));
    scene.provider.enqueue(chunked(pattern(100'000), 9'000));
    auto body = std::make_unique<std::string>(upload);
    Listener listener;
    events = 0;
    bool killed = false;
    const auto count = [&](Event) {
      CHECK_FALSE(killed);
      if (++events != kill_at) return;
      killed = true;
      listener.transfer.reset();
      body.reset();  // the pieces need not outlive the transfer
    };
    listener.react = count;
    bool resumed = false;
    listener.flow = [&](std::string_view) {
      if (!pausing || std::exchange(resumed, false)) return Flow::taken;
      resumed = true;
      count(Event::body);
      if (listener.transfer) listener.transfer->resume();
      return Flow::pause;
    };
    scene.start(listener, "POST", {*body});
    REQUIRE(scene.harness.run_until([&] { return killed || listener.done(); }));
    scene.harness.settle();
    CHECK(scene.client.running() == 0);
    if (!killed) break;
    if (!listener.done()) CHECK(scene.provider.connections_open() == 0);
  }
  CHECK(events > 5);
}

TEST_CASE("a transfer may be destroyed before it begins", "[upstream]") {
  Scene scene;
  Listener listener;
  {
    const std::string body(100'000, 'x');
    scene.start(listener, "POST", {body});
    listener.transfer->resume();
    listener.transfer.reset();
  }
  CHECK(scene.client.running() == 0);
  scene.harness.settle();
  CHECK(scene.provider.connections_accepted() == 0);
  Listener next;
  scene.run(next);
  CHECK(next.result().end == End::complete);
  CHECK_FALSE(listener.done());
}

TEST_CASE("a transfer may be destroyed in the middle of its upload", "[upstream]") {
  Scene scene;
  scene.provider.pause_reading(true);
  Listener listener;
  {
    const std::string body(20'000'000, 'x');
    scene.start(listener, "POST", {body});
    REQUIRE(scene.harness.run_until([&] { return !listener.connected.empty(); }));
    scene.harness.settle();
    listener.transfer.reset();
  }
  scene.provider.pause_reading(false);
  scene.harness.settle();
  CHECK(scene.provider.requests().empty());
  CHECK(scene.provider.connections_open() == 0);
}

TEST_CASE("a transfer may destroy others, with large bodies on their way", "[upstream]") {
  Scene scene;
  scene.provider.respond_with(
      [](const testing::RecordedRequest&) { return chunked(std::string(50'000, 'x'), 5'000); });
  auto body = std::make_unique<std::string>(pattern(3'000'000));
  std::vector<std::unique_ptr<Listener>> others;
  for (int i = 0; i < 60; ++i) {
    others.push_back(std::make_unique<Listener>());
    scene.start(*others.back(), "POST", {*body});
  }
  Listener killer;
  const Event at = GENERATE(Event::connected, Event::head, Event::body, Event::done);
  killer.react = [&](Event event) {
    if (event != at) return;
    for (auto& other : others) other->transfer.reset();
    body.reset();
  };
  scene.run(killer);
  CHECK(killer.result().end == End::complete);
  scene.harness.settle();
  CHECK(scene.client.running() == 0);
}

TEST_CASE("a transfer may start others from each of its events", "[upstream]") {
  Scene scene;
  std::vector<std::unique_ptr<Listener>> others;
  Listener listener;
  listener.react = [&](Event) {
    others.push_back(std::make_unique<Listener>());
    scene.start(*others.back());
    CHECK(others.back()->connected.empty());
  };
  scene.run(listener);
  REQUIRE(scene.harness.run_until([&] { return scene.client.running() == 0; }));
  CHECK(others.size() >= 4);
  for (const auto& other : others) CHECK(other->result().end == End::complete);
}
