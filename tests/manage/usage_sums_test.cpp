#include "manage/usage_sums.hpp"

#include <chrono>
#include <string>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::management;
using ledger::StoredAttempt;
using ledger::StoredRequest;
using manage::UsageSums;

namespace {

// 2026-11-29T23:30:00Z, a Sunday.
const WallTime then = WallTime(std::chrono::seconds(1'795'995'000));

StoredAttempt attempt(std::string provider, std::uint64_t output, std::int64_t nano_usd,
                      Outcome outcome = Outcome::success) {
  StoredAttempt out;
  out.provider = std::move(provider);
  out.outcome = outcome;
  out.usage.output_tokens = output;
  out.cost.nano_usd = nano_usd;
  return out;
}

StoredRequest request(std::string client, std::vector<StoredAttempt> attempts, int status = 200,
                      WallTime began = then) {
  static std::int64_t id = 0;
  StoredRequest out;
  out.id = ++id;
  out.began = began;
  out.client = std::move(client);
  out.status = status;
  out.ending = Ending::complete;
  out.attempts = std::move(attempts);
  return out;
}

// `ana/one:1/1/5$50`: group, requests, attempts, output tokens, nano-USD.
std::string told(const UsageSums& sums, UsageOrder order = UsageOrder::unspecified) {
  std::string out;
  for (const UsageRow& row : sums.rows(order)) {
    out += out.empty() ? "" : " ";
    for (std::size_t i = 0; i < row.group.size(); ++i) out += (i > 0 ? "/" : "") + row.group[i];
    const Totals& totals = row.totals;
    out += ':' + std::to_string(totals.requests) + '/' + std::to_string(totals.attempts) + '/' +
           std::to_string(totals.usage.output_tokens) + '$' + std::to_string(totals.cost.nano_usd);
  }
  return out;
}

}  // namespace

TEST_CASE("a request counts where it was answered, and what an attempt used where it was made") {
  UsageSums sums({UsageDimension::client, UsageDimension::provider}, UsageInterval::unspecified,
                 TimeZone());
  CHECK(sums.add(
      request("ana", {attempt("one", 5, 50, Outcome::overloaded), attempt("two", 7, 70)})));
  CHECK(sums.add(request("ana", {attempt("two", 1, 10)})));
  CHECK(sums.add(request("bob", {}, 400)));
  CHECK(told(sums) == "ana/two:2/2/8$80 ana/one:0/1/5$50 bob/:1/0/0$0");
  CHECK(sums.total().requests == 3);
  CHECK(sums.total().attempts == 3);
  CHECK(sums.total().retried == 1);
  CHECK(sums.total().failed == 0);  // a client's own mistake is none
}

TEST_CASE("sums are ordered by what is asked, and else by time and cost") {
  UsageSums sums({UsageDimension::client}, UsageInterval::unspecified, TimeZone());
  sums.add(request("ana", {attempt("one", 1, 30)}));
  sums.add(request("bob", {attempt("one", 9, 10)}));
  sums.add(request("cem", {attempt("one", 2, 10)}));
  sums.add(request("cem", {attempt("one", 2, 10)}));
  CHECK(told(sums, UsageOrder::cost) == "ana:1/1/1$30 cem:2/2/4$20 bob:1/1/9$10");
  CHECK(told(sums, UsageOrder::tokens) == "bob:1/1/9$10 cem:2/2/4$20 ana:1/1/1$30");
  CHECK(told(sums, UsageOrder::requests) == "cem:2/2/4$20 ana:1/1/1$30 bob:1/1/9$10");
}

TEST_CASE("times are cut as the zone's clocks and calendar have it") {
  const auto berlin = TimeZone::from_rule("Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3");
  REQUIRE(berlin);
  const auto begins = [&](UsageInterval interval) {
    UsageSums sums({}, interval, *berlin);
    sums.add(request("ana", {}));
    return *sums.rows(UsageOrder::unspecified).at(0).start_time - then;
  };
  using std::chrono::hours;
  using std::chrono::minutes;
  CHECK(begins(UsageInterval::minute) == minutes(0));
  CHECK(begins(UsageInterval::hour) == minutes(-30));
  CHECK(begins(UsageInterval::day) == minutes(-30));  // 00:30 there, a Monday
  CHECK(begins(UsageInterval::week) == minutes(-30));
  CHECK(begins(UsageInterval::month) == -hours(24 * 29) - minutes(30));
  UsageSums all({}, UsageInterval::unspecified, *berlin);
  all.add(request("ana", {}));
  CHECK_FALSE(all.rows(UsageOrder::unspecified).at(0).start_time);
}

TEST_CASE("a record of the ledger is told as a request that has ended") {
  StoredRequest stored =
      request("ana", {attempt("one", 5, 50, Outcome::overloaded), attempt("two", 7, 70)});
  stored.id = 17;
  stored.model = "claude-\xff";
  stored.unpriced = true;
  const Request told = manage::told(stored);
  CHECK(told.id == "ledger-17");
  CHECK(told.state == RequestState::ended);
  CHECK(told.provider == "two");
  CHECK(told.attempt_count == 2);
  CHECK(told.usage.output_tokens == 12);
  CHECK(told.cost.nano_usd == 120);
  CHECK(told.cost.unpriced_requests == 1);
  CHECK(told.model == "claude-\xEF\xBF\xBD");
}
