#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "files.hpp"
#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* config_permissions_id = "config.permissions";
constexpr std::size_t config_bytes_max = 4 << 20;

std::vector<std::string_view> secrets_of(const Config& config) {
  std::vector<std::string_view> all{config.server.auth.api_key.reveal(),
                                    config.server.auth.bearer_secret.reveal(),
                                    config.metrics.bearer_secret.reveal()};
  for (const ClientConfig& client : config.server.auth.clients) {
    for (const Secret& key : client.keys) all.push_back(key.reveal());
  }
  for (const ProviderConfig& provider : config.providers) {
    for (const Secret* each : {&provider.aws_secret_access_key, &provider.aws_session_token,
                               &provider.azure_client_secret}) {
      all.push_back(each->reveal());
    }
    for (const KeyConfig& key : provider.keys) all.push_back(key.key.reveal());
    for (const auto& header : provider.headers) all.push_back(header.second.reveal());
  }
  return all;
}

// What came by ${…} does not stand in the file.
bool holds_secrets(const std::string& path, const Config& config) {
  const auto text = read_file(path, config_bytes_max);
  if (!text || !*text) return false;
  const auto secrets = secrets_of(config);
  return std::any_of(secrets.begin(), secrets.end(), [&](std::string_view secret) {
    return !secret.empty() && (*text)->find(secret) != std::string::npos;
  });
}

}  // namespace

void check_config_permissions(const Facts& facts, Findings& out) {
  struct stat info {};
  if (facts.path.empty() || ::stat(facts.path.c_str(), &info) != 0) {
    out.skipped(config_permissions_id, "", "there is no file");
    return;
  }
  bool fine = true;
  // Where the sticky bit is set, as on /tmp, nobody replaces what is another's.
  const std::string folder = directory_of(link_target(facts.path));
  struct stat around {};
  if (::stat(folder.c_str(), &around) == 0 && (around.st_mode & S_IWOTH) != 0 &&
      (around.st_mode & S_ISVTX) == 0) {
    fine = false;
    out.error(config_permissions_id, folder,
              "everybody on this machine can put another configuration there",
              fmt::format("chmod o-w {}", folder));
  }
  if ((info.st_mode & S_IROTH) != 0 && holds_secrets(facts.path, facts.config)) {
    fine = false;
    out.warning(config_permissions_id, facts.path,
                "secrets stand in it, and everybody on this machine can read it",
                fmt::format("chmod o-r {}, or keep them elsewhere: ${{VARIABLE}}, ${{file:/path}}",
                            facts.path));
  }
  if (fine) {
    out.ok(config_permissions_id, facts.path,
           fmt::format("mode {:04o}", static_cast<unsigned>(info.st_mode & 07777)));
  }
}

}  // namespace ccrelay::app::checks
