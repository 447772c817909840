#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/provider.hpp>

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

namespace ccrelay::state {

/// What providers have refused to take for a model, so that it is left out from then on. Forgotten
/// after a day: a provider that learns something new gets to show it. Bounded. Thread-safe.
class Refusals {
 public:
  static constexpr std::size_t pairs_max = 256;  ///< of a provider and a model
  static constexpr std::size_t names_max = 32;   ///< betas, and fields, of one pair
  static constexpr std::chrono::hours memory{24};

  /// True if any of it was not known.
  bool learn(const std::string& provider, const std::string& model, const Unsupported& refused,
             TimePoint now);
  Unsupported known(const std::string& provider, const std::string& model, TimePoint now);

 private:
  struct Record {
    std::string key;
    Unsupported refused;
    TimePoint until;
  };

  std::mutex mutex_;
  std::list<Record> records_;  // the one learnt longest ago first
  std::unordered_map<std::string, std::list<Record>::iterator> index_;
};

}  // namespace ccrelay::state
