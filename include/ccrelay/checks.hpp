#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/config.hpp>
#include <ccrelay/config_load.hpp>
#include <ccrelay/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ccrelay {

/// Looking at what a relay would meet with a configuration, without starting one: what
/// `cc-relay doctor` asks. Nothing here costs tokens. All of them block the calling thread, and may
/// be called from several at once.

/// One step of the way to a provider. Not `looked_at`: an earlier one has failed, or it does not
/// belong to the way (TLS with an http:// provider).
struct CheckStep {
  bool looked_at = false;
  bool ok = false;
  std::string words;  ///< what went wrong, or what is worth knowing; holds no secret
};

/// What a provider says to one credential.
enum class KeyVerdict : std::uint8_t {
  accepted,
  refused,   ///< 401, 403, or words that say so
  limited,   ///< it is one, but at its limit or without credit: 402, 429
  troubled,  ///< the provider failed: 5xx
  untold,    ///< it answered, and not so that the credential could be judged
  unasked,   ///< there was no answer, or nothing was asked: `words` say why
};
struct KeyCheck {
  std::string label;  ///< the key's fingerprint, with its name; `identity` of a cloud's
  KeyVerdict verdict = KeyVerdict::unasked;
  int status = 0;     ///< of the answer; 0 = none
  std::string words;  ///< the provider's, with secrets taken out
};

/// What a provider came to.
struct ProviderCheck {
  std::string name;     ///< of its [[providers]]
  std::string type;     ///< the same
  std::string address;  ///< `host:port` that requests go to
  std::string proxy;    ///< `host:port` of the proxy on the way; empty = it is reached directly
  bool by_environment = false;  ///< that proxy is the environment's, not one of the entry's own
  std::string ca_file;          ///< what its certificate is verified with; empty = the system's
  bool needs_credential = false;
  bool takes_client_credential = false;
  CheckStep dns;      ///< of the proxy where there is one: that one looks up the rest
  CheckStep connect;  ///< TCP, to the proxy or through it
  CheckStep tls;
  CheckStep identity;  ///< of a cloud, where no key is configured; `words`: where it was found
  std::vector<KeyCheck> keys;
  /// The ids of all models that it lists. Asked for where the configuration names models of it;
  /// none: `models_words` say why.
  std::optional<std::vector<std::string>> models;
  std::string models_words;
  /// How much later it is here than the provider's `Date` says; none: it sent none.
  std::optional<std::chrono::seconds> clock_ahead;
};

struct ProviderCheckOptions {
  milliseconds timeout{10'000};  ///< for all of them together
  bool offline = false;          ///< ask nobody: what is known without is filled in
  std::string only = {};         ///< the name of one provider; empty = all
  Environment environment = {};  ///< as RelayOptions::environment
};

/// Asks all enabled providers with all of their keys at once, each by a call that costs nothing:
/// `GET /v1/models?limit=1` where the type has it, else tokens of one word are counted, of Ollama
/// `GET /api/version`. A type of the program's own is not asked but whether it answers. In the
/// order of the configuration. An error: what Relay::start() would say of this configuration.
[[gnu::visibility("default")]] Result<std::vector<ProviderCheck>> check_providers(
    const Config& config, const ProviderCheckOptions& options);

/// Whether `server.listen` can be listened on at this moment: it is, and closed again at once. The
/// error is what Relay::start() would say, with the program that has the port where that can be
/// known.
[[gnu::visibility("default")]] Result<void> check_listen(const ServerConfig& server);

}  // namespace ccrelay
