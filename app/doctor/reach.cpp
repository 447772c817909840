#include <fmt/format.h>

#include <string>

#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

// Where the way is described: the proxy's name is looked up where there is one.
std::string looked_up(const ProviderCheck& provider) {
  return provider.proxy.empty() ? provider.address : "the proxy " + provider.proxy;
}

std::string trust_of(const ProviderCheck& provider) {
  return provider.ca_file.empty() ? "this system's CA certificates" : provider.ca_file;
}

Findings::Details details_of(const ProviderCheck& provider) {
  return {{"address", provider.address}, {"proxy", provider.proxy}};
}

void tell(const ProviderCheck& provider, const char* id, const CheckStep& step,
          const std::string& good, const std::string& behind, const std::string& otherwise,
          Findings& out) {
  if (!step.looked_at) {
    out.skipped(id, provider.name, behind);
  } else if (step.ok) {
    out.ok(id, provider.name, good, details_of(provider));
  } else {
    const auto [message, advice] = halves(step.words);
    out.error(id, provider.name, message, advice.empty() ? otherwise : advice,
              details_of(provider));
  }
}

void tell_all(const ProviderCheck& provider, Findings& out) {
  CheckStep dns = provider.dns;
  if (dns.looked_at && !dns.ok) {
    dns.words = fmt::format("{}: {}", looked_up(provider), provider.dns.words);
  }
  tell(provider, "dns", dns, looked_up(provider) + " has an address", "not asked",
       "check the host name in base_url, and this machine's DNS (/etc/resolv.conf)", out);
  tell(provider, "connect", provider.connect,
       provider.proxy.empty() ? "connected to " + provider.address
                              : fmt::format("connected through {}", looked_up(provider)),
       dns.ok ? "not tried" : "its address is not known",
       "check base_url, and that a firewall lets it be reached from here", out);
  CheckStep tls = provider.tls;
  if (tls.looked_at && !tls.ok) {
    const auto [message, advice] = halves(provider.tls.words);
    tls.words = fmt::format("{} (verified with {}){}{}", message, trust_of(provider),
                            advice.empty() ? "" : "; ", advice);
  }
  tell(provider, "tls", tls, "verified with " + trust_of(provider),
       provider.connect.ok ? "base_url is http://" : "there is no connection",
       "check base_url, and ca_file of the provider", out);
}

}  // namespace

void check_reach(const Facts& facts, Findings& out) {
  if (facts.asked.offline || facts.providers.empty()) {
    const std::string why = facts.asked.offline               ? "--offline"
                            : facts.providers_unasked.empty() ? "there is no provider"
                                                              : facts.providers_unasked;
    for (const char* id : {"dns", "connect", "tls"}) out.skipped(id, "", why);
    return;
  }
  for (const ProviderCheck& provider : facts.providers) tell_all(provider, out);
}

}  // namespace ccrelay::app::checks
