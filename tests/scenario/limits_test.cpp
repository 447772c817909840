#include <string>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::seconds;

namespace {

std::string key_of(const RecordedRequest& request) {
  return std::string(request.head.headers.get("x-api-key").value_or(""));
}

Script used(int input, int output) {
  return Script::reply(
      200, "application/json",
      R"({"type":"message","role":"assistant","content":[],"stop_reason":"end_turn","usage":{"input_tokens":)" +
          std::to_string(input) + R"(,"output_tokens":)" + std::to_string(output) + "}}");
}

}  // namespace

TEST_CASE("a key takes no more requests a minute than it may", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  f.config.providers[0].keys[0].rpm_limit = 3;
  f.start();
  for (int i = 0; i < 5; ++i) CHECK(f.ask(request(stream)).status == 200);
  CHECK(one.requests().size() == 3);
  CHECK(tries(f.finished(5)) == "two:success");
  f.harness.advance(seconds(61));
  f.ask(request(stream));
  CHECK(tries(f.finished(6)) == "one:success");
}

TEST_CASE("with every window full the client hears when the first has room", "[scenario]") {
  // The older relay said 60 whatever was true.
  RelayFixture f;
  f.add_provider("one");
  f.config.providers[0].keys[0].rpm_limit = 1;
  f.start();
  f.ask(request(false));
  f.harness.advance(seconds(20));
  const Answer answer = f.ask(request(GENERATE(false, true)));
  CHECK(answer.status == 429);
  CHECK(answer.headers.get("retry-after") == "40");
  CHECK(has(answer.body, "rate_limit_error"));
  CHECK(f.providers[0]->requests().size() == 1);
}

TEST_CASE("nobody waits longer than a minute for a window of a minute", "[scenario]") {
  RelayFixture f;
  f.add_provider("one");
  f.config.providers[0].keys[0].rpm_limit = 1;
  f.start();
  f.harness.advance(std::chrono::milliseconds(GENERATE(0, 1, 500, 999)));
  f.ask(request(false));
  CHECK(f.ask(request(false)).headers.get("retry-after") == "60");
  f.harness.advance(seconds(60));
  CHECK(f.ask(request(false)).status == 200);
}

TEST_CASE("tokens are charged as the provider counted them", "[scenario]") {
  // The older relay never read usage.
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  SECTION("input") {
    f.config.providers[0].keys[0].itpm_limit = 10'000;
    one.enqueue(used(10'000, 1));
  }
  SECTION("output") {
    f.config.providers[0].keys[0].otpm_limit = 10'000;
    one.enqueue(used(1, 10'000));
  }
  SECTION("both together") {
    f.config.providers[0].keys[0].tpm_limit = 10'000;
    one.enqueue(used(6'000, 5'000));
  }
  f.start();
  f.ask(request(false));
  f.ask(request(false));
  CHECK(tries(f.finished(2)) == "two:success");
  f.harness.advance(seconds(61));
  f.ask(request(false));
  CHECK(tries(f.finished(3)) == "one:success");
}

TEST_CASE("what a stream used is charged too, and cached input is not", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  f.config.providers[0].keys[0].itpm_limit = 10'000;
  const auto usage = [](int input, int cached) {
    return Script::stream_head()
        .chunk(
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{"
            "\"input_tokens\":" +
            std::to_string(input) + ",\"cache_read_input_tokens\":" + std::to_string(cached) +
            ",\"output_tokens\":1}}}\n\n")
        .chunk("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
        .last_chunk();
  };
  one.enqueue(usage(10, 500'000));
  one.enqueue(usage(10'000, 0));
  f.start();
  for (int i = 0; i < 3; ++i) f.ask(request(true));
  CHECK(tries(f.observer.requests[1]) == "one:success");
  CHECK(tries(f.finished(3)) == "two:success");
}

TEST_CASE("one secret has one budget wherever it is configured", "[scenario]") {
  // The older relay counted each place by itself.
  RelayFixture f;
  f.add_provider("one");
  f.add_provider("two");
  for (auto& provider : f.config.providers) {
    provider.keys[0].key = Secret("sk-shared");
    provider.keys[0].rpm_limit = 2;
    // At another address it would be another account's.
    provider.base_url = f.config.providers[0].base_url;
  }
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(f.ask(request(false)).status == 200);
  CHECK(f.ask(request(false)).status == 429);
}

TEST_CASE("a key serves as many at once as it may, then the next one does", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].keys[0].max_in_flight = 1;
  f.config.providers[0].keys.push_back({Secret("sk-test-b"), 1, 1});
  f.config.providers[0].keys[1].max_in_flight = 1;
  one.enqueue(Script().hold());
  one.enqueue(Script().hold());
  f.start();
  auto first = f.connect();
  auto second = f.connect();
  first->send(request(false));
  second->send(request(false));
  f.until([&] { return one.requests().size() == 2; });
  CHECK(key_of(one.requests()[0]) != key_of(one.requests()[1]));
  const Answer third = f.ask(request(false));
  CHECK(third.status == 503);
  CHECK(third.headers.get("retry-after") == "1");
  first->close();
  f.finished(2);
  CHECK(f.ask(request(false)).status == 200);
}

TEST_CASE("a provider serves as many at once as it may", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  f.config.providers[0].max_in_flight = 1;
  one.enqueue(Script().hold());
  f.start();
  auto first = f.connect();
  first->send(request(false));
  f.until([&] { return one.requests().size() == 1; });
  f.ask(request(false));
  CHECK(tries(f.finished(1)) == "two:success");
}

TEST_CASE("what a provider says of a key's room is believed", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.add_provider("two");
  one.enqueue(Script::reply(200, "application/json", R"({"type":"message","content":[]})",
                            {{"anthropic-ratelimit-requests-limit", "50"},
                             {"anthropic-ratelimit-requests-remaining", "0"},
                             {"anthropic-ratelimit-requests-reset", "2999-01-01T00:00:00Z"}}));
  f.start();
  f.ask(request(false));
  f.ask(request(false));
  CHECK(tries(f.finished(2)) == "two:success");
}

TEST_CASE("a request that was cancelled leaves no tokens behind", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].keys[0].otpm_limit = 600;  // one estimate of 500 at a time
  one.enqueue(Script().hold());
  f.start();
  auto client = f.connect();
  client->send(request(false));
  f.until([&] { return one.requests().size() == 1; });
  CHECK(f.ask(request(false)).status == 429);
  client->close();
  f.finished(2);
  CHECK(f.ask(request(false)).status == 200);
}

TEST_CASE("Z.AI's own codes say more than the status", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].type = "zai";
  f.add_provider("two");
  SECTION("1302 is a limit of the key") {
    one.enqueue(Script::reply(429, "application/json",
                              R"({"error":{"code":"1302","message":"too many at once"}})"));
    f.start();
    f.ask(request(stream));
    CHECK(tries(f.finished()) == "one:rate_limited two:success");
  }
  SECTION("1305 is overload, which cools no key") {
    one.enqueue(
        Script::reply(429, "application/json", R"({"error":{"code":"1305","message":"busy"}})"));
    f.start();
    auto client = f.connect();
    client->send(request(stream));
    f.until([&] { return one.requests().size() == 1; });
    f.harness.settle();
    f.harness.advance(seconds(1));
    CHECK(tries(f.finished()) == "one:overloaded one:success");
  }
}

TEST_CASE("the wait after a 429 is over the key's own limit too", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].keys[0].rpm_limit = 1;
  one.enqueue(Script::error(429, "rate_limit_error", "slow", {{"retry-after", "1"}}));
  f.start();
  const Answer answer = f.ask(request(GENERATE(false, true)));
  CHECK(answer.status == 429);
  const int wait = std::stoi(std::string(answer.headers.get("retry-after").value_or("0")));
  CHECK(wait >= 59);
  CHECK(wait <= 61);
}

TEST_CASE("counting tokens waits for no limit of messages", "[scenario]") {
  RelayFixture f;
  f.add_provider("one");
  f.config.providers[0].keys[0].rpm_limit = 1;
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(f.ask(request(false)).status == 429);
  CHECK(f.ask(RelayFixture::post(RelayFixture::body(false), {}, "/v1/messages/count_tokens"))
            .status == 200);
}

TEST_CASE("what is known of keys and homes survives a reload", "[scenario]") {
  RelayFixture f;
  f.add_provider("one");
  f.add_provider("two");
  for (auto& provider : f.config.providers) provider.keys[0].rpm_limit = 1;
  f.start();
  f.ask(request_of("s"));
  f.config.routing.debug = true;
  REQUIRE(f.relay->reload(f.config));
  const Answer answer = f.ask(request_of("s"));
  CHECK(tries(f.finished(2)) == "two:success");
  CHECK(answer.headers.get("x-cc-relay-affinity") == "home");  // it was tried first
}
