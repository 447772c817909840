#include <uv.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "scenario/relay_fixture.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

using Clients = std::vector<std::unique_ptr<RawClient>>;

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += part;
  return out;
}

std::string stream_request() {
  return RelayFixture::post(RelayFixture::body(true));
}

// This many clients of a relay, each with a stream running.
Clients ask_at_once(RelayFixture& f, std::size_t count) {
  Clients clients;
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(f.connect());
    clients.back()->send(stream_request());
  }
  return clients;
}

// A stream that is committed, then waits, then ends as it should.
Script held_stream() {
  const auto events = Script::events("x");
  Script script = Script::stream_head().chunk(events[0]).chunk(events[2]).hold();
  for (std::size_t i = 3; i < events.size(); ++i) script.chunk(events[i]);
  return script.last_chunk();
}

bool all_have_begun(const Clients& clients) {
  for (const auto& client : clients) {
    if (client->received().find("content_block_start") == std::string::npos) return false;
  }
  return true;
}

bool all_gone(const Clients& clients) {
  for (const auto& client : clients) {
    if (!client->gone()) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("500 streams at once all complete", "[scenario]") {
  constexpr std::size_t count = 500;
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.respond_with([](const RecordedRequest& request) {
    // Each its own text, so that a mix-up shows.
    return Script::stream("for " + std::string(request.head.headers.get("x-number").value_or("?")));
  });
  f.start();
  Clients clients;
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(f.connect());
    clients.back()->send(
        RelayFixture::post(RelayFixture::body(true), "X-Number: " + std::to_string(i) + "\r\n"));
  }
  f.finished(count);
  f.harness.settle();
  std::size_t right = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto answers = clients[i]->answers();
    if (answers.size() == 1 && answers[0].complete &&
        answers[0].body == joined(Script::events("for " + std::to_string(i)))) {
      ++right;
    }
  }
  CHECK(right == count);
  CHECK(f.relay->in_flight() == 0);
}

TEST_CASE("500 streams that wait together go on together", "[scenario]") {
  constexpr std::size_t count = 500;
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.respond_with([](const RecordedRequest&) { return held_stream(); });
  f.start();
  const Clients clients = ask_at_once(f, count);
  f.until([&] { return all_have_begun(clients); });
  CHECK(f.relay->in_flight() == count);
  one.release();
  f.finished(count);
  std::size_t complete = 0;
  for (const RequestSummary& summary : f.observer.requests) {
    if (summary.ending == Ending::complete) ++complete;
  }
  CHECK(complete == count);
}

TEST_CASE("200 idle streams whose clients leave are all cancelled at the provider", "[scenario]") {
  constexpr std::size_t count = 200;
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.respond_with([](const RecordedRequest&) { return held_stream(); });
  f.start();
  Clients clients = ask_at_once(f, count);
  f.until([&] { return all_have_begun(clients); });
  clients.clear();
  f.finished(count);
  f.until([&] { return one.cancelled() == count; });
  CHECK(f.relay->in_flight() == 0);
  CHECK(f.observer.requests.size() == count);
}

TEST_CASE("200 idle streams whose provider leaves are all told", "[scenario]") {
  constexpr std::size_t count = 200;
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.respond_with([](const RecordedRequest&) { return held_stream(); });
  f.start();
  const Clients clients = ask_at_once(f, count);
  f.until([&] { return all_have_begun(clients); });
  one.close_connections();
  f.finished(count);
  f.harness.settle();
  std::size_t told = 0;
  for (const auto& client : clients) {
    const auto answers = client->answers();
    if (answers.back().complete && answers.back().body.find("event: error") != std::string::npos) {
      ++told;
    }
  }
  CHECK(told == count);
}

TEST_CASE("a relay destroyed with running streams cuts them all", "[scenario]") {
  constexpr std::size_t count = 50;
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.respond_with([](const RecordedRequest&) { return held_stream(); });
  f.start();
  const Clients clients = ask_at_once(f, count);
  f.until([&] { return all_have_begun(clients); });
  f.relay.reset();
  f.until([&] { return all_gone(clients); });
  f.until([&] { return one.cancelled() == count; });
  std::size_t clean = 0;
  for (const auto& client : clients) {
    const auto answers = client->answers();
    if (!answers.empty() && answers.back().complete) ++clean;
  }
  CHECK(clean == 0);
}

TEST_CASE("a relay destroyed in every stage of a request leaves nothing behind", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script().hold());                                             // before the head
  one.enqueue(Script::stream_head().chunk(Script::events("x")[0]).hold());  // in its hold
  one.enqueue(Script::error(529, "overloaded_error", "full"));              // in the pause
  one.enqueue(Script().head(500, {{"content-length", "9"}}).hold());        // in the error's body
  one.enqueue(held_stream());                                               // committed
  f.start();
  Clients clients;
  for (std::size_t i = 1; i <= 5; ++i) {
    clients.push_back(f.connect());
    clients.back()->send(stream_request());
    f.until([&] { return one.requests().size() == i; });
  }
  clients.push_back(f.connect());  // inside the request's body
  const std::string request = stream_request();
  clients.back()->send(request.substr(0, request.size() - 5));
  f.harness.settle();
  f.relay.reset();
  f.until([&] { return all_gone(clients); });
  f.until([&] { return one.connections_open() == 0; });
  CHECK(one.requests().size() == 5);
}

TEST_CASE("several relays on one loop do not get in each other's way", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  one.respond_with([](const RecordedRequest&) { return held_stream(); });
  f.start();
  Config other = f.config;
  other.providers.erase(other.providers.begin());
  RecordingObserver watcher;
  RelayOptions options = f.options;
  options.observer = &watcher;
  auto second = Relay::attach(f.harness.loop(), other, options);
  REQUIRE(second);
  const Clients held = ask_at_once(f, 3);
  f.until([&] { return all_have_begun(held); });

  RawClient client(f.harness.loop(), (*second)->port());
  client.send(stream_request());
  f.until([&] { return watcher.requests.size() == 1; });
  CHECK(watcher.requests[0].status == 200);
  CHECK(two.requests().size() == 1);
  (*second).reset();
  f.harness.settle();
  CHECK(f.relay->in_flight() == 3);
  one.release();
  f.finished(3);
}

TEST_CASE("a request after its pooled connection went stale succeeds", "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.start();
  CHECK(f.ask(RelayFixture::post(RelayFixture::body(stream))).status == 200);
  one.close_connections();
  f.until([&] { return one.connections_open() == 0; });
  CHECK(f.ask(RelayFixture::post(RelayFixture::body(stream))).status == 200);
  REQUIRE(f.finished(2).attempts.size() == 1);
  CHECK(f.finished(2).attempts[0].outcome == Outcome::success);
}

TEST_CASE("a request that meets its pooled connection being closed succeeds", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.start();
  f.ask(RelayFixture::post(RelayFixture::body(true)));
  // The relay has not had a turn to see the FIN yet.
  const auto client = f.connect();
  client->send(stream_request());
  one.close_connections();
  CHECK(f.finished(2).status == 200);
}

TEST_CASE("what may not be sent twice is not sent on a connection that was closed in its turn",
          "[scenario]") {
  const bool batch = GENERATE(false, true);
  RelayFixture f;
  f.add_provider("one");
  f.add_provider("two");
  f.start();
  const auto client = f.connect();
  client->send(RelayFixture::post(RelayFixture::body(false)));
  f.finished(1);
  f.harness.settle();
  client->send(RelayFixture::post(RelayFixture::body(false), {},
                                  batch ? "/v1/messages/batches" : "/v1/messages"));
  // Behind the events of a wait, in which the request is read, and before the turn's end.
  uv_check_t gone;
  uv_check_init(&f.harness.loop(), &gone);
  gone.data = &f.providers[0];
  uv_check_start(&gone, [](uv_check_t* handle) {
    static_cast<std::unique_ptr<FakeProvider>*>(handle->data)->reset();
    uv_close(reinterpret_cast<uv_handle_t*>(handle), nullptr);
  });
  const auto& attempts = f.finished(2).attempts;
  const auto found_closed = [](const AttemptSummary& attempt) {
    return attempt.detail.find("closed the connection without an answer") != std::string::npos;
  };
  // For a message it is cheaper to find out by sending it: somebody else may answer.
  CHECK(found_closed(attempts.front()) == !batch);
  CHECK(f.finished(2).status == (batch ? 502 : 200));
  CHECK(f.providers[1]->requests().size() == (batch ? 0 : 1));
}

TEST_CASE("a pooled connection lost under a request is followed by one more try on a fresh one",
          "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  f.start();
  f.ask(RelayFixture::post(RelayFixture::body(stream)));
  // What became of the request nobody knows: an attempt of its own, and one more at the same place.
  one.enqueue(Script().reset());
  CHECK(f.ask(RelayFixture::post(RelayFixture::body(stream))).status == 200);
  const auto& attempts = f.finished(2).attempts;
  REQUIRE(attempts.size() == 2);
  CHECK(attempts[0].outcome == Outcome::transport);
  CHECK(attempts[1].provider == "one");
  CHECK(one.requests().size() == 3);
  CHECK(one.connections_accepted() == 2);
  CHECK(two.requests().empty());
}

TEST_CASE("requests one after the other use one connection to the provider", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.start();
  for (int i = 0; i < 5; ++i) f.ask(RelayFixture::post(RelayFixture::body(i % 2 == 0)));
  CHECK(one.connections_accepted() == 1);
}

TEST_CASE("what would stay if it were made twice is not sent twice", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.start();
  f.ask(RelayFixture::post(RelayFixture::body(false)));
  one.enqueue(Script().reset());
  CHECK(f.ask(RelayFixture::post("{}", {}, "/v1/messages/batches")).status == 502);
  CHECK(one.requests().size() == 2);
}
