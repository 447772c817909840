#pragma once

#include <ccrelay/testing/fake_provider.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ccrelay::soak {

inline constexpr int provider_count = 3;
/// The first key of each provider may be limited or refused; the second is always good.
inline constexpr int keys_per_provider = 2;

/// What providers do to requests, decided by the seed and the request's number alone: a run can be
/// replayed, and for each request one provider is known that would have answered it.
class Weather {
 public:
  explicit Weather(std::uint64_t seed) : seed_(seed) {}

  /// Requests of one phase meet the same weather.
  static constexpr std::uint64_t phase_length = 400;

  /// What provider `provider` does with request `number` that came with key `key`.
  testing::Script script(int provider, int key, std::uint64_t number, bool stream) const;
  /// The body of a good answer.
  static std::string answer(std::uint64_t number, bool stream);
  /// A stream that breaks after its beginning has gone to the client, whoever answers it.
  bool breaks_late(std::uint64_t number) const { return draw(number, 77) % 50 == 0; }

 private:
  enum class Mood : std::uint8_t {
    well,
    flaky,
    overloaded,
    limited,
    refusing,
    dead,
    lying,
    stalling
  };
  Mood mood(int provider, std::uint64_t number) const;
  std::uint64_t draw(std::uint64_t a, std::uint64_t b) const;

  std::uint64_t seed_;
};

}  // namespace ccrelay::soak
