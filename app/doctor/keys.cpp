#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* keys_id = "key";

std::string answered(const KeyCheck& key) {
  return key.words.empty() ? fmt::format("{}", key.status)
                           : fmt::format("{}: {}", key.status, key.words);
}

bool was_reached(const ProviderCheck& provider) {
  return provider.connect.ok && (!provider.tls.looked_at || provider.tls.ok);
}

void tell(const ProviderCheck& provider, const KeyCheck& key, Findings& out) {
  const std::string subject = fmt::format("{} {}", provider.name, key.label);
  const Findings::Details details{{"status", key.status == 0 ? "" : std::to_string(key.status)}};
  switch (key.verdict) {
    case KeyVerdict::accepted:
      out.ok(keys_id, subject, "accepted", details);
      break;
    case KeyVerdict::refused:
      out.error(keys_id, subject, "refused with " + answered(key),
                fmt::format("put in one that {} takes, and look whether base_url is where it "
                            "belongs",
                            provider.address),
                details);
      break;
    case KeyVerdict::limited:
      out.warning(keys_id, subject, "answered " + answered(key),
                  "it is good, but at its limit or without credit for now", details);
      break;
    case KeyVerdict::troubled:
      out.warning(keys_id, subject, "the provider answered " + answered(key),
                  "whether the key is good can't be seen as long as the provider fails", details);
      break;
    case KeyVerdict::untold:
      out.skipped(keys_id, subject,
                  "not refused; whether it is good can't be seen by an answer of " + answered(key));
      break;
    case KeyVerdict::unasked:
      if (was_reached(provider) && !key.words.empty()) {
        out.warning(keys_id, subject, key.words,
                    "it takes connections and says nothing: look whether it is well, and whether "
                    "base_url is where it belongs",
                    details);
        break;
      }
      out.skipped(keys_id, subject,
                  key.words.empty() ? "there was no answer" : halves(key.words).first);
      break;
  }
}

void tell_without_key(const Facts& facts, const ProviderCheck& provider, Findings& out) {
  const auto& all = facts.config.providers;
  const auto entry = std::find_if(all.begin(), all.end(),
                                  [&](const auto& one) { return one.name == provider.name; });
  const bool from_client = provider.takes_client_credential && entry != all.end() &&
                           entry->credentials != Credentials::configured;
  if (!provider.needs_credential) {
    out.skipped(keys_id, provider.name, "it needs none");
  } else if (from_client) {
    out.skipped(keys_id, provider.name, "it has none: clients' own logins go there");
  } else if (provider.identity.looked_at) {
    out.skipped(keys_id, provider.name, "it has none, and no identity (see below)");
  } else if (facts.asked.offline || !provider.dns.ok) {
    out.skipped(keys_id, provider.name, "not asked");
  } else {
    out.warning(keys_id, provider.name, "it has no key, and takes no client's own credential",
                "give it one ([[providers.keys]])");
  }
}

}  // namespace

void check_keys(const Facts& facts, Findings& out) {
  if (facts.providers.empty()) {
    out.skipped(keys_id, "",
                facts.providers_unasked.empty() ? "there is no provider" : facts.providers_unasked);
  }
  for (const ProviderCheck& provider : facts.providers) {
    if (provider.keys.empty()) tell_without_key(facts, provider, out);
    for (const KeyCheck& key : provider.keys) {
      if (facts.asked.offline) {
        out.skipped(keys_id, fmt::format("{} {}", provider.name, key.label), "--offline");
      } else {
        tell(provider, key, out);
      }
    }
  }
}

}  // namespace ccrelay::app::checks
