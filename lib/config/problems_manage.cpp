#include "config/address.hpp"
#include "config/problems.hpp"
#include "config/words.hpp"
#include "sign/digests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace ccrelay::config {
namespace {

constexpr std::size_t tokens_max = 1'000;
// Of random letters and digits that is beyond guessing.
constexpr std::size_t token_min = 16;

std::string digest_of(const Secret& secret) {
  return sign::hex(sign::sha256(secret.reveal()));
}

/// What opens the relay to its clients, by its digest, and where it stands.
std::map<std::string, std::string> client_credentials(const Config& config) {
  std::map<std::string, std::string> owners;
  const auto note = [&owners](const Secret& secret, std::string owner) {
    if (!secret.empty()) owners.try_emplace(digest_of(secret), std::move(owner));
  };
  const AuthConfig& auth = config.server.auth;
  note(auth.api_key, "server.auth.api_key");
  note(auth.bearer_secret, "server.auth.bearer_secret");
  note(config.metrics.bearer_secret, "metrics.bearer_secret");
  for (std::size_t i = 0; i < auth.clients.size(); ++i) {
    const auto owner = fmt::format("server.auth.clients[{}]", i);
    for (const Secret& key : auth.clients[i].keys) note(key, owner);
    for (const Secret& hash : auth.clients[i].key_hashes) {
      owners.try_emplace(std::string(hash.reveal()), owner);
    }
  }
  return owners;
}

/// Why a token can't be used, to follow its path; empty when it can.
std::string problem_of_token(const Secret& token, const std::string& path,
                             std::map<std::string, std::string>& owners) {
  const auto text = token.reveal();
  if (text.empty()) return " is missing; write token = \"${VARIABLE}\"";
  if (has_control(text) || text.find(' ') != text.npos) {
    return " contains a blank or control character, so that nobody can send it; remove it";
  }
  if (text.size() < token_min) {
    return fmt::format(" has fewer than {} characters and could be guessed; write a longer one",
                       token_min);
  }
  const auto [owner, is_new] = owners.try_emplace(digest_of(token), path);
  if (is_new) return {};
  return fmt::format(
      " is the same secret as that of {}; what opens one must not open the other, "
      "so write another one",
      owner->second);
}

void check_tokens(const Config& config, std::vector<Problem>& problems) {
  const auto& tokens = config.manage.tokens;
  if (tokens.size() > tokens_max) {
    problems.push_back(
        {"manage.auth.tokens", fmt::format("manage.auth.tokens are {}; at most {} are allowed",
                                           tokens.size(), tokens_max)});
    return;
  }
  auto owners = client_credentials(config);
  std::map<std::string_view, std::string> names;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto path = fmt::format("manage.auth.tokens[{}]", i);
    const auto add = [&](const char* key, const std::string& what) {
      problems.push_back({path + key, path + key + what});
    };
    const std::string& name = tokens[i].name;
    if (name.empty()) {
      add(".name", " is missing; give the token a name of its own");
    } else if (!is_name(name)) {
      add(".name", fmt::format(" {} is not a name; allowed: 1 to 64 letters, digits, \".\", \"_\" "
                               "and \"-\"",
                               in_quotes(name)));
    } else if (const auto [found, is_new] = names.emplace(name, path); !is_new) {
      add(".name", fmt::format(" {} is already used by {}; each token needs a name of its own",
                               in_quotes(name), found->second));
    }
    const std::string wrong = problem_of_token(tokens[i].token, path, owners);
    if (!wrong.empty()) add(".token", wrong);
  }
}

void check_socket(const ManageConfig& manage, std::vector<Problem>& problems) {
  const std::string socket = manage.socket.value_or("");
  if (socket.empty() || socket == "auto") return;
  std::string wrong;
  if (socket.find('\0') != std::string::npos) {
    wrong = " contains a zero byte; remove it";
  } else if (socket.front() != '/' || socket.ends_with('/')) {
    wrong = fmt::format(
        " {} is no path of a socket; write \"auto\", an absolute path, or \"\" for "
        "none",
        in_quotes(socket));
  }
  if (!wrong.empty()) problems.push_back({"manage.socket", "manage.socket" + wrong});
}

void check_listen(const ManageConfig& manage, std::vector<Problem>& problems) {
  if (manage.listen.empty()) return;
  const std::string path = "manage.listen";
  const auto address = parse_listen(manage.listen);
  if (!address || !address->unix_path.empty()) {
    problems.push_back(
        {path, fmt::format("{} {} is not an address to listen on; write host:port, [v6]:port or "
                           ":port, with a port from 0 to 65535, or a Unix socket's path as "
                           "manage.socket",
                           path, in_quotes(manage.listen))});
    return;
  }
  find_public_problems(path, manage.listen, manage, problems);
}

void check_grpc(const Config& config, std::vector<Problem>& problems) {
  const std::string& listen = config.grpc.listen;
  if (listen.empty()) return;
  const std::string path = "grpc.listen";
  const auto address = parse_listen(listen);
  if (!address) {
    problems.push_back(
        {path, fmt::format("{} {} is not an address to listen on; write host:port, [v6]:port or "
                           ":port, with a port from 0 to 65535, or unix:/path",
                           path, in_quotes(listen))});
  } else if (address->unix_path.empty()) {
    find_public_problems(path, listen, config.manage, problems);
    const TlsConfig& tls = config.manage.tls;
    if (tls.enabled() && tls.min_version == "1.3") {
      problems.push_back(
          {"manage.tls.min_version",
           fmt::format("manage.tls.min_version \"1.3\" can't be kept at grpc.listen {}: gRPC takes "
                       "TLS 1.2 too, and can't be told not to; set min_version to \"1.2\", write "
                       "grpc.listen = \"unix:/path\", or leave grpc.listen empty",
                       in_quotes(listen))});
    }
  }
}

void check_names(const ManageConfig& manage, std::vector<Problem>& problems) {
  for (std::size_t i = 0; i < manage.allowed_hosts.size(); ++i) {
    if (is_host_name(manage.allowed_hosts[i])) continue;
    const auto path = fmt::format("manage.allowed_hosts[{}]", i);
    problems.push_back({path, fmt::format("{} {} is no host name; write it without scheme and port",
                                          path, in_quotes(manage.allowed_hosts[i]))});
  }
  for (std::size_t i = 0; i < manage.users.size(); ++i) {
    const std::string& user = manage.users[i];
    if (!user.empty() && user.size() <= 64 && !has_control(user)) continue;
    const auto path = fmt::format("manage.auth.users[{}]", i);
    problems.push_back(
        {path, fmt::format("{} {} is no user; write a name or a number", path, in_quotes(user))});
  }
}

}  // namespace

void find_public_problems(const std::string& path, const std::string& listen,
                          const ManageConfig& manage, std::vector<Problem>& problems) {
  const auto address = parse_listen(listen);
  if (!address || is_loopback(*address)) return;
  if (manage.tokens.empty() && manage.tls.client_auth == ClientAuth::none) {
    problems.push_back(
        {path,
         fmt::format("{} {} can be reached from other machines, and nothing says who may manage "
                     "the relay; write [[manage.auth.tokens]], set manage.tls.client_ca_file with "
                     "manage.tls.client_auth = \"required\", or listen on 127.0.0.1",
                     path, in_quotes(listen)),
         "manage.auth"});
  }
  if (!manage.tls.enabled() && !manage.allow_public_without_tls) {
    problems.push_back(
        {path,
         fmt::format("{} {} can be reached from other machines, and tokens would be sent to it in "
                     "the clear; set manage.tls.cert_file and manage.tls.key_file, listen on "
                     "127.0.0.1, or set manage.allow_public_without_tls = true",
                     path, in_quotes(listen)),
         "manage.tls"});
  }
}

void find_manage_problems(const Config& config, std::vector<Problem>& problems) {
  check_socket(config.manage, problems);
  check_listen(config.manage, problems);
  check_grpc(config, problems);
  check_names(config.manage, problems);
  check_tokens(config, problems);
  find_tls_problems("manage.tls", config.manage.tls, problems);
}

}  // namespace ccrelay::config
