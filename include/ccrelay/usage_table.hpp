#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/clock.hpp>
#include <ccrelay/prices.hpp>
#include <ccrelay/result.hpp>
#include <ccrelay/time_zone.hpp>
#include <ccrelay/usage.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay {

/// What rows of a report are about.
enum class UsageKey : std::uint8_t {
  hour,
  day,
  week,
  month,
  model,
  asked,
  provider,
  client,
  session,
  agent,
  key,
  request,
};
/// By their names on a command line and in JSON.
inline constexpr std::array<std::string_view, 12> usage_key_names = {
    "hour",     "day",    "week",    "month", "model", "asked",
    "provider", "client", "session", "agent", "key",   "request"};
enum class UsageOrder : std::uint8_t { time, name, cost, tokens, requests };

/// A charge of the ledger, as its price depends on it.
struct PricedCharge {
  WallTime time{};
  std::string_view provider;  ///< its name in the configuration of then
  std::string_view sent;      ///< the model as it was sent
  std::string_view answered;  ///< as the answer named it
  ChargeKind kind = ChargeKind::message;
  Tokens tokens;
  std::uint64_t web_searches = 0;
  std::string_view service_tier, speed, geo;
};

/// Today's prices, for what a report computes anew. Used by the calling thread alone.
class [[gnu::visibility("default")]] UsagePrices {
 public:
  virtual ~UsagePrices() = default;
  /// Nano-USD; nothing when it is not known.
  virtual std::optional<std::int64_t> cost(const PricedCharge& charge) const = 0;
  /// Pico-USD a token, with all factors.
  virtual TokenRates rates(const PricedCharge& charge) const = 0;
};

struct Config;

/// What prices know of a provider.
struct PricedProvider {
  std::string type;
  std::uint32_t price_factor = 1000;  ///< thousandths
  std::string profile = {};           ///< of type `openai`: whose server it is, such as `xai`
  bool tells_cost = false;  ///< its answers say what they cost, which counts before a price
};
/// Those of a configuration, by name. Any thread.
[[gnu::visibility("default")]] std::map<std::string, PricedProvider, std::less<>> priced_providers(
    const Config& config);
/// Prices from rows, those that hide others before them: a configuration's, those of its file, and
/// last the shipped ones, which are for a provider with a profile only where they name that.
/// Providers by name.
[[gnu::visibility("default")]] std::unique_ptr<UsagePrices> make_usage_prices(
    std::vector<std::vector<PriceRow>> layers,
    std::map<std::string, PricedProvider, std::less<>> providers);

/// What is asked of a ledger. Plain data.
struct UsageQuery {
  std::vector<UsageKey> by = {UsageKey::day};  ///< one or two
  WallTime since{};
  WallTime until = WallTime::max();  ///< exclusive
  TimeZone zone;                     ///< whose days, weeks and months
  std::string client;                ///< these filter by equality; empty = all
  std::string provider;
  std::string session;
  std::string model;  ///< of the model as sent; `*` and `?` stand for anything
  UsageOrder order = UsageOrder::time;
  std::size_t limit = 0;                ///< rows; 0 = all
  const UsagePrices* prices = nullptr;  ///< for savings of caching; null: they are not told
  /// Costs by `prices` too, in place of those of then; not of those that their provider told.
  bool reprice = false;
};

/// The figures of a row. Counts are of requests that reached a provider.
struct UsageFigures {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;  ///< ended with status 400 or above, or broke
  std::uint64_t attempts = 0;
  Tokens tokens;  ///< of billed charges, whoever paid; absent: nobody told any
  std::uint64_t web_searches = 0;
  std::optional<std::int64_t> cost_nano_usd;         ///< the operator's, as far as it is known
  std::optional<std::int64_t> client_paid_nano_usd;  ///< at list price, on clients' credentials
  /// Requests with a charge of unknown cost: more was spent than `cost_nano_usd`.
  std::uint64_t unknown_cost = 0;
  std::uint64_t partial = 0;        ///< requests cut off: output is a lower bound
  std::uint64_t without_usage = 0;  ///< requests for which a provider told nothing
  std::uint64_t assumed_ttl = 0;    ///< requests whose cache writes came without their lifetime
};

struct UsageRow {
  std::vector<std::string> keys;  ///< one for each of `by`; names as clients wrote them
  UsageFigures figures;
};

/// A model for which the table of prices lacks something.
struct UnpricedModel {
  std::string model;
  std::uint64_t requests = 0;
};

/// What a ledger says. Plain data.
struct UsageTable {
  std::vector<UsageRow> rows;
  UsageFigures totals;     ///< of all rows, also those beyond the limit; a request counts once
  bool truncated = false;  ///< there were more rows than the limit
  std::vector<UnpricedModel> unpriced;  ///< told tokens, but no known cost; most requests first
  /// What reading from caches saved, less what writing them cost extra; absent without prices.
  std::optional<std::int64_t> saved_nano_usd;
  std::uint64_t broken_caches = 0;  ///< expected to be read, and written anew
  std::optional<std::int64_t> broken_nano_usd;
  WallTime until{};  ///< the query's, or now
  /// Of a query that reprices: requests that keep the cost that their provider told.
  std::uint64_t told_costs = 0;
};

/// Reads a ledger, which a relay may be writing. Blocks. The error names the path: no such file, no
/// ledger, damaged, of a newer version, or a library built without SQLite.
[[gnu::visibility("default")]] Result<UsageTable> read_usage(const std::string& path,
                                                             const UsageQuery& query,
                                                             const Clock& clock = Clock::system());

}  // namespace ccrelay
