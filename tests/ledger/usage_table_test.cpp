#include <ccrelay/usage_table.hpp>

#include <fstream>

#include "bench.hpp"
#include "catch.hpp"

namespace ccrelay::ledger {
namespace {

using namespace std::chrono_literals;

TimeZone berlin() {
  return *TimeZone::from_rule("Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3");
}

WallTime berlin_time(int year, int month, int day, int hour = 0, int minute = 0) {
  LocalTime local;
  local.year = year, local.month = month, local.day = day;
  local.hour = hour, local.minute = minute;
  return berlin().instant(local);
}

/// A ledger that is filled with what a test says.
class Filled {
 public:
  Filled() { REQUIRE(bench.try_open()); }

  RequestSummary& next(WallTime began) {
    write();
    pending_ = request_of(bench.clock, "req_" + std::to_string(++count_));
    pending_->began = began;
    return *pending_;
  }
  UsageTable read(UsageQuery query) {
    write();
    REQUIRE(bench.ledger->flush());
    if (query.since == WallTime{} && query.zone.name() == "UTC") query.zone = berlin();
    auto table = read_usage(bench.path(), query, bench.clock);
    REQUIRE(table);
    return *std::move(table);
  }
  UsageTable by(std::vector<UsageKey> keys) {
    UsageQuery query;
    query.by = std::move(keys);
    return read(query);
  }

  Bench bench;

 private:
  void write() {
    if (pending_) bench.ledger->request_finished(*pending_);
    pending_.reset();
  }
  std::optional<RequestSummary> pending_;
  int count_ = 0;
};

std::vector<std::string> first_keys(const UsageTable& table) {
  std::vector<std::string> out;
  for (const UsageRow& row : table.rows) out.push_back(row.keys.at(0));
  return out;
}
using Names = std::vector<std::string>;

Charge& charge_of(RequestSummary& request) {
  return request.attempts.back().usage.charges.front();
}

}  // namespace

TEST_CASE("each key names its rows") {
  Filled filled;
  RequestSummary& request = filled.next(berlin_time(2026, 1, 1, 13, 37));
  request.session = "s-9", request.agent = "a-9", request.model_asked = "opus";
  const std::pair<UsageKey, std::string> names[] = {
      {UsageKey::hour, "2026-01-01T13:00+01:00"},
      {UsageKey::day, "2026-01-01"},
      {UsageKey::week, "2026-W01"},
      {UsageKey::month, "2026-01"},
      {UsageKey::model, "claude-x"},
      {UsageKey::asked, "opus"},
      {UsageKey::provider, "anthropic"},
      {UsageKey::client, "ana"},
      {UsageKey::session, "s-9"},
      {UsageKey::agent, "a-9"},
      {UsageKey::key, "0a1b2c3d"},
      {UsageKey::request, "req_1"},
  };
  static_assert(std::size(names) == usage_key_names.size());
  for (const auto& [key, name] : names) {
    CAPTURE(usage_key_names[static_cast<std::size_t>(key)]);
    const UsageTable table = filled.by({key});
    CHECK(first_keys(table) == Names{name});
    CHECK(table.rows[0].figures.requests == 1);
  }
}

TEST_CASE("two keys make a row for each pair") {
  Filled filled;
  filled.next(berlin_time(2026, 1, 1, 12));
  filled.next(berlin_time(2026, 1, 2, 12)).client_name = "ben";
  filled.next(berlin_time(2026, 1, 2, 13));
  const UsageTable table = filled.by({UsageKey::day, UsageKey::client});
  REQUIRE(table.rows.size() == 3);
  CHECK(table.rows[0].keys == Names{"2026-01-01", "ana"});
  CHECK(table.rows[1].keys == Names{"2026-01-02", "ana"});
  CHECK(table.rows[2].keys == Names{"2026-01-02", "ben"});
  CHECK(filled.by({UsageKey::month, UsageKey::day}).rows[1].keys == Names{"2026-01", "2026-01-02"});
}

TEST_CASE("a day is the zone's calendar day, of 23 or 25 hours twice a year") {
  Filled filled;
  // Spring: from 2026-03-28T23:00Z to 2026-03-29T22:00Z.
  filled.next(berlin_time(2026, 3, 29));
  filled.next(berlin_time(2026, 3, 29) + 23h - 1s);
  filled.next(berlin_time(2026, 3, 29) + 23h);
  // Autumn: from 2026-10-24T22:00Z to 2026-10-25T23:00Z.
  filled.next(berlin_time(2026, 10, 25) - 1s);
  filled.next(berlin_time(2026, 10, 25));
  filled.next(berlin_time(2026, 10, 25) + 25h - 1s);
  filled.next(berlin_time(2026, 10, 25) + 25h);
  const UsageTable table = filled.by({UsageKey::day});
  CHECK(first_keys(table) ==
        Names{"2026-03-29", "2026-03-30", "2026-10-24", "2026-10-25", "2026-10-26"});
  CHECK(table.rows[0].figures.requests == 2);
  CHECK(table.rows[3].figures.requests == 2);
}

TEST_CASE("an hour that comes twice has a row each time, in its order") {
  Filled filled;
  const WallTime first = berlin_time(2026, 10, 25, 2, 30);
  filled.next(first);
  filled.next(first + 1h);
  filled.next(first + 2h);
  CHECK(first_keys(filled.by({UsageKey::hour})) ==
        Names{"2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00", "2026-10-25T03:00+01:00"});
}

TEST_CASE("weeks are ISO's, of the year that has their Thursday") {
  Filled filled;
  filled.next(berlin_time(2025, 12, 28));  // a Sunday
  filled.next(berlin_time(2025, 12, 29));
  filled.next(berlin_time(2027, 1, 3));
  filled.next(berlin_time(2027, 1, 4));
  CHECK(first_keys(filled.by({UsageKey::week})) ==
        Names{"2025-W52", "2026-W01", "2026-W53", "2027-W01"});
}

TEST_CASE("figures are sums to the token and the nano-dollar; the client's money stands apart") {
  Filled filled;
  const WallTime day = berlin_time(2026, 1, 1, 12);
  RequestSummary& one = filled.next(day);
  charge_of(one).tokens.counts = {1200, 350, 2000, 500, 40000};
  charge_of(one).web_searches = 2;
  charge_of(one).cost_nano_usd = 36'900'000;
  RequestSummary& two = filled.next(day);
  two.attempts[0].usage.payer = Payer::the_client;
  charge_of(two).cost_nano_usd = 16'125'001;
  two.status = 529;
  RequestSummary& three = filled.next(day);
  charge_of(three).billed = false;
  three.ending = Ending::broken;
  const UsageFigures figures = filled.by({UsageKey::day}).totals;
  CHECK(figures.requests == 3);
  CHECK(figures.errors == 2);
  CHECK(figures.attempts == 3);
  CHECK(figures.tokens.counts ==
        std::array<std::optional<std::uint64_t>, 5>{1210, 355, 2000, 500, 40000});
  CHECK(figures.web_searches == 2);
  CHECK(figures.cost_nano_usd == 36'900'000);
  CHECK(figures.client_paid_nano_usd == 16'125'001);
  CHECK(figures.unknown_cost == 0);
}

TEST_CASE("what is not known is told, and is not 0") {
  Filled filled;
  const WallTime day = berlin_time(2026, 1, 1, 12);
  charge_of(filled.next(day)).cost_nano_usd.reset();
  charge_of(filled.next(day)) = Charge{};
  RequestSummary& cut = filled.next(day);
  charge_of(cut).partial = true;
  charge_of(cut).assumed_ttl = true;
  charge_of(cut).cost_nano_usd.reset();
  const UsageTable table = filled.by({UsageKey::day});
  CHECK(table.totals.unknown_cost == 3);
  CHECK(table.totals.without_usage == 1);
  CHECK(table.totals.partial == 1);
  CHECK(table.totals.assumed_ttl == 1);
  CHECK_FALSE(table.totals.cost_nano_usd);
  CHECK_FALSE(table.totals.tokens[TokenClass::cache_read]);
  REQUIRE(table.unpriced.size() == 1);
  CHECK(table.unpriced[0].model == "claude-x");
  CHECK(table.unpriced[0].requests == 2);
}

TEST_CASE("a request counts under each provider that it tried, and once in the totals") {
  Filled filled;
  RequestSummary& request = filled.next(berlin_time(2026, 1, 1, 12));
  AttemptSummary failed;
  failed.provider = "zai";
  failed.model = "glm-x";
  failed.outcome = Outcome::overloaded;
  request.attempts.insert(request.attempts.begin(), failed);
  const UsageTable table = filled.by({UsageKey::provider});
  REQUIRE(table.rows.size() == 2);
  for (const UsageRow& row : table.rows) CHECK(row.figures.requests == 1);
  CHECK(table.totals.requests == 1);
  CHECK(table.totals.attempts == 2);
}

TEST_CASE("several charges of one attempt count the request once, and all their tokens") {
  Filled filled;
  RequestSummary& request = filled.next(berlin_time(2026, 1, 1, 12));
  Charge advice = charge_of(request);
  advice.kind = ChargeKind::advisor;
  advice.cost_nano_usd.reset();
  request.attempts[0].usage.charges.push_back(advice);
  request.attempts[0].usage.charges.push_back(advice);
  const UsageFigures figures = filled.by({UsageKey::day}).totals;
  CHECK(figures.requests == 1);
  CHECK(figures.attempts == 1);
  CHECK(figures.tokens[TokenClass::input] == 30);
  CHECK(figures.unknown_cost == 1);
  CHECK(figures.cost_nano_usd == 1'000'000);
}

TEST_CASE("requests that reached no provider are not counted") {
  Filled filled;
  filled.next(berlin_time(2026, 1, 1, 12)).attempts.clear();
  const UsageTable table = filled.by({UsageKey::day});
  CHECK(table.rows.empty());
  CHECK(table.totals.requests == 0);
  CHECK_FALSE(table.totals.cost_nano_usd);
}

TEST_CASE("since is inclusive, until is not") {
  Filled filled;
  const WallTime day = berlin_time(2026, 1, 2);
  for (const auto moment : {day - 1ms, day, day + 24h - 1ms, day + 24h}) filled.next(moment);
  UsageQuery query;
  query.since = day;
  query.until = day + 24h;
  CHECK(filled.read(query).totals.requests == 2);
}

TEST_CASE("filters take what is equal; a model may be a pattern, whatever its case") {
  Filled filled;
  const WallTime day = berlin_time(2026, 1, 1, 12);
  filled.next(day);
  RequestSummary& other = filled.next(day);
  other.client_name = "ben", other.session = "s-2";
  other.attempts[0].provider = "zai", other.attempts[0].model = "GLM-5[1m]";
  const auto count = [&](auto change) {
    UsageQuery query;
    change(query);
    return filled.read(query).totals.requests;
  };
  CHECK(count([](UsageQuery& query) { query.client = "ben"; }) == 1);
  CHECK(count([](UsageQuery& query) { query.client = "b*"; }) == 0);
  CHECK(count([](UsageQuery& query) { query.provider = "zai"; }) == 1);
  CHECK(count([](UsageQuery& query) { query.session = "s-1"; }) == 1);
  CHECK(count([](UsageQuery& query) { query.model = "glm-*"; }) == 1);
  CHECK(count([](UsageQuery& query) { query.model = "glm-5[1m]"; }) == 1);
  CHECK(count([](UsageQuery& query) { query.model = "*"; }) == 2);
  CHECK(count([](UsageQuery& query) { query.model = "glm"; }) == 0);
  CHECK(count([](UsageQuery& query) { query.client = "ana' OR 1=1 --"; }) == 0);
}

TEST_CASE("rows are in the order that is asked for; a limit keeps the first, of times the newest") {
  Filled filled;
  const auto put = [&](int day, const char* client, std::int64_t cost, std::uint64_t input) {
    RequestSummary& request = filled.next(berlin_time(2026, 1, day, 12));
    request.client_name = client;
    charge_of(request).cost_nano_usd = cost;
    charge_of(request).tokens[TokenClass::input] = input;
  };
  put(1, "cleo", 5, 100);
  put(2, "ana", 9, 10);
  put(3, "ben", 1, 1000);
  put(4, "ben", 1, 1000);
  const auto ordered = [&](UsageOrder order, std::size_t limit = 0) {
    UsageQuery query;
    query.by = {UsageKey::client};
    query.order = order;
    query.limit = limit;
    return filled.read(query);
  };
  CHECK(first_keys(ordered(UsageOrder::time)) == Names{"cleo", "ana", "ben"});
  CHECK(first_keys(ordered(UsageOrder::name)) == Names{"ana", "ben", "cleo"});
  CHECK(first_keys(ordered(UsageOrder::cost)) == Names{"ana", "cleo", "ben"});
  CHECK(first_keys(ordered(UsageOrder::tokens)) == Names{"ben", "cleo", "ana"});
  CHECK(first_keys(ordered(UsageOrder::requests)) == Names{"ben", "ana", "cleo"});
  CHECK(first_keys(ordered(UsageOrder::cost, 1)) == Names{"ana"});
  const UsageTable newest = ordered(UsageOrder::time, 2);
  CHECK(first_keys(newest) == Names{"ana", "ben"});
  CHECK(newest.truncated);
  CHECK(newest.totals.requests == 4);
  CHECK_FALSE(ordered(UsageOrder::time, 3).truncated);
}

TEST_CASE("costs are computed anew from today's prices when asked, else stay what they were") {
  Filled filled;
  charge_of(filled.next(berlin_time(2026, 1, 1, 12))).tokens.counts = {1200, 350, 2000, 500, 40000};
  RequestSummary& unknown = filled.next(berlin_time(2026, 1, 1, 13));
  unknown.attempts[0].model = charge_of(unknown).model = "nobody";
  PriceRow row;
  row.models = {"claude-*"};
  row.provider = "anthropic";
  row.rates.pico_usd = {2'000'000, 10'000'000, 2'500'000, 4'000'000, 100'000};
  const auto prices = make_usage_prices({{row}}, {{"anthropic", {"anthropic", 1000}}});
  UsageQuery query;
  query.prices = prices.get();
  CHECK(filled.read(query).totals.cost_nano_usd == 2'000'000);
  query.reprice = true;
  const UsageTable table = filled.read(query);
  CHECK(table.totals.cost_nano_usd == 16'900'000);
  CHECK(table.totals.unknown_cost == 1);
  const auto discounted = make_usage_prices({{row}}, {{"anthropic", {"anthropic", 850}}});
  query.prices = discounted.get();
  CHECK(filled.read(query).totals.cost_nano_usd == 14'365'000);
  // What it is called in a row of prices is the profile of its server.
  row.provider = "xai";
  const auto by_profile = make_usage_prices({{row}}, {{"anthropic", {"openai", 1000, "xai"}}});
  query.prices = by_profile.get();
  CHECK(filled.read(query).totals.cost_nano_usd == 16'900'000);
  // One of the operator's may be for the type; a shipped one is not a neighbour's.
  row.provider = "openai";
  const std::vector<PriceRow> rows{row}, none;
  const auto own = make_usage_prices({rows, none}, {{"anthropic", {"openai", 1000, "vllm"}}});
  query.prices = own.get();
  CHECK(filled.read(query).totals.cost_nano_usd == 16'900'000);
  const auto shipped = make_usage_prices({none, rows}, {{"anthropic", {"openai", 1000, "vllm"}}});
  query.prices = shipped.get();
  CHECK_FALSE(filled.read(query).totals.cost_nano_usd);
  CHECK(filled.read(query).totals.unknown_cost == 2);
}

TEST_CASE("a cost that its provider told is kept when others are repriced") {
  Filled filled;
  const Tokens tokens{{1200, 350, std::nullopt, std::nullopt, std::nullopt}};
  charge_of(filled.next(berlin_time(2026, 1, 1, 12))).tokens = tokens;
  RequestSummary& request = filled.next(berlin_time(2026, 1, 1, 13));
  Charge& told = charge_of(request);
  told.tokens = tokens;
  told.price = told_price;
  told.cost_nano_usd = 7'000'000;
  // Told, but not what it costs.
  Charge& silent = charge_of(filled.next(berlin_time(2026, 1, 1, 14)));
  silent.tokens = tokens;
  silent.price = told_price;
  silent.cost_nano_usd.reset();
  PriceRow row;
  row.models = {"claude-*"};
  row.rates.pico_usd = {2'000'000, 10'000'000, {}, {}, {}};
  const std::int64_t listed = 1200 * 2000 + 350 * 10'000;
  const auto prices = make_usage_prices({{row}}, {{"anthropic", {"anthropic", 850}}});
  UsageQuery query;
  query.prices = prices.get();
  CHECK(filled.read(query).told_costs == 0);
  query.reprice = true;
  const UsageTable table = filled.read(query);
  CHECK(table.totals.cost_nano_usd == 7'000'000 + 2 * listed * 850 / 1000);
  CHECK(table.told_costs == 1);
  // A request with two such charges is one request.
  RequestSummary& twice = filled.next(berlin_time(2026, 1, 1, 15));
  charge_of(twice).price = told_price;
  auto& charges = twice.attempts.back().usage.charges;
  charges.push_back(charges.front());
  CHECK(filled.read(query).told_costs == 2);
}

TEST_CASE("what another model had a part in is repriced as that model's") {
  Filled filled;
  RequestSummary& request = filled.next(berlin_time(2026, 1, 1, 12));
  charge_of(request).model = "claude-x";
  charge_of(request).tokens = Tokens{{100, 10, std::nullopt, std::nullopt, std::nullopt}};
  auto& charges = request.attempts.back().usage.charges;
  for (const ChargeKind kind :
       {ChargeKind::compaction, ChargeKind::advisor, ChargeKind::fallback, ChargeKind::other}) {
    Charge& charge = charges.emplace_back(charges.front());
    charge.kind = kind;
    if (kind != ChargeKind::compaction) charge.model = "claude-small";
  }
  PriceRow big, small;
  big.models = {"claude-x"};
  big.rates.pico_usd = {2'000'000, 10'000'000, {}, {}, {}};
  small.models = {"claude-small"};
  small.rates.pico_usd = {100'000, 500'000, {}, {}, {}};
  const auto prices = make_usage_prices({{big, small}}, {{"anthropic", {"anthropic", 1000}}});
  UsageQuery query;
  query.prices = prices.get();
  query.reprice = true;
  CHECK(filled.read(query).totals.cost_nano_usd == 2 * 300'000 + 3 * 15'000);
}

TEST_CASE("a ledger is read while a relay writes it, and when none does") {
  Filled filled;
  filled.next(berlin_time(2026, 1, 1, 12));
  CHECK(filled.by({UsageKey::day}).totals.requests == 1);
  filled.bench.ledger.reset();
  const auto table = read_usage(filled.bench.path(), UsageQuery{}, filled.bench.clock);
  REQUIRE(table);
  CHECK(table->totals.requests == 1);
  CHECK(table->until == filled.bench.clock.wall());
}

TEST_CASE("what can't be read is an error that names the path") {
  const Scratch scratch;
  const auto message = [&] {
    const auto table = read_usage(scratch.path(), UsageQuery{});
    REQUIRE_FALSE(table);
    return table.error().message;
  };
  CHECK(message() == scratch.path() + ": there is no ledger");
  // As with a folder that this user may not look into: that is not nothing.
  std::filesystem::create_symlink(scratch.path(), scratch.path());
  CHECK(message().find(scratch.path() + ": Too many levels") == 0);
  CHECK(look_at_ledger(scratch.path()).state == LedgerFile::State::trouble);
  std::filesystem::remove(scratch.path());
  std::ofstream(scratch.path()) << std::string(10000, 'x');
  CHECK(message() == scratch.path() + " is damaged, or no ledger: " + scratch.path() +
                         ": file is not a database");
  std::ofstream(scratch.path(), std::ios::trunc) << "";
  CHECK(message().find("no ledger of cc-relay's") != std::string::npos);
}

}  // namespace ccrelay::ledger
