#include "api/json.hpp"

namespace ccrelay::api {

void append_json(std::string& out, const management::AdminOverride& word) {
  JsonObject object(out);
  object("state", word.state)("set_by", word.set_by)("reason", word.reason);
  object("set_time", word.set_time)("expire_time", word.expire_time);
}

void append_json(std::string& out, const management::Breaker& breaker) {
  JsonObject object(out);
  object("state", breaker.state)("failures", breaker.failures);
  object("failure_threshold", breaker.failure_threshold);
  object("half_open_in_ms", breaker.half_open_in_ms)("opened", breaker.opened);
}

void append_json(std::string& out, const management::OutcomeCount& count) {
  JsonObject{out}("outcome", count.outcome)("count", count.count);
}

void append_json(std::string& out, const management::LastError& error) {
  JsonObject object(out);
  object("time", error.time)("outcome", error.outcome)("status", error.status);
  object("message", error.message)("id", error.id);
}

void append_json(std::string& out, const management::CloudIdentity& identity) {
  JsonObject object(out);
  object("state", identity.state)("source", identity.source);
  object("expire_time", identity.expire_time)("error", identity.error);
}

void append_json(std::string& out, const management::Provider& provider) {
  JsonObject object(out);
  object("name", provider.name)("type", provider.type)("base_url", provider.base_url);
  object("models", provider.models)("priority", provider.priority)("weight", provider.weight);
  object("admin_state", provider.admin_state)("admin_override", provider.admin_override);
  object("health", provider.health)("breaker", provider.breaker);
  object("in_flight", provider.in_flight)("in_flight_limit", provider.in_flight_limit);
  object("conversations", provider.conversations)("first_byte_us", provider.first_byte_us);
  object("totals", provider.totals)("outcomes", provider.outcomes);
  object("failure_ratio", provider.failure_ratio)("last_error", provider.last_error);
  object("keys", provider.keys)("identity", provider.identity)("dialects", provider.dialects);
}

}  // namespace ccrelay::api
