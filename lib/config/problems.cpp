#include "config/problems.hpp"

#include "base/network.hpp"
#include "config/address.hpp"
#include "config/fields.hpp"
#include "config/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ccrelay::config {
namespace {

void check_listen(const ServerConfig& server, std::vector<Problem>& problems) {
  const std::string path = "server.listen";
  const auto address = parse_listen(server.listen);
  if (!address) {
    problems.push_back({path, fmt::format("{} {} is not an address to listen on; write host:port, "
                                          "[v6]:port or :port, with a port from 0 to 65535, or "
                                          "unix:/path",
                                          path, in_quotes(server.listen))});
    return;
  }
  if (!address->unix_path.empty() && !parse_mode(server.unix_mode)) {
    problems.push_back({"server.unix_mode",
                        fmt::format("server.unix_mode {} is no file mode; write it in octal, like "
                                    "\"0600\" (you alone) or \"0660\" (and the group)",
                                    in_quotes(server.unix_mode))});
  }
  const bool has_auth = !server.auth.api_key.empty() || !server.auth.bearer_secret.empty() ||
                        server.auth.allow_subscription || !server.auth.clients.empty();
  if (has_auth || server.allow_public_without_auth || is_loopback(*address)) return;
  problems.push_back(
      {path,
       fmt::format("{} {} can be reached from other machines, and nothing says who may use "
                   "it; set server.auth.api_key (or another of server.auth), listen on "
                   "127.0.0.1, or set server.allow_public_without_auth = true",
                   path, in_quotes(server.listen)),
       "server.auth"});
}

void check_hosts(const std::vector<std::string>& hosts, std::vector<Problem>& problems) {
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (is_host_name(hosts[i])) continue;
    problems.push_back(
        {fmt::format("server.hosts[{}]", i),
         fmt::format("server.hosts[{}] {} is no host name; write it without scheme and port", i,
                     in_quotes(hosts[i]))});
  }
}

void check_proxies(const ServerConfig& server, std::vector<Problem>& problems) {
  base::Networks networks;
  for (std::size_t i = 0; i < server.trusted_proxies.size(); ++i) {
    const std::string& proxy = server.trusted_proxies[i];
    if (networks.add(proxy)) continue;
    const auto path = fmt::format("server.trusted_proxies[{}]", i);
    problems.push_back(
        {path, fmt::format("{} {} is no address and no network; write one like \"192.0.2.7\", "
                           "\"10.0.0.0/8\" or \"2001:db8::/32\", or \"unix\"",
                           path, in_quotes(proxy))});
  }
}

/// Clients cannot send such a credential, so nobody could ever come in with it.
void check_auth(const Config& config, std::vector<Problem>& problems) {
  const auto check = [&](const char* path, const Secret& secret) {
    const auto text = secret.reveal();
    if (!has_control(text) && !text.starts_with(' ') && !text.ends_with(' ')) return;
    problems.push_back({path, fmt::format("{} contains a control character, or begins or ends with "
                                          "a blank, so no client can send it; remove that",
                                          path)});
  };
  check("server.auth.api_key", config.server.auth.api_key);
  check("server.auth.bearer_secret", config.server.auth.bearer_secret);
  check("metrics.bearer_secret", config.metrics.bearer_secret);
}

void check_ledger(const LedgerConfig& ledger, std::vector<Problem>& problems) {
  constexpr std::uint64_t smallest = 1 << 20;
  const auto add = [&](const char* path, const std::string& what) {
    problems.push_back({path, path + what});
  };
  if (ledger.max_bytes != 0 && ledger.max_bytes < smallest) {
    add("ledger.max_bytes", fmt::format(" {} is too small for anything; write at least {}, or 0 "
                                        "for no limit",
                                        ledger.max_bytes, smallest));
  }
  if (ledger.path.find('\0') != std::string::npos) {
    add("ledger.path", " contains a zero byte; remove it");
  }
  if (ledger.required.value_or(false) && !ledger.enabled) {
    add("ledger.required",
        " is true, and ledger.enabled false, so nothing could be relayed; set one of them "
        "otherwise");
  }
}

void check_otel(const OtelConfig& otel, std::vector<Problem>& problems) {
  const auto add = [&](const std::string& path, const std::string& what) {
    problems.push_back({path, path + what});
  };
  if (!otel.endpoint.empty()) {
    std::string wrong = problem_of_url(otel.endpoint, false);
    if (otel.endpoint.find('@') != std::string::npos) {
      wrong = " contains a login or an \"@\"; put the credential into [otel.headers]";
    }
    for (const std::string_view signal : {"/v1/traces", "/v1/metrics"}) {
      if (!wrong.empty() || !otel.endpoint.ends_with(signal)) continue;
      wrong = fmt::format(" ends in {}, which the relay adds by itself; leave that out", signal);
    }
    if (!wrong.empty()) add("otel.endpoint", wrong);
  }
  if (otel.service_name.size() > 255 || has_control(otel.service_name)) {
    add("otel.service_name", " is longer than 255 bytes or contains a control character");
  }
  if (otel.sample_ratio > 1'000'000) add("otel.sample_ratio", " is more than 1, which is all");
  find_header_problems("otel.headers", otel.headers, problems);
  if (otel.ca_file.find('\0') != std::string::npos) {
    add("otel.ca_file", " contains a zero byte; remove it");
  }
}

}  // namespace

void find_tls_problems(const std::string& section, const TlsConfig& tls,
                       std::vector<Problem>& problems) {
  const auto add = [&](const char* key, const std::string& what) {
    const std::string path = section + '.' + key;
    problems.push_back({path, path + what});
  };
  if (tls.cert_file.empty() != tls.key_file.empty()) {
    add(tls.cert_file.empty() ? "cert_file" : "key_file",
        " is missing; TLS needs a certificate and its key");
  }
  if (tls.min_version != "1.2" && tls.min_version != "1.3") {
    add("min_version", " " + in_quotes(tls.min_version) + " is unknown; one of: 1.2, 1.3");
  }
  if (tls.client_auth != ClientAuth::none && tls.client_ca_file.empty()) {
    add("client_ca_file", " is missing; " + section +
                              ".client_auth needs the CA that issues the clients' certificates");
  }
  if (tls.client_auth == ClientAuth::none && !tls.client_ca_file.empty()) {
    add("client_auth", " is \"none\" and " + section +
                           ".client_ca_file is set; set it to \"optional\" "
                           "or \"required\", or remove client_ca_file");
  }
  if (!tls.enabled() && (tls.client_auth != ClientAuth::none || !tls.client_ca_file.empty())) {
    add("cert_file", " is missing; clients' certificates are asked for over TLS alone");
  }
  const auto wrong = out_of_range(tls.handshake_timeout.count(), 1, milliseconds_max);
  if (!wrong.empty()) add("handshake_timeout_ms", wrong);
}

std::vector<Problem> problems_of(const Config& config, const Strategies& own) {
  std::vector<Problem> problems;
  check_listen(config.server, problems);
  check_hosts(config.server.hosts, problems);
  check_auth(config, problems);
  find_client_problems(config, problems);
  check_proxies(config.server, problems);
  find_tls_problems("server.tls", config.server.tls, problems);
  for (const auto& field : number_fields()) {
    const auto wrong = out_of_range(field.get(config), field.min, field.max);
    if (wrong.empty()) continue;
    const auto path = fmt::format("{}.{}", field.section, field.key);
    problems.push_back({path, path + wrong});
  }
  find_routing_problems(config, own, problems);
  if (config.logging.output.empty()) {
    problems.push_back(
        {"logging.output", "logging.output is empty; write \"stdout\", \"stderr\" or a file"});
  }
  check_ledger(config.ledger, problems);
  check_otel(config.otel, problems);
  find_manage_problems(config, problems);
  find_price_problems(config, problems);
  find_provider_problems(config, problems);
  find_translation_problems(config, problems);
  return problems;
}

}  // namespace ccrelay::config
