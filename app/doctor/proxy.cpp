#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "relay_place.hpp"
#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* proxy_id = "proxy";

std::string variable(const Facts& facts, const std::string& upper) {
  std::string lower = upper;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const std::string value = facts.env(lower).value_or("");
  return value.empty() ? facts.env(upper).value_or("") : value;
}

// A name without a dot, one of a house's own domains, an address that no router of the internet
// takes (RFC 1918, RFC 6762).
bool is_local(const std::string& address) {
  const std::string host = host_and_port(address).host;
  if (is_loopback(host) || host.find_first_of(".:") == std::string::npos) return true;
  for (const std::string_view begin : {"10.", "192.168.", "169.254."}) {
    if (host.compare(0, begin.size(), begin) == 0) return true;
  }
  for (int net = 16; net < 32; ++net) {
    if (host.rfind(fmt::format("172.{}.", net), 0) == 0) return true;
  }
  for (const std::string_view end : {".local", ".lan", ".internal", ".home.arpa"}) {
    if (host.size() > end.size() && host.compare(host.size() - end.size(), end.size(), end) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

void check_proxy(const Facts& facts, Findings& out) {
  std::string set;
  for (const char* name : {"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"}) {
    if (!variable(facts, name).empty()) set += (set.empty() ? "" : ", ") + std::string(name);
  }
  if (set.empty()) {
    out.ok(proxy_id, "", "the environment names none");
    return;
  }
  bool fine = true;
  const std::string none = variable(facts, "NO_PROXY");
  const bool all = none.find('*') != std::string::npos;
  if (!all && none.find("127.") == std::string::npos) {
    fine = false;
    out.warning(proxy_id, set, "clients on this machine would ask the proxy for the relay too",
                "add 127.0.0.1 and localhost to NO_PROXY");
  }
  for (const ProviderCheck& provider : facts.providers) {
    if (!provider.by_environment || !is_local(provider.address)) continue;
    fine = false;
    out.warning(proxy_id, provider.name,
                fmt::format("{} is asked through the proxy {}", provider.address, provider.proxy),
                fmt::format("add {} to NO_PROXY, or set proxy = \"none\" for this provider",
                            host_and_port(provider.address).host));
  }
  if (fine) out.ok(proxy_id, set, "what is local is reached without it");
}

}  // namespace ccrelay::app::checks
