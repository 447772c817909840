#include "api/json.hpp"

// Keys, clients, and what both have: budgets.
namespace ccrelay::api {

void append_json(std::string& out, const management::CoolDown& rest) {
  JsonObject{out}("model", rest.model)("expire_time", rest.expire_time);
}

void append_json(std::string& out, const management::Budget& budget) {
  JsonObject object(out);
  object("kind", budget.kind)("used", budget.used)("limit", budget.limit);
  object("provider_limit", budget.provider_limit);
  object("provider_remaining", budget.provider_remaining);
  object("provider_reset_time", budget.provider_reset_time)("free_in_ms", budget.free_in_ms);
}

void append_json(std::string& out, const management::PlanWindow& window) {
  JsonObject object(out);
  object("name", window.name)("utilization", window.utilization);
  object("reset_time", window.reset_time)("status", window.status);
}

void append_json(std::string& out, const management::Key& key) {
  JsonObject object(out);
  object("fingerprint", key.fingerprint)("providers", key.providers);
  object("state", key.state)("admin_state", key.admin_state);
  object("admin_override", key.admin_override)("cool_downs", key.cool_downs);
  object("refused_until", key.refused_until)("in_flight", key.in_flight);
  object("in_flight_limit", key.in_flight_limit)("budgets", key.budgets);
  object("plan_windows", key.plan_windows)("totals", key.totals)("last_error", key.last_error);
  object("last_used_time", key.last_used_time)("name", key.name);
}

void append_json(std::string& out, const management::Client& client) {
  JsonObject object(out);
  object("name", client.name)("kind", client.kind)("in_flight", client.in_flight);
  object("budgets", client.budgets)("totals", client.totals)("today", client.today)("month",
                                                                                    client.month);
  object("allowed_models", client.allowed_models);
  object("allowed_providers", client.allowed_providers);
  object("limited", client.limited)("last_seen_time", client.last_seen_time);
}

}  // namespace ccrelay::api
