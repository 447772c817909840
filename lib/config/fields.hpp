#pragma once

#include <ccrelay/config.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ccrelay::config {

/// A setting that is one number, as reading, checking and showing need it.
struct NumberField {
  std::string_view section;
  std::string_view key;  ///< ends in the unit, as in the file
  std::int64_t min;
  std::int64_t max;
  std::int64_t (*get)(const Config&);
  void (*set)(Config&, std::int64_t);
  /// In a file 0 is the older relay's way to say "the default".
  bool zero_is_default = false;
  /// Read when the relay starts, and not again: a change needs a restart.
  bool restart = false;
};

struct FlagField {
  std::string_view section;
  std::string_view key;
  bool (*get)(const Config&);
  void (*set)(Config&, bool);
  bool restart = false;  ///< as above
};

/// Every number and flag of the file that stands directly in a section.
std::span<const NumberField> number_fields();
std::span<const FlagField> flag_fields();

inline constexpr std::int64_t milliseconds_max = 86'400'000;  // a day
inline constexpr std::int64_t weight_max = 1'000'000;
inline constexpr std::int64_t in_flight_max = 1'000'000;
inline constexpr std::int64_t limit_max = 1'000'000'000;  // a minute; state counts no further
inline constexpr std::int64_t output_tokens_max = 10'000'000;
inline constexpr std::int64_t signatures_max = 10'000'000;  // 1.3 GB

// Of prices, in the units of the configuration: USD per million tokens or per 1000 searches as
// millionths of it, factors as thousandths, budgets in USD as millionths.
inline constexpr int usd_places = 6;
inline constexpr std::int64_t price_max = 1'000'000;  // a USD a token
inline constexpr std::int64_t budget_max =
    1'000'000'000;                      // in nano-USD, 64 bits hold nine times it
inline constexpr int ratio_places = 6;  // of shares, in millionths
inline constexpr int factor_places = 3;
inline constexpr std::int64_t factor_max = 100;  // four of them, and 64 bits hold their product

/// A limit per minute of a key or a client; 0 = none.
template <class Owner>
struct LimitField {
  std::string_view key;
  std::uint64_t Owner::*value;
};
template <class Owner>
inline constexpr LimitField<Owner> limits_of[] = {
    {"rpm_limit", &Owner::rpm_limit},
    {"itpm_limit", &Owner::itpm_limit},
    {"otpm_limit", &Owner::otpm_limit},
    {"tpm_limit", &Owner::tpm_limit},
};
inline constexpr auto& limit_fields = limits_of<KeyConfig>;
inline constexpr auto& client_limit_fields = limits_of<ClientConfig>;

/// What a client may cost in a period; absent = as much as it likes.
struct BudgetField {
  std::string_view key;
  std::optional<std::int64_t> ClientConfig::*nano_usd;
};
inline constexpr BudgetField budget_fields[] = {
    {"budget_usd_day", &ClientConfig::budget_day_nano_usd},
    {"budget_usd_month", &ClientConfig::budget_month_nano_usd},
};

inline constexpr std::pair<std::string_view, DayZone> day_zones[] = {
    {"local", DayZone::local},
    {"UTC", DayZone::utc},
};

inline constexpr std::pair<std::string_view, management::Role> roles[] = {
    {to_string(management::Role::viewer), management::Role::viewer},
    {to_string(management::Role::operator_), management::Role::operator_},
};

inline constexpr std::pair<std::string_view, PoolStrategy> pool_strategies[] = {
    {"least_loaded", PoolStrategy::least_loaded},
    {"round_robin", PoolStrategy::round_robin},
    {"random", PoolStrategy::random},
    {"weighted", PoolStrategy::weighted},
};

/// What a setting counts, as the integers of a file; what is larger than any of them as the
/// largest.
std::int64_t integer_of(std::uint64_t value);

/// ` 65 is out of range; allowed: 1 to 64`, to follow a key's path; empty when it is in range.
std::string out_of_range(std::int64_t value, std::int64_t min, std::int64_t max);

}  // namespace ccrelay::config
