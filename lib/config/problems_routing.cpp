#include "config/problems.hpp"
#include "config/words.hpp"
#include "route/strategies.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ccrelay::config {
namespace {

/// What is wrong with [routing] beside the providers it names. Lives for the length of one check()
/// call.
class RoutingCheck {
 public:
  RoutingCheck(const Config& config, const Strategies& own, std::vector<Problem>& problems)
      : routing_(config.routing), providers_(config.providers), own_(own), problems_(problems) {}

  void check() {
    // A program's own strategy knows by itself what it needs.
    const bool is_own = own_.contains(routing_.strategy);
    const auto* strategy = is_own ? nullptr : route::find_strategy(routing_.strategy);
    if (!strategy && !is_own) refuse_strategy();
    if (routing_.affinity != "conversation" && routing_.affinity != "none") {
      add("affinity", unknown_word(routing_.affinity, {"conversation", "none"}));
    }
    // Files of the older relay may carry these for a strategy that does not look at them.
    if (strategy && strategy->maps_models) check_mapping();
  }

 private:
  void add(const std::string& key, std::string_view message) {
    const auto path = "routing." + key;
    problems_.push_back({path, path + std::string(message)});
  }

  void refuse_strategy() {
    const auto& strategy = routing_.strategy;
    auto names = route::strategy_names();
    for (const auto& [name, extension] : own_) names.emplace_back(name);
    add("strategy", unknown_word(strategy, names));
  }

  void check_mapping() {
    if (routing_.model_mapping.empty() && routing_.default_provider.empty()) {
      add("model_mapping",
          fmt::format(" is empty, and strategy {} needs it; write into it the beginning of a "
                      "model's name = a provider, or set routing.default_provider",
                      in_quotes(routing_.strategy)));
    }
    for (const auto& [prefix, provider] : routing_.model_mapping) {
      const auto key = "model_mapping." + plain(prefix);
      if (const auto star = prefix.find('*'); star != prefix.npos) {
        add(key, fmt::format(" has a \"*\", which no model has; the beginning is enough, write {}",
                             in_quotes(prefix.substr(0, star))));
      }
      check_target(key, provider);
    }
    if (!routing_.default_provider.empty()) {
      check_target("default_provider", routing_.default_provider);
    }
  }

  void check_target(const std::string& key, const std::string& name) {
    const auto found = std::find_if(providers_.begin(), providers_.end(),
                                    [&](const auto& provider) { return provider.name == name; });
    if (found == providers_.end()) {
      add(key, fmt::format(" {} is no configured provider; {}", in_quotes(name), what_to_do(name)));
    } else if (!found->enabled && !routing_.model_fallback) {
      add(key, fmt::format(" names {}, which is disabled, so nobody would answer; enable it, name "
                           "another provider, or set routing.model_fallback = true",
                           in_quotes(name)));
    }
  }

  std::string what_to_do(std::string_view name) const {
    std::vector<std::string_view> names;
    for (const auto& provider : providers_) {
      if (!provider.name.empty()) names.push_back(provider.name);
    }
    return names.empty() ? "add it to [[providers]]" : suggestion(name, names);
  }

  const RoutingConfig& routing_;
  const std::vector<ProviderConfig>& providers_;
  const Strategies& own_;
  std::vector<Problem>& problems_;
};

}  // namespace

void find_routing_problems(const Config& config, const Strategies& own,
                           std::vector<Problem>& problems) {
  RoutingCheck(config, own, problems).check();
}

}  // namespace ccrelay::config
