#pragma once

#include <ccrelay/telemetry.hpp>

#include <optional>
#include <vector>

namespace ccrelay::testing {

/// A telemetry that says what it is told to say, and sends nothing.
class StillTelemetry final : public Telemetry {
 public:
  std::optional<double> sample_ratio() const override { return ratio; }
  void request_finished(const RequestSummary& request) override { requests.push_back(request); }
  void turn_ended() override { ++turns; }

  bool flush(std::chrono::milliseconds) override { return true; }
  TelemetryStatus status() const override { return told; }

  TelemetryStatus told;
  std::optional<double> ratio = 1;
  std::vector<RequestSummary> requests;
  int turns = 0;
};

}  // namespace ccrelay::testing
