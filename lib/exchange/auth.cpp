#include "exchange/auth.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/ascii.hpp"
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

Access check_access(const AuthConfig& auth, const worker::ClientIndex& clients,
                    const Headers& headers, WallTime now, const Secret& metrics_secret,
                    const std::vector<ManageToken>& manage_tokens, std::string_view made_token) {
  const bool open = is_open(auth);
  Access access;
  bool any_bearer = false;
  bool opened = false;
  for (const Header header : headers) {
    const bool is_key = base::iequals(header.name, "x-api-key");
    const bool is_bearer = base::iequals(header.name, "authorization");
    if (!is_key && !is_bearer) continue;
    const std::string_view token = is_bearer ? bearer_token(header.value) : header.value;
    if (token.empty() || token == placeholder_token) continue;
    access.presented = true;
    const bool is_relay_key = matches(auth.api_key, token);
    const bool is_relay_secret = matches(auth.bearer_secret, token);
    if (is_relay_key || is_relay_secret) {
      // The secret opens as Bearer only, but wherever it stands it is not the client's own.
      opened = opened || is_relay_key || is_bearer;
      continue;
    }
    if (const ClientConfig* client = clients.find(token)) {
      if (std::string why = why_not(*client, now); !why.empty()) {
        access.refusal = std::move(why);
        access.barred = client;
      } else if (!access.who) {
        access.who = client;
      }
      continue;
    }
    if (matches(metrics_secret, token)) {
      access.opens_metrics = access.opens_metrics || is_bearer;
      continue;
    }
    if (matches(made_token, token)) continue;
    if (std::any_of(manage_tokens.begin(), manage_tokens.end(),
                    [&](const ManageToken& one) { return matches(one.token, token); })) {
      continue;
    }
    any_bearer = any_bearer || is_bearer;
    access.own.add(header.name, header.value);
    access.own_is_anthropic = access.own_is_anthropic || token.starts_with("sk-ant-");
  }
  // The relay's own key has no limits.
  if (opened) access.who = nullptr;
  const bool has_key = opened || access.who;
  const bool is_barred = !access.refusal.empty() && !has_key;
  access.may_spend_keys = open || has_key;
  access.admitted = access.may_spend_keys || (auth.allow_subscription && any_bearer && !is_barred);
  if (access.admitted) {
    access.refusal.clear();
    access.client = access.who ? std::string_view(access.who->name)
                    : opened   ? "default"
                    : open     ? "anonymous"
                               : "subscription";
  } else if (access.refusal.empty()) {
    access.refusal = access.presented
                         ? "the credential is not one that this relay accepts"
                         : "this relay asks for a credential: send its key as an API key or "
                           "as \"Authorization: Bearer\"";
  }
  return access;
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
