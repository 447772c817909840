#include <ccrelay/manage.hpp>

#include <chrono>
#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/relay_fixture.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;
using management::Code;
using management::Order;
using management::RequestState;
using std::chrono::seconds;

// Requests that run and that ended, as the Manager tells of them and ends them.

namespace {

struct Held : F {
  Held() {
    one = &add_provider("one");
    two = &add_provider("two");
  }
  management::Manager& manager() { return relay->manager(); }
  // A request that waits for its provider.
  std::unique_ptr<RawClient> waiting(const std::string& what) {
    const std::size_t before = one->requests().size();
    one->enqueue(held(Script::message("late")));
    auto client = connect();
    client->send(what);
    until([&] { return one->requests().size() == before + 1; });
    return client;
  }
  // A stream whose first events have reached the client.
  std::unique_ptr<RawClient> streaming() {
    Script script = Script::stream_head();
    const auto events = Script::events("hello");
    for (std::size_t i = 0; i < 3; ++i) script.chunk(events[i]);
    script.hold();
    for (std::size_t i = 3; i < events.size(); ++i) script.chunk(events[i]);
    one->enqueue(script.last_chunk());
    auto client = connect();
    client->send(request(true));
    until([&] { return has(client->received(), "content_block_start"); });
    return client;
  }
  std::vector<management::Request> running(const management::RequestFilter& filter = {}) {
    const auto reply = manager().requests(filter);
    REQUIRE(reply);
    return *reply;
  }
  FakeProvider* one;
  FakeProvider* two;
};

const Order by_ops{"uid:1000", "runaway", {}, false};

}  // namespace

TEST_CASE("requests that run are told oldest first, as far as they are", "[scenario][manage]") {
  Held f;
  f.start();
  auto reading = f.connect();
  const std::string whole = request(false);
  reading->send(whole.substr(0, whole.size() - 1));
  f.until([&] { return f.relay->in_flight() == 1; });
  auto waiting = f.waiting(request(false, "X-Request-ID: mine\r\n"));
  auto stream = f.streaming();
  f.harness.advance(seconds(2));

  const auto all = f.running();
  REQUIRE(all.size() == 3);
  CHECK(all[0].state == RequestState::reading);
  CHECK(all[0].attempt_count == 0);
  CHECK(all[0].duration_us == 2'000'000);
  CHECK(all[1].state == RequestState::waiting);
  CHECK(all[1].request_id == "mine");
  CHECK(all[1].provider == "one");
  CHECK(all[1].attempts.empty());
  CHECK_FALSE(all[1].first_byte_us);
  CHECK_FALSE(all[1].ending);
  CHECK(all[2].state == RequestState::streaming);
  CHECK(all[2].stream);
  CHECK(all[2].status == 200);
  CHECK(all[2].usage.input_tokens == 11);
  CHECK(f.manager().status()->in_flight == 3);
  CHECK(f.manager().status()->streaming == 1);
  CHECK(f.manager().clients().at(0).in_flight == 3);

  const auto one = f.manager().request(all[1].id);
  REQUIRE(one);
  REQUIRE(one->attempts.size() == 1);
  CHECK_FALSE(one->attempts[0].outcome);
  CHECK_FALSE(one->attempts[0].duration_us);
  CHECK(f.manager().request("mine")->id == all[1].id);

  management::RequestFilter filter;
  filter.states = {RequestState::streaming};
  CHECK(f.running(filter).size() == 1);
  filter = {};
  filter.models = {"claude-*"};
  CHECK(f.running(filter).size() == 2);  // of the one that arrives nobody knows it
  filter.models = {"cl*de"};
  CHECK(f.manager().requests(filter).refusal().code == Code::invalid_argument);
  filter = {};
  filter.providers = {"three"};
  CHECK(f.manager().requests(filter).refusal().code == Code::invalid_argument);
}

TEST_CASE("requests that ended are remembered, newest first", "[scenario][manage]") {
  Held f;
  f.one->enqueue(Script::error(500, "api_error", "down"));
  f.start();
  f.ask(request(false, "X-Request-ID: first\r\n"));
  f.ask(request(false, "X-Request-ID: second\r\n"));
  f.finished(2);
  const auto ended = f.manager().requests({}, true);
  REQUIRE(ended);
  REQUIRE(ended->size() == 2);
  CHECK((*ended)[0].request_id == "second");
  CHECK((*ended)[1].request_id == "first");
  CHECK((*ended)[1].attempt_count == 2);
  CHECK((*ended)[1].ending == Ending::complete);
  management::RequestFilter filter;
  filter.troubled_only = true;
  CHECK(f.manager().requests(filter, true)->size() == 1);
  const auto first = f.manager().request("first");
  REQUIRE(first);
  REQUIRE(first->attempts.size() == 2);
  CHECK(first->attempts[0].outcome == Outcome::failed);
  CHECK(first->attempts[0].number == 1);
  CHECK(first->attempts[1].provider == "two");
  CHECK(f.manager().request("third").refusal().code == Code::not_found);
}

TEST_CASE("no more than 200 that ended are remembered", "[scenario][manage]") {
  Held f;
  f.start();
  auto client = f.connect();
  for (std::size_t i = 0; i < 203; ++i) {
    client->send(request(false));
    f.until([&] { return client->answers().size() == i + 1; });
  }
  f.finished(203);
  const auto ended = f.manager().requests({}, true);
  CHECK(ended->size() == 200);
  CHECK(ended->back().id == "00004");
}

TEST_CASE("an operator ends a request before its answer, and nobody is blamed",
          "[scenario][manage]") {
  Held f;
  f.config.health.failure_threshold = 1;
  f.start();
  auto client = f.waiting(request(false));
  const std::string id = f.running().at(0).id;
  const auto cancelled = f.manager().cancel(id, by_ops);
  REQUIRE(cancelled);
  CHECK(cancelled->changed);
  CHECK(cancelled->now.ending == Ending::by_operator);
  CHECK(cancelled->now.state == RequestState::ended);
  f.until([&] { return client->answers().size() == 1 && client->answers()[0].complete; });
  const Answer answer = client->answers()[0];
  CHECK(answer.status == 500);
  CHECK(answer.headers.get("x-should-retry") == "false");
  CHECK(has(answer.body, "an operator has ended this request: runaway"));
  f.until([&] { return f.one->cancelled() == 1; });
  const RequestSummary& summary = f.finished();
  CHECK(summary.ending == Ending::by_operator);
  CHECK(tries(summary) == "one:cancelled");
  CHECK(f.manager().provider("one")->breaker.failures == 0);
  CHECK(f.manager().status()->totals.failed == 0);
  // It has ended: asking again changes nothing.
  const auto again = f.manager().cancel(id, by_ops);
  REQUIRE(again);
  CHECK_FALSE(again->changed);
  CHECK(f.manager().cancel("fffff", by_ops).refusal().code == Code::not_found);
}

TEST_CASE("an operator ends a stream, whose client is told inside it", "[scenario][manage]") {
  Held f;
  f.start();
  auto client = f.streaming();
  const auto cancelled = f.manager().cancel(f.running().at(0).id, by_ops);
  REQUIRE(cancelled);
  CHECK(cancelled->changed);
  f.until([&] { return client->answers().size() == 1 && client->answers()[0].complete; });
  const std::string body = client->answers()[0].body;
  CHECK(has(body, "event: error"));
  CHECK(has(body, "an operator has ended this request: runaway"));
  CHECK_FALSE(has(body, "message_stop"));
  f.until([&] { return f.one->cancelled() == 1; });
  CHECK(f.finished().ending == Ending::by_operator);
}

TEST_CASE("a request is not ended by the id that its client has chosen", "[scenario][manage]") {
  Held f;
  f.start();
  auto client = f.waiting(request(false, "X-Request-ID: mine\r\n"));
  CHECK(f.manager().cancel("mine", by_ops).refusal().code == Code::not_found);
  CHECK(f.running().size() == 1);
  f.one->release();
  f.until([&] { return client->answers().size() == 1; });
}

TEST_CASE("what waits at a provider that is disabled with all that runs goes to the next one",
          "[scenario][manage]") {
  Held f;
  f.start();
  auto waiting = f.waiting(request(false));
  auto stream = f.streaming();
  REQUIRE(f.manager().disable_provider("one", {"uid:0", {}, {}, true}));
  f.until([&] { return waiting->answers().size() == 1 && waiting->answers()[0].complete; });
  CHECK(waiting->answers()[0].status == 200);
  f.until([&] { return stream->answers().size() == 1 && stream->answers()[0].complete; });
  CHECK(has(stream->answers()[0].body, "event: error"));
  f.until([&] { return f.one->cancelled() == 2; });
  CHECK(f.two->requests().size() == 1);
  f.finished(2);
  CHECK(f.manager().provider("one")->breaker.failures == 0);
}
