#include "exchange/own_secrets.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "base/percent.hpp"
#include "exchange/auth.hpp"
#include "sign/secrets.hpp"

namespace ccrelay::exchange {
namespace {

// What stands around a key in a value: `Bearer KEY`, `key="KEY"`, `a=b; token=KEY`.
constexpr std::string_view around = " \t,;\"'";
constexpr std::string_view around_too = " \t,;\"'=";  // where it has none itself

class OwnSecrets {
 public:
  explicit OwnSecrets(const Config& config) : config_(config) {}

  /// The whole value, or a part of it that stands by itself.
  bool in(std::string_view value) const {
    return is_one(base::trim(value)) || in_parts(value, around) || in_parts(value, around_too);
  }

 private:
  bool in_parts(std::string_view value, std::string_view separators) const {
    while (!value.empty()) {
      value.remove_prefix(std::min(value.find_first_not_of(separators), value.size()));
      const auto end = std::min(value.find_first_of(separators), value.size());
      if (is_one(value.substr(0, end))) return true;
      value.remove_prefix(end);
    }
    return false;
  }

  // A length says nothing; the rest is compared in constant time.
  static bool same(const Secret& secret, std::string_view text) {
    const std::string_view known = secret.reveal();
    return !known.empty() && known.size() == text.size() && sign::equal_secrets(known, text);
  }

  bool is_one(std::string_view text) const {
    if (text.empty()) return false;
    const AuthConfig& auth = config_.server.auth;
    if (same(auth.api_key, text) || same(auth.bearer_secret, text) || text == placeholder_token) {
      return true;
    }
    for (const ProviderConfig& provider : config_.providers) {
      for (const KeyConfig& key : provider.keys) {
        if (same(key.key, text)) return true;
      }
    }
    return false;
  }

  const Config& config_;
};

bool is_for_the_check(base::HeaderName name) {
  return name == base::HeaderName::x_api_key || name == base::HeaderName::authorization;
}

// As a form may have written it.
std::string value_of(std::string_view parameter) {
  const auto equals = parameter.find('=');
  std::string value(equals == std::string_view::npos ? parameter : parameter.substr(equals + 1));
  std::replace(value.begin(), value.end(), '+', ' ');
  return base::percent_decoded(value);
}

void drop_from_query(const OwnSecrets& secrets, std::string& target) {
  const auto mark = target.find('?');
  if (mark == std::string::npos) return;
  std::string kept;
  bool dropped = false;
  std::string_view rest = std::string_view(target).substr(mark + 1);
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const std::string_view parameter = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    // A `+` may also be one.
    if (secrets.in(value_of(parameter)) || secrets.in(base::percent_decoded(parameter))) {
      dropped = true;
      continue;
    }
    kept.append(kept.empty() ? "?" : "&").append(parameter);
  }
  if (dropped) target = target.substr(0, mark) + kept;
}

}  // namespace

void drop_own_secrets(const Config& config, RequestHead& head) {
  const OwnSecrets secrets(config);
  drop_from_query(secrets, head.target);
  const Headers& given = head.headers;
  const auto shows = [&](std::size_t i) {
    return !is_for_the_check(given.known_name(i)) && secrets.in(given[i].value);
  };
  bool any = false;
  for (std::size_t i = 0; i < given.size() && !any; ++i) any = shows(i);
  if (!any) return;
  Headers kept;
  kept.reserve_for(given);
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!shows(i)) kept.add(given, i);
  }
  head.headers = std::move(kept);
}

}  // namespace ccrelay::exchange
