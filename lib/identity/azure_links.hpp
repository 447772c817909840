#pragma once

#include <ccrelay/config_load.hpp>

#include <string>

#include "identity/step.hpp"

namespace ccrelay::identity {

/// The identity that Azure gives to what runs on it: App Service, Functions, Container Apps, VMs,
/// AKS. `client_id` picks one of several; empty means the system's own.
Step azure_managed_identity(const Environment& env, const std::string& client_id,
                            const std::string& scope);

}  // namespace ccrelay::identity
