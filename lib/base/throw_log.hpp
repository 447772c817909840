#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/observer.hpp>

#include <string>
#include <string_view>

namespace ccrelay::base {

/// What is being thrown, for people: `std::runtime_error: no such team`, `int`. In a handler only.
std::string what_is_thrown();

/// Where it goes when code that the embedding program brought along throws, other than its
/// observer. A value type. Both outlive it.
struct ThrowLog {
  Observer* observer = nullptr;  ///< or nobody
  const Clock* clock = nullptr;  ///< null: the system's

  /// In a handler: tells the observer that `who` threw, and what follows from that.
  void note(std::string_view who, std::string_view consequence) const noexcept;
};

}  // namespace ccrelay::base
