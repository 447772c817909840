#include "relay/snapshot.hpp"

#include <ccrelay/config_load.hpp>

#include <algorithm>

#include "base/ascii.hpp"
#include "provider/make_provider.hpp"
#include "wire/digest.hpp"

namespace ccrelay::relay {
namespace {

// Exact, or a prefix when the pattern ends in `*`.
bool model_matches(std::string_view pattern, std::string_view model) {
  if (pattern.ends_with('*')) return model.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == model;
}

const std::string* mapped(const ProviderConfig& config, std::string_view model) {
  const std::string* best = nullptr;
  std::size_t longest = 0;
  for (const auto& [pattern, name] : config.model_mapping) {
    if (pattern == model) return &name;
    if (model_matches(pattern, model) && pattern.size() > longest) {
      longest = pattern.size();
      best = &name;
    }
  }
  return best;
}

// scheme://host:port of a URL that validate() has accepted.
std::string origin_of(std::string_view url) {
  const auto host = url.find("://") + 3;
  return std::string(url.substr(0, url.find('/', host)));
}

milliseconds or_else(milliseconds own, milliseconds common) {
  return own.count() >= 0 ? own : common;
}

upstream::Endpoint endpoint_of(const Config& config, const ProviderConfig& entry,
                               std::string_view base_url) {
  upstream::Endpoint endpoint;
  endpoint.origin = origin_of(base_url);
  endpoint.ca_file = entry.ca_file;
  endpoint.idle_seconds_max =
      static_cast<int>(std::max<std::int64_t>(config.timeouts.upstream_idle.count() / 1000, 1));
  if (entry.proxy == "none") return endpoint;
  if (!entry.proxy.empty()) {
    endpoint.proxy = entry.proxy;
    return endpoint;
  }
  endpoint.proxy =
      base::istarts_with(base_url, "https://") ? config.proxy.https : config.proxy.http;
  endpoint.no_proxy = config.proxy.no_proxy;
  return endpoint;
}

}  // namespace

bool Entry::serves(std::string_view model) const {
  if (config->models.empty() || mapped(*config, model)) return true;
  return std::any_of(config->models.begin(), config->models.end(),
                     [&](const std::string& pattern) { return model_matches(pattern, model); });
}

std::string Entry::upstream_model(std::string_view model) const {
  const std::string* name = mapped(*config, model);
  return name ? *name : std::string(model);
}

Result<std::shared_ptr<const Snapshot>> Snapshot::build(
    Config config, const std::map<std::string, ProviderFactory>& more) {
  if (auto valid = validate(config); !valid) return valid.error();
  auto snapshot = std::make_shared<Snapshot>();
  // First its place for good: providers refer to their part of it.
  snapshot->config = std::move(config);
  for (const ProviderConfig& entry : snapshot->config.providers) {
    if (!entry.enabled) continue;
    auto provider = provider::make_provider(entry, more);
    if (!provider) return provider.error();
    Entry made;
    made.config = &entry;
    made.provider = std::move(*provider);
    made.endpoint = endpoint_of(snapshot->config, entry, made.provider->base_url());
    for (const KeyConfig& key : entry.keys) {
      made.fingerprints.push_back(wire::fingerprint(key.key.reveal()));
    }
    made.priority = entry.priority != 0  ? entry.priority
                    : entry.keys.empty() ? 0
                                         : entry.keys.front().priority;
    const TimeoutConfig& common = snapshot->config.timeouts;
    made.connect_timeout = or_else(entry.connect_timeout, common.connect);
    made.first_byte_timeout = or_else(entry.first_byte_timeout, common.first_byte);
    made.stream_idle_timeout = or_else(entry.stream_idle_timeout, common.stream_idle);
    snapshot->entries.push_back(std::move(made));
  }
  std::stable_sort(snapshot->entries.begin(), snapshot->entries.end(),
                   [](const Entry& a, const Entry& b) { return a.priority > b.priority; });
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

}  // namespace ccrelay::relay
