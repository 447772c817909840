#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/h2_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

TEST_CASE("a stream comes over HTTP/2 event by event", "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(stream_held_at(4));
  f.start();
  const auto client = h2_connect(f);
  const auto events = Script::events("hello");
  const auto id = client->post(F::body(true));
  f.until([&] { return has(client->stream(id).answer.body, events[3]); });
  CHECK_FALSE(client->over(id));
  CHECK(has(*client->stream(id).answer.headers.get("content-type"), "text/event-stream"));
  CHECK(client->stream(id).answer.headers.get("x-accel-buffering") == "no");
  CHECK_FALSE(client->stream(id).answer.headers.contains("transfer-encoding"));
  one.release();
  CHECK(ended(f, *client, id).answer.body == text_of(events));
  CHECK(f.finished().ending == Ending::complete);
  CHECK(f.finished().stream);
}

TEST_CASE("a stream that the client resets is cancelled at the provider", "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(stream_held_at(4));
  f.start();
  const auto client = h2_connect(f);
  const auto id = client->post(F::body(true));
  f.until([&] { return !client->stream(id).answer.body.empty(); });
  client->send(h2::rst(id, h2::cancel));
  CHECK(f.finished().ending == Ending::client_gone);
  f.until([&] { return one.cancelled() == 1; });
  CHECK(f.relay->in_flight() == 0);
  // The connection is none the worse.
  CHECK(ended(f, *client, client->get("/health")).answer.status == 200);
}

TEST_CASE("a request that is taken back before its answer is cancelled", "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script().hold());
  f.start();
  const auto client = h2_connect(f);
  const auto whole = client->post(F::body(false));
  const auto part = client->begin(h2::fields("POST", "/v1/messages"));
  f.until([&] { return one.requests().size() == 1 && f.relay->in_flight() == 2; });
  client->send(h2::rst(whole, h2::cancel) + h2::rst(part, h2::cancel));
  f.finished(2);
  CHECK(f.observer.requests[0].status == 499);
  CHECK(f.observer.requests[1].status == 499);
  f.until([&] { return one.cancelled() == 1; });
}

TEST_CASE("two streams of one connection run beside each other", "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(stream_held_at(4, "first"));
  one.enqueue(Script::stream("second"));
  f.start();
  const auto client = h2_connect(f);
  const auto first = client->post(F::body(true));
  f.until([&] { return !client->stream(first).answer.body.empty(); });
  const auto second = client->post(F::body(true));
  CHECK(ended(f, *client, second).answer.body == text_of(Script::events("second")));
  CHECK_FALSE(client->over(first));
  CHECK(ended(f, *client, client->get("/health")).answer.status == 200);
  one.release();
  CHECK(ended(f, *client, first).answer.body == text_of(Script::events("first")));
}

TEST_CASE("a client of HTTP/2 that leaves cancels all of its streams", "[scenario][h2]") {
  const bool by_reset = GENERATE(true, false);
  F f;
  FakeProvider& one = f.add_provider("one");
  one.respond_with([](const RecordedRequest&) { return stream_held_at(4); });
  f.start();
  const auto client = h2_connect(f);
  std::vector<std::uint32_t> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(client->post(F::body(true)));
  for (const auto id : ids) f.until([&] { return !client->stream(id).answer.body.empty(); });
  by_reset ? client->raw().reset() : client->raw().close();
  f.finished(5);
  for (const auto& summary : f.observer.requests) CHECK(summary.ending == Ending::client_gone);
  f.until([&] { return one.cancelled() == 5; });
}

TEST_CASE("a stream that breaks after its beginning ends with an error event over HTTP/2",
          "[scenario][h2]") {
  F f;
  const auto events = Script::events("x");
  f.add_provider("one").enqueue(
      Script::stream_head().chunk(events[0]).chunk(events[2]).chunk(events[3]).reset());
  f.start();
  const auto client = h2_connect(f);
  const auto stream = ended(f, *client, client->post(F::body(true)));
  CHECK(stream.answer.complete);
  CHECK(has(stream.answer.body, "event: error\n"));
}

TEST_CASE("a JSON answer that breaks off is reset over HTTP/2, and never looks whole",
          "[scenario][h2]") {
  F f;
  f.add_provider("one").enqueue(
      Script()
          .head(200, {{"content-type", "application/json"}, {"content-length", "100"}})
          .send("{\"half\":")
          .hold()
          .reset());
  // Too long to be held until it is whole.
  f.config.stream.inspect_bytes = 0;
  f.start();
  const auto client = h2_connect(f);
  const auto id = client->post(F::body(false));
  const auto other = client->get("/health");
  f.until([&] { return client->stream(id).answer.body == "{\"half\":"; });
  f.providers[0]->release();
  const auto stream = ended(f, *client, id);
  CHECK_FALSE(stream.answer.complete);
  CHECK(stream.reset);
  CHECK(stream.code == h2::internal_error);
  CHECK(stream.answer.body == "{\"half\":");
  CHECK(f.finished(2).ending == Ending::broken);
  CHECK(ended(f, *client, other).answer.complete);
}

TEST_CASE("500 streams over 5 connections all arrive whole", "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.record(false);
  one.respond_with([](const RecordedRequest&) { return stream_held_at(4, "many"); });
  f.start();
  std::vector<std::unique_ptr<H2Client>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(h2_connect(f));
    for (int j = 0; j < 100; ++j) clients.back()->post(F::body(true));
  }
  f.until([&] { return f.relay->in_flight() == 500; });
  const auto begun = [&](H2Client& client) {
    for (std::uint32_t id = 1; id < client.next_stream(); id += 2) {
      if (client.stream(id).answer.body.empty()) return false;
    }
    return true;
  };
  for (const auto& client : clients) f.until([&] { return begun(*client); });
  one.release();
  f.finished(500);
  const std::string expected = text_of(Script::events("many"));
  for (const auto& client : clients) {
    for (std::uint32_t id = 1; id < client->next_stream(); id += 2) {
      CHECK(ended(f, *client, id).answer.body == expected);
    }
  }
}
