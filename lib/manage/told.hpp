#pragma once

#include <ccrelay/manage_types.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "manage/core.hpp"

namespace ccrelay::manage {

/// All of the configuration, in its order.
std::vector<management::Provider> told_providers(Core& core);
/// Those of enabled providers, each once.
std::vector<management::Key> told_keys(Core& core);
std::vector<management::Client> told_clients(Core& core);
/// Of the day and the month that run; nothing without a ledger, or while it is being read.
std::optional<PeriodSums::Now> told_periods(Core& core, const worker::Tallied& tallied);
management::Status told_status(Core& core, int history_seconds);
management::ServerInfo told_info(Core& core);

/// Milliseconds until something is free: none that has begun is left out.
inline std::int64_t whole_ms(Duration left) {
  return std::chrono::ceil<std::chrono::milliseconds>(std::max(left, Duration())).count();
}

}  // namespace ccrelay::manage
