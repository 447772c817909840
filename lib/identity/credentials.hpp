#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/provider.hpp>

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace ccrelay::identity {

/// What AWS requests are signed with, and until when.
struct IssuedKeys : AwsKeys {
  std::optional<WallTime> expiry;  ///< none for keys that last
};

/// What Google and Azure take as `Authorization: Bearer`, and until when.
struct IssuedToken : BearerToken {
  std::optional<WallTime> expiry;
};

/// Credentials as a cloud gave them.
using Issued = std::variant<IssuedKeys, IssuedToken>;
/// Credentials in use: the same object for all who got them before the next refresh, so that a
/// pointer says which ones a request went out with.
using Held = std::shared_ptr<const Issued>;

inline std::optional<WallTime> expiry_of(const Issued& credentials) {
  return std::visit([](const auto& kind) { return kind.expiry; }, credentials);
}

}  // namespace ccrelay::identity
