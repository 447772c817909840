#include <ccrelay/manage.hpp>

#include <chrono>
#include <set>
#include <string>

#include "catch.hpp"
#include "scenario/books.hpp"
#include "scenario/managed_reply.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;
using management::Code;
using management::UsageDimension;
using management::UsageInterval;
using std::chrono::hours;

// What the management tells out of the ledger.

namespace {

struct Bookkept : Books {
  Bookkept() {
    one = &add_provider("one");
    two = &add_provider("two");
  }
  management::Manager& manager() { return relay->manager(); }
  management::Reply<management::UsageReport> query(const management::UsageQuery& query) {
    ledger->flush();
    return reply_of<management::UsageReport>(
        [&](auto done) { manager().query_usage(query, std::move(done)); });
  }
  management::Reply<management::UsageRecords> records(const management::UsageRecordsQuery& query) {
    ledger->flush();
    return reply_of<management::UsageRecords>(
        [&](auto done) { manager().list_usage_records(query, std::move(done)); });
  }
  FakeProvider* one;
  FakeProvider* two;
};

}  // namespace

TEST_CASE("sums of the ledger come to what was counted in memory", "[scenario][manage]") {
  Bookkept f;
  f.start();
  f.ask(request(false));
  f.one->enqueue(Script::error(500, "api_error", "down"));
  f.ask(request(false));
  f.ask(F::get("/v1/models"));  // a page of the relay's own
  f.finished(3);
  management::UsageQuery by_provider;
  by_provider.group_by = {UsageDimension::provider};
  const auto sums = f.query(by_provider);
  REQUIRE(sums);
  const auto counted = f.manager().status()->totals;
  CHECK(sums->total.requests == counted.requests);
  CHECK(sums->total.failed == counted.failed);
  CHECK(sums->total.retried == counted.retried);
  CHECK(sums->total.attempts == counted.attempts);
  CHECK(sums->total.usage.input_tokens == counted.usage.input_tokens);
  CHECK(sums->total.usage.output_tokens == counted.usage.output_tokens);
  CHECK(sums->total.cost.nano_usd == counted.cost.nano_usd);
  CHECK(sums->total.without_usage == counted.without_usage);
  CHECK(sums->pending == 0);
  CHECK(sums->ledger_start_time.has_value());
  for (const management::UsageRow& row : sums->rows) {
    const auto provider = f.manager().provider(row.group.at(0));
    REQUIRE(provider);
    CHECK(row.totals.requests == provider->totals.requests);
    CHECK(row.totals.attempts == provider->totals.attempts);
    CHECK(row.totals.cost.nano_usd == provider->totals.cost.nano_usd);
  }
  CHECK(sums->rows.size() == 2);
}

TEST_CASE("records come by pages, the newest first, and new ones do not shift them",
          "[scenario][manage]") {
  Bookkept f;
  f.start();
  std::vector<std::string> sent;
  for (int i = 0; i < 7; ++i) {
    f.ask(request_of("session-" + std::to_string(i)));
    f.harness.advance(std::chrono::seconds(1));
  }
  f.finished(7);
  management::UsageRecordsQuery query;
  query.page_size = 3;
  std::vector<std::string> sessions;
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = f.records(query);
    REQUIRE(page);
    for (const auto& record : page->records) sessions.push_back(record.session);
    query.page_token = page->next_page_token;
    if (query.page_token.empty()) break;
    f.ask(request_of("later"));
    f.finished(8 + static_cast<std::size_t>(pages));
  }
  CHECK(sessions == std::vector<std::string>{"session-6", "session-5", "session-4", "session-3",
                                             "session-2", "session-1", "session-0"});
  query.page_token = {};
  query.filter.sessions = {"session-2"};
  const auto chosen = f.records(query);
  REQUIRE(chosen);
  REQUIRE(chosen->records.size() == 1);
  CHECK(chosen->records[0].provider == "one");
  CHECK(chosen->records[0].status == 200);
  query.filter = {};
  query.filter.providers = {"two"};
  CHECK(f.records(query)->records.empty());
}

TEST_CASE("pages of sums are as of the first", "[scenario][manage]") {
  Bookkept f;
  f.start();
  for (int i = 0; i < 4; ++i) f.ask(request_of("s" + std::to_string(i)));
  f.finished(4);
  f.harness.advance(std::chrono::seconds(1));
  management::UsageQuery query;
  query.group_by = {UsageDimension::session};
  query.page_size = 3;
  const auto first = f.query(query);
  REQUIRE(first);
  CHECK(first->rows.size() == 3);
  f.ask(request_of("later"));
  f.finished(5);
  query.page_token = first->next_page_token;
  const auto second = f.query(query);
  REQUIRE(second);
  CHECK(second->rows.size() == 1);
  CHECK(second->total.requests == 4);
  CHECK(second->next_page_token.empty());
  query.group_by = {UsageDimension::client};
  CHECK(f.query(query).refusal().code == Code::invalid_argument);  // another question's token
}

TEST_CASE("what can't be asked of the ledger is refused with its field", "[scenario][manage]") {
  Bookkept f;
  f.start();
  const auto said = [&](auto change) {
    management::UsageQuery query;
    change(query);
    const auto reply = f.query(query);
    REQUIRE_FALSE(reply);
    CHECK(reply.refusal().code == Code::invalid_argument);
    return reply.refusal().message;
  };
  using Query = management::UsageQuery;
  CHECK(has(said([](Query& q) { q.group_by = {UsageDimension::unspecified}; }), "group_by: "));
  CHECK(has(said([](Query& q) {
              q.group_by = {UsageDimension::client, UsageDimension::client};
            }),
            "group_by: "));
  CHECK(has(said([](Query& q) { q.interval = static_cast<UsageInterval>(9); }), "interval: "));
  CHECK(has(said([](Query& q) { q.interval = UsageInterval::minute; }), "interval: "));
  CHECK(has(said([](Query& q) { q.time_zone = "Nowhere/Here"; }), "time_zone: "));
  CHECK(has(said([](Query& q) { q.filter.models = {"a*b"}; }), "filter.models: "));
  CHECK(has(said([](Query& q) { q.page_size = -1; }), "page_size: "));
  CHECK(has(said([](Query& q) {
              q.start_time = WallTime(hours(2));
              q.end_time = WallTime(hours(2));
            }),
            "end_time: "));
}

TEST_CASE("the day and the month go on from what the ledger had before this relay",
          "[scenario][manage]") {
  Bookkept f;
  f.start();
  for (int i = 0; i < 3; ++i) f.ask(request(false));
  f.finished(3);
  const auto known = [&] { return f.manager().status()->today.has_value(); };
  f.until(known);
  CHECK(f.manager().status()->today->requests == 3);
  f.ask(request(false));
  f.finished(4);
  const auto status = f.manager().status();
  CHECK(status->today->requests == 4);
  CHECK(status->today->cost.nano_usd == status->totals.cost.nano_usd);
  CHECK(status->today->usage.output_tokens == status->totals.usage.output_tokens);

  // Another process, later that day.
  f.ledger->flush();
  f.relay.reset();
  f.harness.settle();
  f.harness.advance(std::chrono::minutes(5));
  f.start();
  f.until(known);
  CHECK(f.manager().status()->totals.requests == 0);
  CHECK(f.manager().status()->today->requests == 4);
  f.ask(request(false));
  f.finished(5);
  CHECK(f.manager().status()->today->requests == 5);
  const auto client = f.manager().client("anonymous");
  REQUIRE(client);
  CHECK(client->today->requests == 5);
  CHECK(client->month->requests == 5);
  CHECK(client->totals.requests == 1);

  // The day is over.
  f.harness.advance(hours(24));
  CHECK_FALSE(f.manager().status()->today.has_value());
  f.until(known);
  CHECK(f.manager().status()->today->requests == 0);
}

TEST_CASE("without a ledger nothing is added up", "[scenario][manage]") {
  RelayFixture f;
  f.add_provider("one");
  f.start();
  const auto reply = reply_of<management::UsageReport>(
      [&](auto done) { f.relay->manager().query_usage({}, std::move(done)); });
  REQUIRE_FALSE(reply);
  CHECK(reply.refusal().code == Code::failed_precondition);
  CHECK(has(reply.refusal().message, "ledger.enabled"));
  CHECK_FALSE(f.relay->manager().status()->today.has_value());
}
