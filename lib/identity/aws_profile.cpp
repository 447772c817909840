#include <algorithm>
#include <vector>

#include "identity/aws_links.hpp"
#include "identity/aws_sts.hpp"
#include "identity/files.hpp"
#include "identity/ini.hpp"
#include "identity/limits.hpp"
#include "identity/refusal.hpp"

namespace ccrelay::identity {
namespace {

using Settings = std::map<std::string, std::string>;

// The shared files as one. https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html
struct SharedFiles {
  std::string credentials_path;
  std::string config_path;
  std::map<std::string, Settings> profiles;
};

// A file that is not there is like an empty one, unless it was named.
Result<Ini> read_shared(const std::string& path, bool named) {
  if (!named && !file_exists(path)) return Ini{};
  const auto text = read_file(path);
  if (!text) return text.error();
  return read_ini(*text);
}

Result<SharedFiles> read_shared_files(const Environment& env) {
  SharedFiles files;
  const auto credentials_path = variable(env, "AWS_SHARED_CREDENTIALS_FILE");
  const auto config_path = variable(env, "AWS_CONFIG_FILE");
  files.credentials_path = expanded_path(credentials_path.value_or("~/.aws/credentials"), env);
  files.config_path = expanded_path(config_path.value_or("~/.aws/config"), env);
  const auto credentials = read_shared(files.credentials_path, credentials_path.has_value());
  if (!credentials) return credentials.error();
  const auto config = read_shared(files.config_path, config_path.has_value());
  if (!config) return config.error();
  // The credentials file goes first where both have a setting: map::insert keeps what is there.
  for (const auto& [name, settings] : *credentials) files.profiles[name] = settings;
  for (const auto& [name, settings] : *config) {
    if (name.rfind("profile ", 0) == 0)
      files.profiles[name.substr(8)].insert(settings.begin(), settings.end());
  }
  if (const auto section = config->find("default"); section != config->end())
    files.profiles["default"].insert(section->second.begin(), section->second.end());
  return files;
}

/// Finds out what a profile leads to; may go through several of them.
class ProfileReader {
 public:
  ProfileReader(const Environment& env, SharedFiles files, std::string region, bool named,
                WallTime now)
      : env_(env), files_(std::move(files)), region_(std::move(region)), named_(named), now_(now) {}

  Step read(const std::string& name) {
    const auto found = files_.profiles.find(name);
    if (found == files_.profiles.end())
      return wrong(name,
                   "is neither in " + files_.credentials_path + " nor in " + files_.config_path);
    const Settings& profile = found->second;
    if (visited_.size() > profile_hops_max)
      return wrong(name, "is reached through more than " + std::to_string(profile_hops_max) +
                             " profiles by source_profile");
    const bool again = std::find(visited_.begin(), visited_.end(), name) != visited_.end();
    // A profile may name itself as the source: its keys are meant then.
    const bool own_keys =
        again && visited_.back() == name && !get(profile, "aws_access_key_id").empty();
    if (again && !own_keys) return wrong(name, "is its own source_profile");
    visited_.push_back(name);
    if (!own_keys && !get(profile, "role_arn").empty()) return role(name, profile);
    return keys(name, profile);
  }

  bool has(const std::string& name) const { return files_.profiles.count(name) != 0; }

 private:
  static std::string get(const Settings& profile, const char* key) {
    const auto found = profile.find(key);
    return found == profile.end() ? "" : found->second;
  }

  static Error wrong(const std::string& name, const std::string& what) {
    return config_error("profile \"" + name + "\" " + what);
  }

  Step keys(const std::string& name, const Settings& profile) {
    const std::string id = get(profile, "aws_access_key_id");
    if (!id.empty()) {
      const std::string secret = get(profile, "aws_secret_access_key");
      if (secret.empty()) return wrong(name, "has aws_access_key_id but no aws_secret_access_key");
      return Issued(IssuedKeys{{id, Secret(secret), Secret(get(profile, "aws_session_token"))},
                               std::nullopt});
    }
    if (const std::string command = get(profile, "credential_process"); !command.empty())
      return aws_process(command, name);
    for (const char* key : {"sso_session", "sso_start_url", "login_session"}) {
      if (!get(profile, key).empty())
        return wrong(name, std::string("signs in with ") + key +
                               ", which takes a person at a browser; let `aws configure "
                               "export-credentials` be its credential_process");
    }
    // Region and output alone are no mistake in a profile that nobody asked for.
    if (visited_.size() == 1 && !named_) return Pass{};
    return wrong(name, "has no credentials");
  }

  Step role(const std::string& name, const Settings& profile) {
    const Role role{get(profile, "role_arn"), get(profile, "role_session_name"),
                    get(profile, "external_id"), get(profile, "duration_seconds")};
    const std::string own_region = get(profile, "region");
    const StsPlace sts(env_, own_region.empty() ? region_ : own_region);
    if (const std::string file = get(profile, "web_identity_token_file"); !file.empty())
      return assume_role_with_web_identity(sts, role, expanded_path(file, env_));
    if (!get(profile, "mfa_serial").empty())
      return wrong(name,
                   "needs a code of an MFA device (mfa_serial), which nobody is here to enter");
    const std::string source_profile = get(profile, "source_profile");
    const std::string credential_source = get(profile, "credential_source");
    if (source_profile.empty() == credential_source.empty())
      return wrong(name,
                   "has a role_arn: it needs either source_profile or credential_source beside it");
    Step source =
        source_profile.empty() ? from_source(name, credential_source) : read(source_profile);
    if (std::holds_alternative<Pass>(source.kind))
      return wrong(name, "has a source without credentials");
    return and_then(
        std::move(source),
        [sts, role](const Issued& with, WallTime now) {
          return assume_role(sts, role, std::get<IssuedKeys>(with), now);
        },
        now_);
  }

  Step from_source(const std::string& name, const std::string& source) {
    if (source == "Environment") return aws_environment(env_);
    if (source == "Ec2InstanceMetadata") return aws_imds(env_);
    if (source == "EcsContainer") return aws_container(env_);
    return wrong(name, "has credential_source \"" + source +
                           "\"; known are Environment, Ec2InstanceMetadata and EcsContainer");
  }

  const Environment& env_;
  const SharedFiles files_;
  const std::string region_;
  const bool named_;
  const WallTime now_;
  std::vector<std::string> visited_;
};

}  // namespace

Step aws_profile(const Environment& env, const std::string& named, const std::string& region,
                 WallTime now) {
  auto files = read_shared_files(env);
  if (!files) return std::move(files).error();
  ProfileReader reader(env, *std::move(files), region, !named.empty(), now);
  if (!named.empty()) return reader.read(named);
  if (!reader.has("default")) return Pass{};
  return reader.read("default");
}

}  // namespace ccrelay::identity
