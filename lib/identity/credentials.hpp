#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/secret.hpp>

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace ccrelay::identity {

/// What AWS requests are signed with.
struct AwsKeys {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;            ///< empty for keys that last
  std::optional<WallTime> expiry;  ///< none for keys that last
};

/// What Google and Azure take as `Authorization: Bearer`.
struct BearerToken {
  Secret token;
  std::optional<WallTime> expiry;
};

using Credentials = std::variant<AwsKeys, BearerToken>;
/// Credentials in use: the same object for all who got them before the next refresh, so that a
/// pointer says which ones a request went out with.
using Held = std::shared_ptr<const Credentials>;

inline std::optional<WallTime> expiry_of(const Credentials& credentials) {
  return std::visit([](const auto& kind) { return kind.expiry; }, credentials);
}

}  // namespace ccrelay::identity
