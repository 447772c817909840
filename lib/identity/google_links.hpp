#pragma once

#include <ccrelay/config_load.hpp>

#include <string>

#include "identity/step.hpp"
#include "wire/json_members.hpp"

namespace ccrelay::identity {

inline constexpr const char* google_scope = "https://www.googleapis.com/auth/cloud-platform";

/// A credential file of Google's, of any kind that is known here. The path is for errors.
Step google_file(const std::string& path, const Environment& env, WallTime now);
/// `"type": "external_account"`, workload identity federation. `file` is the text of the file.
Step google_external(const std::string& path, const std::string& file, const Environment& env);
/// The metadata server of Compute Engine, GKE and Cloud Run.
Step google_metadata(const Environment& env);

}  // namespace ccrelay::identity
