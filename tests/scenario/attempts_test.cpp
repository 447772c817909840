#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "scenario/relay_fixture.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// "one:failed two:success": which providers were asked, and how each try ended.
std::string route(const RequestSummary& summary) {
  std::string out;
  for (const AttemptSummary& attempt : summary.attempts) {
    if (!out.empty()) out += ' ';
    out.append(attempt.provider).append(":").append(to_string(attempt.outcome));
  }
  return out;
}

std::string request(bool stream, const std::string& more_headers = {}) {
  return RelayFixture::post(RelayFixture::body(stream), more_headers);
}

std::string count_request() {
  return RelayFixture::post(RelayFixture::body(false), {}, "/v1/messages/count_tokens");
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += part;
  return out;
}

std::string in_band_error(std::string_view type) {
  return "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"" + std::string(type) +
         "\",\"message\":\"from the provider\"}}\n\n";
}

// A port on which a connection is refused as long as this lives: taken, but nobody listens.
class DeafPort {
 public:
  DeafPort() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof address;
    REQUIRE(::bind(socket_, generic, length) == 0);
    REQUIRE(::getsockname(socket_, generic, &length) == 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~DeafPort() { ::close(socket_); }
  DeafPort(const DeafPort&) = delete;
  DeafPort& operator=(const DeafPort&) = delete;

  const std::string& url() const { return url_; }

 private:
  int socket_;
  std::string url_;
};

// What provider one does, provider two being well: which tries that makes.
std::string route_after(const Script& script, bool stream) {
  RelayFixture f;
  f.add_provider("one").enqueue(script);
  f.add_provider("two");
  f.start();
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == 200);
  CHECK(has(answer.body, stream ? "message_stop" : "end_turn"));
  return route(f.finished());
}

// What the client gets of this from the only provider.
Answer alone(const Script& script, bool stream) {
  RelayFixture f;
  f.add_provider("one").enqueue(script);
  f.start();
  return f.ask(request(stream));
}

void add_key(RelayFixture& f, std::size_t provider, const std::string& key) {
  f.config.providers[provider].keys.push_back({Secret(key), 1, 1});
}

}  // namespace

// ---- transport

TEST_CASE("a refused connection is tried once more and then the next provider is asked",
          "[scenario]") {
  const bool stream = GENERATE(false, true);
  const DeafPort nobody;
  RelayFixture f;
  f.add_provider("one");
  f.add_provider("two");
  f.config.providers[0].base_url = nobody.url();
  f.start();
  CHECK(f.ask(request(stream)).status == 200);
  CHECK(route(f.finished()) == "one:transport one:transport two:success");
}

TEST_CASE("a reset before the head goes to the next provider without a second try", "[scenario]") {
  CHECK(route_after(Script().reset(), GENERATE(false, true)) == "one:transport two:success");
}

TEST_CASE("a connection closed without an answer goes to the next provider", "[scenario]") {
  CHECK(route_after(Script().close(), GENERATE(false, true)) == "one:transport two:success");
}

TEST_CASE("a reset inside the head goes to the next provider", "[scenario]") {
  const Script script = Script().send("HTTP/1.1 200 OK\r\ncontent-ty").reset();
  CHECK(route_after(script, GENERATE(false, true)) == "one:transport two:success");
}

TEST_CASE("bytes that are no HTTP go to the next provider", "[scenario]") {
  const Script script = Script().send("\x16\x03\x01 what is this\r\n\r\n").close();
  CHECK(route_after(script, GENERATE(false, true)) == "one:transport two:success");
}

TEST_CASE("when nobody can be reached the client is told with 502 who failed", "[scenario]") {
  const bool stream = GENERATE(false, true);
  const Answer answer = alone(Script().reset(), stream);
  CHECK(answer.status == 502);
  CHECK(has(answer.body, "\"type\":\"api_error\""));
  CHECK(has(answer.body, "provider \\\"one\\\""));
}

// ---- answers that are none

TEST_CASE("an HTML page with status 200 goes to the next provider", "[scenario]") {
  const Script script = Script::reply(200, "text/html; charset=utf-8", "<html>log in</html>");
  CHECK(route_after(script, GENERATE(false, true)) == "one:failed two:success");
}

TEST_CASE("an HTML page is never shown to the client", "[scenario]") {
  const Answer answer =
      alone(Script::reply(200, "text/html", "<html>log in</html>"), GENERATE(false, true));
  CHECK(answer.status == 502);
  CHECK(has(answer.body, "base_url"));
  CHECK_FALSE(has(answer.body, "log in"));
}

TEST_CASE("a redirect goes to the next provider", "[scenario]") {
  const int status = GENERATE(301, 302, 307, 308);
  const Script script =
      Script::reply(status, "text/plain", "over there", {{"location", "http://127.0.0.1:1/"}});
  CHECK(route_after(script, GENERATE(false, true)) == "one:failed two:success");
}

TEST_CASE("a lone redirect becomes a 502 that says what to check", "[scenario]") {
  const Answer answer =
      alone(Script::reply(302, "text/plain", "x", {{"location", "/"}}), GENERATE(false, true));
  CHECK(answer.status == 502);
  CHECK(has(answer.body, "base_url"));
}

// ---- 429

TEST_CASE("a 429 goes to the next key of the provider and then to the next provider",
          "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  add_key(f, 0, "sk-test-one-b");
  one.enqueue(Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "30"}}));
  one.enqueue(Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "30"}}));
  f.start();
  CHECK(f.ask(request(stream)).status == 200);
  CHECK(route(f.finished()) == "one:rate_limited one:rate_limited two:success");
  REQUIRE(one.requests().size() == 2);
  CHECK(one.requests()[0].head.headers.get("x-api-key") == "sk-test-one");
  CHECK(one.requests()[1].head.headers.get("x-api-key") == "sk-test-one-b");
}

TEST_CASE("a key that was limited is left alone until its time is over", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "30"}}));
  f.start();
  f.ask(request(stream));
  f.harness.advance(milliseconds(29'999));
  f.ask(request(stream));
  CHECK(route(f.finished(2)) == "two:success");
  f.harness.advance(milliseconds(1));
  f.ask(request(stream));
  CHECK(route(f.finished(3)) == "one:success");
}

TEST_CASE("a limited key is left alone for the one model only", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "30"}}));
  f.start();
  f.ask(request(false));
  f.ask(RelayFixture::post(R"({"model":"claude-other","messages":[]})"));
  CHECK(route(f.finished(2)) == "one:success");
}

TEST_CASE("a 429 says how long to wait in each of the ways there are", "[scenario]") {
  struct Case {
    Headers headers;
    std::string seconds;
  };
  // The manual clock starts at one in the morning of 2026-01-01.
  const std::vector<Case> cases{
      {{{"retry-after", "7"}}, "7"},
      {{{"retry-after", "1.5"}}, "2"},
      {{{"retry-after", "0"}}, "1"},
      {{{"retry-after-ms", "2500"}, {"retry-after", "60"}}, "3"},
      {{{"retry-after", "Thu, 01 Jan 2026 01:00:30 GMT"}}, "30"},
      {{{"anthropic-ratelimit-requests-remaining", "0"},
        {"anthropic-ratelimit-requests-reset", "2026-01-01T01:00:20Z"}},
       "20"},
      {{{"retry-after", "soon"}}, "10"},
      {{}, "10"},
  };
  for (const Case& one : cases) {
    const Answer answer =
        alone(Script::error(429, "rate_limit_error", "slow down", one.headers), false);
    INFO("expected " << one.seconds);
    CHECK(answer.status == 429);
    CHECK(answer.headers.get("retry-after") == one.seconds);
    CHECK_FALSE(answer.headers.contains("retry-after-ms"));
  }
}

TEST_CASE("the last 429 is passed on with the soonest time of all keys", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  add_key(f, 0, "sk-test-one-b");
  one.enqueue(Script::error(429, "rate_limit_error", "first", {{"retry-after", "40"}}));
  one.enqueue(Script::error(429, "rate_limit_error", "second", {{"retry-after", "5"}}));
  two.enqueue(Script::error(429, "rate_limit_error", "third", {{"retry-after", "90"}}));
  f.start();
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == 429);
  CHECK(answer.headers.get("retry-after") == "5");
  CHECK(answer.body == R"({"type":"error","error":{"type":"rate_limit_error","message":"third"}})");
}

TEST_CASE("with every key limited the relay answers 429 itself and asks nobody", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "30"}}));
  f.start();
  f.ask(request(stream));
  f.harness.advance(seconds(10));
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == 429);
  CHECK(answer.headers.get("retry-after") == "20");
  CHECK(has(answer.body, "\"type\":\"rate_limit_error\""));
  CHECK(one.requests().size() == 1);
}

// ---- overload

TEST_CASE("an overloaded provider is tried twice more in place with growing pauses", "[scenario]") {
  const bool stream = GENERATE(false, true);
  const int status = GENERATE(503, 529);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  for (int i = 0; i < 3; ++i) one.enqueue(Script::error(status, "overloaded_error", "full"));
  f.start();
  const auto client = f.connect();
  client->send(request(stream));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(milliseconds(249));
  CHECK(one.requests().size() == 1);
  f.harness.advance(milliseconds(251));
  CHECK(one.requests().size() == 2);
  f.harness.advance(milliseconds(499));
  CHECK(one.requests().size() == 2);
  CHECK(two.requests().empty());
  f.harness.advance(milliseconds(501));
  CHECK(route(f.finished()) == "one:overloaded one:overloaded one:overloaded two:success");
}

TEST_CASE("an overload cools no key", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::error(529, "overloaded_error", "full", {{"retry-after", "30"}}));
  f.start();
  const auto client = f.connect();
  client->send(request(false));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(milliseconds(500));
  CHECK(route(f.finished()) == "one:overloaded one:success");
}

TEST_CASE("an in-band overload before the commit is repeated unseen by the client", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::stream_head()
                  .chunk(Script::events("x")[0])
                  .chunk(in_band_error("overloaded_error"))
                  .last_chunk());
  one.enqueue(Script::stream("all is well"));
  f.start();
  const auto client = f.connect();
  client->send(request(true));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  CHECK(client->received().empty());
  f.harness.advance(milliseconds(500));
  CHECK(route(f.finished()) == "one:overloaded one:success");
  f.harness.settle();
  CHECK(client->answers().back().body == joined(Script::events("all is well")));
}

TEST_CASE("what follows an in-band overload later is not shown to the client", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::stream_head()
                  .chunk(in_band_error("overloaded_error"))
                  .hold()
                  .chunk("event: late\ndata: {}\n\n")
                  .last_chunk());
  f.start();
  const auto client = f.connect();
  client->send(request(true));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  one.release();
  f.harness.settle();
  CHECK(client->received().empty());
  f.harness.advance(milliseconds(500));
  CHECK(route(f.finished()) == "one:overloaded one:success");
}

TEST_CASE("an overload that stays goes to the next provider after two repeats", "[scenario]") {
  const bool stream = GENERATE(false, true);
  const bool in_band = GENERATE(false, true);
  if (in_band && !stream) return;
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.respond_with([=](const RecordedRequest&) {
    return in_band ? Script::stream_head().chunk(in_band_error("overloaded_error")).last_chunk()
                   : Script::error(529, "overloaded_error", "full");
  });
  f.start();
  const auto client = f.connect();
  client->send(request(stream));
  for (std::size_t asked = 1; asked <= 3; ++asked) {
    f.until([&] { return one.requests().size() == asked; });
    f.harness.settle();
    f.harness.advance(seconds(1));
  }
  CHECK(route(f.finished()) == "one:overloaded one:overloaded one:overloaded two:success");
}

TEST_CASE("repeats after an overload leave an attempt for each provider that was not asked",
          "[scenario]") {
  RelayFixture f;
  f.config.routing.max_attempts = 3;
  f.config.routing.failover_timeout = seconds(60);
  for (const char* name : {"one", "two"}) {
    f.add_provider(name).respond_with(
        [](const RecordedRequest&) { return Script::error(529, "overloaded_error", "full"); });
  }
  f.add_provider("three");
  f.start();
  CHECK(f.ask(request(GENERATE(false, true))).status == 200);
  CHECK(route(f.finished()) == "one:overloaded two:overloaded three:success");
}

TEST_CASE("a client that leaves during the pause after an overload counts no further try",
          "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::error(529, "overloaded_error", "full"));
  f.start();
  const auto client = f.connect();
  client->send(request(stream));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  client->close();
  CHECK(route(f.finished()) == "one:overloaded");
  f.harness.advance(seconds(2));
  CHECK(one.requests().size() == 1);
}

TEST_CASE("an in-band failure of the only provider reaches the client as it was", "[scenario]") {
  const std::string error = in_band_error("api_error");
  const Answer answer = alone(
      Script::stream_head().chunk(error).chunk("event: late\ndata: {}\n\n").last_chunk(), true);
  CHECK(answer.status == 200);
  CHECK(answer.headers.get("content-type") == "text/event-stream; charset=utf-8");
  CHECK(answer.body.substr(0, error.size()) == error);
  CHECK(answer.complete);
}

TEST_CASE("an in-band failure before the commit goes to the next provider", "[scenario]") {
  const Script script =
      Script::stream_head().chunk(Script::events("x")[0]).chunk(in_band_error("api_error"));
  CHECK(route_after(script, true) == "one:failed two:success");
}

TEST_CASE("an in-band rate limit cools the key and goes to the next one", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  add_key(f, 0, "sk-test-one-b");
  one.enqueue(
      Script::stream_head({{"retry-after", "30"}}).chunk(in_band_error("rate_limit_error")));
  f.start();
  f.ask(request(true));
  CHECK(route(f.finished()) == "one:rate_limited one:success");
  f.harness.advance(milliseconds(29'000));
  f.ask(request(true));
  REQUIRE(one.requests().size() == 3);
  CHECK(one.requests()[2].head.headers.get("x-api-key") == "sk-test-one-b");
}

TEST_CASE("a stream that ends before its first event goes to the next provider", "[scenario]") {
  const Script script = Script::stream_head().chunk(Script::events("x")[0]).last_chunk();
  CHECK(route_after(script, true) == "one:failed two:success");
}

// ---- provider failure

TEST_CASE("a failure of the provider goes to the next one", "[scenario]") {
  const int status = GENERATE(500, 502, 504, 520);
  const Script script = Script::error(status, "api_error", "broken");
  CHECK(route_after(script, GENERATE(false, true)) == "one:failed two:success");
}

TEST_CASE("the only provider's error is passed on byte for byte with its headers", "[scenario]") {
  const bool stream = GENERATE(false, true);
  const std::string body = "{ \"type\":\"error\", \"x\": 1.0 }";
  const Answer answer = alone(Script::reply(500, "application/json", body,
                                            {{"retry-after", "3"},
                                             {"x-should-retry", "true"},
                                             {"request-id", "req_theirs"},
                                             {"x-own", "yes"}}),
                              stream);
  CHECK(answer.status == 500);
  CHECK(answer.body == body);
  CHECK(answer.headers.get("content-type") == "application/json");
  CHECK(answer.headers.get("retry-after") == "3");
  CHECK(answer.headers.get("x-should-retry") == "true");
  CHECK(answer.headers.get("request-id") == "req_theirs");
  CHECK(answer.headers.get("x-own") == "yes");
}

// ---- 401 and 403

TEST_CASE("a refused key goes to the next key of the provider", "[scenario]") {
  const bool stream = GENERATE(false, true);
  const int status = GENERATE(401, 403);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  add_key(f, 0, "sk-test-one-b");
  one.enqueue(Script::error(status, "authentication_error", "bad key sk-test-one"));
  f.start();
  CHECK(f.ask(request(stream)).status == 200);
  CHECK(route(f.finished()) == "one:key_refused one:success");
  CHECK(one.requests()[1].head.headers.get("x-api-key") == "sk-test-one-b");
}

TEST_CASE("with its only key refused the next provider is asked", "[scenario]") {
  const int status = GENERATE(401, 403);
  const Script script = Script::error(status, "authentication_error", "bad key");
  CHECK(route_after(script, GENERATE(false, true)) == "one:key_refused two:success");
}

TEST_CASE("a refused key is set aside for five minutes", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(Script::error(401, "authentication_error", "bad key"));
  f.start();
  f.ask(request(false));
  f.harness.advance(minutes(5) - milliseconds(1));
  f.ask(request(false));
  CHECK(route(f.finished(2)) == "two:success");
  f.harness.advance(milliseconds(1));
  f.ask(request(false));
  CHECK(route(f.finished(3)) == "one:success");
}

TEST_CASE("a lone refused key becomes a 502 of the relay's own", "[scenario]") {
  const int status = GENERATE(401, 403);
  const Answer answer = alone(Script::error(status, "authentication_error", "bad key sk-test-one"),
                              GENERATE(false, true));
  CHECK(answer.status == 502);
  CHECK(has(answer.body, "refused the relay's key"));
}

TEST_CASE("what a provider says of the relay's key is never shown to the client", "[scenario]") {
  const int status = GENERATE(401, 403);
  const Answer answer = alone(Script::error(status, "authentication_error", "bad key sk-test-one"),
                              GENERATE(false, true));
  CHECK_FALSE(has(answer.body, "bad key"));
  CHECK_FALSE(has(answer.body, "sk-test-one"));
}

TEST_CASE("after a refused key the client hears when a merely limited one is free", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  add_key(f, 0, "sk-test-one-b");
  one.enqueue(Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "30"}}));
  f.start();
  f.ask(request(false));  // limits the first key; the second answers
  f.finished();
  one.enqueue(Script::error(401, "authentication_error", "bad key"));
  const Answer answer = f.ask(request(false));
  CHECK(answer.status == 429);
  CHECK(answer.headers.get("retry-after") == "30");
}

TEST_CASE("a refusal of the client's own credential is passed on as it is", "[scenario]") {
  const bool stream = GENERATE(false, true);
  const int status = GENERATE(401, 403);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  const std::string body = "{\"type\":\"error\" ,\"error\":{}}";
  one.enqueue(Script::reply(status, "application/json", body, {{"x-should-retry", "false"}}));
  f.start();
  const Answer answer = f.ask(request(stream, "x-api-key: sk-ant-mine\r\n"));
  CHECK(answer.status == status);
  CHECK(answer.body == body);
  CHECK(answer.headers.get("x-should-retry") == "false");
  CHECK(one.requests()[0].head.headers.get("x-api-key") == "sk-ant-mine");
  CHECK(two.requests().empty());
}

// ---- 404 and the request's own faults

TEST_CASE("a model that is not there goes to the next provider", "[scenario]") {
  const Script script = Script::error(404, "not_found_error", "model: claude-test");
  CHECK(route_after(script, GENERATE(false, true)) == "one:not_here two:success");
}

TEST_CASE("a 404 of the only provider is passed on byte for byte", "[scenario]") {
  const std::string body = "{\"type\": \"error\"}\n";
  const Answer answer = alone(Script::reply(404, "application/json", body, {{"x-own", "yes"}}),
                              GENERATE(false, true));
  CHECK(answer.status == 404);
  CHECK(answer.body == body);
  CHECK(answer.headers.get("x-own") == "yes");
}

TEST_CASE("the request's own fault is passed on at once, byte for byte", "[scenario]") {
  const bool stream = GENERATE(false, true);
  const int status = GENERATE(400, 402, 409, 413, 422);
  RelayFixture f;
  f.add_provider("one").enqueue(Script::reply(status, "application/json; charset=utf-8",
                                              "{\"x\" : 1e2}\n",
                                              {{"request-id", "req_theirs"}, {"x-own", "yes"}}));
  FakeProvider& two = f.add_provider("two");
  f.start();
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == status);
  CHECK(answer.body == "{\"x\" : 1e2}\n");
  CHECK(answer.headers.get("content-type") == "application/json; charset=utf-8");
  CHECK(answer.headers.get("request-id") == "req_theirs");
  CHECK(answer.headers.get("x-own") == "yes");
  CHECK(two.requests().empty());
  CHECK(route(f.finished()) == "one:rejected");
}

TEST_CASE("an in-band rejection of the request is passed on and not tried elsewhere",
          "[scenario]") {
  RelayFixture f;
  const std::string error = in_band_error("invalid_request_error");
  f.add_provider("one").enqueue(Script::stream_head().chunk(error).last_chunk());
  FakeProvider& two = f.add_provider("two");
  f.start();
  const Answer answer = f.ask(request(true));
  CHECK(answer.body == error);
  CHECK(two.requests().empty());
}

// ---- limits and the last word

TEST_CASE("no more tries are made than routing.max_attempts allows", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  for (const char* name : {"one", "two", "three"}) {
    f.add_provider(name).enqueue(Script::error(500, "api_error", name));
  }
  f.config.routing.max_attempts = 2;
  f.start();
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == 500);
  CHECK(has(answer.body, "\"message\":\"two\""));
  CHECK(route(f.finished()) == "one:failed two:failed");
}

TEST_CASE("no try begins later than routing.failover_timeout after the first failure",
          "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  f.add_provider("one").enqueue(Script::error(500, "api_error", "one"));
  FakeProvider& two = f.add_provider("two");
  two.enqueue(Script().hold().reset());
  FakeProvider& three = f.add_provider("three");
  f.start();
  const auto client = f.connect();
  client->send(request(stream));
  f.until([&] { return two.requests().size() == 1; });
  f.harness.advance(milliseconds(5'001));
  two.release();
  CHECK(route(f.finished()) == "one:failed two:transport");
  CHECK(three.requests().empty());
}

TEST_CASE("a try may still begin just within routing.failover_timeout", "[scenario]") {
  RelayFixture f;
  f.add_provider("one").enqueue(Script::error(500, "api_error", "one"));
  FakeProvider& two = f.add_provider("two");
  two.enqueue(Script().hold().reset());
  f.add_provider("three");
  f.start();
  const auto client = f.connect();
  client->send(request(false));
  f.until([&] { return two.requests().size() == 1; });
  f.harness.advance(milliseconds(5'000));
  two.release();
  CHECK(route(f.finished()) == "one:failed two:transport three:success");
}

TEST_CASE("a 429 is a better last word than a later failure", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  f.add_provider("one").enqueue(
      Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "12"}}));
  f.add_provider("two").enqueue(Script::error(500, "api_error", "broken"));
  f.start();
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == 429);
  CHECK(answer.headers.get("retry-after") == "12");
  CHECK(has(answer.body, "slow down"));
}

TEST_CASE("a provider's own error is a better last word than a lost connection", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  f.add_provider("one").enqueue(Script::error(500, "api_error", "broken"));
  f.add_provider("two").enqueue(Script().reset());
  f.start();
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == 500);
  CHECK(has(answer.body, "broken"));
}

TEST_CASE("an error whose body was cut is no last word", "[scenario]") {
  const Answer answer =
      alone(Script()
                .head(500, {{"content-type", "application/json"}, {"content-length", "100"}})
                .send("{\"half\":")
                .reset(),
            GENERATE(false, true));
  CHECK(answer.status == 502);
  CHECK_FALSE(has(answer.body, "half"));
}

// ---- counting tokens

TEST_CASE("a provider that cannot count tokens is skipped", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  f.config.providers[0].type = "ollama";
  f.config.providers[0].keys.clear();
  two.enqueue(Script::reply(200, "application/json", "{\"input_tokens\":42}"));
  f.start();
  const Answer answer = f.ask(count_request());
  CHECK(answer.status == 200);
  CHECK(answer.body == "{\"input_tokens\":42}");
  CHECK(one.requests().empty());
  REQUIRE(two.requests().size() == 1);
  CHECK(two.requests()[0].head.target == "/v1/messages/count_tokens");
}

TEST_CASE("with nobody to count tokens the answer is 404", "[scenario]") {
  RelayFixture f;
  f.add_provider("one");
  f.config.providers[0].type = "ollama";
  f.config.providers[0].keys.clear();
  f.start();
  const Answer answer = f.ask(count_request());
  CHECK(answer.status == 404);
  CHECK(has(answer.body, "\"type\":\"not_found_error\""));
}

TEST_CASE("a provider that says it cannot count tokens is followed by the next", "[scenario]") {
  const int status = GENERATE(404, 405, 501);
  RelayFixture f;
  f.add_provider("one").enqueue(Script::error(status, "not_found_error", "what?"));
  f.add_provider("two").enqueue(Script::reply(200, "application/json", "{\"input_tokens\":42}"));
  f.start();
  CHECK(f.ask(count_request()).body == "{\"input_tokens\":42}");
  CHECK(route(f.finished()) == "one:not_here two:success");
}

TEST_CASE("a 429 for counting tokens cools no key", "[scenario]") {
  RelayFixture f;
  f.add_provider("one").enqueue(
      Script::error(429, "rate_limit_error", "slow down", {{"retry-after", "30"}}));
  f.add_provider("two");
  f.start();
  f.ask(count_request());
  CHECK(route(f.finished()) == "one:rate_limited two:success");
  f.ask(request(false));
  CHECK(route(f.finished(2)) == "one:success");
}

TEST_CASE("a lone provider that cannot count tokens means 404, whichever status it says it with",
          "[scenario]") {
  // A 501 would be retried for minutes.
  const int status = GENERATE(405, 501);
  RelayFixture f;
  f.add_provider("one").enqueue(Script::error(status, "api_error", "what?"));
  f.start();
  const Answer answer = f.ask(count_request());
  CHECK(answer.status == 404);
  CHECK(has(answer.body, "\"type\":\"not_found_error\""));
}

TEST_CASE("a key that may not count tokens is still good for messages", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::error(403, "permission_error", "not with this key"));
  f.start();
  f.ask(count_request());
  CHECK(f.ask(request(false)).status == 200);
}
