#include <memory>
#include <string>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/h2_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::seconds;
using F = RelayFixture;

namespace {

// Far above what windows, kernels and stream.buffer_bytes hold together.
constexpr std::size_t long_bytes = 24 << 20;

std::string long_json() {
  return "{\"text\":\"" + std::string(long_bytes, 'j') + "\"}";
}

}  // namespace

TEST_CASE("reading from the provider pauses while a client of HTTP/2 gives no window",
          "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::reply(200, "application/json", long_json()));
  f.start();
  const auto client = h2_connect(f);
  client->give_window(false);
  const auto id = client->post(F::body(false));
  f.until([&] { return client->stream(id).answer.body.size() == 65'535; });
  f.harness.settle();
  // Nothing beyond the window; and others are served all the same, as far as no body is concerned.
  CHECK(client->stream(id).answer.body.size() == 65'535);
  client->send(h2::rst(id, h2::cancel));
  CHECK(f.finished().bytes_out < long_bytes / 2);
  f.until([&] { return one.cancelled() == 1; });
}

TEST_CASE("a client of HTTP/2 that gives window now and then gets every byte", "[scenario][h2]") {
  F f;
  f.add_provider("one").enqueue(Script::reply(200, "application/json", long_json()));
  f.start();
  const auto client = h2_connect(f);
  client->give_window(false);
  const auto id = client->post(F::body(false));
  for (int i = 0; i < 20; ++i) {
    const std::size_t had = client->stream(id).answer.body.size();
    client->give_window(true);
    client->give_window(false);
    f.until([&] { return client->stream(id).answer.body.size() > had; });
    f.harness.settle();
  }
  client->give_window(true);
  const auto stream = ended(f, *client, id);
  CHECK((stream.answer.body == long_json()));
  CHECK(f.finished().ending == Ending::complete);
}

TEST_CASE("a stream without window does not hold up the others", "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::reply(200, "application/json", long_json()));
  f.start();
  const auto client = h2_connect(f);
  client->give_window(false);
  const auto stuck = client->post(F::body(false));
  f.until([&] { return client->stream(stuck).answer.body.size() == 65'535; });
  client->send(h2::window(0, 1 << 20));
  for (int i = 0; i < 5; ++i) {
    CHECK(ended(f, *client, client->post(F::body(true))).answer.status == 200);
  }
  CHECK_FALSE(client->over(stuck));
}

TEST_CASE("a stream whose client gives no window for client_write_ms is dropped, and it alone",
          "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::reply(200, "application/json", long_json()));
  f.start();
  const auto client = h2_connect(f);
  client->give_window(false);
  const auto id = client->post(F::body(false));
  f.until([&] { return client->stream(id).answer.body.size() == 65'535; });
  f.harness.settle();
  f.harness.advance(seconds(59));
  CHECK(f.observer.requests.empty());
  f.harness.advance(seconds(2));
  CHECK(f.finished().ending == Ending::client_stalled);
  CHECK(ended(f, *client, id).code == h2::cancel);
  f.until([&] { return one.cancelled() == 1; });
  client->give_window(true);
  CHECK(ended(f, *client, client->get("/health")).answer.status == 200);
}

TEST_CASE("a client of HTTP/2 that takes nothing off its socket is dropped", "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::reply(200, "application/json", long_json()));
  f.start();
  const auto client = h2_connect(f, 0x7fffffff, 64 << 10);
  const auto id = client->post(F::body(false));
  f.until([&] { return client->raw().received().size() > 100'000; });
  client->raw().pause_reading(true);
  f.harness.settle();
  f.harness.advance(seconds(59));
  CHECK(f.observer.requests.empty());
  f.harness.advance(seconds(61));
  f.harness.advance(seconds(61));
  CHECK(f.finished().ending == Ending::client_stalled);
  CHECK(f.finished().bytes_out < long_bytes);
  CHECK_FALSE(client->over(id));
  f.until([&] { return one.cancelled() == 1; });
}

TEST_CASE("a client of HTTP/2 that stops and goes on gets every byte", "[scenario][h2]") {
  F f;
  f.add_provider("one").enqueue(Script::reply(200, "application/json", long_json()));
  f.start();
  const auto client = h2_connect(f, 0x7fffffff, 64 << 10);
  const auto id = client->post(F::body(false));
  for (std::size_t mark = 1; mark <= 4; ++mark) {
    f.until([&] { return client->raw().received().size() > mark * (4 << 20); });
    client->raw().pause_reading(true);
    f.harness.settle();
    client->raw().pause_reading(false);
  }
  CHECK((ended(f, *client, id).answer.body == long_json()));
}

TEST_CASE("what does not go out in one turn goes out in the next ones", "[scenario][h2]") {
  F f;
  f.add_provider("one");
  f.config.stream.buffer_bytes = 16'384;
  for (int i = 0; i < 200; ++i) {
    f.config.providers[0].models.push_back("model-" + std::to_string(i));
  }
  f.start();
  const auto client = h2_connect(f);
  // So that nothing of the client's sets the relay going.
  client->give_window(false);
  const auto stream = ended(f, *client, client->get("/v1/models"));
  CHECK(stream.answer.body.size() > 2 * 16'384);
  CHECK(stream.answer.complete);
}

TEST_CASE("a large request of HTTP/2 gets window as it is taken", "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.start();
  const auto client = h2_connect(f);
  const std::string body =
      R"({"model":"m","messages":[],"text":")" + std::string(3 << 20, 't') + "\"}";
  const auto id = client->begin(h2::fields("POST", "/v1/messages"));
  // Our SETTINGS say 256 KiB for a stream, and the connection has 1 MiB.
  f.until([&] { return client->count(h2::settings) >= 2; });
  std::size_t sent = 0;
  while (sent < body.size()) {
    const std::size_t until = std::min(body.size(), sent + 128 * 1024);
    const std::size_t updates = client->count(h2::window_update);
    for (; sent < until; sent += std::min<std::size_t>(16'384, until - sent)) {
      client->send(h2::frame(
          h2::data, 0, id,
          std::string_view(body).substr(sent, std::min<std::size_t>(16'384, until - sent))));
    }
    if (sent < body.size()) f.until([&] { return client->count(h2::window_update) > updates; });
  }
  client->send(h2::frame(h2::data, h2::end_stream, id, ""));
  CHECK(ended(f, *client, id).answer.status == 200);
  CHECK((one.requests().at(0).body == body));
}

TEST_CASE("a request above max_body_bytes is refused over HTTP/2", "[scenario][h2]") {
  F f;
  f.add_provider("one");
  f.config.server.max_body_bytes = 70'000;
  f.start();
  const auto client = h2_connect(f);
  // Announced: before a byte of it.
  const auto announced = client->begin(
      h2::fields("POST", "/v1/messages", {{"content-length", "70001"}, {"x-request-id", "req-1"}}));
  auto stream = ended(f, *client, announced);
  CHECK(stream.answer.status == 413);
  CHECK(stream.answer.body ==
        envelope("request_too_large",
                 "the request's body of 70001 bytes exceeds 70000 (server.max_body_bytes)",
                 "req-1"));
  // Not announced: as it comes.
  const auto counted = client->begin(h2::fields("POST", "/v1/messages"));
  f.until([&] { return client->count(h2::settings) >= 2; });
  for (int i = 0; i < 5; ++i) {
    client->send(h2::frame(h2::data, 0, counted, std::string(14'001, 'x')));
  }
  stream = ended(f, *client, counted);
  CHECK(stream.answer.status == 413);
  // RFC 9113 section 8.1: the client is told to stop.
  f.until([&] { return client->stream(counted).reset; });
  CHECK(client->stream(counted).code == h2::no_error);
  CHECK(ended(f, *client, client->get("/health")).answer.status == 200);
}

TEST_CASE("a body without end for a path that is not known is not read to its end",
          "[scenario][h2]") {
  F f;
  f.start();
  const auto client = h2_connect(f);
  const auto id = client->begin(h2::fields("POST", "/nowhere"));
  for (int i = 0; i < 5; ++i) client->send(h2::frame(h2::data, 0, id, std::string(13'200, 'x')));
  const auto stream = ended(f, *client, id);
  CHECK(stream.answer.status == 404);
}
