#include "config/read.hpp"

#include "config/fields.hpp"
#include "config/refusal.hpp"
#include "config/words.hpp"

#include <fmt/format.h>

namespace ccrelay::settings {
namespace {

void read_fields(TableReader& reader, std::string_view section, Config& config) {
  for (const auto& field : number_fields()) {
    if (field.section != section) continue;
    if (const auto value = reader.integer(field.key, field.min, field.max)) {
      field.set(config, *value);
    }
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
  reader.finish();
}

void read_server(const Value& table, Config& config, Findings& findings) {
  TableReader reader(table, "server", findings);
  if (auto listen = reader.string("listen")) config.server.listen = *std::move(listen);
  if (auto key = reader.string("api_key")) config.server.auth.api_key = Secret(*std::move(key));
  if (const auto* auth = reader.table("auth")) read_auth(*auth, config.server.auth, findings);
  read_fields(reader, "server", config);
  // The older relay's way to say "the default".
  if (config.server.timeout == milliseconds::zero()) config.server.timeout = ServerConfig{}.timeout;
  reader.later("enable_http2");
  reader.later("tls");
  reader.finish();
}

void read_plain(const Value& table, std::string_view section, Config& config, Findings& findings) {
  TableReader reader(table, std::string(section), findings);
  read_fields(reader, section, config);
  reader.finish();
}

void read_routing(const Value& table, Config& config, Findings& findings) {
  TableReader reader(table, "routing", findings);
  if (auto strategy = reader.string("strategy"); strategy && !strategy->empty()) {
    config.routing.strategy = *std::move(strategy);
  }
  read_fields(reader, "routing", config);
  reader.later("model_mapping");
  reader.later("default_provider");
  reader.later("race", {}, 1);
  reader.later("affinity");
  reader.later("model_fallback");
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
    debug.later("log_response_headers");
    debug.later("log_tls_metrics");
    debug.finish();
  }
  reader.finish();
}

void read_health(const Value& table, Findings& findings) {
  TableReader reader(table, "health", findings);
  if (const auto* check = reader.table("health_check")) {
    TableReader inner(*check, "health.health_check", findings);
    inner.later("enabled");
    inner.later("interval_ms");
    inner.finish();
  }
  if (const auto* breaker = reader.table("circuit_breaker")) {
    TableReader inner(*breaker, "health.circuit_breaker", findings);
    inner.later("failure_threshold");
    inner.later("open_duration_ms");
    inner.later("half_open_probes");
    inner.finish();
  }
  reader.finish();
}

void read_cache(const Value& table, Findings& findings) {
  TableReader reader(table, "cache", findings);
  if (const auto* mode = reader.take("mode"); mode != nullptr && !is_off(mode->value)) {
    const bool is_word = mode->value.kind == Kind::string;
    const bool known = mode->value.text == "single" || mode->value.text == "ha";
    reader.complain(mode->value.at, "mode",
                    !is_word ? fmt::format(" is {}; a string is needed", name_of(mode->value.kind))
                    : known  ? fmt::format(" {} is not available in this version; use \"disabled\"",
                                           in_quotes(mode->value.text))
                             : unknown_word(mode->value.text, {"disabled"}));
  }
  reader.later("ristretto");
  reader.later("olric");
  reader.finish();
}

}  // namespace

Config read_config(const Value& root, Findings& findings) {
  Config config;
  TableReader reader(root, "", findings);
  if (const auto* table = reader.table("server")) read_server(*table, config, findings);
  if (const auto* table = reader.table("timeouts")) {
    read_plain(*table, "timeouts", config, findings);
  }
  if (const auto* table = reader.table("stream")) read_plain(*table, "stream", config, findings);
  if (const auto* table = reader.table("routing")) read_routing(*table, config, findings);
  if (const auto* table = reader.table("logging")) read_logging(*table, config, findings);
  if (const auto* table = reader.table("health")) read_health(*table, findings);
  if (const auto* table = reader.table("cache")) read_cache(*table, findings);
  if (const auto* array =
          reader.array("providers", Kind::table, "an array of tables ([[providers]])")) {
    for (std::size_t i = 0; i < array->items.size(); ++i) {
      config.providers.push_back(
          read_provider(array->items[i], fmt::format("providers[{}]", i), findings));
    }
  }
  reader.finish();
  return config;
}

}  // namespace ccrelay::settings
