#include <string>

#include "catch.hpp"
#include "scenario/h2_stage.hpp"
#include "scenario/kill_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

TEST_CASE("a client of HTTP/2 may leave at any byte of what it sends", "[scenario][h2]") {
  const Cut how = GENERATE(Cut::close, Cut::reset);
  KillStage stage(Cast::one);
  const std::string all = h2::opening() + h2::post(1, "/v1/messages", F::body(true)) +
                          h2::frame(h2::ping, 0, 0, "12345678") +
                          h2::post(3, "/v1/messages", F::body(false)) + h2::rst(3, h2::cancel);
  for (std::size_t count = 1; count <= all.size(); count += 3) {
    const auto client = stage.f.connect();
    client->send(std::string_view(all).substr(0, count));
    stage.f.until([&] { return client->connected() && client->unsent() == 0; });
    cut(*client, how);
  }
  stage.check_usable();
}

TEST_CASE("a client of HTTP/2 may leave at any byte of what it gets", "[scenario][h2]") {
  const Cut how = GENERATE(Cut::close, Cut::reset);
  KillStage stage(Cast::one);
  stage.good->record(false);
  for (std::size_t events = 0; events <= Script::events("x").size(); ++events) {
    stage.good->enqueue(stream_held_at(events, "x"));
    const auto client = h2_connect(stage.f);
    const auto id = client->post(F::body(true));
    const auto other = client->post("{", {}, "/v1/messages");
    stage.f.until([&] { return client->over(other); });
    stage.f.harness.settle();
    CHECK(client->over(id) == (events == Script::events("x").size()));
    cut(client->raw(), how);
  }
  stage.check_usable();
}

TEST_CASE("the relay may be destroyed in the middle of streams of HTTP/2", "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.respond_with([](const RecordedRequest&) { return stream_held_at(4); });
  f.start();
  const auto client = h2_connect(f);
  const auto id = client->post(F::body(true));
  client->begin(h2::fields("POST", "/v1/messages"));
  f.until([&] { return !client->stream(id).answer.body.empty(); });
  f.relay.reset();
  f.until([&] { return client->raw().gone() && one.cancelled() == 1; });
  CHECK(f.observer.requests.size() == 2);
  CHECK_FALSE(client->over(id));
}
