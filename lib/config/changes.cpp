#include <ccrelay/config_load.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/same_settings.hpp"
#include "config/change_words.hpp"
#include "config/clouds.hpp"
#include "config/fields.hpp"
#include "config/named.hpp"
#include "config/needs_restart.hpp"
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
  for (const auto& limit : limit_fields) {
    if (one.*limit.value != other.*limit.value) return false;
  }
  const auto rest = [](const KeyConfig& key) {
    return std::tie(key.weight, key.priority, key.max_in_flight, key.name);
  };
  return same(one.key, other.key) && rest(one) == rest(other);
}

bool same(const ManageToken& one, const ManageToken& other) {
  return std::tie(one.name, one.role) == std::tie(other.name, other.role) &&
         same(one.token, other.token);
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

bool manage_tls_switched(const Config& before, const Config& after) {
  return before.manage.tls.enabled() != after.manage.tls.enabled();
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
constexpr auto of_pricing = &Config::pricing;
constexpr auto of_translation = &Config::translation;
constexpr auto of_ledger = &Config::ledger;
constexpr auto of_metrics = &Config::metrics;
constexpr auto of_otel = &Config::otel;
constexpr auto of_manage = &Config::manage;
constexpr auto of_manage_tls = &ManageConfig::tls;
constexpr auto of_grpc = &Config::grpc;

// Another file, or other prices in the same one.
bool same_prices_file(const Config& before, const Config& after) {
  return same_at<of_pricing, &PricingConfig::prices_file>(before, after) &&
         same_at<of_pricing, &PricingConfig::file_prices>(before, after);
}

bool same_profiles_file(const Config& before, const Config& after) {
  return same_at<of_translation, &TranslationConfig::profiles_file>(before, after) &&
         same_at<of_translation, &TranslationConfig::profiles_text>(before, after);
}

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
    {"pricing", "prices_file", same_prices_file},
    {"translation", "unsupported", same_at<of_translation, &TranslationConfig::unsupported>},
    {"translation", "web_search", same_at<of_translation, &TranslationConfig::web_search>},
    {"translation", "profiles_file", same_profiles_file},
    {"ledger", "path", same_at<of_ledger, &LedgerConfig::path>},
    {"ledger", "timezone", same_at<of_ledger, &LedgerConfig::timezone>},
    {"ledger", "required", same_at<of_ledger, &LedgerConfig::required>},
    {"metrics", "bearer_secret", same_at<of_metrics, &MetricsConfig::bearer_secret>},
    {"otel", "endpoint", same_at<of_otel, &OtelConfig::endpoint>, always},
    {"otel", "headers", same_at<of_otel, &OtelConfig::headers>, always},
    {"otel", "service_name", same_at<of_otel, &OtelConfig::service_name>, always},
    {"otel", "sample_ratio", same_at<of_otel, &OtelConfig::sample_ratio>, always},
    {"otel", "ca_file", same_at<of_otel, &OtelConfig::ca_file>, always},
    {"manage", "socket", same_at<of_manage, &ManageConfig::socket>, always},
    {"manage", "listen", same_at<of_manage, &ManageConfig::listen>, always},
    {"manage", "allowed_hosts", same_at<of_manage, &ManageConfig::allowed_hosts>},
    {"manage.auth", "users", same_at<of_manage, &ManageConfig::users>},
    {"manage.auth", "tokens", same_at<of_manage, &ManageConfig::tokens>},
    {"manage.tls", "cert_file", same_at<of_manage, of_manage_tls, &TlsConfig::cert_file>,
     manage_tls_switched},
    {"manage.tls", "key_file", same_at<of_manage, of_manage_tls, &TlsConfig::key_file>},
    {"manage.tls", "client_ca_file", same_at<of_manage, of_manage_tls, &TlsConfig::client_ca_file>},
    {"manage.tls", "client_auth", same_at<of_manage, of_manage_tls, &TlsConfig::client_auth>},
    {"manage.tls", "min_version", same_at<of_manage, of_manage_tls, &TlsConfig::min_version>},
    {"manage.tls", "handshake_timeout_ms",
     same_at<of_manage, of_manage_tls, &TlsConfig::handshake_timeout>, always},
    {"manage.tls", "client_role", same_at<of_manage, &ManageConfig::client_role>},
    {"grpc", "listen", same_at<of_grpc, &GrpcConfig::listen>, always},
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
    "pricing",
    "translation",
    "ledger",
    "metrics",
    "otel",
    "manage",
    "manage.auth",
    "manage.tls",
    "grpc",
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
    {"price_factor", same_in<&ProviderConfig::price_factor>},
    {"api", same_in<&ProviderConfig::api>},
    {"profile", same_in<&ProviderConfig::profile>},
    {"quirks", same_in<&ProviderConfig::quirks>},
    {"max_output_tokens", same_in<&ProviderConfig::max_output_tokens>},
    {"azure_api_version", same_in<&ProviderConfig::azure_api_version>},
    {"answer_model", same_in<&ProviderConfig::answer_model>},
};

struct ClientField {
  std::string_view key;
  bool (*same)(const ClientConfig& before, const ClientConfig& after);
};

template <auto Field>
bool same_of(const ClientConfig& before, const ClientConfig& after) {
  return same(before.*Field, after.*Field);
}

constexpr ClientField client_fields[] = {
    {"key", same_of<&ClientConfig::keys>},
    {"key_sha256", same_of<&ClientConfig::key_hashes>},
    {"models", same_of<&ClientConfig::models>},
    {"providers", same_of<&ClientConfig::providers>},
    {"max_in_flight", same_of<&ClientConfig::max_in_flight>},
    {"expires", same_of<&ClientConfig::expires>},
    {"enabled", same_of<&ClientConfig::enabled>},
};

/// Collects them.
class Comparison {
 public:
  Comparison(const Config& before, const Config& after) : before_(before), after_(after) {}

  std::vector<ConfigChange> run() {
    for (const std::string_view section : sections) {
      compare_section(section);
      if (section == "server.auth") compare_clients();
      if (section == "routing") {
        compare("routing", before_.routing.settings, after_.routing.settings);
      }
    }
    if (before_.prices != after_.prices) add("prices", false);
    compare_providers();
    compare_proxy();
    if (!changes_.empty()) put_into_words(changes_, before_, after_);
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

  static std::vector<std::string_view> names(const std::vector<ProviderConfig>& in) {
    std::vector<std::string_view> names;
    for (const ProviderConfig& provider : in) names.emplace_back(provider.name);
    return names;
  }

  /// Those that have come or gone, and what differs in the others. Whether they are the same ones.
  template <class Named>
  bool compare_named(std::string_view section, const std::vector<Named>& before,
                     const std::vector<Named>& after) {
    bool same_ones = before.size() == after.size();
    for (const Named& one : before) {
      if (find_named(after, one.name) != nullptr) continue;
      add(fmt::format("{}.{}", section, one.name), false);
      same_ones = false;
    }
    for (const Named& one : after) {
      if (const Named* earlier = find_named(before, one.name)) {
        compare(*earlier, one);
      } else {
        add(fmt::format("{}.{}", section, one.name), false);
      }
    }
    return same_ones;
  }

  void compare_clients() {
    compare_named("server.auth.clients", before_.server.auth.clients, after_.server.auth.clients);
  }

  void compare(const ClientConfig& before, const ClientConfig& after) {
    const auto add_if = [&](bool differs, std::string_view key) {
      if (differs) add(fmt::format("server.auth.clients.{}.{}", after.name, key), false);
    };
    for (const ClientField& field : client_fields) add_if(!field.same(before, after), field.key);
    for (const auto& limit : client_limit_fields) {
      add_if(before.*limit.value != after.*limit.value, limit.key);
    }
    for (const auto& budget : budget_fields) {
      add_if(before.*budget.nano_usd != after.*budget.nano_usd, budget.key);
    }
  }

  void compare_providers() {
    const bool same_ones = compare_named("providers", before_.providers, after_.providers);
    // Their order says who goes first where nothing else does.
    if (same_ones && names(before_.providers) != names(after_.providers)) add("providers", false);
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

bool config::needs_restart(std::string_view path) {
  const auto is_named = [path](std::string_view section, std::string_view key) {
    return path.size() == section.size() + 1 + key.size() && path.starts_with(section) &&
           path[section.size()] == '.' && path.ends_with(key);
  };
  for (const OtherField& field : others) {
    if (is_named(field.section, field.key)) return field.restart == Question(always);
  }
  for (const NumberField& field : number_fields()) {
    if (is_named(field.section, field.key)) return field.restart;
  }
  for (const FlagField& field : flag_fields()) {
    if (is_named(field.section, field.key)) return field.restart;
  }
  return false;
}

std::vector<ConfigChange> changes(const Config& before, const Config& after) {
  return Comparison(before, after).run();
}

}  // namespace ccrelay
