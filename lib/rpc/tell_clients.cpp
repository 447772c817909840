#include <ccrelay/management/v1/management.pb.h>

#include "rpc/enums.hpp"
#include "rpc/tell.hpp"

namespace ccrelay::rpc {

void tell(const management::Client& client, messages::Client& out) {
  out.set_name(client.name);
  out.set_kind(told(client.kind));
  out.set_in_flight(client.in_flight);
  for (const management::Budget& budget : client.budgets) tell(budget, *out.add_budgets());
  tell(client.totals, *out.mutable_totals());
  if (client.today) tell(*client.today, *out.mutable_today());
  if (client.month) tell(*client.month, *out.mutable_month());
  for (const std::string& model : client.allowed_models) out.add_allowed_models(model);
  for (const std::string& provider : client.allowed_providers) out.add_allowed_providers(provider);
  out.set_limited(client.limited);
  if (client.last_seen_time) tell(*client.last_seen_time, *out.mutable_last_seen_time());
}

}  // namespace ccrelay::rpc
