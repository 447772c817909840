#pragma once

#include <ccrelay/manage_types.hpp>

#include <vector>

#include "manage/core.hpp"

namespace ccrelay::manage {

/// All of the configuration, in its order.
std::vector<management::Provider> told_providers(Core& core);
/// Those of enabled providers, each once.
std::vector<management::Key> told_keys(Core& core);
std::vector<management::Client> told_clients(Core& core);
management::Status told_status(Core& core, int history_seconds);
management::ServerInfo told_info(Core& core);

/// A budget of a key, if anything is known of it.
void add_budget(std::vector<management::Budget>& budgets, management::BudgetKind kind,
                const state::BudgetReport& report);

}  // namespace ccrelay::manage
