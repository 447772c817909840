#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "ledger/usage_groups.hpp"

namespace ccrelay::ledger {

/// What caching of prompts saved, and where it was broken, from lines in the order of time. Pure.
/// In one conversation (session, agent, model, provider) a request inside the lifetime of what its
/// predecessor read and wrote should read all of it; one that reads less than half has had its
/// cache broken: by a changed beginning of the prompt, or by going where the cache is not.
class CacheWatch {
 public:
  /// `prices` may be null: then nothing is known of money. Outlives this.
  explicit CacheWatch(const UsagePrices* prices) : prices_(prices) {}

  void add(const UsageLine& line);
  void put_into(UsageTable& table) const;

 private:
  struct Last {
    WallTime began{}, ended{};
    Duration lifetime{};
    std::uint64_t expected = 0;
  };
  using Conversation = std::tuple<std::string, std::string, std::string, std::string>;

  void add_saved(const TokenRates& rates, const Tokens& tokens);
  void look_for_break(const TokenRates& rates, const UsageLine& line);

  const UsagePrices* prices_;
  std::map<Conversation, Last> last_;
  std::int64_t saved_pico_ = 0, broken_pico_ = 0;
  std::uint64_t broken_ = 0;
};

}  // namespace ccrelay::ledger
