#include "upstream/connection_pool.hpp"

#include <sys/socket.h>
#include <unistd.h>
#include <ccrelay/testing/loop_harness.hpp>
#include <ccrelay/testing/manual_clock.hpp>

#include <chrono>
#include <vector>

#include "catch.hpp"
#include "upstream/client_scene.hpp"
#include "upstream/plain_channel.hpp"

using namespace ccrelay;
using namespace ccrelay::upstream;
using std::chrono::seconds;

namespace {

struct PoolScene {
  PoolScene() : PoolScene(nullptr) {}
  /// With a clock that the test moves without turning the loop.
  explicit PoolScene(const testing::ManualClock* own)
      : loop(harness.loop(), own ? *own : harness.clock()) {}
  ~PoolScene() {
    for (const int peer : peers) ::close(peer);
  }
  std::unique_ptr<Link> connect(const Destination& endpoint) {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    peers.push_back(ends[1]);
    return std::make_unique<Link>(loop, std::make_unique<PlainChannel>(ends[0]), pool.of(endpoint));
  }
  static Destination endpoint(std::string origin) {
    Destination made;
    made.origin = std::move(origin);
    return made;
  }

  testing::LoopHarness harness;
  loop::Loop loop;
  ConnectionPool pool{loop, 2};
  std::vector<int> peers;
};

}  // namespace

TEST_CASE("an origin keeps no more idle connections than it may", "[upstream]") {
  PoolScene scene;
  const Destination one = PoolScene::endpoint("http://one.test");
  const Destination two = PoolScene::endpoint("http://two.test");
  for (int i = 0; i < 4; ++i) scene.pool.give(scene.connect(one), seconds(10));
  scene.pool.give(scene.connect(two), seconds(10));
  CHECK(scene.pool.idle() == 3);
  CHECK(scene.pool.of(one).idle.size() == 2);
}

TEST_CASE("a connection serves only what may share it", "[upstream]") {
  PoolScene scene;
  const Destination one = PoolScene::endpoint("http://one.test");
  Destination other = one;
  SECTION("another origin") {
    other.origin = "http://two.test";
  }
  SECTION("another proxy") {
    other.proxy = "http://proxy.test";
  }
  SECTION("another list of hosts without proxy") {
    other.no_proxy = "two.test";
  }
  SECTION("another CA file") {
    other.ca_file = "/ca.pem";
  }
  scene.pool.give(scene.connect(one), seconds(10));
  CHECK(scene.pool.take(scene.pool.of(other)) == nullptr);
  CHECK(scene.pool.take(scene.pool.of(one)) != nullptr);
  CHECK(scene.pool.take(scene.pool.of(one)) == nullptr);
}

TEST_CASE("each idle connection has its own end", "[upstream]") {
  PoolScene scene;
  const Destination one = PoolScene::endpoint("http://one.test");
  scene.pool.give(scene.connect(one), seconds(30));
  scene.pool.give(scene.connect(one), seconds(10));
  scene.harness.advance(seconds(9));
  CHECK(scene.pool.idle() == 2);
  scene.harness.advance(seconds(1));
  CHECK(scene.pool.idle() == 1);
  scene.harness.advance(seconds(20));
  CHECK(scene.pool.idle() == 0);
}

TEST_CASE("a connection is asked before it is used, not only watched", "[upstream]") {
  PoolScene scene;
  const Destination one = PoolScene::endpoint("http://one.test");
  scene.pool.give(scene.connect(one), seconds(10));
  // No turn of the loop between: the watch knows nothing of it.
  if (GENERATE(false, true)) {
    REQUIRE(::send(scene.peers[0], "x", 1, 0) == 1);
  } else {
    REQUIRE(::shutdown(scene.peers[0], SHUT_RDWR) == 0);
  }
  CHECK(scene.pool.take(scene.pool.of(one)) == nullptr);
}

TEST_CASE("where one that is closed does no harm, what the loop has seen is enough", "[upstream]") {
  PoolScene scene;
  const Destination one = PoolScene::endpoint("http://one.test");
  scene.pool.give(scene.connect(one), seconds(10));
  const bool looked_at = GENERATE(false, true);
  if (looked_at) scene.harness.settle();
  REQUIRE(::send(scene.peers[0], "x", 1, 0) == 1);
  CHECK((scene.pool.take(scene.pool.of(one), false) != nullptr) == looked_at);
}

TEST_CASE("what the loop has seen is enough only while it has just seen it", "[upstream]") {
  testing::ManualClock clock;
  PoolScene scene(&clock);
  const Destination one = PoolScene::endpoint("http://one.test");
  scene.pool.give(scene.connect(one), seconds(10));
  scene.harness.settle();
  // A body of many megabytes is parsed, say; meanwhile the provider says that it closes.
  clock.advance(std::chrono::milliseconds(2));
  REQUIRE(::send(scene.peers[0], "HTTP/1.1 408 x\r\n\r\n", 18, 0) == 18);
  CHECK(scene.pool.take(scene.pool.of(one), false) == nullptr);
}

TEST_CASE("what the loop has seen is that a connection was closed", "[upstream]") {
  PoolScene scene;
  const Destination one = PoolScene::endpoint("http://one.test");
  scene.pool.give(scene.connect(one), seconds(10));
  scene.harness.settle();
  REQUIRE(::shutdown(scene.peers[0], SHUT_RDWR) == 0);
  scene.harness.settle();
  CHECK(scene.pool.take(scene.pool.of(one), false) == nullptr);
}
