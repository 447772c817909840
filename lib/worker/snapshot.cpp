#include "worker/snapshot.hpp"

#include <ccrelay/config_load.hpp>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/same_settings.hpp"
#include "base/throw_log.hpp"
#include "dialect/tags.hpp"
#include "price/table_of.hpp"
#include "provider/make_provider.hpp"
#include "provider/model_profiles.hpp"
#include "provider/types.hpp"
#include "route/strategies.hpp"
#include "sign/secrets.hpp"

namespace ccrelay::worker {
namespace {

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

// A provider on this machine is never reached through the environment's proxy: what is meant to
// stay here stays here.
bool is_on_loopback(std::string_view origin) {
  std::string_view host = origin.substr(origin.find("://") + 3);
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  if (host.starts_with("[::1]")) return true;
  host = host.substr(0, host.find(':'));
  return base::iequals(host, "localhost") || host.starts_with("127.");
}

// Whether the configuration leads to another address than the type's own.
bool is_elsewhere(const ProviderConfig& entry, std::string_view origin) {
  if (entry.base_url.empty()) return false;
  const provider::Type* const type = provider::find_type(entry.type);
  if (!type || type->base_url.find("://") == std::string_view::npos) return true;
  return !base::iequals(origin_of(type->base_url), origin);
}

milliseconds or_else(milliseconds own, milliseconds common) {
  return own.count() >= 0 ? own : common;
}

upstream::Destination destination_of(const Config& config, const ProviderConfig& entry,
                                     std::string_view base_url) {
  upstream::Destination destination;
  destination.origin = origin_of(base_url);
  destination.ca_file = entry.ca_file;
  destination.idle_seconds_max =
      static_cast<int>(std::max<std::int64_t>(config.timeouts.upstream_idle.count() / 1000, 1));
  if (entry.proxy == "none") return destination;
  if (!entry.proxy.empty()) {
    destination.proxy = entry.proxy;
    return destination;
  }
  if (is_on_loopback(destination.origin)) return destination;
  destination.proxy =
      base::istarts_with(base_url, "https://") ? config.proxy.https : config.proxy.http;
  destination.no_proxy = config.proxy.no_proxy;
  return destination;
}

state::Pool pool_of(const ProviderConfig& entry, const std::string& origin) {
  state::Pool pool;
  pool.provider = entry.name;
  pool.strategy = entry.pool_strategy;
  for (const KeyConfig& key : entry.keys) {
    const std::string fingerprint = sign::fingerprint(key.key.reveal());
    pool.keys.push_back(
        {fingerprint,
         {key.rpm_limit, key.itpm_limit, key.otpm_limit, key.tpm_limit, key.max_in_flight},
         key.weight,
         fingerprint + '@' + origin,
         key.name});
  }
  return pool;
}

state::Pool identity_pool_of(const ProviderConfig& entry, const std::string& origin) {
  state::Pool pool;
  pool.provider = entry.name;
  pool.keys.push_back({"identity", {}, 1, "identity of " + entry.name + '@' + origin});
  return pool;
}

route::RouterSettings settings_of(const RoutingConfig& routing) {
  return {routing.strategy, routing.model_mapping, routing.default_provider,
          routing.model_fallback};
}

Error about_strategy(const RoutingConfig& routing, const std::string& what) {
  return Error{ErrorCode::config, "routing.strategy \"" + routing.strategy + "\" " + what};
}

Result<std::shared_ptr<Router>> make_own_router(const RouterFactory& factory,
                                                const RoutingConfig& routing) {
  if (!factory) return about_strategy(routing, "has nothing that makes a router");
  try {
    auto made = factory(routing);
    if (!made) return made.error();
    if (*made == nullptr) return about_strategy(routing, "has made no router");
    return std::shared_ptr<Router>(std::move(*made));
  } catch (...) {
    return about_strategy(routing, "threw " + base::what_is_thrown());
  }
}

Result<std::shared_ptr<Router>> router_for(const RoutingConfig& routing,
                                           const RelayOptions& options, const Snapshot* before) {
  if (options.router) return options.router;
  const route::RouterSettings settings = settings_of(routing);
  if (before && settings_of(before->config.routing) == settings &&
      base::same_settings(before->config.routing.settings, routing.settings)) {
    return before->router;
  }
  if (const auto own = options.strategies.find(routing.strategy); own != options.strategies.end()) {
    return make_own_router(own->second.make, routing);
  }
  auto made = route::make_router(settings);
  if (!made) return made.error();
  return std::shared_ptr<Router>(std::move(*made));
}

// Null for a provider whose keys are configured, or that is at no cloud.
std::shared_ptr<identity::Vault> vault_for(const Entry& entry, identity::Vaults& vaults) {
  const ProviderConfig& config = *entry.config;
  if (!config.keys.empty()) return nullptr;
  identity::Description wanted;
  wanted.route = {entry.destination.proxy, entry.destination.no_proxy, entry.destination.ca_file};
  switch (entry.provider->cloud()) {
    case Cloud::none:
      return nullptr;
    case Cloud::aws:
      wanted.access = identity::AwsAccess{config.aws_region, config.aws_access_key_id,
                                          config.aws_secret_access_key, config.aws_session_token,
                                          config.aws_profile};
      break;
    case Cloud::google:
      wanted.access = identity::GoogleAccess{config.gcp_credentials_file};
      break;
    case Cloud::azure: {
      identity::AzureAccess access;
      access.tenant_id = config.azure_tenant_id;
      access.client_id = config.azure_client_id;
      access.client_secret = config.azure_client_secret;
      if (!config.azure_scope.empty()) access.scope = config.azure_scope;
      wanted.access = std::move(access);
      break;
    }
  }
  return vaults.open(wanted);
}

}  // namespace

bool model_matches(std::string_view pattern, std::string_view model) {
  if (pattern.ends_with('*')) return model.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == model;
}

bool Entry::serves(std::string_view model) const {
  if (config->models.empty() || mapped(*config, model)) return true;
  return std::any_of(config->models.begin(), config->models.end(),
                     [&](const std::string& pattern) { return model_matches(pattern, model); });
}

std::string Entry::upstream_model(std::string_view model) const {
  const std::string* name = mapped(*config, model);
  return name ? *name : std::string(model);
}

price::Asked Entry::priced(std::string_view sent, std::string_view answered) const {
  return {config->name, config->type, sent, answered, price_profile};
}

dialect::Profile Entry::profile(std::string_view upstream_model) const {
  dialect::Profile profile = profiles->of(profile_name, upstream_model);
  for (const dialect::ProfileSetting& quirk : quirks) dialect::set(profile, quirk);
  return profile;
}

Result<std::shared_ptr<const Snapshot>> Snapshot::build(Config config, const RelayOptions& options,
                                                        identity::Vaults& vaults,
                                                        const Snapshot* before) {
  if (auto valid = validate(config, options.strategies); !valid) return valid.error();
  auto snapshot = std::make_shared<Snapshot>();
  // First its place for good: providers refer to their part of it.
  snapshot->config = std::move(config);
  const auto prices = price::table_of(snapshot->config);
  auto read = provider::profiles_of(snapshot->config.translation);
  if (!read) return read.error();
  const auto profiles = std::make_shared<const dialect::Profiles>(*std::move(read));
  snapshot->taken = (options.clock ? *options.clock : Clock::system()).now();
  std::string wrong;
  for (const ProviderConfig& entry : snapshot->config.providers) {
    if (!entry.enabled) continue;
    auto provider = provider::make_provider(entry, options.provider_types,
                                            {options.observer, options.clock}, *profiles);
    if (!provider) {
      // All of them at once.
      wrong += (wrong.empty() ? "" : "\n") + provider.error().message;
      continue;
    }
    Entry made;
    made.config = &entry;
    made.provider = std::move(*provider);
    made.destination = destination_of(snapshot->config, entry, made.provider->base_url());
    made.may_be_relay = is_elsewhere(entry, made.destination.origin);
    made.vault = vault_for(made, vaults);
    made.pool = pool_of(entry, made.destination.origin);
    made.identity = identity_pool_of(entry, made.destination.origin);
    // An identity counts as a key that says nothing of it.
    made.priority = entry.priority        ? *entry.priority
                    : !entry.keys.empty() ? entry.keys.front().priority
                    : made.vault          ? KeyConfig().priority
                                          : 0;
    made.weight = entry.weight != 0    ? entry.weight
                  : entry.keys.empty() ? 1
                                       : entry.keys.front().weight;
    const TimeoutConfig& common = snapshot->config.timeouts;
    made.connect_timeout = or_else(entry.connect_timeout, common.connect);
    made.first_byte_timeout = or_else(entry.first_byte_timeout, common.first_byte);
    made.stream_idle_timeout = or_else(entry.stream_idle_timeout, common.stream_idle);
    made.prices = prices;
    made.price_factor = entry.price_factor;
    made.profiles = profiles;
    made.profile_name = provider::profile_name(entry, *profiles);
    made.price_profile = provider::price_profile(entry, *profiles);
    made.quirks = provider::quirks_of(entry);
    made.told_cost = wire::cost_member_of(provider::profile_of(entry, *profiles, {}).told_cost);
    made.issuer = dialect::issuer_of(entry.type, made.provider->base_url());
    snapshot->entries.push_back(std::move(made));
  }
  if (!wrong.empty()) return Error{ErrorCode::config, std::move(wrong)};
  std::stable_sort(snapshot->entries.begin(), snapshot->entries.end(),
                   [](const Entry& a, const Entry& b) { return a.priority > b.priority; });
  snapshot->clients = ClientIndex(snapshot->config.server.auth.clients);
  for (const std::string& proxy : snapshot->config.server.trusted_proxies) {
    snapshot->trusted_proxies.add(proxy);
  }
  const HealthConfig& health = snapshot->config.health;
  snapshot->breaker = {health.failure_threshold, health.open_duration, health.half_open_probes};
  auto router = router_for(snapshot->config.routing, options, before);
  if (!router) return router.error();
  snapshot->router = std::move(*router);
  try {
    snapshot->strategy = snapshot->router->name();
    snapshot->weighs_costs = snapshot->router->weighs_costs();
  } catch (...) {
    return about_strategy(snapshot->config.routing, "threw " + base::what_is_thrown());
  }
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

}  // namespace ccrelay::worker
