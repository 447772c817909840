#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/provider.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ccrelay::state {

/// What a provider has refused, and what it took instead: only what a request has proven, whose try
/// without it succeeded.
struct Proven {
  /// A member of the body, and the betas that went along when it was refused: with others it may be
  /// taken.
  struct Field {
    std::string path;
    std::vector<std::string> with;
  };
  /// Betas that were refused together without a word on which, and those of them that were taken.
  struct Choice {
    std::vector<std::string> refused;
    std::vector<std::string> taken;
  };
  std::vector<std::string> betas;
  std::vector<Field> fields;
  std::vector<Choice> choices;

  bool empty() const { return betas.empty() && fields.empty() && choices.empty(); }
};

/// Whom it was learnt of.
struct RefusalKey {
  std::string provider;
  std::string model;  ///< as sent there
  bool counting = false;
};

/// What providers have proven not to take for a model, so that it is left out from then on. Each
/// thing is forgotten a day after it was learnt: a provider that learns something new gets to show
/// it. Bounded. Thread-safe.
class Refusals {
 public:
  static constexpr std::size_t subjects_max = 256;
  static constexpr std::size_t things_max = 64;  ///< of one subject
  static constexpr std::size_t betas_max = 64;   ///< in one thing; with more it is not kept
  static constexpr std::chrono::hours memory{24};

  /// True if any of it was not known.
  bool learn(const RefusalKey& key, const Proven& proven, TimePoint now);
  /// Nothing was ever learnt.
  bool empty() const { return !any_.load(std::memory_order_acquire); }
  /// Whether anything was learnt of it, of late or long ago.
  bool knows(const RefusalKey& key);
  /// What of a request with these betas must stay behind.
  Unsupported known(const RefusalKey& key, const std::vector<std::string_view>& sent,
                    TimePoint now);

 private:
  struct Thing {
    enum class Kind : std::uint8_t { beta, field, choice };
    Kind kind;
    std::string name;                // of a beta or a field
    std::vector<std::string> with;   // sorted: of a field, or what was refused
    std::vector<std::string> taken;  // sorted
    TimePoint until;
  };
  struct Record {
    std::string key;
    std::vector<Thing> things;  // the one learnt longest ago first
  };

  static bool add(Record& record, Thing thing);
  Record& record_of(const std::string& key);

  std::atomic<bool> any_{false};
  std::mutex mutex_;
  std::list<Record> records_;  // the one used longest ago first
  std::unordered_map<std::string, std::list<Record>::iterator> index_;
};

}  // namespace ccrelay::state
