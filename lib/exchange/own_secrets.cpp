#include "exchange/own_secrets.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "base/percent.hpp"
#include "dialect/surface.hpp"
#include "exchange/auth.hpp"
#include "sign/secrets.hpp"

namespace ccrelay::exchange {
namespace {

// What stands around a key in a value: `Bearer KEY`, `key="KEY"`, `a=b; token=KEY`; `=` where the
// key has none itself. Each byte of every header is looked at: a table is quicker than a search.
enum class Around : std::uint8_t { no, yes, equals };

constexpr std::array<Around, 256> separators = [] {
  std::array<Around, 256> table{};
  for (const unsigned char c : {' ', '\t', ',', ';', '"', '\''}) table[c] = Around::yes;
  table['='] = Around::equals;
  return table;
}();

Around around(char c) {
  return separators[static_cast<unsigned char>(c)];
}

// None is shorter (config/problems_clients.cpp); what is need not be hashed.
constexpr std::size_t client_key_min = 16;

class OwnSecrets {
 public:
  OwnSecrets(const Config& config, const worker::ClientIndex& clients, std::string_view made_token)
      : config_(config), clients_(clients), made_token_(made_token) {
    const AuthConfig& auth = config.server.auth;
    note(auth.api_key.reveal());
    note(auth.bearer_secret.reveal());
    note(config.metrics.bearer_secret.reveal());
    note(placeholder_token);
    note(made_token);
    for (const ManageToken& one : config.manage.tokens) note(one.token.reveal());
    for (const ProviderConfig& provider : config.providers) {
      for (const KeyConfig& key : provider.keys) note(key.key.reveal());
    }
    if (!clients.empty()) shortest_ = std::min(shortest_, client_key_min);
  }

  /// The whole value, or a part of it that stands by itself.
  bool in(std::string_view value) const {
    if (value.size() < shortest_) return false;
    return is_one(base::trim(value)) || in_parts(value);
  }

 private:
  void note(std::string_view secret) {
    if (secret.empty()) return;
    shortest_ = std::min(shortest_, secret.size());
    lengths_ |= std::uint64_t{1} << secret.size() % 64;
  }

  // Between separators of either kind: with the `=` in it, and without.
  bool in_parts(std::string_view value) const {
    std::size_t part = 0;
    std::size_t inner = 0;
    for (std::size_t i = 0; i <= value.size(); ++i) {
      const Around what = i == value.size() ? Around::yes : around(value[i]);
      if (what == Around::no) continue;
      if (is_one(value.substr(inner, i - inner))) return true;
      inner = i + 1;
      if (what == Around::equals) continue;
      if (is_one(value.substr(part, i - part))) return true;
      part = i + 1;
    }
    return false;
  }

  // A length says nothing; the rest is compared in constant time.
  static bool same(const Secret& secret, std::string_view text) {
    return same(secret.reveal(), text);
  }
  static bool same(std::string_view known, std::string_view text) {
    return !known.empty() && known.size() == text.size() && sign::equal_secrets(known, text);
  }

  bool is_one(std::string_view text) const {
    if (text.size() >= client_key_min && clients_.find(text)) return true;
    // Most texts are too short, or of no secret's length.
    if (text.size() < shortest_ || (lengths_ >> text.size() % 64 & 1) == 0) return false;
    const AuthConfig& auth = config_.server.auth;
    if (same(auth.api_key, text) || same(auth.bearer_secret, text) ||
        same(config_.metrics.bearer_secret, text) || same(made_token_, text) ||
        text == placeholder_token) {
      return true;
    }
    for (const ManageToken& one : config_.manage.tokens) {
      if (same(one.token, text)) return true;
    }
    for (const ProviderConfig& provider : config_.providers) {
      for (const KeyConfig& key : provider.keys) {
        if (same(key.key, text)) return true;
      }
    }
    return false;
  }

  const Config& config_;
  const worker::ClientIndex& clients_;
  const std::string_view made_token_;
  std::size_t shortest_ = std::string_view::npos;
  std::uint64_t lengths_ = 0;  // one bit for each length modulo 64 that a secret has
};

bool is_for_the_check(base::HeaderName name) {
  return name == base::HeaderName::x_api_key || name == base::HeaderName::authorization ||
         name == base::HeaderName::x_goog_api_key || name == base::HeaderName::api_key;
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

std::string take_query_key(RequestHead& head) {
  const auto mark = head.target.find('?');
  if (mark == std::string::npos) return {};
  const std::string_view query = std::string_view(head.target).substr(mark + 1);
  std::optional<std::string> key = dialect::query_value(query, "key");
  if (!key) return {};
  const std::string rest = dialect::query_without(query, "key");
  head.target.resize(mark);
  if (!rest.empty()) head.target.append("?").append(rest);
  return *std::move(key);
}

void drop_own_secrets(const Config& config, const worker::ClientIndex& clients,
                      std::string_view made_token, RequestHead& head) {
  const OwnSecrets secrets(config, clients, made_token);
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
