#include "config/problems.hpp"

#include "config/address.hpp"
#include "config/fields.hpp"
#include "config/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ccrelay::settings {
namespace {

void check_listen(const ServerConfig& server, std::vector<Problem>& problems) {
  const std::string path = "server.listen";
  const auto address = parse_listen(server.listen);
  if (!address) {
    problems.push_back({path, fmt::format("{} {} is not an address to listen on; write host:port, "
                                          "[v6]:port or :port, with a port from 0 to 65535",
                                          path, in_quotes(server.listen))});
    return;
  }
  const bool has_auth = !server.auth.api_key.empty() || !server.auth.bearer_secret.empty() ||
                        server.auth.allow_subscription;
  if (has_auth || server.allow_public_without_auth || is_loopback(*address)) return;
  problems.push_back(
      {path, fmt::format("{} {} can be reached from other machines, and nothing says who may use "
                         "it; set server.auth.api_key (or another of server.auth), listen on "
                         "127.0.0.1, or set server.allow_public_without_auth = true",
                         path, in_quotes(server.listen))});
}

/// Clients cannot send such a credential, so nobody could ever come in with it.
void check_auth(const AuthConfig& auth, std::vector<Problem>& problems) {
  const auto check = [&](const char* path, const Secret& secret) {
    const auto text = secret.reveal();
    const bool has_control = std::any_of(text.begin(), text.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
    });
    if (!has_control && !text.starts_with(' ') && !text.ends_with(' ')) return;
    problems.push_back({path, fmt::format("{} contains a control character, or begins or ends with "
                                          "a blank, so no client can send it; remove that",
                                          path)});
  };
  check("server.auth.api_key", auth.api_key);
  check("server.auth.bearer_secret", auth.bearer_secret);
}

}  // namespace

std::vector<Problem> problems_of(const Config& config) {
  std::vector<Problem> problems;
  check_listen(config.server, problems);
  check_auth(config.server.auth, problems);
  for (const auto& field : number_fields()) {
    const auto wrong = out_of_range(field.get(config), field.min, field.max);
    if (wrong.empty()) continue;
    const auto path = fmt::format("{}.{}", field.section, field.key);
    problems.push_back({path, path + wrong});
  }
  find_routing_problems(config, problems);
  if (config.logging.output.empty()) {
    problems.push_back(
        {"logging.output", "logging.output is empty; write \"stdout\", \"stderr\" or a file"});
  }
  find_provider_problems(config, problems);
  return problems;
}

}  // namespace ccrelay::settings
