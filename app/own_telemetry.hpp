#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/observer.hpp>
#include <ccrelay/result.hpp>
#include <ccrelay/telemetry.hpp>

#include <memory>

namespace ccrelay::app {

/// The telemetry that the configuration asks for; null when it asks for none. `notes` is told of
/// its trouble, and outlives it.
Result<std::unique_ptr<Telemetry>> open_telemetry(const Config& config, Observer& notes);

}  // namespace ccrelay::app
