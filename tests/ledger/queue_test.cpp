#include "ledger/queue.hpp"

#include <ccrelay/testing/manual_clock.hpp>

#include "catch.hpp"

#include <string>
#include <vector>

#include "bench.hpp"
#include "ledger/packed.hpp"

namespace ccrelay::ledger {
namespace {

const testing::ManualClock queue_clock;

void hand_over(Queue& queue, int number) {
  queue.add(request_of(queue_clock, "req_" + std::to_string(number)), {}, queue_clock.now());
}

std::vector<std::string> ids_of(const Queue::Pages& pages) {
  std::vector<std::string> ids;
  for (const Entry& entry : entries_of(pages)) ids.emplace_back(entry.row.request_id);
  return ids;
}

std::vector<std::string> ids(int first, int last) {
  std::vector<std::string> ids;
  for (int i = first; i <= last; ++i) ids.push_back("req_" + std::to_string(i));
  return ids;
}

}  // namespace

TEST_CASE("what waits comes out as it was, in the order in which it came") {
  Queue queue(1000);
  for (int i = 0; i < 500; ++i) hand_over(queue, i);
  CHECK(queue.size() == 500);
  Queue::Pages pages = queue.take(200);
  std::vector<std::string> seen = ids_of(pages);
  CHECK(seen.size() <= 200);
  CHECK(queue.size() == 500);
  queue.done(std::move(pages));
  CHECK(queue.size() == 500 - seen.size());
  while (queue.size() > 0) {
    pages = queue.take(200);
    for (std::string& id : ids_of(pages)) seen.push_back(std::move(id));
    queue.done(std::move(pages));
  }
  CHECK(seen == ids(0, 499));
  // In pages that have been used before.
  for (int i = 500; i < 510; ++i) hand_over(queue, i);
  CHECK(ids_of(queue.take(200)) == ids(500, 509));
}

TEST_CASE("beyond its limit the oldest go, also of what is put back") {
  Queue queue(100);
  for (int i = 0; i < 250; ++i) hand_over(queue, i);
  CHECK(queue.size() == 100);
  CHECK(queue.dropped() == 150);
  Queue::Pages pages = queue.take(1000);
  CHECK(ids_of(pages) == ids(150, 249));
  // What is being written counts and can't be dropped: what comes meanwhile is.
  for (int i = 250; i < 260; ++i) hand_over(queue, i);
  CHECK(queue.size() == 100);
  CHECK(queue.dropped() == 160);
  queue.limit(110);
  for (int i = 260; i < 270; ++i) hand_over(queue, i);
  queue.put_back(std::move(pages));
  queue.limit(30);
  CHECK(queue.dropped() == 240);
  std::vector<std::string> left = ids(230, 249);
  for (const std::string& id : ids(260, 269)) left.push_back(id);
  CHECK(ids_of(queue.take(1000)) == left);
}

TEST_CASE("a page that a long request fills takes no other") {
  Queue queue(10);
  RequestSummary request = request_of(queue_clock, "req_0");
  request.attempts.resize(500, request.attempts[0]);
  queue.add(request, {}, queue_clock.now());
  hand_over(queue, 1);
  const Queue::Pages pages = queue.take(1000);
  CHECK(pages.size() == 2);
  const std::vector<Entry> entries = entries_of(pages);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].row.attempts.size() == 500);
  CHECK(entries[0].row.attempts[499].provider == request.attempts[499].provider);
  CHECK(entries[1].row.request_id == "req_1");
}

TEST_CASE("who spent it stays while what it takes from budgets is said anew") {
  Queue queue(10);
  const RequestSummary request = request_of(queue_clock, "req_0", 7, "berta");
  queue.add(request, {7, PeriodName("d:2026-11-29"), PeriodName("m:2026-11")}, queue_clock.now());
  hand_over(queue, 1);
  queue.recount([](const Entry& entry) {
    if (entry.spending.spent == 0) return Spending{};
    CHECK(entry.row.client == "berta");
    CHECK(entry.spending.day.view() == "d:2026-11-29");
    return Spending{8, PeriodName("d:2026-11-30"), PeriodName("m:2026-11")};
  });
  const Queue::Pages pages = queue.take(10);
  const std::vector<Entry> entries = entries_of(pages);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].row.request_id == "req_0");
  CHECK(entries[0].spending.spent == 8);
  CHECK(entries[0].spending.day.view() == "d:2026-11-30");
  CHECK(entries[0].spending.month.view() == "m:2026-11");
  CHECK(entries[1].spending.spent == 0);
  CHECK(entries[1].spending.day.view().empty());
}

TEST_CASE("what somebody made up is cut when it is handed over, names that are ours are not") {
  RequestSummary request = request_of(queue_clock, std::string(300, 'i'));
  const std::string long_name(1000, 'n');
  request.client_name = request.attempts[0].provider = long_name;
  request.session = request.agent = request.parent_agent = request.model_asked = long_name;
  request.attempts[0].model = request.attempts[0].usage.charges[0].model = long_name;
  request.attempts[0].usage.service_tier = long_name;
  std::string packed;
  append_packed(packed, request, {});
  CHECK(packed_bytes(packed) == packed.size());
  const Entry entry = unpacked(packed);
  CHECK(entry.row.client == long_name);
  CHECK(entry.row.attempts.at(0).provider == long_name);
  for (const std::string_view text :
       {entry.row.session, entry.row.agent, entry.row.parent_agent, entry.row.model,
        entry.row.attempts[0].model, entry.row.attempts[0].charges.at(0).model}) {
    CHECK(text.size() == 256);
  }
  CHECK(entry.row.request_id.size() == 256);
  CHECK(entry.row.attempts[0].service_tier.size() == 64);
}

}  // namespace ccrelay::ledger
