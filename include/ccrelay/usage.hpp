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

/// Tokens of one model in one attempt: what is priced.
struct Charge {
  ChargeKind kind = ChargeKind::message;
  std::string model;  ///< as the provider named it; empty when it did not
  Tokens tokens;
  std::optional<std::uint64_t> thinking;  ///< part of `output`, for display
  std::optional<std::uint64_t> web_searches;
  bool assumed_ttl = false;  ///< some cache writes came without their lifetime and count as 5m
  bool operator==(const Charge&) const = default;
};

/// What one answer said of its use: the vendor's `usage`, with everything that was told of it in
/// passing put together. Of clients that left, and of streams that broke, what was seen.
struct UsageReport {
  /// The answer itself; then what its top level does not hold. Several `fallback` ones instead of a
  /// `message` where the vendor tells parts that add up to it. Empty when nothing was told.
  std::vector<Charge> charges;
  std::string service_tier;  ///< `usage.service_tier`; empty when not told
  std::string speed;         ///< `usage.speed`
  std::string geo;           ///< `usage.inference_geo`
};

}  // namespace ccrelay
