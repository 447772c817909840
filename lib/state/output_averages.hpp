#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace ccrelay::state {

/// How long answers of a model use to be, in tokens: a moving average for each model as clients
/// name it, in which each answer counts for a tenth. Bounded: when full, the model not heard of for
/// longest goes. Shared by all workers, kept over a reload. Thread-safe; the lock is held for a
/// look-up.
class OutputAverages {
 public:
  /// Of a model of which nothing is known; the average begins with it.
  static constexpr std::uint64_t unknown_tokens = 500;

  explicit OutputAverages(std::size_t models_max = 500) : models_max_(models_max) {}

  /// An answer of so many tokens has ended.
  void note(std::string_view model, std::uint64_t tokens);
  /// Rounded.
  std::uint64_t of(std::string_view model) const;
  std::size_t size() const;

 private:
  struct Average {
    std::uint64_t thousandths = unknown_tokens * 1000;
    std::uint64_t used = 0;  // the later, the larger
  };
  void make_room();

  const std::size_t models_max_;
  mutable std::mutex mutex_;
  std::uint64_t uses_ = 0;
  std::unordered_map<std::uint64_t, Average> by_model_;  // by a hash of its name
};

}  // namespace ccrelay::state
