#include "base/ascii.hpp"
#include "config/nearest_name.hpp"
#include "config/words.hpp"
#include "dialect/profiles.hpp"
#include "provider/built_in.hpp"
#include "provider/model_profiles.hpp"
#include "provider/types.hpp"

#include <fmt/format.h>
#include <ccrelay/config_load.hpp>
#include <ccrelay/usage_table.hpp>

#include <algorithm>
#include <initializer_list>

namespace ccrelay {
namespace {

using namespace config;

/// What stands in examples where a key belongs.
bool is_placeholder(std::string_view key) {
  const std::string text = base::lower(key);
  const bool in_brackets = (text.starts_with('<') && text.ends_with('>')) ||
                           (text.starts_with("{{") && text.ends_with("}}"));
  return in_brackets || text.ends_with("...") || text.ends_with("…") || text.starts_with("your-") ||
         text.starts_with("your_") || text.find("xxxx") != text.npos ||
         text.starts_with("os.environ/") || text.starts_with("env:") ||
         (text.starts_with('%') && text.ends_with('%') && text.size() > 2);
}

/// Of one provider. Lives for the length of one check() call.
class ProviderWarnings {
 public:
  ProviderWarnings(std::string path, const ProviderConfig& provider, std::vector<std::string>& out)
      : path_(std::move(path)), provider_(provider), out_(out) {}

  void check() {
    check_base_url();
    check_keys();
  }

 private:
  void add(std::string_view key, std::string_view message) {
    out_.push_back(fmt::format("{}{}{}", path_, key, message));
  }

  void check_base_url() {
    const auto* type = provider::find_type(provider_.type);
    if (!type || provider_.base_url.empty()) return;
    const std::string used = provider::base_url_of(*type, provider_);
    const std::string_view rest = std::string_view(provider_.base_url).substr(used.size());
    if (rest.find_first_not_of('/') != rest.npos) {
      add(".base_url",
          fmt::format(" {} has {} at its end, which every request brings along; it is taken off, "
                      "write {}",
                      in_quotes(provider_.base_url), in_quotes(rest), in_quotes(used)));
    }
    // The vendor's own host, without the part of it that speaks the Anthropic API.
    if (type->base_url.size() > used.size() && type->base_url.starts_with(used) &&
        type->base_url[used.size()] == '/') {
      add(".base_url",
          fmt::format(" {} is not where {} speaks {} API; write {}, or leave base_url out",
                      in_quotes(provider_.base_url), type->name,
                      type->profile == "anthropic" ? "the Anthropic" : "its",
                      in_quotes(type->base_url)));
    }
  }

  void check_keys() {
    const auto& keys = provider_.keys;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto text = keys[i].key.reveal();
      if (text.empty()) continue;
      const auto path = fmt::format(".keys[{}].key", i);
      const auto same = std::find_if(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&](const auto& key) { return key.key.reveal() == text; });
      if (same != keys.begin() + static_cast<std::ptrdiff_t>(i)) {
        add(path, fmt::format(" is the same secret as keys[{}].key, so it makes no second budget; "
                              "remove one of them",
                              same - keys.begin()));
      } else if (is_placeholder(text)) {
        add(path, " looks like the placeholder of an example; write the key, or ${VARIABLE}");
      }
    }
  }

  const std::string path_;
  const ProviderConfig& provider_;
  std::vector<std::string>& out_;
};

/// A row for a provider that is not there is never used.
void check_price_providers(const Config& config, std::vector<std::string>& out) {
  std::vector<std::string_view> known = provider::type_names();
  for (const auto& provider : config.providers) {
    known.emplace_back(provider.name);
    known.emplace_back(provider.type);
  }
  const auto read = provider::profiles_of(config.translation);
  const dialect::Profiles& profiles = read ? *read : dialect::Profiles::shipped();
  for (const auto& profile : profiles.rows()) known.emplace_back(profile.name);
  const auto is_known = [&](std::string_view name) {
    return std::any_of(known.begin(), known.end(),
                       [&](std::string_view one) { return base::iequals(one, name); });
  };
  for (std::size_t i = 0; i < config.prices.size(); ++i) {
    const std::string& name = config.prices[i].provider;
    if (name.empty() || is_known(name)) continue;
    const auto near = nearest_name(name, known);
    out.push_back(
        fmt::format("prices[{}].provider {} is no provider's name, type or profile, so this "
                    "row has no effect; {}",
                    i, in_quotes(name),
                    near.empty() ? std::string("write one, or leave it out for all")
                                 : fmt::format("did you mean {}?", in_quotes(near))));
  }
}

/// A shipped row for the provider goes before one for any, which was hardly meant.
void check_price_scopes(const Config& config, std::vector<std::string>& out) {
  for (std::size_t i = 0; i < config.prices.size(); ++i) {
    const PriceRow& own = config.prices[i];
    if (!own.provider.empty()) continue;
    const auto has = [](const PriceRow& row, std::string_view model) {
      return std::any_of(row.models.begin(), row.models.end(),
                         [&](const auto& one) { return base::iequals(one, model); });
    };
    for (const PriceRow& row : shipped_prices()) {
      const auto model = std::find_if(own.models.begin(), own.models.end(),
                                      [&](const auto& one) { return has(row, one); });
      if (model == own.models.end()) continue;
      out.push_back(
          fmt::format("prices[{}] is for any provider, and for {} the relay's own price "
                      "of {} goes before it; write provider = {}",
                      i, row.provider, in_quotes(*model), in_quotes(row.provider)));
      break;
    }
  }
}

/// What has no price can't be compared.
void check_costs(const Config& config, std::vector<std::string>& out) {
  if (config.routing.strategy != "cost_based") return;
  const auto known = priced_providers(config);
  using Names = std::initializer_list<std::string_view>;
  const auto priced = [](const std::vector<PriceRow>& rows, const Names& names) {
    return std::any_of(rows.begin(), rows.end(), [&](const PriceRow& row) {
      return row.provider.empty() || std::any_of(names.begin(), names.end(), [&](auto name) {
               return base::iequals(row.provider, name);
             });
    });
  };
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    const ProviderConfig& provider = config.providers[i];
    const std::string_view name = provider.name, type = provider.type;
    const std::string_view profile = known.at(provider.name).profile;
    // Of the shipped rows a server that may be anybody's has those of its profile alone.
    const bool has_shipped = profile.empty() ? priced(shipped_prices(), {name, type})
                                             : priced(shipped_prices(), {profile});
    if (!provider.enabled || has_shipped || priced(config.prices, {name, profile, type}) ||
        priced(config.pricing.file_prices, {name, profile, type})) {
      continue;
    }
    out.push_back(
        fmt::format("providers[{}]: nothing of {} has a price, so strategy \"cost_based\" asks it "
                    "last; write its prices into [[prices]]",
                    i, in_quotes(provider.name)));
  }
}

void check_budgets(const Config& config, std::vector<std::string>& out) {
  if (config.ledger.enabled) return;
  const auto& clients = config.server.auth.clients;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (!clients[i].has_budget()) continue;
    out.push_back(
        fmt::format("server.auth.clients[{}]: the budget of {} begins at 0 each time the "
                    "relay starts, because ledger.enabled is false",
                    i, in_quotes(clients[i].name)));
  }
}

}  // namespace

std::vector<std::string> warnings_of(const Config& config) {
  std::vector<std::string> out = config.warnings;
  if (config.providers.empty()) {
    out.push_back(
        "providers: there is none, so no request can be served; write [[providers]] and below it "
        "name, type and what the type needs");
  }
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    ProviderWarnings(fmt::format("providers[{}]", i), config.providers[i], out).check();
  }
  check_price_providers(config, out);
  check_price_scopes(config, out);
  check_costs(config, out);
  check_budgets(config, out);
  return out;
}

}  // namespace ccrelay
