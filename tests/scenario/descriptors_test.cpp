// Clients use up what there is of descriptors.

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "config/scratch_directory.hpp"
#include "scenario/clouds.hpp"
#include "scenario/front.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;
using F = RelayFixture;

namespace {

/// Takes all descriptors of this process but some.
class Shortage {
 public:
  explicit Shortage(std::size_t left) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lowered = before_;
    lowered.rlim_cur = std::min<rlim_t>(before_.rlim_cur, 512);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &lowered) == 0);
    for (int one = ::dup(0); one >= 0; one = ::dup(0)) taken_.push_back(one);
    REQUIRE(errno == EMFILE);
    leave(left);
  }
  ~Shortage() {
    leave(taken_.size());
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  /// Gives so many back.
  void leave(std::size_t count) {
    for (; count > 0 && !taken_.empty(); --count) {
      ::close(taken_.back());
      taken_.pop_back();
    }
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

std::size_t notes_of(const F& f, const std::string& event) {
  std::size_t count = 0;
  for (const Note& note : f.observer.notes) count += note.event == event ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("without a descriptor for them clients wait, the log says it once, and nothing spins",
          "[scenario][descriptors]") {
  F f;
  f.start();
  f.ask(F::get("/health"));  // libuv takes a descriptor with its first stream
  {
    // Room for the client's socket alone.
    Shortage shortage(1);
    const auto client = f.connect();
    client->send(F::get("/health"));
    f.until([&] { return notes_of(f, "accept_failed") == 1; });
    CHECK(f.observer.notes.back().message ==
          "new connections can't be taken and have to wait: Too many open files; allow more "
          "descriptors (ulimit -n, LimitNOFILE=)");
    for (int i = 0; i < 20; ++i) f.harness.advance(milliseconds(100));
    CHECK(notes_of(f, "accept_failed") == 1);
    CHECK_FALSE(client->gone());
    shortage.leave(4);
    f.harness.advance(milliseconds(100));
    f.until([&] { return !client->answers().empty() && client->answers()[0].complete; });
    CHECK(client->answers()[0].status == 200);
  }
  CHECK(has(f.ask(F::get("/v1/providers")).body, R"("accept_failures":1)"));
}

TEST_CASE("a stop is heard while there are no descriptors", "[scenario][descriptors]") {
  F f;
  f.start();
  f.ask(F::get("/health"));
  Shortage shortage(1);
  const auto client = f.connect();
  f.until([&] { return notes_of(f, "accept_failed") == 1; });
  f.relay->stop();
  f.harness.settle();
  f.harness.advance(seconds(2));  // what is idle is closed, by FIN
  f.harness.settle();
  f.harness.advance(seconds(3));  // and waits no longer for the client's than client_linger_ms
  f.until([&] { return f.relay->stopped(); });
}

TEST_CASE("that the relay has no descriptor for a provider is not the provider's fault",
          "[scenario][descriptors]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.config.health.failure_threshold = 1;
  f.start();
  const auto client = f.connect();
  client->send(F::get("/health"));
  answers(f, *client, 1);
  {
    const Shortage shortage(0);
    client->send(F::post(F::body(false), with_id));
    f.until([&] { return client->answers().size() == 2 && client->answers()[1].complete; });
    const Answer answer = client->answers()[1];
    CHECK(answer.status == 503);
    CHECK(answer.headers.get("retry-after") == "1");
    CHECK(answer.body == envelope("overloaded_error",
                                  "the relay has no descriptor left for a connection to a "
                                  "provider; try again shortly",
                                  "req-1"));
  }
  CHECK(one.requests().empty());
  CHECK(has(f.finished(2).attempts.at(0).detail, "no descriptor or memory left"));
  CHECK(notes_of(f, "breaker") == 0);
  client->send(F::post(F::body(false)));
  f.until([&] { return client->answers().size() == 3 && client->answers()[2].complete; });
  CHECK(client->answers()[2].status == 200);
}

TEST_CASE("that the relay has no descriptor to fetch an identity with is nobody's fault",
          "[scenario][descriptors]") {
  // For none the file can't be read, for one the token service can't be reached.
  const std::size_t left = GENERATE(0u, 1u);
  CAPTURE(left);
  test::ScratchDirectory scratch;
  F f;
  FakeProvider& vertex = f.add_provider("v");
  FakeProvider tokens(f.harness.loop());
  as_vertex(f).gcp_credentials_file = scratch.write(
      "google.json", R"({"type":"authorized_user","client_id":"id","client_secret":"s",)"
                     R"("refresh_token":"r","token_uri":")" +
                         tokens.url() + "/token\"}");
  tokens.enqueue(
      Script::reply(200, "application/json", R"({"access_token":"ya29.one","expires_in":3600})"));
  f.config.health.failure_threshold = 1;
  f.start();
  const auto client = f.connect();
  client->send(F::get("/health"));
  answers(f, *client, 1);
  {
    const Shortage shortage(left);
    client->send(F::post(F::body(false)));
    f.until([&] { return client->answers().size() == 2 && client->answers()[1].complete; });
    const Answer answer = client->answers()[1];
    CHECK(answer.status == 503);
    CHECK(answer.headers.get("retry-after") == "1");
    CHECK(has(answer.body, "the relay has no descriptor left"));
  }
  CHECK(vertex.requests().empty());
  CHECK(tokens.requests().empty());
  CHECK(notes_of(f, "breaker") == 0);
  // At once, without a rest for a token service that nobody has asked.
  client->send(F::post(F::body(false)));
  f.until([&] { return client->answers().size() == 3 && client->answers()[2].complete; });
  CHECK(client->answers()[2].status == 200);
  CHECK(tokens.requests().size() == 1);
  CHECK(vertex.requests().size() == 1);
}

TEST_CASE("only as many connections are taken as there are descriptors for, and the log says so",
          "[scenario][descriptors]") {
  F f;
  {
    const Shortage shortage(100);
    f.start();
  }
  REQUIRE(notes_of(f, "descriptors") == 1);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(f.connect());
    clients.back()->send(F::get("/health"));
    f.until([&] { return clients.back()->gone() || !clients.back()->answers().empty(); });
  }
  std::size_t refused = 0;
  for (const auto& client : clients) refused += client->gone() ? 1 : 0;
  CHECK(refused > 20);
  CHECK(refused < 50);
}

TEST_CASE("who has asked nothing for a second makes room for who comes",
          "[scenario][descriptors]") {
  F f;
  f.config.server.max_connections = 3;
  f.start();
  const auto asking = f.connect();
  asking->send(F::get("/health"));
  answers(f, *asking, 1);
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 2; ++i) {
    silent.push_back(f.connect());
    f.until([&] { return silent.back()->connected(); });
    f.harness.settle();
  }
  silent[1]->send("GET /hea");
  f.harness.settle();
  // Nobody is displaced who has only just come.
  const auto early = f.connect();
  f.until([&] { return early->gone(); });
  f.harness.advance(milliseconds(1'100));
  CHECK(f.ask(F::get("/health")).status == 200);
  f.until([&] { return silent[0]->gone(); });
  CHECK_FALSE(silent[1]->gone());
  CHECK_FALSE(asking->gone());
  const auto next = f.connect();
  next->send(F::get("/health"));
  const auto another = f.connect();
  another->send(F::get("/v1/providers"));
  f.until([&] { return silent[1]->gone(); });
  CHECK(has(answers(f, *another, 1).at(0).body, R"("displaced":2)"));
  // An idle connection that has been used is nobody's to take.
  CHECK_FALSE(asking->gone());
}
