#include "config/address.hpp"
#include "config/clouds.hpp"
#include "config/decimal.hpp"
#include "config/fields.hpp"
#include "config/own_settings.hpp"
#include "config/words.hpp"
#include "price/table.hpp"
#include "route/strategies.hpp"
#include "sign/secrets.hpp"

#include <fmt/format.h>
#include <ccrelay/config_load.hpp>
#include <ccrelay/observer.hpp>

#include <chrono>
#include <functional>

namespace ccrelay {
namespace {

using namespace config;

std::string masked(const Secret& secret) {
  return toml_string(secret.empty() ? std::string_view{} : Secret::mask);
}

/// What the log and status call it stands behind the mask.
std::string shown_key(const Secret& key) {
  return key.empty() ? masked(key)
                     : fmt::format("{}  # {}", masked(key), sign::fingerprint(key.reveal()));
}

std::string_view word_of(LogFormat format) {
  switch (format) {
    case LogFormat::automatic:
      return "auto";
    case LogFormat::json:
      return "json";
    case LogFormat::text:
      return "text";
  }
  return "auto";
}

std::string_view word_of(Credentials credentials) {
  switch (credentials) {
    case Credentials::automatic:
      return "auto";
    case Credentials::configured:
      return "configured";
    case Credentials::passthrough:
      return "passthrough";
  }
  return "auto";
}

std::string_view word_of(ClientAuth auth) {
  switch (auth) {
    case ClientAuth::none:
      return "none";
    case ClientAuth::optional:
      return "optional";
    case ClientAuth::required:
      return "required";
  }
  return "none";
}

std::string_view word_of(PoolStrategy strategy) {
  for (const auto& [word, known] : pool_strategies) {
    if (known == strategy) return word;
  }
  return "least_loaded";
}

/// Collects the text; one call a line.
class Toml {
 public:
  void section(std::string_view name) { text_ += fmt::format("\n[{}]\n", name); }
  void element(std::string_view name) { text_ += fmt::format("\n[[{}]]\n", name); }
  void comment(std::string_view text) { text_ += fmt::format("# {}\n", plain(text)); }
  void raw(std::string_view key, std::string_view value) {
    text_ += fmt::format("{} = {}\n", key, value);
  }
  /// `$` begins an expansion when the text is read again.
  void string(std::string_view key, std::string_view value) {
    raw(key, toml_string(doubled(value)));
  }
  void number(std::string_view key, std::int64_t value) { raw(key, fmt::format("{}", value)); }
  void line(std::string_view text) { text_ += fmt::format("{}\n", text); }
  void flag(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }
  std::string take() { return std::move(text_); }

  void own(const Settings& settings) {
    for (const Setting& setting : settings.all) raw(shown_name(setting.name), shown_value(setting));
  }

 private:
  std::string text_;
};

std::string array_of(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) {
    out += (out.empty() ? "" : ", ") + toml_string(doubled(text));
  }
  return '[' + out + ']';
}

void show_fields(const Config& config, std::string_view section, Toml& out) {
  for (const auto& field : number_fields()) {
    if (field.section == section) out.number(field.key, field.get(config));
  }
  for (const auto& field : flag_fields()) {
    if (field.section == section) out.flag(field.key, field.get(config));
  }
}

/// A provider's own limit, or the general one it falls back to.
std::int64_t effective(milliseconds own, milliseconds general) {
  return (own.count() < 0 ? general : own).count();
}

void show_provider(const ProviderConfig& provider, const TimeoutConfig& timeouts, Toml& out) {
  out.element("providers");
  out.string("name", provider.name);
  out.string("type", provider.type);
  out.flag("enabled", provider.enabled);
  if (provider.base_url.empty()) {
    out.comment("base_url: the type's own");
  } else {
    out.string("base_url", masked_url(provider.base_url));
  }
  out.raw("models", array_of(provider.models));
  const auto* first = provider.keys.empty() ? nullptr : &provider.keys.front();
  out.number("weight", provider.weight == 0 && first ? first->weight : provider.weight);
  out.number("priority", provider.priority.value_or(first ? first->priority : 0));
  out.number("max_in_flight", provider.max_in_flight);
  out.raw("price_factor", decimal_text(provider.price_factor, factor_places));
  out.string("pooling.strategy", word_of(provider.pool_strategy));
  out.string("credentials", word_of(provider.credentials));
  out.string("proxy", masked_url(provider.proxy));
  out.string("ca_file", provider.ca_file);
  out.number("connect_ms", effective(provider.connect_timeout, timeouts.connect));
  out.number("first_byte_ms", effective(provider.first_byte_timeout, timeouts.first_byte));
  out.number("stream_idle_ms", effective(provider.stream_idle_timeout, timeouts.stream_idle));
  for (const CloudField& field : cloud_fields()) {
    if (!field.is_for(provider.type)) continue;
    if (field.text) {
      out.string(field.key, provider.*field.text);
    } else {
      out.raw(field.key, masked(provider.*field.secret));
    }
  }
  const bool is_openai = provider.type == "openai" || provider.type == "azure_openai";
  if (is_openai) out.string("api", provider.api);
  if (provider.type == "azure_openai") {
    out.string("azure_api_version", provider.azure_api_version);
  }
  out.string("profile", provider.profile);
  out.number("max_output_tokens", integer_of(provider.max_output_tokens));
  out.string("answer_model", provider.answer_model);
  out.own(provider.settings);
  if (!provider.quirks.empty()) out.section("providers.quirks");
  for (const auto& [key, toml] : provider.quirks) out.raw(shown_name(key), doubled(toml));
  if (!provider.model_mapping.empty()) out.section("providers.model_mapping");
  for (const auto& [asked, sent] : provider.model_mapping) out.string(toml_string(asked), sent);
  if (!provider.headers.empty()) out.section("providers.headers");
  for (const auto& [name, value] : provider.headers) out.raw(toml_string(name), masked(value));
  for (const auto& rule : provider.unsupported) {
    out.element("providers.unsupported");
    out.raw("models", array_of(rule.models));
    out.raw("betas", array_of(rule.betas));
    out.raw("fields", array_of(rule.fields));
  }
  for (const auto& rule : provider.errors) {
    out.element("providers.errors");
    if (rule.status != 0) out.number("status", rule.status);
    if (!rule.code.empty()) out.string("code", rule.code);
    if (!rule.words.empty()) out.string("words", rule.words);
    out.string("about", to_string(rule.about));
    if (rule.wait.count() >= 0) out.number("wait_ms", rule.wait.count());
  }
  for (const auto& key : provider.keys) {
    out.element("providers.keys");
    if (!key.name.empty()) out.string("name", key.name);
    out.raw("key", shown_key(key.key));
    out.number("weight", key.weight);
    out.number("priority", key.priority);
    for (const auto& limit : limit_fields) out.number(limit.key, integer_of(key.*limit.value));
    out.number("max_in_flight", key.max_in_flight);
  }
}

/// Masked, each with what tells it from others.
std::string shown_secrets(const std::vector<Secret>& secrets,
                          const std::function<std::string(std::string_view)>& sign_of) {
  std::string masks, signs;
  for (const Secret& secret : secrets) {
    masks += (masks.empty() ? "" : ", ") + masked(secret);
    signs += (signs.empty() ? "" : ", ") + sign_of(secret.reveal());
  }
  return fmt::format("[{}]  # {}", masks, signs);
}

/// TOML has dates, and so has this year 0 to 9999.
std::string shown_instant(std::chrono::sys_seconds instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::hh_mm_ss time{instant - day};
  return fmt::format("{}T{:02}:{:02}:{:02}Z",
                     price::print_day(static_cast<Day>(day.time_since_epoch().count())),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

void show_client(const ClientConfig& client, Toml& out) {
  out.element("server.auth.clients");
  out.string("name", client.name);
  if (!client.keys.empty()) out.raw("key", shown_secrets(client.keys, sign::fingerprint));
  if (!client.key_hashes.empty()) {
    out.raw("key_sha256", shown_secrets(client.key_hashes, [](std::string_view hash) {
              return std::string(hash.substr(0, 8));
            }));
  }
  out.raw("models", array_of(client.models));
  out.raw("providers", array_of(client.providers));
  for (const auto& limit : client_limit_fields) {
    out.number(limit.key, integer_of(client.*limit.value));
  }
  out.number("max_in_flight", client.max_in_flight);
  for (const auto& budget : budget_fields) {
    const auto& nano_usd = client.*budget.nano_usd;
    if (nano_usd) out.raw(budget.key, decimal_text(static_cast<std::uint64_t>(*nano_usd), 9));
  }
  if (client.expires) out.raw("expires", shown_instant(*client.expires));
  out.flag("enabled", client.enabled);
}

/// `input = 2.5, output = 10.0`, with this between two of them.
std::string shown_rates(const TokenRates& rates, std::string_view between) {
  std::string out;
  for (std::size_t i = 0; i < token_classes; ++i) {
    if (!rates.pico_usd[i]) continue;
    out += fmt::format("{}{} = {}", out.empty() ? "" : between, token_class_names[i],
                       decimal_text(*rates.pico_usd[i], usd_places));
  }
  return out;
}

void show_price(const PriceRow& row, Toml& out) {
  out.element("prices");
  if (!row.provider.empty()) out.string("provider", row.provider);
  out.raw("models", array_of(row.models));
  if (row.from) out.raw("from", price::print_day(*row.from));
  if (row.rates.any()) out.line(shown_rates(row.rates, "\n"));
  if (row.web_search) out.raw("web_search", decimal_text(*row.web_search, usd_places));
  if (row.fast) out.raw("fast", fmt::format("{{ {} }}", shown_rates(*row.fast, ", ")));
  if (row.long_prompt) {
    out.raw("long", fmt::format("{{ above = {}, {} }}", row.long_prompt->above,
                                shown_rates(row.long_prompt->rates, ", ")));
  }
  std::string geo;
  for (const auto& [name, factor] : row.geo) {
    geo += fmt::format("{}{} = {}", geo.empty() ? "" : ", ", shown_name(name),
                       decimal_text(factor, factor_places));
  }
  if (!geo.empty()) out.raw("geo", fmt::format("{{ {} }}", geo));
  if (!row.same_as.empty()) out.string("same_as", row.same_as);
  if (row.factor != 1000) out.raw("factor", decimal_text(row.factor, factor_places));
  if (!row.source.empty()) out.string("source", row.source);
  if (row.checked) out.raw("checked", price::print_day(*row.checked));
}

void show_ledger(const Config& config, Toml& out) {
  out.section("ledger");
  show_fields(config, "ledger", out);
  out.string("path", config.ledger.path);
  for (const auto& [word, zone] : day_zones) {
    if (zone == config.ledger.timezone) out.string("timezone", word);
  }
  if (config.ledger.required) out.flag("required", *config.ledger.required);
}

void show_otel(const Config& config, Toml& out) {
  const OtelConfig& otel = config.otel;
  out.section("otel");
  out.string("endpoint", otel.endpoint);
  show_fields(config, "otel", out);
  out.string("service_name", otel.service_name);
  out.raw("sample_ratio", decimal_text(otel.sample_ratio, ratio_places));
  out.string("ca_file", otel.ca_file);
  if (!otel.headers.empty()) out.section("otel.headers");
  for (const auto& [name, value] : otel.headers) out.raw(toml_string(name), masked(value));
}

void show_tls(std::string_view section, const TlsConfig& tls, Toml& out) {
  out.section(section);
  out.string("cert_file", tls.cert_file);
  out.string("key_file", tls.key_file);
  out.string("client_ca_file", tls.client_ca_file);
  out.string("client_auth", word_of(tls.client_auth));
  out.string("min_version", tls.min_version);
  out.number("handshake_timeout_ms", tls.handshake_timeout.count());
}

void show_manage(const Config& config, Toml& out) {
  const ManageConfig& manage = config.manage;
  out.section("manage");
  out.string("socket", manage.socket.value_or(""));
  out.string("listen", manage.listen);
  out.raw("allowed_hosts", array_of(manage.allowed_hosts));
  show_fields(config, "manage", out);
  out.section("manage.auth");
  out.raw("users", array_of(manage.users));
  show_tls("manage.tls", manage.tls, out);
  out.string("client_role", to_string(manage.client_role));
}

void show_grpc(const Config& config, Toml& out) {
  out.section("grpc");
  out.string("listen", config.grpc.listen);
}

void show_token(const ManageToken& token, Toml& out) {
  out.element("manage.auth.tokens");
  out.string("name", token.name);
  out.raw("token", masked(token.token));
  out.string("role", to_string(token.role));
}

std::string mapping_strategies() {
  std::string out;
  for (const auto& strategy : route::strategies()) {
    if (strategy.maps_models) out += (out.empty() ? "" : " or ") + std::string(strategy.name);
  }
  return out;
}

void show_routing(const Config& config, Toml& out) {
  const auto& routing = config.routing;
  out.section("routing");
  out.string("strategy", routing.strategy);
  out.string("affinity", routing.affinity);
  show_fields(config, "routing", out);
  const auto* strategy = route::find_strategy(routing.strategy);
  // What a strategy of a program's own heeds is its affair.
  const bool is_used = !strategy || strategy->maps_models;
  const bool is_set = !routing.model_mapping.empty() || !routing.default_provider.empty();
  if (is_set && !is_used) {
    out.comment("default_provider and model_mapping have no effect: strategy is not " +
                mapping_strategies());
  }
  out.string("default_provider", routing.default_provider);
  out.own(routing.settings);
  if (!routing.model_mapping.empty()) out.section("routing.model_mapping");
  for (const auto& [prefix, provider] : routing.model_mapping) {
    out.string(toml_string(prefix), provider);
  }
}

void show_plain(const Config& config, std::string_view section, Toml& out) {
  out.section(section);
  show_fields(config, section, out);
}

/// Not a section of the file, because the environment is where these are set.
void show_proxy(const ProxyConfig& proxy, Toml& out) {
  const auto show = [&out](std::string_view what, const std::string& value) {
    if (!value.empty()) out.comment(fmt::format("{} = {}", what, masked_url(value)));
  };
  show("HTTPS_PROXY", proxy.https);
  show("HTTP_PROXY", proxy.http);
  if (!proxy.no_proxy.empty()) out.comment("NO_PROXY = " + proxy.no_proxy);
}

}  // namespace

std::string show_config(const Config& config) {
  Toml out;
  out.comment(config.source.empty() ? "no configuration file; these are the defaults"
                                    : "from " + config.source);
  show_proxy(config.proxy, out);
  out.section("server");
  out.string("listen", config.server.listen);
  show_fields(config, "server", out);
  out.string("unix_mode", config.server.unix_mode);
  out.string("unix_owner", config.server.unix_owner);
  out.raw("trusted_proxies", array_of(config.server.trusted_proxies));
  out.raw("hosts", array_of(config.server.hosts));
  show_tls("server.tls", config.server.tls, out);
  out.section("server.auth");
  out.raw("api_key", masked(config.server.auth.api_key));
  out.raw("bearer_secret", masked(config.server.auth.bearer_secret));
  out.flag("allow_subscription", config.server.auth.allow_subscription);
  show_plain(config, "timeouts", out);
  show_plain(config, "stream", out);
  show_routing(config, out);
  show_plain(config, "health.health_check", out);
  show_plain(config, "health.circuit_breaker", out);
  out.section("logging");
  out.string("level", to_string(config.logging.level));
  out.string("format", word_of(config.logging.format));
  out.string("output", config.logging.output);
  show_plain(config, "logging.debug_options", out);
  out.section("pricing");
  out.string("prices_file", config.pricing.prices_file);
  out.section("translation");
  show_fields(config, "translation", out);
  out.string("unsupported", config.translation.unsupported);
  out.string("web_search", config.translation.web_search);
  out.string("profiles_file", config.translation.profiles_file);
  show_ledger(config, out);
  show_plain(config, "metrics", out);
  out.raw("bearer_secret", masked(config.metrics.bearer_secret));
  show_otel(config, out);
  show_manage(config, out);
  for (const auto& token : config.manage.tokens) show_token(token, out);
  show_grpc(config, out);
  for (const auto& client : config.server.auth.clients) show_client(client, out);
  for (const auto& row : config.prices) show_price(row, out);
  for (const auto& provider : config.providers) show_provider(provider, config.timeouts, out);
  return out.take();
}

}  // namespace ccrelay
