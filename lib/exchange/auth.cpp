#include "exchange/auth.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "sign/secrets.hpp"

namespace ccrelay::exchange {
namespace {

bool matches(std::string_view secret, std::string_view presented) {
  return !secret.empty() && sign::equal_secrets(secret, presented);
}
bool matches(const Secret& secret, std::string_view presented) {
  return matches(secret.reveal(), presented);
}

// RFC 9110 section 11.6.2; the scheme's name has no case. Empty when it is no Bearer token.
std::string_view bearer_token(std::string_view value) {
  if (!base::istarts_with(value, "bearer ")) return {};
  return base::trim(value.substr(7));
}

bool is_anthropic(std::string_view token) {
  return token.starts_with("sk-ant-");
}

std::string date_of(std::chrono::sys_seconds time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

// Empty: its key opens the relay.
std::string why_not(const ClientConfig& client, WallTime now) {
  if (!client.enabled) {
    return fmt::format("the key of {} is switched off; ask who runs this relay", client.name);
  }
  if (client.expires && now >= *client.expires) {
    return fmt::format("the key of {} expired on {}; ask who runs this relay", client.name,
                       date_of(*client.expires));
  }
  return {};
}

}  // namespace

bool is_open(const AuthConfig& auth) {
  return auth.api_key.empty() && auth.bearer_secret.empty() && !auth.allow_subscription &&
         auth.clients.empty();
}

namespace {

// Where a credential stands.
enum class Place : std::uint8_t { none, bearer, key, foreign_key };

Place place_of(base::HeaderName name) {
  switch (name) {
    case base::HeaderName::authorization:
      return Place::bearer;
    case base::HeaderName::x_api_key:
      return Place::key;
    case base::HeaderName::x_goog_api_key:
    case base::HeaderName::api_key:
      return Place::foreign_key;
    default:
      return Place::none;
  }
}

// Takes one credential after the other.
class AccessCheck {
 public:
  AccessCheck(const AuthConfig& auth, const worker::ClientIndex& clients, WallTime now,
              const Secret& metrics_secret, const std::vector<ManageToken>& manage_tokens,
              std::string_view made_token)
      : auth_(auth),
        clients_(clients),
        now_(now),
        metrics_secret_(metrics_secret),
        manage_tokens_(manage_tokens),
        made_token_(made_token) {}

  /// Whether it is the client's own, and nothing of the relay's.
  bool take(std::string_view token, Place place) {
    const bool is_bearer = place == Place::bearer;
    if (token.empty() || token == placeholder_token) return false;
    access.presented = true;
    const bool is_relay_key = matches(auth_.api_key, token);
    const bool is_relay_secret = matches(auth_.bearer_secret, token);
    if (is_relay_key || is_relay_secret) {
      // The secret opens as Bearer only, but wherever it stands it is not the client's own.
      opened = opened || is_relay_key || is_bearer;
      return false;
    }
    if (const ClientConfig* client = clients_.find(token)) {
      if (std::string why = why_not(*client, now_); !why.empty()) {
        access.refusal = std::move(why);
        access.barred = client;
      } else if (!access.who) {
        access.who = client;
      }
      return false;
    }
    if (matches(metrics_secret_, token)) {
      access.opens_metrics = access.opens_metrics || is_bearer;
      return false;
    }
    if (matches(made_token_, token)) return false;
    return std::none_of(manage_tokens_.begin(), manage_tokens_.end(),
                        [&](const ManageToken& one) { return matches(one.token, token); });
  }

  Access access;
  bool opened = false;

 private:
  const AuthConfig& auth_;
  const worker::ClientIndex& clients_;
  const WallTime now_;
  const Secret& metrics_secret_;
  const std::vector<ManageToken>& manage_tokens_;
  const std::string_view made_token_;
};

}  // namespace

Access check_access(const AuthConfig& auth, const worker::ClientIndex& clients,
                    const Headers& headers, WallTime now, const Secret& metrics_secret,
                    const std::vector<ManageToken>& manage_tokens, std::string_view made_token,
                    std::string_view query_key) {
  const bool open = is_open(auth);
  AccessCheck check(auth, clients, now, metrics_secret, manage_tokens, made_token);
  Access& access = check.access;
  bool any_bearer = false;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const Place place = place_of(headers.known_name(i));
    if (place == Place::none) continue;
    const Header header = headers[i];
    const bool is_bearer = place == Place::bearer;
    const std::string_view token = is_bearer ? bearer_token(header.value) : header.value;
    if (!check.take(token, place) || place == Place::foreign_key) continue;
    any_bearer = any_bearer || is_bearer;
    access.own.add(header.name, header.value);
    access.own_is_anthropic = access.own_is_anthropic || is_anthropic(token);
  }
  (void)check.take(query_key, Place::foreign_key);
  // The relay's own key has no limits.
  if (check.opened) access.who = nullptr;
  const bool has_key = check.opened || access.who;
  const bool is_barred = !access.refusal.empty() && !has_key;
  access.may_spend_keys = open || has_key;
  access.admitted = access.may_spend_keys || (auth.allow_subscription && any_bearer && !is_barred);
  if (access.admitted) {
    access.refusal.clear();
    access.client = access.who     ? std::string_view(access.who->name)
                    : check.opened ? "default"
                    : open         ? "anonymous"
                                   : "subscription";
  } else if (access.refusal.empty()) {
    access.refusal = access.presented
                         ? "the credential is not one that this relay accepts"
                         : "this relay asks for a credential: send its key as an API key or "
                           "as \"Authorization: Bearer\"";
  }
  return std::move(access);
}

void keep_own_of_anthropic(Access& access) {
  if (access.own.empty()) return;
  Headers kept;
  for (std::size_t i = 0; i < access.own.size(); ++i) {
    const Header field = access.own[i];
    const std::string_view bearer = bearer_token(field.value);
    if (is_anthropic(bearer.empty() ? field.value : bearer)) kept.add(access.own, i);
  }
  access.own = std::move(kept);
}

std::optional<Authority> choose_authority(const ProviderConfig& config, const Provider& provider,
                                          bool has_keys, const Access& access) {
  const bool can_pass = provider.takes_client_credential() && !access.own.empty();
  const bool passes = config.credentials == Credentials::passthrough
                          ? can_pass
                          : config.credentials == Credentials::automatic && can_pass &&
                                (access.own_is_anthropic || !has_keys);
  if (passes) return Authority::client;
  if (!access.may_spend_keys) return {};
  if (has_keys) return Authority::key;
  if (provider.cloud() != Cloud::none) return Authority::identity;
  if (!provider.needs_credential()) return Authority::none;
  return {};
}

}  // namespace ccrelay::exchange
