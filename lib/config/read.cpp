#include "config/read.hpp"

#include "config/fields.hpp"
#include "config/own_settings.hpp"
#include "config/read_clients.hpp"
#include "config/read_manage.hpp"
#include "config/read_prices.hpp"
#include "config/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ccrelay::config {
namespace {

void read_fields(TableReader& reader, std::string_view section, Config& config) {
  for (const auto& field : number_fields()) {
    if (field.section != section) continue;
    const auto value = field.zero_is_default
                           ? reader.integer_or_zero(field.key, field.min, field.max)
                           : reader.integer(field.key, field.min, field.max);
    if (value) field.set(config, *value);
  }
  for (const auto& field : flag_fields()) {
    if (field.section != section) continue;
    if (const auto value = reader.boolean(field.key)) field.set(config, *value);
  }
}

void read_auth(const Value& table, AuthConfig& auth, Findings& findings) {
  TableReader reader(table, "server.auth", findings);
  if (auto key = reader.string("api_key"); key && !key->empty()) {
    if (!auth.api_key.empty()) {
      const auto* member = reader.take("api_key");
      reader.complain(member->at, "api_key",
                      " is given twice; remove server.api_key, its older name");
    }
    auth.api_key = Secret(*std::move(key));
  }
  if (auto secret = reader.string("bearer_secret")) auth.bearer_secret = Secret(*std::move(secret));
  const bool any_bearer = reader.boolean("allow_bearer").value_or(false);
  auth.allow_subscription = reader.boolean("allow_subscription").value_or(false);
  // In the older relay, allow_bearer with a secret let in that secret only. Files written for it
  // must not begin to let in everybody.
  if (any_bearer && auth.bearer_secret.empty()) auth.allow_subscription = true;
  read_clients(reader, auth, findings);
  reader.finish();
}

void read_tls(TableReader& reader, TlsConfig& tls) {
  if (auto file = reader.string("cert_file")) tls.cert_file = *std::move(file);
  if (auto file = reader.string("key_file")) tls.key_file = *std::move(file);
  if (auto file = reader.string("client_ca_file")) tls.client_ca_file = *std::move(file);
  if (auto version = reader.string("min_version")) tls.min_version = *std::move(version);
  if (const auto word = reader.string("client_auth"); word && !word->empty()) {
    if (*word == "none") {
      tls.client_auth = ClientAuth::none;
    } else if (*word == "optional") {
      tls.client_auth = ClientAuth::optional;
    } else if (*word == "required") {
      tls.client_auth = ClientAuth::required;
    } else {
      reader.complain(reader.take("client_auth")->value.at, "client_auth",
                      unknown_word(*word, {"none", "optional", "required"}));
    }
  }
  if (const auto limit = reader.integer("handshake_timeout_ms", 1, milliseconds_max)) {
    tls.handshake_timeout = milliseconds(*limit);
  }
}

// A port alone is what many write; an address says who may reach it too.
void read_listen(TableReader& reader, Config& config) {
  const Member* member = reader.take("listen");
  if (member == nullptr) return;
  const Value& value = member->value;
  if (value.kind == Kind::string) {
    config.server.listen = value.text;
    return;
  }
  std::string message = fmt::format(" is {}; a string is needed", name_of(value.kind));
  if (value.kind == Kind::integer) {
    const bool is_port = value.integer > 0 && value.integer < 65536;
    message += fmt::format("; write listen = \"127.0.0.1:{}\"", is_port ? value.integer : 8787);
  }
  reader.complain(value.at, "listen", message);
}

void read_server(const Value& table, Config& config, Findings& findings) {
  TableReader reader(table, "server", findings);
  read_listen(reader, config);
  if (auto key = reader.string("api_key")) config.server.auth.api_key = Secret(*std::move(key));
  if (auto mode = reader.string("unix_mode")) config.server.unix_mode = *std::move(mode);
  if (auto owner = reader.string("unix_owner")) config.server.unix_owner = *std::move(owner);
  if (const auto* proxies = reader.array("trusted_proxies", Kind::string, "an array of strings")) {
    for (const auto& proxy : proxies->items) config.server.trusted_proxies.push_back(proxy.text);
  }
  if (const auto* hosts = reader.array("hosts", Kind::string, "an array of strings")) {
    for (const auto& host : hosts->items) config.server.hosts.push_back(host.text);
  }
  if (const auto* table_of_tls = reader.table("tls")) {
    TableReader tls(*table_of_tls, "server.tls", findings);
    read_tls(tls, config.server.tls);
    tls.finish();
  }
  if (const auto* auth = reader.table("auth")) read_auth(*auth, config.server.auth, findings);
  read_fields(reader, "server", config);
  // The older relay's way to say "the default".
  if (config.server.timeout == milliseconds::zero()) config.server.timeout = ServerConfig{}.timeout;
  reader.finish();
}

void read_plain(const Value& table, std::string_view section, Config& config, Findings& findings) {
  TableReader reader(table, std::string(section), findings);
  read_fields(reader, section, config);
  reader.finish();
}

void read_routing(const Value& table, const Strategies& own, Config& config, Findings& findings) {
  TableReader reader(table, "routing", findings);
  config.routing.place = reader.place(table.at);
  if (auto strategy = reader.string("strategy"); strategy && !strategy->empty()) {
    config.routing.strategy = *std::move(strategy);
  }
  if (auto affinity = reader.string("affinity")) config.routing.affinity = *std::move(affinity);
  read_fields(reader, "routing", config);
  config.routing.model_mapping = reader.mapping("model_mapping");
  if (auto provider = reader.string("default_provider")) {
    config.routing.default_provider = *std::move(provider);
  }
  if (const auto found = own.find(config.routing.strategy); found != own.end()) {
    const auto owner = "strategy " + in_quotes(found->first);
    config.routing.settings =
        read_own_settings(reader, {owner, found->second.settings, found->second.takes_others});
  }
  reader.finish();
}

void read_level(TableReader& reader, LoggingConfig& logging) {
  const auto level = reader.string("level");
  if (!level || level->empty()) return;
  if (*level == "debug") {
    logging.level = Level::debug;
  } else if (*level == "info") {
    logging.level = Level::info;
  } else if (*level == "warn") {
    logging.level = Level::warn;
  } else if (*level == "error") {
    logging.level = Level::error;
  } else {
    reader.complain(reader.take("level")->value.at, "level",
                    unknown_word(*level, {"debug", "info", "warn", "error"}));
  }
}

void read_format(TableReader& reader, LoggingConfig& logging) {
  const auto format = reader.string("format").value_or("");
  if (format == "json") {
    logging.format = LogFormat::json;
  } else if (format == "text" || format == "console" || format == "pretty") {
    logging.format = LogFormat::text;
  } else if (!format.empty() && format != "auto") {
    reader.complain(reader.take("format")->value.at, "format",
                    unknown_word(format, {"auto", "json", "text", "console", "pretty"}));
  }
  if (reader.boolean("pretty").value_or(false)) logging.format = LogFormat::text;
}

void read_logging(const Value& table, Config& config, Findings& findings) {
  TableReader reader(table, "logging", findings);
  read_level(reader, config.logging);
  read_format(reader, config.logging);
  if (auto output = reader.string("output"); output && !output->empty()) {
    config.logging.output = *std::move(output);
  }
  if (const auto* options = reader.table("debug_options")) {
    TableReader debug(*options, "logging.debug_options", findings);
    read_fields(debug, "logging.debug_options", config);
    debug.later("log_response_headers", "only request bodies can be logged");
    debug.later("log_tls_metrics", "only request bodies can be logged");
    debug.finish();
  }
  reader.finish();
}

void read_health(const Value& table, Config& config, Findings& findings) {
  TableReader reader(table, "health", findings);
  if (const auto* check = reader.table("health_check")) {
    read_plain(*check, "health.health_check", config, findings);
  }
  if (const auto* breaker = reader.table("circuit_breaker")) {
    read_plain(*breaker, "health.circuit_breaker", config, findings);
  }
  reader.finish();
}

void read_pricing(const Value& table, PricingConfig& pricing, Findings& findings) {
  TableReader reader(table, "pricing", findings);
  if (auto file = reader.string("prices_file")) pricing.prices_file = *std::move(file);
  reader.finish();
}

void read_translation(const Value& table, Config& config, Findings& findings) {
  TranslationConfig& translation = config.translation;
  TableReader reader(table, "translation", findings);
  read_fields(reader, "translation", config);
  if (auto word = reader.string("unsupported"); word && !word->empty()) {
    translation.unsupported = *std::move(word);
  }
  if (auto word = reader.string("web_search"); word && !word->empty()) {
    translation.web_search = *std::move(word);
  }
  if (auto file = reader.string("profiles_file")) translation.profiles_file = *std::move(file);
  reader.finish();
}

void read_ledger(const Value& table, Config& config, Findings& findings) {
  TableReader reader(table, "ledger", findings);
  read_fields(reader, "ledger", config);
  if (auto path = reader.string("path")) config.ledger.path = *std::move(path);
  config.ledger.required = reader.boolean("required");
  if (const auto word = reader.string("timezone"); word && !word->empty()) {
    bool known = false;
    for (const auto& [name, zone] : day_zones) {
      if (name != *word) continue;
      config.ledger.timezone = zone;
      known = true;
    }
    if (!known) {
      reader.complain(reader.take("timezone")->value.at, "timezone",
                      unknown_word(*word, {"local", "UTC"}));
    }
  }
  reader.finish();
}

void read_metrics(const Value& table, Config& config, Findings& findings) {
  TableReader reader(table, "metrics", findings);
  read_fields(reader, "metrics", config);
  if (auto secret = reader.string("bearer_secret")) {
    config.metrics.bearer_secret = Secret(*std::move(secret));
  }
  reader.finish();
}

void read_otel(const Value& table, Config& config, Findings& findings) {
  OtelConfig& otel = config.otel;
  TableReader reader(table, "otel", findings);
  read_fields(reader, "otel", config);
  if (auto endpoint = reader.string("endpoint")) otel.endpoint = *std::move(endpoint);
  if (auto name = reader.string("service_name"); name && !name->empty()) {
    otel.service_name = *std::move(name);
  }
  if (const auto ratio = reader.decimal("sample_ratio", ratio_places, 1)) {
    otel.sample_ratio = static_cast<std::uint32_t>(*ratio);
  }
  if (auto file = reader.string("ca_file")) otel.ca_file = *std::move(file);
  if (const auto* headers = reader.table("headers")) {
    TableReader inner(*headers, reader.path_of("headers"), findings);
    for (const auto& member : headers->members) {
      if (auto value = inner.string(member.key)) {
        otel.headers.emplace_back(member.key, Secret(*std::move(value)));
      }
    }
  }
  reader.finish();
}

void read_manage(const Value& table, Config& config, Findings& findings) {
  ManageConfig& manage = config.manage;
  TableReader reader(table, "manage", findings);
  read_fields(reader, "manage", config);
  manage.socket = reader.string("socket");
  if (auto listen = reader.string("listen")) manage.listen = *std::move(listen);
  manage.allowed_hosts = reader.strings("allowed_hosts");
  if (const auto* auth = reader.table("auth")) read_manage_auth(*auth, manage, findings);
  if (const auto* table_of_tls = reader.table("tls")) {
    TableReader tls(*table_of_tls, "manage.tls", findings);
    read_tls(tls, manage.tls);
    if (const auto role = read_role(tls, "client_role")) manage.client_role = *role;
    tls.finish();
  }
  reader.finish();
}

void read_grpc(const Value& table, Config& config, Findings& findings) {
  TableReader reader(table, "grpc", findings);
  if (auto listen = reader.string("listen")) config.grpc.listen = *std::move(listen);
  reader.finish();
}

/// Bytes of memory -> what `signatures_max` fits into them; nothing = the default.
std::optional<std::int64_t> read_ristretto(TableReader& cache, Findings& findings) {
  const auto* table = cache.table("ristretto");
  if (table == nullptr) return std::nullopt;
  constexpr std::int64_t bytes_each = 130;
  constexpr std::int64_t any = std::int64_t{1} << 40;
  TableReader reader(*table, cache.path_of("ristretto"), findings);
  const auto bytes = reader.integer("max_cost", 0, any).value_or(0);
  // They tune the older relay's cache library; there is nothing here that they could change.
  (void)reader.integer("num_counters", 0, any);
  (void)reader.integer("buffer_items", 0, any);
  reader.finish();
  if (bytes == 0) return std::nullopt;
  return std::clamp<std::int64_t>(bytes / bytes_each, 1, signatures_max);
}

/// The older relay's. All that its cache was for were the signatures of thinking, so it says how
/// many of those are remembered, unless routing.signatures_max does. Read after [routing].
void read_cache(const Value& table, Config& config, Findings& findings) {
  constexpr std::string_view not_shared = "what is remembered is not shared between relays";
  TableReader reader(table, "cache", findings);
  const auto mode = reader.string("mode").value_or("");
  auto signatures = read_ristretto(reader, findings);
  if (mode == "disabled") {
    signatures = 0;
  } else if (mode == "ha") {
    reader.complain(reader.take("mode")->value.at, "mode",
                    fmt::format(" \"ha\" is not available in this version: {}; use \"single\" or "
                                "\"disabled\"",
                                not_shared));
  } else if (!mode.empty() && mode != "single") {
    reader.complain(reader.take("mode")->value.at, "mode",
                    unknown_word(mode, {"single", "disabled"}));
  }
  reader.later("olric", not_shared);
  reader.finish();
  if (signatures && !findings.places.contains("routing.signatures_max")) {
    config.routing.signatures_max = static_cast<int>(*signatures);
  }
}

}  // namespace

Config read_config(const Value& root, const LoadOptions& own, Findings& findings) {
  Config config;
  TableReader reader(root, "", findings);
  if (const auto* table = reader.table("server")) read_server(*table, config, findings);
  if (const auto* table = reader.table("timeouts")) {
    read_plain(*table, "timeouts", config, findings);
  }
  if (const auto* table = reader.table("stream")) read_plain(*table, "stream", config, findings);
  if (const auto* table = reader.table("routing")) {
    read_routing(*table, own.strategies, config, findings);
  }
  if (const auto* table = reader.table("logging")) read_logging(*table, config, findings);
  if (const auto* table = reader.table("health")) read_health(*table, config, findings);
  if (const auto* table = reader.table("cache")) read_cache(*table, config, findings);
  if (const auto* table = reader.table("pricing")) read_pricing(*table, config.pricing, findings);
  if (const auto* table = reader.table("translation")) read_translation(*table, config, findings);
  if (const auto* table = reader.table("ledger")) read_ledger(*table, config, findings);
  if (const auto* table = reader.table("metrics")) read_metrics(*table, config, findings);
  if (const auto* table = reader.table("otel")) read_otel(*table, config, findings);
  if (const auto* table = reader.table("manage")) read_manage(*table, config, findings);
  if (const auto* table = reader.table("grpc")) read_grpc(*table, config, findings);
  config.prices = read_prices(reader, findings);
  if (const auto* array =
          reader.array("providers", Kind::table, "an array of tables ([[providers]])")) {
    for (std::size_t i = 0; i < array->items.size(); ++i) {
      config.providers.push_back(read_provider(array->items[i], fmt::format("providers[{}]", i),
                                               own.provider_types, findings));
    }
  }
  reader.finish();
  return config;
}

}  // namespace ccrelay::config
