// How a relay ends: nobody is refused, reset or lost who came in time.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/h2_stage.hpp"
#include "scenario/tls_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;
using F = RelayFixture;

namespace {

const std::string draining = R"({"status":"draining"})";
const std::string stopping_event =
    R"(event: error
data: {"type":"error","error":{"type":"api_error","message":"the relay is stopping"},"request_id":"req-1"}

)";

// What has come of a stream that holds before its event number 4.
std::string first_events() {
  std::string text;
  const auto events = Script::events("hello");
  for (std::size_t i = 0; i < 4; ++i) text += events[i];
  return text;
}

std::string whole_stream() {
  return text_of(Script::events("hello"));
}

void stop(F& f) {
  f.relay->stop();
  f.harness.settle();
}

void wait_for_stop(F& f) {
  f.until([&] { return f.relay->stopped(); });
}

}  // namespace

TEST_CASE("a stopping relay goes on taking connections for its grace, and says that it stops",
          "[scenario][restart]") {
  F f;
  f.add_provider("one");
  f.config.server.shutdown_grace = seconds(5);
  f.start();
  stop(f);
  const Answer health = f.ask(F::get("/health"));
  CHECK(health.status == 503);
  CHECK(health.body == draining);
  CHECK(health.headers.get("connection") == "close");
  CHECK(f.ask(F::get("/ready")).status == 503);
  // It serves all the same.
  const Answer message = f.ask(request(false));
  CHECK(message.status == 200);
  CHECK(message.headers.get("connection") == "close");
  f.harness.advance(milliseconds(4'900));
  CHECK(f.ask(F::get("/health")).status == 503);
  f.harness.advance(milliseconds(200));
  const auto late = f.connect();
  f.until([&] { return late->gone(); });
  CHECK(late->received().empty());
  f.harness.advance(seconds(2));
  wait_for_stop(f);
}

TEST_CASE("a connection without a request is not closed on a client that is about to use it",
          "[scenario][restart]") {
  F f;
  f.add_provider("one");
  f.start();
  const auto used = f.connect();
  used->send(F::get("/health"));
  answers(f, *used, 1);
  const auto fresh = f.connect();
  f.until([&] { return fresh->connected(); });
  f.harness.settle();
  stop(f);
  f.harness.advance(milliseconds(900));
  for (RawClient* client : {used.get(), fresh.get()}) {
    CHECK_FALSE(client->gone());
    client->send(request(false));
    f.until([&] { return client->gone(); });
    CHECK(client->eof());
    CHECK(client->answers().back().status == 200);
    CHECK(client->answers().back().headers.get("connection") == "close");
    client->close();
  }
  wait_for_stop(f);
  CHECK(f.providers[0]->requests().size() == 2);
}

TEST_CASE("a connection that stays without a request is closed after a while, and never by RST",
          "[scenario][restart]") {
  F f;
  f.start();
  const auto used = f.connect();
  used->send(F::get("/health"));
  answers(f, *used, 1);
  const auto fresh = f.connect();
  f.until([&] { return fresh->connected(); });
  f.harness.settle();
  stop(f);
  CHECK_FALSE(used->gone());
  f.harness.advance(milliseconds(1'100));
  f.until([&] { return used->eof() && fresh->eof(); });
  // What crosses the FIN on its way meets nobody who would reset it.
  used->send(F::get("/health"));
  f.harness.settle();
  CHECK_FALSE(used->was_reset());
  used->close();
  fresh->close();
  wait_for_stop(f);
}

TEST_CASE("who waits to be accepted when the relay stops is served", "[scenario][restart]") {
  F f;
  f.add_provider("one");
  f.start();
  // Connected by the kernel, and never seen by the loop, which is not turned.
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(f.relay->port());
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const std::string asked = request(false);
  f.relay->stop();
  REQUIRE(::send(client, asked.data(), asked.size(), 0) == static_cast<ssize_t>(asked.size()));
  std::string received;
  bool ended = false;
  f.until([&] {
    char part[4096];
    const ssize_t count = ::recv(client, part, sizeof part, MSG_DONTWAIT);
    if (count > 0) received.append(part, static_cast<std::size_t>(count));
    ended = count == 0;
    return ended || (count < 0 && errno == ECONNRESET);
  });
  CHECK(ended);
  CHECK(received.starts_with("HTTP/1.1 200 OK\r\n"));
  ::close(client);
  wait_for_stop(f);
}

TEST_CASE("what still streams at the deadline ends with an error event and a clean close",
          "[scenario][restart]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(stream_held_at(4));
  f.config.server.shutdown_timeout = seconds(5);
  f.start();
  const auto client = f.connect();
  client->send(request(true, with_id));
  f.until([&] { return has(client->received(), Script::events("hello")[3]); });
  stop(f);
  f.harness.advance(milliseconds(4'900));
  CHECK_FALSE(client->gone());
  f.harness.advance(milliseconds(200));
  f.until([&] { return client->gone(); });
  CHECK(client->eof());
  const auto all = client->answers();
  REQUIRE(all.size() == 1);
  CHECK(all[0].complete);
  CHECK(all[0].body == first_events() + stopping_event);
  client->close();
  wait_for_stop(f);
  const RequestSummary& summary = f.finished();
  CHECK(summary.ending == Ending::shutdown);
  CHECK(tries(summary) == "one:cancelled");
  f.until([&] { return one.cancelled() == 1; });
}

TEST_CASE("over TLS the deadline's error event is followed by close_notify",
          "[scenario][restart]") {
  F f;
  f.add_provider("one").enqueue(stream_held_at(4));
  f.config.stream.keepalive = milliseconds(0);
  speak_tls(f);
  f.start();
  const auto client = tls_client(f);
  client->send(request(true, with_id));
  f.until([&] { return has(client->received(), Script::events("hello")[3]); });
  stop(f);
  f.harness.advance(seconds(31));
  f.until([&] { return client->gone(); });
  CHECK(client->ended());
  CHECK_FALSE(client->failed());
  REQUIRE(client->answers().size() == 1);
  CHECK(client->answers()[0].complete);
  CHECK(client->answers()[0].body == first_events() + stopping_event);
}

TEST_CASE("over HTTP/2 the deadline's error event is followed by the stream's end",
          "[scenario][restart][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(stream_held_at(4));
  one.enqueue(Script().hold());
  f.config.stream.keepalive = milliseconds(0);
  f.start();
  const auto client = h2_connect(f);
  const auto streaming = client->post(F::body(true), {{"x-request-id", "req-1"}});
  f.until([&] { return has(client->stream(streaming).answer.body, Script::events("hello")[3]); });
  const auto waiting = client->post(F::body(false), {{"x-request-id", "req-2"}});
  f.until([&] { return one.requests().size() == 2; });
  stop(f);
  f.harness.advance(seconds(31));
  f.until([&] { return client->raw().gone(); });
  CHECK(client->raw().eof());
  const auto& stream = client->stream(streaming);
  CHECK(stream.answer.complete);
  CHECK_FALSE(stream.reset);
  CHECK(stream.answer.body == first_events() + stopping_event);
  const auto& other = client->stream(waiting);
  CHECK(other.answer.complete);
  CHECK(other.answer.status == 503);
  CHECK(other.answer.body ==
        envelope("overloaded_error", "the relay is stopping; ask again", "req-2"));
  client->raw().close();
  wait_for_stop(f);
}

TEST_CASE("what is no stream gets 503 at the deadline", "[scenario][restart]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script().hold());
  f.start();
  const auto asked = f.connect();
  asked->send(request(false, with_id));
  f.until([&] { return one.requests().size() == 1; });
  stop(f);
  f.harness.advance(seconds(29));
  CHECK_FALSE(asked->gone());
  f.harness.advance(seconds(2));
  f.until([&] { return asked->gone(); });
  CHECK(asked->eof());
  REQUIRE(asked->answers().size() == 1);
  CHECK(asked->answers()[0].status == 503);
  CHECK(asked->answers()[0].headers.get("retry-after") == "1");
  CHECK(asked->answers()[0].headers.get("connection") == "close");
  CHECK(asked->answers()[0].body ==
        envelope("overloaded_error", "the relay is stopping; ask again", "req-1"));
}

TEST_CASE("a request that is half there at the deadline is answered", "[scenario][restart]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.config.server.shutdown_timeout = seconds(5);
  f.start();
  const auto sending = f.connect();
  sending->send(
      "POST /v1/messages HTTP/1.1\r\nHost: relay\r\nX-Request-ID: req-1\r\n"
      "Content-Length: 100\r\n\r\n{\"model\":");
  const auto beginning = f.connect();
  beginning->send("POST /v1/messages HTTP/1.1\r\nHost: re");
  f.harness.settle();
  stop(f);
  f.harness.advance(seconds(6));
  for (RawClient* client : {sending.get(), beginning.get()}) {
    f.until([&] { return client->gone(); });
    CHECK(client->eof());
    REQUIRE(client->answers().size() == 1);
    CHECK(client->answers()[0].status == 503);
    CHECK(client->answers()[0].complete);
  }
  CHECK(one.requests().empty());
}

TEST_CASE("a client that reads slowly is given time for the last event", "[scenario][restart]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  Script script = Script::stream_head();
  const std::string event = Script::events("hello")[3];
  std::string much;
  while (much.size() < 4 << 20) much += event;
  one.enqueue(script.chunk(Script::events("hello")[0])
                  .chunk(Script::events("hello")[2])
                  .chunk(much)
                  .hold());
  f.start();
  const auto client = f.connect(4096);
  client->pause_reading(true);
  client->send(request(true, with_id));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  stop(f);
  f.harness.advance(seconds(31));
  CHECK_FALSE(f.relay->stopped());
  client->pause_reading(false);
  f.until([&] { return client->gone(); });
  CHECK(client->eof());
  CHECK(client->received().find("the relay is stopping") != std::string::npos);
  CHECK(client->answers().back().complete);
  client->close();
  wait_for_stop(f);
}

TEST_CASE("a client that takes nothing at all holds no stop up", "[scenario][restart]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  const std::string event = Script::events("hello")[3];
  std::string much;
  while (much.size() < 4 << 20) much += event;
  one.enqueue(Script::stream_head()
                  .chunk(Script::events("hello")[0])
                  .chunk(Script::events("hello")[2])
                  .chunk(much)
                  .hold());
  f.start();
  const auto client = f.connect(4096);
  client->pause_reading(true);
  client->send(request(true));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  stop(f);
  f.harness.advance(seconds(31));
  f.harness.advance(milliseconds(2'100));
  wait_for_stop(f);
  CHECK(f.finished().ending == Ending::shutdown);
}

TEST_CASE("a stream that was whole but for its end is not called broken at the deadline",
          "[scenario][restart]") {
  F f;
  const auto events = Script::events("hello");
  Script script = Script::stream_head();
  for (const auto& event : events) script.chunk(event);
  f.add_provider("one").enqueue(script.hold());
  f.start();
  const auto client = f.connect();
  client->send(request(true));
  f.until([&] { return has(client->received(), "message_stop"); });
  stop(f);
  f.harness.advance(seconds(31));
  f.until([&] { return client->gone(); });
  CHECK(client->eof());
  CHECK(client->answers().at(0).complete);
  CHECK(client->answers()[0].body == whole_stream());
}

TEST_CASE("a new connection of HTTP/2 is served in the grace, then told to go elsewhere",
          "[scenario][restart][h2]") {
  F f;
  f.add_provider("one");
  f.config.server.shutdown_grace = seconds(5);
  f.start();
  stop(f);
  const auto client = h2_connect(f);
  // A client that waits for SETTINGS before it asks would ask nobody if it got GOAWAY with them.
  f.until([&] { return client->count(h2::settings) > 0; });
  CHECK(client->goaways().empty());
  const auto id = client->post(F::body(false));
  CHECK(ended(f, *client, id).answer.status == 200);
  f.until([&] { return client->raw().eof(); });
  REQUIRE(client->goaways().size() == 2);
  CHECK(client->goaways()[0].payload.substr(0, 4) == h2::number(0x7fffffff));
  CHECK(client->goaways()[1].payload.substr(0, 4) == h2::number(id));
}

TEST_CASE("pipelined requests are all answered before a stopping relay closes",
          "[scenario][restart]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(held(Script::message("first")));
  f.start();
  const auto client = f.connect();
  client->send(request(false));
  f.until([&] { return one.requests().size() == 1; });
  client->send(request(false) + request(false));
  f.harness.settle();
  stop(f);
  one.release();
  f.until([&] { return client->gone(); });
  CHECK(client->eof());
  const auto all = client->answers();
  REQUIRE(all.size() == 3);
  for (const Answer& answer : all) CHECK(answer.status == 200);
  CHECK_FALSE(all[1].headers.get("connection") == "close");
  CHECK(all[2].headers.get("connection") == "close");
}

TEST_CASE("an idle connection that is closed for its time is closed by FIN alone",
          "[scenario][restart]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send(F::get("/health"));
  answers(f, *client, 1);
  f.harness.advance(milliseconds(120'100));
  f.until([&] { return client->eof(); });
  client->send(F::get("/health"));
  f.harness.settle();
  CHECK_FALSE(client->was_reset());
}
