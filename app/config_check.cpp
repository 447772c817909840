#include "config_check.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <system_error>
#include <utility>

#include "files.hpp"
#include "grpc_module.hpp"
#include "http_get.hpp"
#include "relay_contact.hpp"
#include "running_relays.hpp"

namespace ccrelay::app {
namespace {

std::string said_by_system(int error) {
  return std::generic_category().message(error);
}

void check_file(const std::string& setting, const std::string& path,
                std::vector<std::string>& out) {
  if (path.empty()) return;
  struct stat is {};
  if (::stat(path.c_str(), &is) != 0 || ::access(path.c_str(), R_OK) != 0) {
    out.push_back(fmt::format("{} {} cannot be read: {}; name a file that is there", setting, path,
                              said_by_system(errno)));
  } else if (S_ISDIR(is.st_mode)) {
    out.push_back(fmt::format("{} {} is a directory; name a file", setting, path));
  }
}

// What can be read and holds nothing to verify with lets no provider be reached either.
void check_ca_file(const std::string& setting, const std::string& path,
                   std::vector<std::string>& out) {
  constexpr std::size_t bytes_max = 16 << 20;
  const std::size_t before = out.size();
  check_file(setting, path, out);
  if (path.empty() || out.size() > before) return;
  const auto text = read_file(path, bytes_max);
  if (!text || !*text || (*text)->find("CERTIFICATE-----") != std::string::npos) return;
  out.push_back(
      fmt::format("{} {} holds no certificate in PEM; it begins with -----BEGIN CERTIFICATE-----",
                  setting, path));
}

void check_folder(const std::string& setting, const std::string& path,
                  std::vector<std::string>& out) {
  if (::access(path.c_str(), W_OK) == 0) return;  // it is there already, as /dev/stderr is
  const std::string folder = directory_of(path);
  if (folder.empty() || ::access(folder.c_str(), W_OK) == 0) return;
  out.push_back(fmt::format("{} {}: the folder {} {}", setting, path, folder,
                            errno == ENOENT ? "does not exist; make it, or name another one"
                                            : "cannot be written: " + said_by_system(errno)));
}

/// Its lines, when all of them are about variables that are not set; else none.
std::vector<std::string> unset_variables(const std::string& mistakes) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < mistakes.size();) {
    const std::size_t end = std::min(mistakes.find('\n', at), mistakes.size());
    std::string line = mistakes.substr(at, end - at);
    const std::size_t variable = line.find(": environment variable ");
    if (variable == std::string::npos || line.find(" is not set; ") == std::string::npos) return {};
    lines.push_back(std::move(line));
    at = end + 1;
  }
  return lines;
}

/// Whether a relay answers there which, as far as it is known here, has this file.
bool runs_with(const std::string& path, const ServerConfig& server) {
  constexpr std::chrono::seconds patience{2};
  if (!relay_health(server, patience)) return false;
  AskedRelay asked;
  asked.config = path;
  const Result<RelayContact> contact = find_relay(asked);
  return !contact || !contact->running || contact->running->config == absolute_path(path);
}

}  // namespace

Result<Config> checked_config(const std::string& path, const Environment& env,
                              std::vector<std::string>& warnings) {
  Result<Config> config = load_config(path, env);
  if (config) return config;
  const auto read = load_config_leniently(path, env);
  if (!read) return config;
  auto unset = unset_variables(read->mistakes);
  if (unset.empty() || !runs_with(path, read->config.server)) return config;
  for (std::string& line : unset) {
    warnings.push_back(std::move(line) + " (a relay runs, which has it from its own environment)");
  }
  return read->config;
}

std::vector<std::string> missing_files(const Config& config) {
  std::vector<std::string> out;
  for (const auto& [section, tls] :
       {std::pair<std::string, const TlsConfig&>("server.tls", config.server.tls),
        {"manage.tls", config.manage.tls}}) {
    check_file(section + ".cert_file", tls.cert_file, out);
    check_file(section + ".key_file", tls.key_file, out);
    check_file(section + ".client_ca_file", tls.client_ca_file, out);
  }
  if (config.server.listen.rfind("unix:", 0) == 0) {
    check_folder("server.listen", config.server.listen.substr(5), out);
  }
  if (config.grpc.listen.rfind("unix:", 0) == 0) {
    check_folder("grpc.listen", config.grpc.listen.substr(5), out);
  }
  if (std::string missing = missing_grpc(config); !missing.empty()) {
    out.push_back(std::move(missing));
  }
  const std::string& output = config.logging.output;
  if (output != "stdout" && output != "stderr") check_folder("logging.output", output, out);
  return out;
}

std::vector<std::string> missing_for_providers(const Config& config) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    const ProviderConfig& provider = config.providers[i];
    if (!provider.enabled) continue;
    const std::string path = fmt::format("providers[{}]", i);
    check_ca_file(path + ".ca_file", provider.ca_file, out);
    check_file(path + ".gcp_credentials_file", provider.gcp_credentials_file, out);
  }
  check_ca_file("otel.ca_file", config.otel.ca_file, out);
  return out;
}

std::string without_key(const Config& config) {
  std::string out;
  for (const ProviderConfig& provider : config.providers) {
    if (!provider.enabled || !provider.keys.empty()) continue;
    const std::string_view instead = provider.type == "anthropic" ? "clients' own logins go there"
                                     : provider.type == "ollama" || provider.type == "openai"
                                         ? "needs none"
                                         : "an identity is used";
    out += fmt::format("{}{} ({})", out.empty() ? "" : ", ", provider.name, instead);
  }
  return out;
}

}  // namespace ccrelay::app
