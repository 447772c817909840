#include <algorithm>
#include <string>

#include "catch.hpp"
#include "scenario/front.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

TEST_CASE("requests of one connection are answered one after the other", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const auto client = f.connect();
  for (std::size_t i = 1; i <= 3; ++i) {
    client->send(F::post(F::body(i == 2)));
    const auto all = answers(f, *client, i);
    REQUIRE(all.size() == i);
    CHECK(all.back().status == 200);
  }
  CHECK(provider.requests().size() == 3);
}

TEST_CASE("pipelined requests are answered in order", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script::message("first"));
  provider.enqueue(Script::stream("second"));
  f.start();
  const auto client = f.connect();
  client->send(F::get("/health") + F::post(F::body(false)) + F::get("/nowhere") +
               F::post(F::body(true)) + F::get("/health"));
  const auto all = answers(f, *client, 5);
  REQUIRE(all.size() == 5);
  CHECK(all[0].body == R"({"status":"ok"})");
  CHECK(all[1].body.find("first") != std::string::npos);
  CHECK(all[2].status == 404);
  CHECK(all[3].body.find("second") != std::string::npos);
  CHECK(all[4].body == R"({"status":"ok"})");
}

TEST_CASE("pipelined requests beyond what is kept are served all the same", "[scenario]") {
  F f;
  f.config.server.max_header_bytes = 1024;
  f.start();
  const auto client = f.connect();
  std::string many;
  for (int i = 0; i < 300; ++i) many += F::get("/health");
  client->send(many);
  CHECK(answers(f, *client, 300).size() == 300);
}

TEST_CASE("pipelined requests leave turns to others", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  std::string many;
  for (int i = 0; i < 300; ++i) many += F::get("/health");
  client->send(many);
  std::size_t had = 0, most_in_a_turn = 0;
  f.until([&] {
    const std::size_t has = client->answers().size();
    most_in_a_turn = std::max(most_in_a_turn, has - had);
    had = has;
    return has == 300;
  });
  CHECK(most_in_a_turn < 100);
}

TEST_CASE("the leaving of a client that pipelined more than is kept is noticed", "[scenario]") {
  enum class Way { fin, close, reset };
  const Way way = GENERATE(Way::fin, Way::close, Way::reset);
  F f;
  f.config.server.max_header_bytes = 1024;
  FakeProvider& provider = f.add_provider("one");
  const auto events = Script::events("hello");
  provider.enqueue(Script::stream_head().chunk(events[0]).chunk(events[2]).chunk(events[3]).hold());
  f.start();
  const auto client = f.connect();
  client->send(F::post(F::body(true)));
  f.until([&] { return client->received().find(events[3]) != std::string::npos; });
  // More than one read takes in, so that something is left unread when reading stops.
  client->send(std::string(100'000, 'x'));
  f.until([&] { return client->unsent() == 0; });
  f.harness.settle();
  CHECK(f.observer.requests.empty());
  if (way == Way::fin) client->shutdown_write();
  if (way == Way::close) client->close();
  if (way == Way::reset) client->reset();
  CHECK(f.finished().ending == Ending::client_gone);
  f.until([&] { return provider.cancelled() == 1; });
}

TEST_CASE("a client that pipelined more than is kept and stays is served on", "[scenario]") {
  F f;
  f.config.server.max_header_bytes = 1024;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(held(Script::message("first")));
  f.start();
  const auto client = f.connect();
  client->send(F::post(F::body(false)));
  f.until([&] { return provider.requests().size() == 1; });
  std::string many;
  // More than one read takes in, so that something is left unread when reading stops.
  for (int i = 0; i < 200; ++i) many += F::get("/health", "X: " + std::string(900, 'x') + "\r\n");
  client->send(many);
  f.until([&] { return client->unsent() == 0; });
  f.harness.settle();
  provider.release();
  CHECK(answers(f, *client, 201).size() == 201);
}
