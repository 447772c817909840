#pragma once

#include <ccrelay/manage.hpp>
#include <ccrelay/manage_logs.hpp>
#include <ccrelay/manage_usage.hpp>

// Of each struct of the Manager one in which every field says something.
namespace ccrelay::test {

inline WallTime whole_time() {
  return WallTime(std::chrono::duration_cast<WallTime::duration>(
      std::chrono::nanoseconds(1'764'493'201'000'002'000)));
}

inline management::TokenUsage whole_usage() {
  return {1, 2, 3, 4, 5, 6};
}

inline management::Totals whole_totals() {
  return {1, 2, 3, 4, 5, whole_usage(), {6, 7, 8}, 9, 10};
}

inline management::Budget whole_budget() {
  management::Budget budget;
  budget.kind = management::BudgetKind::tokens_per_minute;
  budget.used = 1;
  budget.limit = 2;
  budget.provider_limit = 3;
  budget.provider_remaining = 4;
  budget.provider_reset_time = whole_time();
  budget.free_in_ms = 5;
  return budget;
}

inline management::AdminOverride whole_override() {
  return {management::AdminState::disabled, "uid:1", "why", whole_time(), whole_time()};
}

inline management::LastError whole_error() {
  return {whole_time(), Outcome::failed, 502, "words", "1f"};
}

inline management::Provider whole_provider() {
  management::Provider out;
  out.name = "a";
  out.type = "anthropic";
  out.base_url = "https://a";
  out.models = {"m"};
  out.priority = 1;
  out.weight = 2;
  out.admin_state = management::AdminState::draining;
  out.admin_override = whole_override();
  out.health = management::ProviderHealth::limited;
  out.breaker = {management::BreakerState::open, 1, 2, 3, 4};
  out.in_flight = 3;
  out.in_flight_limit = 4;
  out.conversations = 5;
  out.first_byte_us = 6;
  out.totals = whole_totals();
  out.outcomes = {{Outcome::exhausted, 7}};
  out.failure_ratio = 0.5;
  out.last_error = whole_error();
  out.keys = {"5f1c0a9e"};
  out.identity = management::CloudIdentity{"failed", "profile", whole_time(), "why"};
  out.dialects = {"chat", "responses"};
  return out;
}

inline management::Key whole_key() {
  management::Key out;
  out.fingerprint = "5f1c0a9e";
  out.name = "first";
  out.providers = {"a"};
  out.state = management::KeyState::cooling;
  out.admin_state = management::AdminState::disabled;
  out.admin_override = whole_override();
  out.cool_downs = {{"m", whole_time()}};
  out.refused_until = whole_time();
  out.in_flight = 1;
  out.in_flight_limit = 2;
  out.budgets = {whole_budget()};
  out.plan_windows = {{"5h", 0.5, whole_time(), "allowed"}};
  out.totals = whole_totals();
  out.last_error = whole_error();
  out.last_used_time = whole_time();
  return out;
}

inline management::Client whole_client() {
  management::Client out;
  out.name = "ana";
  out.kind = management::ClientKind::configured;
  out.in_flight = 1;
  out.budgets = {whole_budget()};
  out.totals = whole_totals();
  out.today = whole_totals();
  out.month = whole_totals();
  out.allowed_models = {"m"};
  out.allowed_providers = {"a"};
  out.limited = 2;
  out.last_seen_time = whole_time();
  return out;
}

inline management::Attempt whole_attempt() {
  management::Attempt out;
  out.number = 1;
  out.provider = "a";
  out.key = "5f1c0a9e";
  out.model = "m";
  out.outcome = Outcome::no_access;
  out.status = 403;
  out.detail = "why";
  out.start_us = 2;
  out.connect_us = 3;
  out.first_byte_us = 4;
  out.duration_us = 5;
  out.dialect = "chat";
  out.translated = "anthropic>chat";
  return out;
}

inline management::Request whole_request() {
  management::Request out;
  out.id = "1f";
  out.request_id = "req";
  out.session = "s";
  out.client = "ana";
  out.client_address = "127.0.0.1:1";
  out.method = "POST";
  out.path = "/v1/messages";
  out.model = "m";
  out.model_sent = "n";
  out.stream = true;
  out.state = management::RequestState::ended;
  out.provider = "a";
  out.key = "5f1c0a9e";
  out.attempt_count = 1;
  out.start_time = whole_time();
  out.duration_us = 2;
  out.first_byte_us = 3;
  out.request_bytes = 4;
  out.response_bytes = 5;
  out.usage = whole_usage();
  out.cost = {1, 2, 3};
  out.status = 200;
  out.ending = Ending::by_operator;
  out.error = "why";
  out.pings = 6;
  out.attempts = {whole_attempt()};
  out.trace = {{1, "picked", "words", {{"provider", "a"}}}};
  out.traced = true;
  out.dialect = "anthropic";
  return out;
}

inline management::Status whole_status() {
  management::Status out;
  out.time = whole_time();
  out.state = management::ServerState::serving;
  out.uptime_ms = 1;
  out.in_flight = 2;
  out.streaming = 3;
  out.rates = {1, 2, 3, 4};
  out.totals = whole_totals();
  out.today = whole_totals();
  out.first_byte = {1, 2, 3, 4};
  out.total = {1, 2, 3, 4};
  out.history = {{whole_time(), 1, 2, 3, 4, 5}};
  out.process = {1, 2, 3, 4, 5, 6, 7, 8};
  out.providers = {1, 2, 3, 4, 5};
  out.config_generation = 4;
  return out;
}

inline management::ServerInfo whole_info() {
  management::ServerInfo out;
  out.name = "cc-relay";
  out.version = "1.2.3";
  out.api_revision = 1;
  out.start_time = whole_time();
  out.pid = 2;
  out.hostname = "here";
  out.workers = 3;
  out.listen_addresses = {"127.0.0.1:8787"};
  out.management_addresses = {"grpc://127.0.0.1:9090"};
  out.config_source = "/etc/x.toml";
  out.config_load_time = whole_time();
  out.config_generation = 4;
  out.features = {"grpc"};
  out.ledger_path = "/var/lib/x.db";
  return out;
}

inline management::Diagnostic whole_diagnostic() {
  return {management::Severity::warning, "/etc/x.toml", 1, 2, "server.listen", "words"};
}

inline management::ConfigChange whole_change() {
  return {"server.listen", "1", "2", true, "1 → 2"};
}

inline management::EffectiveConfig whole_config() {
  management::EffectiveConfig out;
  out.toml = "a = 1";
  out.settings = {{"a", "1", management::SettingOrigin::file, 1, true}};
  out.source = "/etc/x.toml";
  out.generation = 1;
  out.load_time = whole_time();
  return out;
}

}  // namespace ccrelay::test
