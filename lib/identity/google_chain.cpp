#include "identity/chains.hpp"
#include "identity/files.hpp"
#include "identity/google_links.hpp"
#include "identity/refusal.hpp"

namespace ccrelay::identity {
namespace {

// Where `gcloud auth application-default login` puts it.
std::string default_file(const Environment& env) {
  std::string folder;
  if (const auto config = variable(env, "CLOUDSDK_CONFIG")) {
    folder = *config;
  } else if (!home(env).empty()) {
    folder = home(env) + "/.config/gcloud";
  } else {
    return {};
  }
  return folder + "/application_default_credentials.json";
}

Step from_variable(const Environment& env, WallTime now) {
  const auto path = variable(env, "GOOGLE_APPLICATION_CREDENTIALS");
  if (!path) return Pass{};
  return google_file(*path, env, now);
}

Step from_default_file(const Environment& env, WallTime now) {
  const std::string path = default_file(env);
  if (path.empty() || !file_exists(path)) return Pass{};
  return google_file(path, env, now);
}

constexpr const char* no_other_google =
    "no other Google credentials are configured: set gcp_credentials_file of the provider or "
    "GOOGLE_APPLICATION_CREDENTIALS, or sign in with `gcloud auth application-default login`";

}  // namespace

Chain google_chain(const GoogleAccess& access, const Environment& env) {
  if (const std::string path = expanded_path(access.credentials_file, env); !path.empty())
    return {{{"configuration (gcp_credentials_file)",
              [path, env](WallTime now) { return google_file(path, env, now); }}},
            ""};
  Chain chain;
  chain.links = {
      {"file (GOOGLE_APPLICATION_CREDENTIALS)",
       [env](WallTime now) { return from_variable(env, now); }},
      {"gcloud's default file", [env](WallTime now) { return from_default_file(env, now); }},
      {"Google metadata", [env](WallTime) { return google_metadata(env); }, no_other_google},
  };
  chain.nothing =
      std::string("the metadata server is not asked (NO_GCE_CHECK), and ") + no_other_google;
  return chain;
}

}  // namespace ccrelay::identity
