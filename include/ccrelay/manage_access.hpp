#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/manage_role.hpp>
#include <ccrelay/result.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ccrelay::manage {
class Core;
}

namespace ccrelay::management {

/// Who a call of the management comes from.
struct Caller {
  /// "token:NAME" (its name in the configuration, not the token), "uid:1000" or "cert:SUBJECT".
  std::string name;
  Role role = Role::unspecified;
};

/// Who may come in to the management of a relay, for its fronts: Manager::access(). Asked anew with
/// each call, it goes by the configuration in force, so that a reload needs nobody's help. No
/// answer of it holds a token. Thread-safe.
class [[gnu::visibility("default")]] Access {
 public:
  explicit Access(manage::Core & core);
  /// Takes the file of a token that it has made away.
  ~Access();
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;

  /// Whose token this is, as it stands behind `Bearer` (RFC 6750 section 2.1); nothing: nobody's.
  /// Compared with all of them in a time that depends on the length of what was presented alone.
  std::optional<Caller> by_token(std::string_view token) const;
  /// On a Unix socket, whose process it is (SO_PEERCRED): the relay's own user, root and
  /// `manage.auth.users` are operators. Others than the first two may cost a look into the system's
  /// users.
  std::optional<Caller> by_uid(std::uint32_t uid) const;
  /// Over TLS, by the subject of a certificate that the CAs of `manage.tls.client_ca_file` have
  /// vouched for, which is the caller's to see to; nothing where none are asked for. Control
  /// characters in it become `?`, and it is cut after 200 bytes.
  std::optional<Caller> by_certificate(std::string_view subject) const;

  /// Where neither a token nor a CA is configured, nobody could come in over TCP: makes a token of
  /// 32 random bytes then, whose file (0600), named after the relay's port, stands beside the
  /// socket of `manage.socket`. Idempotent. For a front that listens on TCP, before it does. The
  /// error names the file that could not be written.
  Result<void> make_token();
  /// The file of that token; empty when there is none.
  std::string token_file() const;

  /// The words for whoever has no credential, or not one that opens anything: the same for both.
  static std::string_view unauthenticated();
  /// For a process of another user on the Unix socket: names the user and the setting.
  static std::string refused_user(std::uint32_t uid);
  /// For a viewer that would act.
  static std::string refused_viewer(const Caller& caller);
  /// Tells the observer (`manage_refused`) that somebody at this address was not let in, and why:
  /// one line an address and minute, whatever comes. An address is `127.0.0.1:50412`,
  /// `[::1]:50412` or `unix`.
  void refused(std::string_view peer, std::string_view why);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace ccrelay::management
