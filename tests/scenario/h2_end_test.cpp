#include <memory>
#include <string>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/h2_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;
using F = RelayFixture;

TEST_CASE("stopping lets the streams of HTTP/2 finish", "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(stream_held_at(4));
  f.start();
  const auto client = h2_connect(f);
  const auto id = client->post(F::body(true));
  f.until([&] { return !client->stream(id).answer.body.empty(); });
  f.relay->stop();
  // RFC 9113 section 6.8: that there will be an end, then where it is.
  f.until([&] { return client->goaways().size() == 2; });
  CHECK(client->goaways()[0].payload.substr(0, 4) == h2::number(0x7fffffff));
  CHECK(client->goaways()[0].code() == h2::no_error);
  CHECK(client->goaways()[1].payload.substr(0, 4) == h2::number(id));
  CHECK_FALSE(client->raw().gone());
  one.release();
  CHECK(ended(f, *client, id).answer.body == text_of(Script::events("hello")));
  f.until([&] { return client->raw().eof(); });
  client->raw().close();
  f.until([&] { return f.relay->stopped(); });
  CHECK(f.observer.requests.back().ending == Ending::complete);
}

TEST_CASE("a request that was on its way when the relay began to stop is answered over HTTP/2",
          "[scenario][h2]") {
  F f;
  f.start();
  const auto client = h2_connect(f);
  client->answers_pings = false;
  ended(f, *client, client->get("/health"));
  f.relay->stop();
  f.until([&] { return client->goaways().size() == 1; });
  const auto late = ended(f, *client, client->get("/health"));
  CHECK(late.answer.status == 503);
  CHECK(late.answer.body == R"({"status":"draining"})");
}

TEST_CASE("a client of HTTP/2 that does not answer holds no stop up", "[scenario][h2]") {
  F f;
  f.start();
  const auto client = h2_connect(f);
  client->answers_pings = false;
  ended(f, *client, client->get("/health"));
  f.relay->stop();
  f.until([&] { return client->goaways().size() == 1; });
  f.harness.advance(milliseconds(2'100));
  f.until([&] { return client->raw().eof(); });
  CHECK(client->goaways().size() == 2);
  f.harness.advance(milliseconds(2'100));
  f.until([&] { return f.relay->stopped(); });
}

TEST_CASE("a connection of HTTP/2 that is old enough is ended gently", "[scenario][h2]") {
  F f;
  f.config.server.max_connection_age = milliseconds(60'000);
  FakeProvider& one = f.add_provider("one");
  one.enqueue(stream_held_at(4));
  f.start();
  const auto client = h2_connect(f);
  const auto id = client->post(F::body(true));
  f.until([&] { return !client->stream(id).answer.body.empty(); });
  f.harness.advance(seconds(59));
  CHECK(client->goaways().empty());
  f.harness.advance(seconds(2));
  f.until([&] { return client->goaways().size() == 2; });
  one.release();
  CHECK(ended(f, *client, id).answer.complete);
  f.until([&] { return client->raw().eof(); });
  CHECK(has(f.ask(F::get("/v1/providers")).body, R"("aged":1)"));
}

TEST_CASE("a connection of HTTP/1.1 that is old enough is closed with its next answer",
          "[scenario][h2]") {
  F f;
  f.config.server.max_connection_age = milliseconds(60'000);
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script().hold().send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"));
  f.start();
  const auto idle = f.connect();
  idle->send(F::get("/health"));
  answers(f, *idle, 1);
  const auto busy = f.connect();
  busy->send(F::post(F::body(false)));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.advance(seconds(61));
  f.until([&] { return idle->eof(); });
  CHECK_FALSE(busy->gone());
  one.release();
  CHECK(answers(f, *busy, 1).at(0).headers.get("connection") == "close");
  f.until([&] { return busy->eof(); });
}
