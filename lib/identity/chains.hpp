#pragma once

#include <ccrelay/config_load.hpp>

#include "identity/description.hpp"
#include "identity/step.hpp"

namespace ccrelay::identity {

/// The places where each cloud's own tools look for credentials, in their order. What an entry of
/// the configuration names is exclusive: nothing else is tried then. Files are read when a link
/// begins, each time anew. A chain keeps the environment it was made with; immutable, and may be
/// walked by several threads at once.
Chain aws_chain(const AwsAccess& access, const Environment& env);
Chain google_chain(const GoogleAccess& access, const Environment& env);
Chain azure_chain(const AzureAccess& access, const Environment& env);

}  // namespace ccrelay::identity
