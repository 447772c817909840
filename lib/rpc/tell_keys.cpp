#include <ccrelay/management/v1/management.pb.h>

#include "rpc/enums.hpp"
#include "rpc/tell.hpp"
#include "rpc/tell_parts.hpp"

namespace ccrelay::rpc {
namespace {

void tell(const management::PlanWindow& window, messages::PlanWindow& out) {
  out.set_name(window.name);
  out.set_utilization(window.utilization);
  if (window.reset_time) rpc::tell(*window.reset_time, *out.mutable_reset_time());
  out.set_status(window.status);
}

}  // namespace

void tell(const management::Key& key, messages::Key& out) {
  out.set_fingerprint(key.fingerprint);
  out.set_name(key.name);
  for (const std::string& provider : key.providers) out.add_providers(provider);
  out.set_state(told(key.state));
  out.set_admin_state(told(key.admin_state));
  if (key.admin_override) tell(*key.admin_override, *out.mutable_admin_override());
  for (const management::CoolDown& cool_down : key.cool_downs) {
    auto& told_cool_down = *out.add_cool_downs();
    told_cool_down.set_model(cool_down.model);
    tell(cool_down.expire_time, *told_cool_down.mutable_expire_time());
  }
  if (key.refused_until) tell(*key.refused_until, *out.mutable_refused_until());
  out.set_in_flight(key.in_flight);
  out.set_in_flight_limit(key.in_flight_limit);
  for (const management::Budget& budget : key.budgets) tell(budget, *out.add_budgets());
  for (const management::PlanWindow& window : key.plan_windows) {
    tell(window, *out.add_plan_windows());
  }
  tell(key.totals, *out.mutable_totals());
  if (key.last_error) tell(*key.last_error, *out.mutable_last_error());
  if (key.last_used_time) tell(*key.last_used_time, *out.mutable_last_used_time());
}

}  // namespace ccrelay::rpc
