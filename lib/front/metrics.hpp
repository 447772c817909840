#pragma once

#include <ccrelay/clock.hpp>

#include <string>

#include "observe/prometheus.hpp"
#include "worker/counts.hpp"
#include "worker/shared.hpp"
#include "worker/snapshot.hpp"

namespace ccrelay::front {

/// The body of GET /metrics: what all workers have counted, and how everything is now.
std::string metrics_text(const worker::Counts& counts, const worker::Snapshot& snapshot,
                         worker::Shared& shared, const Clock& clock);

/// Its parts. What was counted:
void print_counts(observe::Exposition& out, const worker::Counts& counts,
                  const worker::Labels& labels);
/// How providers and their keys are:
void print_providers(observe::Exposition& out, const worker::Snapshot& snapshot,
                     worker::Shared& shared, const Clock& clock);
/// What clients may spend and have spent:
void print_budgets(observe::Exposition& out, const worker::Snapshot& snapshot,
                   worker::Shared& shared, const Clock& clock);
/// How the ledger is:
void print_ledger(observe::Exposition& out, const LedgerStatus& status);
/// How sending to a collector goes:
void print_telemetry(observe::Exposition& out, const TelemetryStatus& status);
/// How reading the configuration again has gone:
void print_reloads(observe::Exposition& out, const worker::Reloads::Figures& reloads);
/// How the relay itself is:
void print_relay(observe::Exposition& out, const worker::Shared& shared);

}  // namespace ccrelay::front
