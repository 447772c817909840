#include "ledger/cache_watch.hpp"

#include "catch.hpp"

namespace ccrelay::ledger {
namespace {

using namespace std::chrono_literals;

constexpr WallTime start{std::chrono::seconds(1'767'225'600)};

// Input 2 USD, 5m 2.5, 1h 4, read 0.1 a million tokens.
std::unique_ptr<UsagePrices> prices() {
  PriceRow row;
  row.models = {"claude-x"};
  row.rates.pico_usd = {2'000'000, 10'000'000, 2'500'000, 4'000'000, 100'000};
  return make_usage_prices({{row}}, {});
}

UsageLine line_at(WallTime began, std::uint64_t read, std::uint64_t write) {
  UsageLine line;
  line.began = began;
  line.total = 5s;
  line.session = "s";
  line.has_charge = line.billed = true;
  line.charge.sent = "claude-x";
  line.charge.provider = "anthropic";
  line.charge.tokens[TokenClass::cache_read] = read;
  line.charge.tokens[TokenClass::cache_write_5m] = write;
  return line;
}

UsageTable after(const std::vector<UsageLine>& lines, const UsagePrices* known) {
  CacheWatch watch(known);
  for (const UsageLine& line : lines) watch.add(line);
  UsageTable table;
  watch.put_into(table);
  return table;
}

}  // namespace

TEST_CASE("what caching saved is what reads would have cost, less what writes cost extra") {
  const auto known = prices();
  const UsageTable table = after({line_at(start, 40'000, 2'000)}, known.get());
  // 40 000 × (2 - 0.1) - 2 000 × (2.5 - 2), in millionths of a dollar.
  CHECK(table.saved_nano_usd == 76'000'000 - 1'000'000);
  CHECK(table.broken_nano_usd == 0);
}

TEST_CASE("without prices nothing is said of money, and broken caches are counted all the same") {
  const UsageTable table =
      after({line_at(start, 0, 10'000), line_at(start + 60s, 0, 10'000)}, nullptr);
  CHECK_FALSE(table.saved_nano_usd);
  CHECK_FALSE(table.broken_nano_usd);
  CHECK(table.broken_caches == 1);
}

TEST_CASE("a cache is broken when less than half of what was written and read is read again") {
  const auto known = prices();
  const auto broken = [&](const UsageLine& first, const UsageLine& second) {
    return after({first, second}, known.get()).broken_caches;
  };
  const UsageLine first = line_at(start, 6'000, 4'000);
  CHECK(broken(first, line_at(start + 60s, 4'999, 0)) == 1);
  CHECK(broken(first, line_at(start + 60s, 5'000, 0)) == 0);
  // 5 001 × (2.5 - 0.1).
  CHECK(after({first, line_at(start + 60s, 4'999, 0)}, known.get()).broken_nano_usd ==
        5'001 * 2'400);
  CHECK(broken(line_at(start, 0, 4'095), line_at(start + 60s, 0, 0)) == 0);
  CHECK(broken(first, line_at(start + 300s, 0, 0)) == 1);
  CHECK(broken(first, line_at(start + 301s, 0, 0)) == 0);
  UsageLine hour = first;
  hour.charge.tokens[TokenClass::cache_write_1h] = 1;
  CHECK(broken(hour, line_at(start + 3600s, 0, 0)) == 1);
}

TEST_CASE("what runs at the same time, or is another conversation, breaks nothing") {
  const UsageLine first = line_at(start, 6'000, 4'000);
  const auto broken = [&](const UsageLine& second) {
    return after({first, second}, nullptr).broken_caches;
  };
  CHECK(broken(line_at(start + 4s, 0, 0)) == 0);
  CHECK(broken(line_at(start + 5s, 0, 0)) == 1);
  for (auto member : {&UsageLine::session, &UsageLine::agent}) {
    UsageLine other = line_at(start + 60s, 0, 0);
    other.*member = "another";
    CHECK(broken(other) == 0);
  }
  UsageLine elsewhere = line_at(start + 60s, 0, 0);
  elsewhere.charge.provider = "bedrock";
  CHECK(broken(elsewhere) == 0);
  UsageLine nameless = line_at(start + 60s, 0, 0);
  nameless.session = {};
  CHECK(broken(nameless) == 0);
}

TEST_CASE("what was not billed, or on a client's own account, saved the operator nothing") {
  const auto known = prices();
  UsageLine line = line_at(start, 40'000, 0);
  line.client_pays = true;
  CHECK(after({line}, known.get()).saved_nano_usd == 0);
  line.client_pays = false;
  line.billed = false;
  CHECK(after({line}, known.get()).saved_nano_usd == 0);
}

}  // namespace ccrelay::ledger
