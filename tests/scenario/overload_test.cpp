#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += part;
  return out;
}

}  // namespace

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
  CHECK(tries(f.finished()) == "one:overloaded one:overloaded one:overloaded two:success");
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
  CHECK(tries(f.finished()) == "one:overloaded one:success");
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
  CHECK(tries(f.finished()) == "one:overloaded one:success");
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
  CHECK(tries(f.finished()) == "one:overloaded one:success");
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
  CHECK(tries(f.finished()) == "one:overloaded one:overloaded one:overloaded two:success");
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
  CHECK(tries(f.finished()) == "one:overloaded two:overloaded three:success");
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
  CHECK(tries(f.finished()) == "one:overloaded");
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
  CHECK(tries_after(script, true) == "one:failed two:success");
}

TEST_CASE("an in-band rate limit cools the key and goes to the next one", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  add_key(f, 0, "sk-test-one-b");
  one.enqueue(
      Script::stream_head({{"retry-after", "30"}}).chunk(in_band_error("rate_limit_error")));
  f.start();
  f.ask(request(true));
  CHECK(tries(f.finished()) == "one:rate_limited one:success");
  f.harness.advance(milliseconds(29'000));
  f.ask(request(true));
  REQUIRE(one.requests().size() == 3);
  CHECK(one.requests()[2].head.headers.get("x-api-key") == "sk-test-one-b");
}

TEST_CASE("a stream that ends before its first event goes to the next provider", "[scenario]") {
  const Script script = Script::stream_head().chunk(Script::events("x")[0]).last_chunk();
  CHECK(tries_after(script, true) == "one:failed two:success");
}
