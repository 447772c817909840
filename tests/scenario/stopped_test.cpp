#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "scenario/h2_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// RelayOptions::stopped: the word to a program on whose loop the relay lives.

TEST_CASE("an attached relay says once when it has stopped, and not before", "[scenario][own]") {
  const bool http2 = GENERATE(false, true);
  RelayFixture f;
  int told = 0;
  f.options.stopped = [&] {
    ++told;
    CHECK(f.relay->stopped());
  };
  f.add_provider("one").enqueue(held(Script::stream("hello")));
  f.start();
  auto h1 = http2 ? nullptr : f.connect();
  auto h2 = http2 ? h2_connect(f) : nullptr;
  const std::uint32_t id = h2 ? h2->post(RelayFixture::body(true)) : 0;
  if (h1) h1->send(RelayFixture::post(RelayFixture::body(true)));
  f.until([&] { return f.providers[0]->requests().size() == 1; });
  f.relay->stop();
  f.harness.settle();
  CHECK(told == 0);
  CHECK_FALSE(f.relay->stopped());
  f.providers[0]->release();
  if (h2) CHECK(ended(f, *h2, id).answer.body.find("message_stop") != std::string::npos);
  if (h1) {
    f.until([&] { return h1->received().find("message_stop") != std::string::npos; });
    h1->close();
  }
  h2.reset();
  f.until([&] { return told > 0; });
  f.relay->stop();
  f.harness.settle();
  CHECK(told == 1);
}

TEST_CASE("an attached relay that runs into its deadline says so too", "[scenario][own]") {
  RelayFixture f;
  int told = 0;
  f.options.stopped = [&] { ++told; };
  f.add_provider("one").enqueue(held(Script::stream("hello")));
  f.config.server.shutdown_timeout = milliseconds(1000);
  f.start();
  auto client = f.connect();
  client->send(RelayFixture::post(RelayFixture::body(true)));
  f.until([&] { return f.providers[0]->requests().size() == 1; });
  f.relay->stop();
  f.harness.settle();
  CHECK(told == 0);
  f.harness.advance(milliseconds(1001));
  f.until([&] { return client->eof(); });  // with its 503
  client->close();
  f.until([&] { return told == 1; });
}

TEST_CASE("an attached relay may be destroyed in the word that it has stopped", "[scenario][own]") {
  RelayFixture f;
  bool told = false;
  f.options.stopped = [&] {
    f.relay.reset();
    told = true;
  };
  f.add_provider("one");
  f.start();
  CHECK(f.ask(RelayFixture::post(RelayFixture::body(false))).status == 200);
  f.relay->stop();
  f.until([&] { return told; });
  CHECK(f.relay == nullptr);
}

TEST_CASE("an attached relay that is destroyed before says nothing", "[scenario][own]") {
  RelayFixture f;
  int told = 0;
  f.options.stopped = [&] { ++told; };
  f.add_provider("one");
  f.start();
  SECTION("without a stop") {}
  SECTION("between a stop and its end") {
    f.relay->stop();
  }
  f.relay.reset();
  f.harness.settle();
  CHECK(told == 0);
}

TEST_CASE("what the word that it has stopped throws reaches nobody", "[scenario][own]") {
  RelayFixture f;
  f.options.stopped = [] { throw std::runtime_error("mine"); };
  f.add_provider("one");
  f.start();
  f.relay->stop();
  f.until([&] { return f.relay->stopped(); });
  f.harness.settle();
}
