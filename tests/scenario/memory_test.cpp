#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/tries.hpp"
#include "support/memory.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

constexpr std::size_t count = 200;

// A stream that has begun, then waits.
Script idle_stream() {
  const auto events = Script::events("x");
  return Script::stream_head().chunk(events[0]).chunk(events[2]).hold();
}

// As users have it: at the level of tests, debug, the steps of a request are remembered with it.
class AtInfo final : public Observer {
 public:
  void request_finished(const RequestSummary& summary) override { told->request_finished(summary); }

  Observer* told = nullptr;
};

using Clients = std::vector<std::unique_ptr<RawClient>>;

// What is allocated for each of 200 idle streams to this port, in the whole process.
std::size_t bytes_per_stream(RelayFixture& f, std::uint16_t port, Clients& clients) {
  clients.reserve(count);
  const std::size_t before = memory_in_use();
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(f.harness.loop(), port));
    clients.back()->send(request(true));
    f.until([&] { return has(clients.back()->received(), "content_block_start"); });
  }
  f.harness.settle();
  return (memory_in_use() - before) / count;
}

}  // namespace

// Measured: 9.2 KiB. It is to notice when a stream begins to hold on to more.
TEST_CASE("an idle stream holds on to no more than 10.5 KiB", "[scenario]") {
  constexpr std::size_t bound = 10 * 1024 + 512;
  AtInfo at_info;
  RelayFixture f;
  at_info.told = &f.observer;
  f.options.observer = &at_info;
  FakeProvider& one = f.add_provider("one");
  one.record(false);
  one.respond_with([](const RecordedRequest&) { return idle_stream(); });
  f.start();
  Clients direct, relayed;
  {
    // What is allocated once is so now.
    const auto client = f.connect();
    client->send(request(true));
    f.until([&] { return has(client->received(), "content_block_start"); });
  }
  f.finished();
  // The clients and the provider are in this process too: they are what it costs without a relay.
  const std::size_t others = bytes_per_stream(f, one.port(), direct);
  const std::size_t all = bytes_per_stream(f, f.relay->port(), relayed);
  CHECK(f.relay->in_flight() == count);
  CAPTURE(others, all);
  REQUIRE(all > others);
  CHECK(all - others <= bound);
}
