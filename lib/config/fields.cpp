#include "config/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace ccrelay::config {

std::int64_t integer_of(std::uint64_t value) {
  constexpr std::uint64_t max = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(value, max));
}

namespace {

using config::integer_of;

std::int64_t integer_of(milliseconds value) {
  return value.count();
}
std::int64_t integer_of(int value) {
  return value;
}

template <auto Section, auto Field>
constexpr NumberField number(std::string_view section, std::string_view key, std::int64_t min,
                             std::int64_t max, bool zero_is_default = false) {
  return {section,
          key,
          min,
          max,
          [](const Config& config) { return integer_of(config.*Section.*Field); },
          [](Config& config, std::int64_t value) {
            auto& field = config.*Section.*Field;
            field = static_cast<std::remove_reference_t<decltype(field)>>(value);
          },
          zero_is_default};
}

template <auto Section, auto Field>
constexpr FlagField flag(std::string_view section, std::string_view key) {
  return {section, key, [](const Config& config) { return config.*Section.*Field; },
          [](Config& config, bool value) { config.*Section.*Field = value; }};
}

// What is read when the relay starts, and not again.
template <class Field>
constexpr Field at_start(Field field) {
  field.restart = true;
  return field;
}

constexpr auto server = &Config::server;
constexpr auto timeouts = &Config::timeouts;
constexpr auto stream = &Config::stream;
constexpr auto routing = &Config::routing;
constexpr auto health = &Config::health;
constexpr auto logging = &Config::logging;
constexpr auto translation = &Config::translation;
constexpr auto ledger = &Config::ledger;
constexpr auto metrics = &Config::metrics;
constexpr auto otel = &Config::otel;
constexpr auto manage = &Config::manage;

constexpr std::int64_t day = milliseconds_max;
constexpr std::int64_t kib = 1 << 10;
constexpr std::int64_t mib = 1 << 20;

// Where the smallest is 1, a 0 would mean "fail at once", which nobody wants.
constexpr NumberField numbers[] = {
    at_start(number<server, &ServerConfig::workers>("server", "workers", 1, 64)),
    number<server, &ServerConfig::timeout>("server", "timeout_ms", 0, day),
    number<server, &ServerConfig::max_concurrent>("server", "max_concurrent", 0, 1'000'000),
    at_start(
        number<server, &ServerConfig::max_connections>("server", "max_connections", 1, 1'000'000)),
    at_start(number<server, &ServerConfig::max_connections_per_address>(
        "server", "max_connections_per_address", 0, 1'000'000)),
    number<server, &ServerConfig::max_body_bytes>("server", "max_body_bytes", 1, mib* mib),
    number<server, &ServerConfig::max_buffered_body_bytes>("server", "max_buffered_body_bytes", 0,
                                                           mib* mib),
    at_start(
        number<server, &ServerConfig::max_header_bytes>("server", "max_header_bytes", kib, mib)),
    at_start(number<server, &ServerConfig::max_headers>("server", "max_headers", 16, 10'000)),
    at_start(number<server, &ServerConfig::max_connection_age>("server", "max_connection_age_ms", 0,
                                                               day)),
    at_start(
        number<server, &ServerConfig::http2_max_streams>("server", "http2_max_streams", 1, 10'000)),
    at_start(number<server, &ServerConfig::http2_frame_budget>("server", "http2_frame_budget", 10,
                                                               1'000'000)),
    number<server, &ServerConfig::shutdown_grace>("server", "shutdown_grace_ms", 0, day),
    number<server, &ServerConfig::shutdown_idle>("server", "shutdown_idle_ms", 0, day),
    number<server, &ServerConfig::shutdown_timeout>("server", "shutdown_timeout_ms", 0, day),
    number<timeouts, &TimeoutConfig::connect>("timeouts", "connect_ms", 1, day),
    number<timeouts, &TimeoutConfig::first_byte>("timeouts", "first_byte_ms", 0, day),
    number<timeouts, &TimeoutConfig::stream_idle>("timeouts", "stream_idle_ms", 1, day),
    number<timeouts, &TimeoutConfig::error_body>("timeouts", "error_body_ms", 0, day),
    number<timeouts, &TimeoutConfig::upstream_idle>("timeouts", "upstream_idle_ms", 0, day),
    at_start(
        number<timeouts, &TimeoutConfig::client_header>("timeouts", "client_header_ms", 1, day)),
    at_start(number<timeouts, &TimeoutConfig::client_body>("timeouts", "client_body_ms", 1, day)),
    at_start(number<timeouts, &TimeoutConfig::client_idle>("timeouts", "client_idle_ms", 1, day)),
    at_start(number<timeouts, &TimeoutConfig::client_write>("timeouts", "client_write_ms", 1, day)),
    at_start(
        number<timeouts, &TimeoutConfig::client_linger>("timeouts", "client_linger_ms", 0, day)),
    number<stream, &StreamConfig::keepalive>("stream", "keepalive_ms", 0, day),
    number<stream, &StreamConfig::hold>("stream", "hold_ms", 0, day),
    at_start(number<stream, &StreamConfig::buffer_bytes>("stream", "buffer_bytes", 16 * kib,
                                                         1024 * mib)),
    number<stream, &StreamConfig::inspect_bytes>("stream", "inspect_bytes", 0, 64 * mib),
    number<routing, &RoutingConfig::failover_timeout>("routing", "failover_timeout", 0, day),
    number<routing, &RoutingConfig::max_attempts>("routing", "max_attempts", 1, 32),
    number<routing, &RoutingConfig::race>("routing", "race", 1, 8),
    number<routing, &RoutingConfig::hedge>("routing", "hedge_ms", 0, day),
    number<routing, &RoutingConfig::conversations_max>("routing", "conversations_max", 0,
                                                       1'000'000),
    number<routing, &RoutingConfig::signatures_max>("routing", "signatures_max", 0, signatures_max),
    number<health, &HealthConfig::check_interval>("health.health_check", "interval_ms", 100, day,
                                                  true),
    number<health, &HealthConfig::failure_threshold>("health.circuit_breaker", "failure_threshold",
                                                     1, 1'000'000, true),
    number<health, &HealthConfig::open_duration>("health.circuit_breaker", "open_duration_ms", 1,
                                                 day, true),
    number<health, &HealthConfig::half_open_probes>("health.circuit_breaker", "half_open_probes", 1,
                                                    1'000, true),
    number<logging, &LoggingConfig::max_body_log_size>("logging.debug_options", "max_body_log_size",
                                                       0, mib),
    number<translation, &TranslationConfig::default_max_tokens>("translation", "default_max_tokens",
                                                                1, output_tokens_max),
    number<translation, &TranslationConfig::memory_max>("translation", "memory_max", 0, 1'000'000),
    number<ledger, &LedgerConfig::flush>("ledger", "flush_ms", 50, 1'000),
    number<ledger, &LedgerConfig::retention_days>("ledger", "retention_days", 0, 36'500),
    number<ledger, &LedgerConfig::max_bytes>("ledger", "max_bytes", 0, mib* mib),
    number<ledger, &LedgerConfig::queue_max>("ledger", "queue_max", 100, 10'000'000),
    number<metrics, &MetricsConfig::models_max>("metrics", "models_max", 0, 1'000),
    at_start(number<otel, &OtelConfig::interval>("otel", "interval_ms", 100, 3'600'000)),
    at_start(number<otel, &OtelConfig::timeout>("otel", "timeout_ms", 100, 60'000)),
    at_start(number<otel, &OtelConfig::queue_max>("otel", "queue_max", 16, 1'000'000)),
    number<manage, &ManageConfig::recent_requests>("manage", "recent_requests", 0, 10'000),
    number<manage, &ManageConfig::log_lines>("manage", "log_lines", 0, 10'000),
    number<manage, &ManageConfig::max_subscribers>("manage", "max_subscribers", 0, 1'000),
};

constexpr FlagField flags[] = {
    at_start(flag<server, &ServerConfig::enable_http2>("server", "enable_http2")),
    at_start(flag<server, &ServerConfig::reuse_port>("server", "reuse_port")),
    flag<server, &ServerConfig::passthrough>("server", "passthrough"),
    flag<server, &ServerConfig::watch_config>("server", "watch_config"),
    flag<server, &ServerConfig::allow_public_without_auth>("server", "allow_public_without_auth"),
    flag<routing, &RoutingConfig::model_fallback>("routing", "model_fallback"),
    flag<routing, &RoutingConfig::debug>("routing", "debug"),
    flag<health, &HealthConfig::checks>("health.health_check", "enabled"),
    flag<logging, &LoggingConfig::log_request_body>("logging.debug_options", "log_request_body"),
    flag<translation, &TranslationConfig::enabled>("translation", "enabled"),
    flag<translation, &TranslationConfig::auto_cache>("translation", "auto_cache"),
    at_start(flag<ledger, &LedgerConfig::enabled>("ledger", "enabled")),
    flag<metrics, &MetricsConfig::enabled>("metrics", "enabled"),
    flag<metrics, &MetricsConfig::allow_without_auth>("metrics", "allow_without_auth"),
    at_start(flag<otel, &OtelConfig::traces>("otel", "traces")),
    at_start(flag<otel, &OtelConfig::metrics>("otel", "metrics")),
    flag<manage, &ManageConfig::trace>("manage", "trace"),
    flag<manage, &ManageConfig::allow_public_without_tls>("manage", "allow_public_without_tls"),
};

}  // namespace

std::span<const NumberField> number_fields() {
  return numbers;
}
std::span<const FlagField> flag_fields() {
  return flags;
}

std::string out_of_range(std::int64_t value, std::int64_t min, std::int64_t max) {
  if (value >= min && value <= max) return {};
  return fmt::format(" {} is out of range; allowed: {} to {}", value, min, max);
}

}  // namespace ccrelay::config
