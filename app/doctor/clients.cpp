#include <ccrelay/ledger.hpp>

#include <fmt/format.h>

#include <chrono>
#include <string>

#include "table.hpp"
#include "unpriced.hpp"

namespace ccrelay::app::checks {
namespace {

using std::chrono::hours;

constexpr const char* clients_id = "clients";
constexpr hours warned_before{7 * 24};

bool check_expiry(const ClientConfig& client, std::chrono::system_clock::time_point now,
                  Findings& out) {
  if (!client.enabled || !client.expires || *client.expires - now > warned_before) return true;
  const auto left = std::chrono::duration_cast<hours>(*client.expires - now).count();
  out.warning(clients_id, client.name,
              *client.expires <= now ? "its keys have expired"
                                     : fmt::format("its keys expire in {} h", left),
              "give it a later `expires`, or take the client out");
  return false;
}

}  // namespace

void check_clients(const Facts& facts, Findings& out) {
  const auto& clients = facts.config.server.auth.clients;
  if (clients.empty()) {
    out.skipped(clients_id, "", "no client has a key of its own");
    return;
  }
  bool fine = true;
  std::string with_budget;
  for (const ClientConfig& client : clients) {
    fine = check_expiry(client, facts.now, out) && fine;
    if (client.has_budget()) with_budget += (with_budget.empty() ? "" : ", ") + client.name;
  }
  if (!with_budget.empty() && !(facts.config.ledger.enabled && has_ledger())) {
    fine = false;
    out.error(clients_id, with_budget, "a budget without the ledger is forgotten at each start",
              "set ledger.enabled = true, or take the budget out");
  }
  if (!with_budget.empty() && !unpriced_models(facts).empty()) {
    fine = false;
    out.warning(clients_id, with_budget,
                "models without a price (see prices) are no charge on its budget",
                "add [[prices]] for them");
  }
  if (fine) out.ok(clients_id, "", fmt::format("{} of them", clients.size()));
}

}  // namespace ccrelay::app::checks
