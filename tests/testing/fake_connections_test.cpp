#include <ccrelay/testing/fake_provider.hpp>

#include <chrono>
#include <memory>
#include <string>

#include "catch.hpp"
#include "testing/provider_scene.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::seconds;

TEST_CASE("a client that leaves during a script is counted", "[testing]") {
  const auto leave = GENERATE(&RawClient::close, &RawClient::reset, &RawClient::shutdown_write);
  ProviderScene scene;
  scene.provider.enqueue(Script::stream_head().hold());
  scene.client.send(messages());
  REQUIRE(scene.receives("200 OK"));
  CHECK(scene.provider.connections_open() == 1);
  (scene.client.*leave)();
  REQUIRE(scene.harness.run_until([&scene] { return scene.provider.connections_open() == 0; }));
  CHECK(scene.provider.cancelled() == 1);
}

TEST_CASE("a client that leaves before the rest of an answer was sent is counted", "[testing]") {
  ProviderScene scene;
  scene.provider.enqueue(Script().send(std::string(16 << 20, 'x')));
  scene.client.pause_reading(true);
  scene.client.send(messages());
  REQUIRE(scene.harness.run_until([&scene] { return !scene.provider.requests().empty(); }));
  scene.harness.settle();
  scene.client.close();
  REQUIRE(scene.harness.run_until([&scene] { return scene.provider.connections_open() == 0; }));
  CHECK(scene.provider.cancelled() == 1);
}

TEST_CASE("a client that leaves between requests is not counted", "[testing]") {
  ProviderScene scene;
  scene.client.send(messages());
  scene.answers(1);
  scene.client.close();
  REQUIRE(scene.harness.run_until([&scene] { return scene.provider.connections_open() == 0; }));
  CHECK(scene.provider.cancelled() == 0);
  CHECK(scene.provider.connections_accepted() == 1);
}

TEST_CASE("close_connections() closes idle connections and busy ones", "[testing]") {
  ProviderScene scene;
  RawClient busy(scene.harness.loop(), scene.provider.port());
  scene.provider.enqueue(Script().hold());
  busy.send(messages());
  REQUIRE(scene.harness.run_until([&scene] {
    return !scene.provider.requests().empty() && scene.provider.connections_open() == 2;
  }));
  scene.provider.close_connections();
  REQUIRE(scene.harness.run_until([&] { return scene.client.gone() && busy.gone(); }));
  CHECK(scene.client.eof());
  CHECK(busy.eof());
  CHECK(scene.provider.connections_open() == 0);
  CHECK(scene.provider.cancelled() == 0);
}

TEST_CASE("a responder may close the connection it is asked for", "[testing]") {
  ProviderScene scene;
  scene.provider.respond_with([&scene](const RecordedRequest&) {
    scene.provider.close_connections();
    return Script::message("too late");
  });
  scene.client.send(messages() + messages());
  REQUIRE(scene.harness.run_until([&scene] { return scene.client.gone(); }));
  CHECK(scene.client.received().empty());
}

TEST_CASE("a provider that does not read lets the client's writes pile up", "[testing]") {
  ProviderScene scene;
  scene.provider.pause_reading(true);
  scene.client.send(messages(std::string(32 << 20, ' ')));
  scene.harness.settle();
  CHECK(scene.client.unsent() > 0);
  scene.provider.pause_reading(false);
  CHECK(scene.answers(1)[0].status == 200);
  CHECK(scene.client.unsent() == 0);
}

TEST_CASE("a provider may go at any step of a script", "[testing]") {
  const int turns = GENERATE(range(0, 12));
  LoopHarness harness;
  auto provider = std::make_unique<FakeProvider>(harness.loop());
  RawClient client(harness.loop(), provider->port());
  provider->enqueue(Script::stream_head().chunk("a").pause(seconds(60)));
  provider->enqueue(Script().send(std::string(16 << 20, 'x')).close());
  client.send(messages() + messages());
  int turn = 0;
  REQUIRE(harness.run_until([&turn, turns] { return turn++ == turns; }));
  if (turns % 2 == 0) provider->close_connections();
  provider.reset();
  CHECK(harness.run_until([&client] { return client.gone(); }));
}
