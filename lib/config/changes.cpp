#include <ccrelay/config_load.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/same_settings.hpp"
#include "config/clouds.hpp"
#include "config/fields.hpp"
#include "config/words.hpp"

namespace ccrelay {
namespace {

using namespace config;

// Not in constant time, as a comparison with what a client sends must be: both are the operator's.
bool same(const Secret& one, const Secret& other) {
  return one.reveal() == other.reveal();
}

bool same(const std::pair<std::string, Secret>& one, const std::pair<std::string, Secret>& other) {
  return one.first == other.first && same(one.second, other.second);
}

bool same(const KeyConfig& one, const KeyConfig& other) {
  for (const LimitField& limit : limit_fields) {
    if (one.*limit.value != other.*limit.value) return false;
  }
  const auto rest = [](const KeyConfig& key) {
    return std::tie(key.weight, key.priority, key.max_in_flight, key.name);
  };
  return same(one.key, other.key) && rest(one) == rest(other);
}

bool same(const UnsupportedConfig& one, const UnsupportedConfig& other) {
  return std::tie(one.models, one.betas, one.fields) ==
         std::tie(other.models, other.betas, other.fields);
}

bool same(const ErrorRule& one, const ErrorRule& other) {
  return std::tie(one.status, one.code, one.words, one.about, one.wait) ==
         std::tie(other.status, other.code, other.words, other.about, other.wait);
}

template <class Value>
bool same(const Value& one, const Value& other) {
  return one == other;
}

template <class Value>
bool same(const std::vector<Value>& one, const std::vector<Value>& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const Value& mine, const Value& its) { return same(mine, its); });
}

// Follows pointers to members: `config.server.tls.cert_file`.
template <auto... Path>
bool same_at(const Config& before, const Config& after) {
  return same((before.*....*Path), (after.*....*Path));
}

using Question = bool (*)(const Config& before, const Config& after);

bool always(const Config&, const Config&) {
  return true;
}
bool never(const Config&, const Config&) {
  return false;
}
// Another file is read at once; a port that spoke in the clear goes on doing so.
bool tls_switched(const Config& before, const Config& after) {
  return before.server.tls.enabled() != after.server.tls.enabled();
}

// A setting of a section that is neither one number nor a flag.
struct OtherField {
  std::string_view section;
  std::string_view key;
  Question same;
  Question restart = never;
};

constexpr auto of_server = &Config::server;
constexpr auto of_tls = &ServerConfig::tls;
constexpr auto of_auth = &ServerConfig::auth;
constexpr auto of_routing = &Config::routing;
constexpr auto of_logging = &Config::logging;

constexpr OtherField others[] = {
    {"server", "listen", same_at<of_server, &ServerConfig::listen>, always},
    {"server", "unix_mode", same_at<of_server, &ServerConfig::unix_mode>, always},
    {"server", "unix_owner", same_at<of_server, &ServerConfig::unix_owner>, always},
    {"server", "trusted_proxies", same_at<of_server, &ServerConfig::trusted_proxies>},
    {"server", "hosts", same_at<of_server, &ServerConfig::hosts>},
    {"server.tls", "cert_file", same_at<of_server, of_tls, &TlsConfig::cert_file>, tls_switched},
    {"server.tls", "key_file", same_at<of_server, of_tls, &TlsConfig::key_file>},
    {"server.tls", "client_ca_file", same_at<of_server, of_tls, &TlsConfig::client_ca_file>},
    {"server.tls", "client_auth", same_at<of_server, of_tls, &TlsConfig::client_auth>},
    {"server.tls", "min_version", same_at<of_server, of_tls, &TlsConfig::min_version>},
    {"server.tls", "handshake_timeout_ms",
     same_at<of_server, of_tls, &TlsConfig::handshake_timeout>, always},
    {"server.auth", "api_key", same_at<of_server, of_auth, &AuthConfig::api_key>},
    {"server.auth", "bearer_secret", same_at<of_server, of_auth, &AuthConfig::bearer_secret>},
    {"server.auth", "allow_subscription",
     same_at<of_server, of_auth, &AuthConfig::allow_subscription>},
    {"routing", "strategy", same_at<of_routing, &RoutingConfig::strategy>},
    {"routing", "affinity", same_at<of_routing, &RoutingConfig::affinity>},
    {"routing", "default_provider", same_at<of_routing, &RoutingConfig::default_provider>},
    {"routing", "model_mapping", same_at<of_routing, &RoutingConfig::model_mapping>},
    {"logging", "level", same_at<of_logging, &LoggingConfig::level>},
    {"logging", "format", same_at<of_logging, &LoggingConfig::format>, always},
    {"logging", "output", same_at<of_logging, &LoggingConfig::output>, always},
};

// In the order in which they are told.
constexpr std::string_view sections[] = {
    "server",
    "server.tls",
    "server.auth",
    "timeouts",
    "stream",
    "routing",
    "health.health_check",
    "health.circuit_breaker",
    "logging",
    "logging.debug_options",
};

struct ProviderField {
  std::string_view key;
  bool (*same)(const ProviderConfig& before, const ProviderConfig& after);
};

template <auto Field>
bool same_in(const ProviderConfig& before, const ProviderConfig& after) {
  return same(before.*Field, after.*Field);
}

constexpr ProviderField provider_fields[] = {
    {"type", same_in<&ProviderConfig::type>},
    {"enabled", same_in<&ProviderConfig::enabled>},
    {"base_url", same_in<&ProviderConfig::base_url>},
    {"models", same_in<&ProviderConfig::models>},
    {"model_mapping", same_in<&ProviderConfig::model_mapping>},
    {"keys", same_in<&ProviderConfig::keys>},
    {"pooling.strategy", same_in<&ProviderConfig::pool_strategy>},
    {"max_in_flight", same_in<&ProviderConfig::max_in_flight>},
    {"weight", same_in<&ProviderConfig::weight>},
    {"priority", same_in<&ProviderConfig::priority>},
    {"credentials", same_in<&ProviderConfig::credentials>},
    {"headers", same_in<&ProviderConfig::headers>},
    {"proxy", same_in<&ProviderConfig::proxy>},
    {"ca_file", same_in<&ProviderConfig::ca_file>},
    {"connect_ms", same_in<&ProviderConfig::connect_timeout>},
    {"first_byte_ms", same_in<&ProviderConfig::first_byte_timeout>},
    {"stream_idle_ms", same_in<&ProviderConfig::stream_idle_timeout>},
    {"unsupported", same_in<&ProviderConfig::unsupported>},
    {"errors", same_in<&ProviderConfig::errors>},
};

/// Collects them.
class Comparison {
 public:
  Comparison(const Config& before, const Config& after) : before_(before), after_(after) {}

  std::vector<ConfigChange> run() {
    for (const std::string_view section : sections) {
      compare_section(section);
      if (section == "routing") {
        compare("routing", before_.routing.settings, after_.routing.settings);
      }
    }
    compare_providers();
    compare_proxy();
    return std::move(changes_);
  }

 private:
  void add(std::string key, bool needs_restart) {
    changes_.push_back({std::move(key), needs_restart});
  }

  void compare_section(std::string_view section) {
    const auto named = [section](std::string_view key) {
      return fmt::format("{}.{}", section, key);
    };
    for (const OtherField& field : others) {
      if (field.section != section || field.same(before_, after_)) continue;
      add(named(field.key), field.restart(before_, after_));
    }
    for (const NumberField& field : number_fields()) {
      if (field.section != section || field.get(before_) == field.get(after_)) continue;
      add(named(field.key), field.restart);
    }
    for (const FlagField& field : flag_fields()) {
      if (field.section != section || field.get(before_) == field.get(after_)) continue;
      add(named(field.key), field.restart);
    }
  }

  static const ProviderConfig* find(const Config& in, std::string_view name) {
    for (const ProviderConfig& provider : in.providers) {
      if (provider.name == name) return &provider;
    }
    return nullptr;
  }

  static std::vector<std::string_view> names(const Config& in) {
    std::vector<std::string_view> names;
    for (const ProviderConfig& provider : in.providers) names.emplace_back(provider.name);
    return names;
  }

  void compare_providers() {
    bool same_ones = before_.providers.size() == after_.providers.size();
    for (const ProviderConfig& provider : before_.providers) {
      if (find(after_, provider.name) != nullptr) continue;
      add("providers." + provider.name, false);
      same_ones = false;
    }
    for (const ProviderConfig& provider : after_.providers) {
      if (const ProviderConfig* earlier = find(before_, provider.name)) {
        compare(*earlier, provider);
      } else {
        add("providers." + provider.name, false);
      }
    }
    // Their order says who goes first where nothing else does.
    if (same_ones && names(before_) != names(after_)) add("providers", false);
  }

  void compare(const ProviderConfig& before, const ProviderConfig& after) {
    const auto named = [&after](std::string_view key) {
      return fmt::format("providers.{}.{}", after.name, key);
    };
    for (const ProviderField& field : provider_fields) {
      if (!field.same(before, after)) add(named(field.key), false);
    }
    for (const CloudField& field : cloud_fields()) {
      const bool equal = field.text ? before.*field.text == after.*field.text
                                    : same(before.*field.secret, after.*field.secret);
      if (!equal) add(named(field.key), false);
    }
    compare("providers." + after.name, before.settings, after.settings);
  }

  /// Of a program's own.
  void compare(const std::string& path, const Settings& before, const Settings& after) {
    for (const std::string_view name : base::changed_settings(before, after)) {
      add(fmt::format("{}.{}", path, plain(name)), false);
    }
  }

  void compare_proxy() {
    if (before_.proxy.https != after_.proxy.https) add("HTTPS_PROXY", false);
    if (before_.proxy.http != after_.proxy.http) add("HTTP_PROXY", false);
    if (before_.proxy.no_proxy != after_.proxy.no_proxy) add("NO_PROXY", false);
  }

  const Config& before_;
  const Config& after_;
  std::vector<ConfigChange> changes_;
};

}  // namespace

std::vector<ConfigChange> changes(const Config& before, const Config& after) {
  return Comparison(before, after).run();
}

}  // namespace ccrelay
