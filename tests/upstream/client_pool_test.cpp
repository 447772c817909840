#include <ccrelay/testing/fake_provider.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "upstream/client_scene.hpp"

using namespace ccrelay;
using namespace ccrelay::upstream;

TEST_CASE("requests one after the other share a connection", "[upstream]") {
  Scene scene;
  for (int i = 0; i < 5; ++i) {
    Listener listener;
    scene.run(listener, "POST", {"{}"});
    CHECK(listener.connected == std::vector<bool>{i > 0});
  }
  CHECK(scene.provider.connections_accepted() == 1);
  CHECK(scene.client.idle_connections() == 1);
}

TEST_CASE("a pooled connection that the provider has closed is not used", "[upstream]") {
  Scene scene;
  Listener first;
  scene.run(first);
  scene.provider.close_connections();
  scene.harness.settle();
  Listener second;
  scene.run(second, "POST", {"{}"});
  CHECK(second.result().end == End::complete);
  CHECK(second.connected == std::vector<bool>{false});
  CHECK(scene.provider.requests().size() == 2);
}

TEST_CASE("a pooled connection that dies under a request is told, and nothing is sent twice",
          "[upstream]") {
  const std::string body(GENERATE(2, 200'000), 'b');
  Scene scene;
  Listener first;
  scene.run(first);
  scene.provider.enqueue(Script().close());
  Listener second;
  scene.run(second, "POST", {body});
  CHECK(second.result().end == End::reset);
  CHECK(second.result().stale);
  CHECK(second.result().request_sent);
  CHECK(second.connected == std::vector<bool>{true});
  CHECK(scene.provider.requests().size() == 2);
  CHECK(scene.provider.connections_accepted() == 1);
}

TEST_CASE("pooled connections may die again and again", "[upstream]") {
  Scene scene;
  for (int i = 0; i < 12; ++i) {
    Listener first;
    scene.run(first);
    scene.provider.enqueue(Script().close());
    Listener second;
    scene.run(second, "POST", {"{}"});
    CHECK(second.result().stale);
  }
}

TEST_CASE("a fresh connection that dies under a request is not stale", "[upstream]") {
  Scene scene;
  scene.provider.enqueue(Script().close());
  Listener listener;
  scene.run(listener, "POST", {"{}"});
  CHECK(listener.result().end == End::reset);
  CHECK_FALSE(listener.result().stale);
  CHECK(scene.provider.requests().size() == 1);
}

TEST_CASE("500 transfers at once complete", "[upstream]") {
  Scene scene;
  for (int i = 0; i < 500; ++i)
    scene.provider.enqueue(Script().hold().send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
  std::vector<std::unique_ptr<Listener>> listeners;
  std::size_t done = 0;
  for (int i = 0; i < 500; ++i) {
    listeners.push_back(std::make_unique<Listener>());
    listeners.back()->react = [&done](Listener::Event event) {
      if (event == Listener::Event::done) ++done;
    };
    scene.start(*listeners.back(), "POST", {"{}"});
    // Not more at once than the provider's backlog takes.
    if (i % 100 == 99)
      REQUIRE(scene.harness.run_until(
          [&, i] { return scene.provider.requests().size() == std::size_t(i) + 1; }));
  }
  CHECK(scene.client.running() == 500);
  scene.provider.release();
  REQUIRE(scene.harness.run_until([&] { return done == 500; }));
  for (const auto& listener : listeners) {
    CHECK(listener->result().end == End::complete);
    CHECK(listener->body == "ok");
  }
  CHECK(scene.client.running() == 0);

  // All connections are pooled, and used again.
  CHECK(scene.client.idle_connections() == 500);
  CHECK(scene.provider.connections_open() == 500);
  for (int i = 0; i < 30; ++i) {
    Listener again;
    scene.run(again);
    CHECK(again.connected == std::vector<bool>{true});
  }
  CHECK(scene.provider.connections_accepted() == 500);

  // Until they are too old.
  scene.harness.advance(std::chrono::seconds(60));
  CHECK(scene.client.idle_connections() == 0);
  CHECK(scene.provider.connections_open() == 0);
}

TEST_CASE("the connection used last is used next, and those too old are not", "[upstream]") {
  Scene scene;
  scene.provider.enqueue(Script().hold().send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
  Listener slow, quick;
  scene.start(slow);
  REQUIRE(scene.harness.run_until([&] { return scene.provider.requests().size() == 1; }));
  scene.run(quick);
  scene.provider.release();
  REQUIRE(scene.harness.run_until([&] { return slow.done(); }));
  CHECK(scene.client.idle_connections() == 2);
  const auto connection_used = [&] {
    Listener listener;
    scene.run(listener);
    return scene.provider.requests().back().connection;
  };
  CHECK(connection_used() == 0);
  scene.harness.advance(std::chrono::seconds(30));
  CHECK(connection_used() == 0);
  // The other one was used 50 s ago, this one 20.
  scene.harness.advance(std::chrono::seconds(20));
  CHECK(scene.client.idle_connections() == 1);
  CHECK(scene.provider.connections_open() == 1);
  CHECK(connection_used() == 0);
  scene.harness.advance(std::chrono::seconds(50));
  CHECK(scene.client.idle_connections() == 0);
  CHECK(connection_used() == 2);
}

TEST_CASE("a pooled connection that the provider closes or writes to goes at once", "[upstream]") {
  const bool with_tls = GENERATE(false, true);
  const bool writes = GENERATE(false, true);
  CAPTURE(with_tls, writes);
  Scene scene(tls_or_not(with_tls));
  Script script;
  script.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").hold();
  scene.provider.enqueue(writes ? script.send("HTTP/1.1 408 Request Timeout\r\n\r\n")
                                : script.close());
  Listener listener;
  scene.run(listener);
  scene.harness.settle();
  CHECK(scene.client.idle_connections() == 1);
  scene.provider.release();
  scene.harness.settle();
  CHECK(scene.client.idle_connections() == 0);
  CHECK(scene.provider.connections_open() == 0);
}

TEST_CASE("what a provider sends behind an answer is never another answer", "[upstream]") {
  const bool with_tls = GENERATE(false, true);
  const bool at_once = GENERATE(false, true);
  CAPTURE(with_tls, at_once);
  const std::string surplus = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong";
  const std::string answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  Scene scene(tls_or_not(with_tls));
  Script script;
  // In the same read, or in a read (or a TLS record) of its own.
  scene.provider.enqueue(at_once ? script.send(answer + surplus)
                                 : script.send(answer).send(surplus));
  Listener first, second;
  // In the turn in which the first ends: the poller has not told of the surplus.
  first.react = [&](Listener::Event event) {
    if (event == Listener::Event::done) scene.start(second);
  };
  scene.run(first);
  REQUIRE(scene.harness.run_until([&] { return second.done(); }));
  CHECK(first.body == "ok");
  CHECK(second.body != "wrong");
  CHECK(second.connected == std::vector<bool>{false});
}

TEST_CASE("a connection is not pooled that the answer ends", "[upstream]") {
  const char* head = GENERATE(
      "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
      "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n");
  Scene scene;
  scene.provider.enqueue(Script().send(head));
  Listener listener;
  scene.run(listener);
  CHECK(listener.result().end == End::complete);
  CHECK(scene.client.idle_connections() == 0);
}

TEST_CASE("a request that wants a new connection gets one", "[upstream]") {
  Scene scene;
  Listener first;
  scene.run(first);
  Listener fresh;
  fresh.transfer = scene.client.start(
      {scene.endpoint, "GET", scene.endpoint.origin + "/", {}, {}, /*fresh=*/true}, fresh);
  REQUIRE(scene.harness.run_until([&] { return fresh.done(); }));
  CHECK(fresh.connected == std::vector<bool>{false});
  CHECK(scene.client.idle_connections() == 2);
}

TEST_CASE("TLS connections are pooled, dialed and closed by the hundred", "[upstream]") {
  constexpr std::size_t count = 100;  // more than one of curl's multi handles holds
  Scene scene(tls());
  for (std::size_t i = 0; i < count; ++i)
    scene.provider.enqueue(Script().hold().send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
  std::vector<std::unique_ptr<Listener>> listeners;
  for (std::size_t i = 0; i < count; ++i) {
    listeners.push_back(std::make_unique<Listener>());
    scene.start(*listeners.back(), "POST", {"{}"});
  }
  REQUIRE(scene.harness.run_until([&] { return scene.provider.requests().size() == count; }));
  scene.provider.release();
  REQUIRE(scene.harness.run_until([&] { return scene.client.running() == 0; }));
  CHECK(scene.client.idle_connections() == count);
  for (int i = 0; i < 10; ++i) {
    Listener again;
    scene.run(again);
    CHECK(again.connected == std::vector<bool>{true});
  }
  scene.provider.close_connections();
  scene.harness.settle();
  CHECK(scene.client.idle_connections() == 0);
  Listener next;
  scene.run(next);
  CHECK(next.result().end == End::complete);
}
