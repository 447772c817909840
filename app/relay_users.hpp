#pragma once

#include <ccrelay/result.hpp>

#include <optional>
#include <string>

#include "descriptor.hpp"

namespace ccrelay::app {

/// Names the users' file to a relay that shall end with its last user.
inline constexpr const char* users_variable = "CC_RELAY_USERS_FILE";

/// The part of one user of a relay that ends with its last one. All of them hold one file with a
/// shared lock and the relay waits for a lock of its own: that it gets when the last one has let
/// go, in whatever way that one ended, and from then on nobody gets in any more. Gone with the
/// object.
class RelayUse {
 public:
  /// The first one, for a relay that is about to be started.
  static Result<RelayUse> first(const std::string& folder);
  /// One more; none when the relay is about to end.
  static std::optional<RelayUse> join(const std::string& file);

  const std::string& file() const { return file_; }
  /// Lets go; whether nobody is left.
  bool leave();

 private:
  RelayUse(Descriptor lock, std::string file) : lock_(std::move(lock)), file_(std::move(file)) {}

  Descriptor lock_;
  std::string file_;
};

/// Ends this process as SIGTERM does when the last user has gone. `file` is what users_variable
/// said.
void end_with_last_user(const std::string& file);

}  // namespace ccrelay::app
