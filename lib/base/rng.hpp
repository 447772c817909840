#pragma once

#include <cstdint>
#include <string>

namespace ccrelay::base {

/// A small deterministic generator (SplitMix64) for jitter and ids; not for secrets. One per
/// worker.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, bound); the bias of the modulo is far below what jitter could show.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  /// 32 hex digits.
  std::string hex_id();

  /// A seed from the operating system.
  static std::uint64_t system_seed();

 private:
  std::uint64_t state_;
};

}  // namespace ccrelay::base
