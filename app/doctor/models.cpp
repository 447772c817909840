#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "table.hpp"
#include "unpriced.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* models_id = "models";

bool fits(const std::string& pattern, std::string_view name) {
  const bool open = !pattern.empty() && pattern.back() == '*';
  return open ? name.substr(0, pattern.size() - 1) ==
                    std::string_view(pattern).substr(0, pattern.size() - 1)
              : name == pattern;
}

// Vendors take a model without its date, Ollama without its tag: `claude-sonnet-4-5` is
// `claude-sonnet-4-5-20250929`, `llama3` is `llama3:latest`.
bool means(const std::string& name, std::string_view listed) {
  if (fits(name, listed)) return true;
  if (listed.size() <= name.size() || listed.substr(0, name.size()) != name) return false;
  const std::string_view rest = listed.substr(name.size());
  return rest == ":latest" || (rest.size() == 9 && rest[0] == '-' &&
                               std::all_of(rest.begin() + 1, rest.end(),
                                           [](unsigned char c) { return std::isdigit(c) != 0; }));
}

void tell(const ProviderCheck& provider, const ProviderConfig& entry, Findings& out) {
  const std::set<std::string> names = models_sent(entry);
  if (names.empty()) {
    out.skipped(models_id, provider.name, "the configuration names none");
    return;
  }
  if (!provider.models) {
    out.skipped(models_id, provider.name,
                provider.models_words.empty() ? "not asked" : provider.models_words);
    return;
  }
  std::string missing;
  for (const std::string& name : names) {
    const bool there = std::any_of(provider.models->begin(), provider.models->end(),
                                   [&](const std::string& each) { return means(name, each); });
    if (!there) missing += (missing.empty() ? "" : ", ") + name;
  }
  if (missing.empty()) {
    out.ok(models_id, provider.name, fmt::format("all {} are in its list", names.size()));
  } else {
    out.warning(models_id, provider.name, fmt::format("not in its list of models: {}", missing),
                "correct models or model_mapping of this provider; requests for them will fail");
  }
}

}  // namespace

std::set<std::string> models_sent(const ProviderConfig& entry) {
  std::set<std::string> names;
  for (const std::string& model : entry.models) {
    const bool mapped = std::any_of(entry.model_mapping.begin(), entry.model_mapping.end(),
                                    [&](const auto& row) { return fits(row.first, model); });
    if (!mapped) names.insert(model);
  }
  for (const auto& [pattern, target] : entry.model_mapping) names.insert(target);
  return names;
}

void check_models(const Facts& facts, Findings& out) {
  if (facts.providers.empty() || facts.asked.offline) {
    out.skipped(models_id, "",
                facts.asked.offline               ? "--offline"
                : facts.providers_unasked.empty() ? "there is no provider"
                                                  : facts.providers_unasked);
    return;
  }
  for (const ProviderCheck& provider : facts.providers) {
    for (const ProviderConfig& entry : facts.config.providers) {
      if (entry.name == provider.name) tell(provider, entry, out);
    }
  }
}

}  // namespace ccrelay::app::checks
