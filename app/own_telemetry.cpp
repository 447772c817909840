#include "own_telemetry.hpp"

#include <utility>

namespace ccrelay::app {

Result<std::unique_ptr<Telemetry>> open_telemetry(const Config& config, Observer& notes) {
  TelemetryOptions options = telemetry_options(config);
  if (options.endpoint.empty()) return std::unique_ptr<Telemetry>();
  options.notes = &notes;
  return make_telemetry(std::move(options));
}

}  // namespace ccrelay::app
