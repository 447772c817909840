#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/prices.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay {

/// Tokens by class. A class that was not told is absent, which is not 0.
struct Tokens {
  std::array<std::optional<std::uint64_t>, token_classes> counts;

  std::optional<std::uint64_t>& operator[](TokenClass which) {
    return counts[static_cast<std::size_t>(which)];
  }
  const std::optional<std::uint64_t>& operator[](TokenClass which) const {
    return counts[static_cast<std::size_t>(which)];
  }
  /// Whether any class was told.
  bool told() const {
    for (const auto& count : counts) {
      if (count) return true;
    }
    return false;
  }
  bool operator==(const Tokens&) const = default;
};

/// What a charge is for. The words are those of the ledger.
enum class ChargeKind : std::uint8_t {
  message,     ///< the answer itself
  compaction,  ///< the context was summed up on the way, beside the message's own tokens
  advisor,     ///< another model was asked for advice, likewise
  fallback,    ///< a part of the answer, from a model that took another's place
  other,       ///< a part of a kind that this relay does not know
};
[[gnu::visibility("default")]] std::string_view to_string(ChargeKind kind);

/// Who pays for what a provider did.
enum class Payer : std::uint8_t {
  the_operator,  ///< a key or an identity of the configuration was used
  the_client,    ///< the client's own credential was passed through
};
/// `operator` or `client`, as in the ledger.
[[gnu::visibility("default")]] std::string_view to_string(Payer payer);

/// Charge::price where no price table was asked: the provider itself told the cost.
inline constexpr std::string_view told_price = "told";

/// Tokens of one model in one attempt: what is priced.
struct Charge {
  ChargeKind kind = ChargeKind::message;
  std::string model;  ///< as the provider named it; empty when it did not
  Tokens tokens;
  std::optional<std::uint64_t> thinking;  ///< part of `output`, for display
  std::optional<std::uint64_t> web_searches;
  bool assumed_ttl = false;  ///< some cache writes came without their lifetime and count as 5m
  /// Whether the provider bills it; what it answered with an error is counted in no sum.
  bool billed = true;
  /// The answer did not reach its end: input is final, output a lower bound.
  bool partial = false;
  /// Estimates beside what a partial or silent answer did not tell, in tokens. Never part of
  /// `tokens` or of `cost_nano_usd`; limits and budgets count them, so that nobody dodges one by
  /// leaving before the figures come.
  std::optional<std::uint64_t> est_input;
  std::optional<std::uint64_t> est_output;
  /// The row of the price table that was used: `anthropic/claude-sonnet-5-5@2026-10-07`, or
  /// told_price; empty when there is none.
  std::string price;
  /// Nano-USD (10^-9); absent when it is not known, which is not 0.
  std::optional<std::int64_t> cost_nano_usd;
  /// What the estimates would cost beside that, in nano-USD: for budgets alone. Absent where
  /// nothing is estimated, or no price is known.
  std::optional<std::int64_t> est_cost_nano_usd;
  bool operator==(const Charge&) const = default;
};

/// What one answer said of its use: the vendor's `usage`, with everything that was told of it in
/// passing put together. Of clients that left, and of streams that broke, what was seen.
struct UsageReport {
  /// The answer itself; then what its top level does not hold. Several `fallback` ones instead of a
  /// `message` where the vendor tells parts that add up to it. Empty for what makes no charge:
  /// counting tokens, errors, pass-through. One without any figure for an answer that told none.
  std::vector<Charge> charges;
  std::string service_tier;  ///< `usage.service_tier`; empty when not told
  std::string speed;         ///< `usage.speed`
  std::string geo;           ///< `usage.inference_geo`
  Payer payer = Payer::the_operator;
  bool operator==(const UsageReport&) const = default;
};

/// What several charges come to.
struct UsageTotal {
  Tokens tokens;  ///< of billed charges; a class nobody told is absent
  std::optional<std::uint64_t> web_searches;
  /// Of the billed charges whose cost is known, in nano-USD; absent when that is none of them.
  std::optional<std::int64_t> cost_nano_usd;
  std::uint32_t charges = 0;        ///< billed ones
  std::uint32_t unknown_cost = 0;   ///< of these, without a known cost
  std::uint32_t without_usage = 0;  ///< of these, without any figure
  std::uint32_t partial = 0;        ///< of these, cut off
};

/// Adds one up; sums that 64 bits don't hold stay at their largest.
[[gnu::visibility("default")]] void add(UsageTotal& total, const UsageReport& usage);

/// What it takes from the budget of who asked, in nano-USD: the cost of billed charges as far as it
/// is known, with that of their estimates. Nothing of what the client's own credential pays for.
[[gnu::visibility("default")]] std::int64_t taken_from_budget(const UsageReport& usage);

}  // namespace ccrelay
