#pragma once

#include <ccrelay/clock.hpp>

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace ccrelay::state {

/// What is known of keys, whichever provider entry they stand in: which are set aside and until
/// when, and whose turn it is. Shared by all workers and kept over a reload; keys are known by
/// their fingerprint. Thread-safe; the lock is held for a look-up and never across I/O or a
/// callback.
class Keys {
 public:
  struct Choice {
    std::optional<std::size_t> index;  ///< into the list given
    std::optional<TimePoint> soonest;  ///< when none is free: when the first will be
  };
  /// The next key of a provider that may be used for a model now, in turn. `tried` are indexes that
  /// are out of the question for this request.
  Choice choose(const std::string& provider, const std::vector<std::string>& fingerprints,
                const std::string& model, const std::vector<std::size_t>& tried, TimePoint now);

  /// A limit of this key for this model was reached (429).
  void cool(const std::string& fingerprint, const std::string& model, TimePoint until);
  /// The provider does not accept the key (401, 403).
  void refuse(const std::string& fingerprint, TimePoint until);
  bool refused(const std::string& fingerprint, TimePoint now) const;

 private:
  struct Known {
    TimePoint refused_until{};
    std::map<std::string, TimePoint> cool_until;  // by model
  };
  TimePoint free_at(const std::string& fingerprint, const std::string& model) const;

  mutable std::mutex mutex_;
  std::map<std::string, Known> known_;
  std::map<std::string, std::size_t> turn_;  // by provider
};

}  // namespace ccrelay::state
