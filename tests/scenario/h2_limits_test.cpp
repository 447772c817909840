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

// What GET /v1/providers says of HTTP/2.
std::string figures(F& f) {
  const std::string body = f.ask(F::get("/v1/providers")).body;
  return body.substr(body.find("\"http2\":"));
}

}  // namespace

TEST_CASE("a head above max_header_bytes is refused with 431 over HTTP/2", "[scenario][h2]") {
  F f;
  f.config.server.max_header_bytes = 1024;
  f.start();
  const auto client = h2_connect(f);
  const auto stream =
      ended(f, *client, client->get("/health", {{"x-long", std::string(1024, 'h')}}));
  CHECK(stream.answer.status == 431);
  CHECK(
      has(stream.answer.body, "the request's headers exceed 1024 bytes (server.max_header_bytes)"));
  CHECK(has(stream.answer.body, std::string(*stream.answer.headers.get("x-request-id"))));
  CHECK(f.finished().status == 431);
  CHECK(ended(f, *client, client->get("/health")).answer.status == 200);
}

TEST_CASE("more headers than max_headers are refused with 431 over HTTP/2", "[scenario][h2]") {
  F f;
  f.config.server.max_headers = 16;
  f.start();
  const auto client = h2_connect(f);
  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 17; ++i) many.emplace_back("x-" + std::to_string(i), "1");
  const auto stream = ended(f, *client, client->get("/health", many));
  CHECK(stream.answer.status == 431);
  CHECK(has(stream.answer.body, "(server.max_headers)"));
  CHECK(has(f.ask(F::get("/v1/providers")).body, R"("malformed":1)"));
}

TEST_CASE("streams beyond http2_max_streams are refused and may be tried again", "[scenario][h2]") {
  F f;
  f.config.server.http2_max_streams = 2;
  FakeProvider& one = f.add_provider("one");
  one.respond_with([](const RecordedRequest&) { return Script().hold(); });
  f.start();
  const auto client = h2_connect(f);
  // All at once, as a client that has not seen our SETTINGS yet.
  client->post(F::body(false));
  client->post(F::body(false));
  const auto third = client->post(F::body(false));
  CHECK(ended(f, *client, third).code == h2::refused_stream);
  CHECK(f.relay->in_flight() == 2);
  CHECK(has(figures(f), R"("refused_streams":1)"));
}

TEST_CASE("a flood of frames that mean nothing ends the connection and is counted",
          "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(stream_held_at(4));
  f.start();
  const auto bystander = h2_connect(f);
  const auto flooder = h2_connect(f);
  flooder->answers_pings = false;
  const auto id = flooder->post(F::body(true));
  f.until([&] { return !flooder->stream(id).answer.body.empty(); });
  for (int i = 0; i < 1'001; ++i) flooder->send(h2::frame(h2::ping, 0, 0, "12345678"));
  f.until([&] { return flooder->raw().gone(); });
  REQUIRE(!flooder->goaways().empty());
  CHECK(flooder->goaways()[0].code() == h2::enhance_your_calm);
  CHECK(flooder->goaways()[0].reason() ==
        "too many frames that mean nothing (server.http2_frame_budget)");
  CHECK(f.finished().ending == Ending::client_gone);
  f.until([&] { return one.cancelled() == 1; });
  CHECK(ended(f, *bystander, bystander->get("/health")).answer.status == 200);
  CHECK(has(figures(f), R"("floods":1)"));
}

TEST_CASE("requests that are taken back as fast as they are made end the connection",
          "[scenario][h2]") {
  // CVE-2023-44487.
  F f;
  f.config.server.http2_frame_budget = 50;
  FakeProvider& one = f.add_provider("one");
  one.respond_with([](const RecordedRequest&) { return Script().hold(); });
  f.start();
  const auto client = h2_connect(f);
  for (int i = 0; i < 100; ++i) client->send(h2::rst(client->post(F::body(false)), h2::cancel));
  f.until([&] { return client->raw().gone(); });
  CHECK(client->goaways().at(0).code() == h2::enhance_your_calm);
  f.until([&] { return f.relay->in_flight() == 0; });
  CHECK(has(figures(f), R"("client_resets":)"));
  CHECK(f.ask(F::get("/health")).status == 200);
}

TEST_CASE("a client that breaks HTTP/2 is told so and counted", "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(stream_held_at(4));
  f.start();
  const auto client = h2_connect(f);
  const auto malformed = client->get("/health", {{"Upper", "case"}});
  CHECK(ended(f, *client, malformed).code == h2::protocol_error);
  const auto id = client->post(F::body(true));
  f.until([&] { return !client->stream(id).answer.body.empty(); });
  client->send(h2::frame(h2::settings, 0, id));
  f.until([&] { return client->raw().gone(); });
  CHECK(client->goaways().at(0).code() == h2::protocol_error);
  f.until([&] { return one.cancelled() == 1; });
  const std::string counted = figures(f);
  CHECK(has(counted, R"("stream_errors":1,"connection_errors":1,"floods":0)"));
  client->raw().close();
}

TEST_CASE("a connection without a request is closed after client_idle_ms", "[scenario][h2]") {
  F f;
  f.start();
  const auto client = h2_connect(f);
  CHECK(ended(f, *client, client->get("/health")).answer.status == 200);
  f.harness.settle();
  f.harness.advance(seconds(119));
  CHECK_FALSE(client->raw().gone());
  f.harness.advance(seconds(2));
  f.until([&] { return client->raw().eof(); });
  REQUIRE(client->goaways().size() == 1);
  CHECK(client->goaways()[0].code() == h2::no_error);
  CHECK(has(f.ask(F::get("/v1/providers")).body, R"("idle":1,)"));
}

TEST_CASE("a connection with a running stream is not idle", "[scenario][h2]") {
  F f;
  f.config.timeouts.stream_idle = std::chrono::milliseconds(10'000'000);
  FakeProvider& one = f.add_provider("one");
  one.enqueue(stream_held_at(4));
  f.start();
  const auto client = h2_connect(f);
  const auto id = client->post(F::body(true));
  f.until([&] { return !client->stream(id).answer.body.empty(); });
  for (int i = 0; i < 10; ++i) f.harness.advance(seconds(60));
  CHECK(client->goaways().empty());
  one.release();
  CHECK(ended(f, *client, id).answer.complete);
}

TEST_CASE("a connection that begins with nothing but the preface is closed", "[scenario][h2]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send(h2::preface);
  f.until([&] { return client->connected(); });
  f.harness.settle();
  f.harness.advance(seconds(11));
  f.until([&] { return client->gone(); });
}

TEST_CASE("a client that does not acknowledge our SETTINGS is told so in time", "[scenario][h2]") {
  F f;
  f.add_provider("one").enqueue(stream_held_at(4));
  f.start();
  const auto client = f.connect();
  client->send(std::string(h2::preface) + h2::frame(h2::settings, 0, 0, "") +
               h2::head(1, h2::fields("POST", "/v1/messages"), false) +
               h2::frame(h2::data, h2::end_stream, 1, F::body(true)));
  f.until([&] { return f.relay->in_flight() == 1; });
  f.harness.settle();
  f.harness.advance(seconds(9));
  CHECK_FALSE(client->gone());
  f.harness.advance(seconds(2));
  f.until([&] { return client->gone(); });
  std::string_view wire = client->received();
  std::string reason;
  for (const h2::Frame& frame : h2::take_frames(wire)) {
    if (frame.type != h2::goaway || !reason.empty()) continue;
    CHECK(frame.code() == h2::settings_timeout);
    reason = frame.reason();
  }
  CHECK(reason == "SETTINGS were not acknowledged in time (timeouts.client_header_ms)");
  CHECK(has(figures(f), R"("timeouts":1)"));
}

TEST_CASE("a header block that does not end in time ends the connection", "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(stream_held_at(4));
  f.start();
  const auto client = h2_connect(f);
  const auto id = client->post(F::body(true));
  f.until([&] { return !client->stream(id).answer.body.empty(); });
  client->send(h2::frame(h2::headers, h2::end_stream, id + 2,
                         h2::block({{":method", "GET"}, {":scheme", "http"}})));
  f.harness.settle();
  f.harness.advance(seconds(9));
  CHECK_FALSE(client->raw().gone());
  f.harness.advance(seconds(2));
  f.until([&] { return client->raw().gone(); });
  CHECK(client->goaways().at(0).reason() ==
        "a header block did not arrive in time (timeouts.client_header_ms)");
  CHECK(has(figures(f), R"("timeouts":1)"));
}

TEST_CASE("a client that neither reads nor ends its header block holds nobody up",
          "[scenario][h2]") {
  F f;
  f.config.stream.buffer_bytes = 16 << 10;
  f.config.server.http2_frame_budget = 1'000'000;
  f.add_provider("one").enqueue(Script::reply(
      200, "application/json", R"({"type":"message","x":")" + std::string(24 << 20, 'j') + "\"}"));
  f.start();
  const auto client = h2_connect(f, 0x7fff0000, 64 << 10);
  ended(f, *client, client->get("/health"));
  client->post(F::body(false));
  f.until([&] { return client->raw().received().size() > 100'000; });
  client->raw().pause_reading(true);
  f.harness.settle();
  client->send(h2::frame(h2::headers, h2::end_stream, client->next_stream(),
                         h2::block(h2::fields("GET", "/health"))));
  f.until([&] { return client->raw().unsent() == 0; });
  f.harness.settle();
  f.harness.advance(seconds(11));
  CHECK(f.ask(F::get("/health")).status == 200);
  CHECK(has(figures(f), R"("timeouts":1)"));
  client->raw().close();
}

TEST_CASE("each header block has its own time", "[scenario][h2]") {
  F f;
  f.start();
  const auto client = h2_connect(f);
  const auto begin = [](std::uint32_t id) {
    return h2::frame(h2::headers, h2::end_stream, id, h2::block(h2::fields("GET", "/health")));
  };
  const auto end = [](std::uint32_t id) {
    return h2::frame(h2::continuation, h2::end_headers, id, "");
  };
  // The client shall say nothing of its own within a block.
  ended(f, *client, client->get("/health"));
  client->give_window(false);
  client->send(begin(3));
  for (std::uint32_t id = 3; id < 13; id += 2) {
    f.until([&] { return client->raw().unsent() == 0; });
    f.harness.settle();
    f.harness.advance(seconds(6));
    client->send(end(id) + begin(id + 2));
    CHECK(ended(f, *client, id).answer.status == 200);
  }
}

TEST_CASE("a body of HTTP/2 that stops coming is refused, and the others go on", "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.start();
  const auto client = h2_connect(f);
  f.until([&] { return client->count(h2::settings) > 0; });
  const auto slow = client->begin(h2::fields("POST", "/v1/messages", {{"x-request-id", "req-1"}}));
  client->send(h2::frame(h2::data, 0, slow, "{"));
  f.until([&] { return f.relay->in_flight() == 1; });
  f.harness.settle();
  f.harness.advance(seconds(20));
  client->send(h2::frame(h2::data, 0, slow, "\"a\""));
  CHECK(ended(f, *client, client->post(F::body(false))).answer.status == 200);
  f.harness.advance(seconds(20));
  CHECK_FALSE(client->over(slow));
  f.harness.advance(seconds(11));
  const auto stream = ended(f, *client, slow);
  CHECK(stream.answer.status == 408);
  CHECK(stream.answer.body ==
        envelope("timeout_error", "the request's body stopped arriving (timeouts.client_body_ms)",
                 "req-1"));
  CHECK(one.requests().size() == 1);
  CHECK(has(f.ask(F::get("/v1/providers")).body, R"("slow_bodies":1)"));
}

TEST_CASE("a preface that stops within its way is answered", "[scenario][h2]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send("PRI * HTTP/2.0\r\n");
  f.until([&] { return client->connected(); });
  f.harness.settle();
  f.harness.advance(seconds(11));
  f.until([&] { return client->gone(); });
  CHECK_FALSE(client->was_reset());
  REQUIRE(client->answers().size() == 1);
  CHECK(client->answers()[0].status == 505);
}
