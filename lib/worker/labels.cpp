#include "worker/labels.hpp"

#include <ccrelay/observer.hpp>

#include <algorithm>

#include "base/utf8.hpp"
#include "worker/counts.hpp"
#include "worker/endpoints.hpp"
#include "worker/snapshot.hpp"

namespace ccrelay::worker {
namespace {

// So many of a family's places are kept for `other`: one for each combination of the labels that
// are words of ours.
constexpr std::size_t kept_places(SeriesFamily family) {
  switch (family) {
    case SeriesFamily::requests:
      return 5;
    case SeriesFamily::attempts:
      return outcomes;
    case SeriesFamily::refusals:
      return client_bars.size();
    default:
      return 1;
  }
}

// A series of it is one of these for each class of tokens.
constexpr bool is_per_class(SeriesFamily family) {
  return family == SeriesFamily::tokens || family == SeriesFamily::clients;
}

constexpr std::size_t places(SeriesFamily family) {
  return (is_per_class(family) ? Labels::series_max / token_classes : Labels::series_max) -
         kept_places(family);
}

}  // namespace

Labels::Labels() {
  for (Names& names : names_) {
    names.texts.emplace_back("other");
    names.numbers.emplace("other", other_label);
  }
}

void Labels::configure(const Snapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  asked_models_max_ = static_cast<std::size_t>(std::max(snapshot.config.metrics.models_max, 0));
  prices_.reset();
  for (const Entry& entry : snapshot.entries) {
    if (!prices_) prices_ = entry.prices;
    admit_provider(*entry.config, snapshot);
  }
  admit_clients(snapshot.config.server.auth);
  version_.fetch_add(1, std::memory_order_release);
}

void Labels::admit_provider(const ProviderConfig& provider, const Snapshot& snapshot) {
  const LabelId id = add_locked(LabelKind::provider, provider.name);
  admit_locked(SeriesFamily::providers, series_key(id));
  const auto entry = std::find_if(snapshot.entries.begin(), snapshot.entries.end(),
                                  [&](const Entry& one) { return one.config == &provider; });
  const auto admit_model = [&](std::string_view name) {
    if (name.ends_with('*')) return;  // a pattern is no model
    const LabelId model = add_locked(LabelKind::model, name);
    const std::uint64_t key = series_key(id, model);
    if (configured_pairs_ >= configured_pairs_max ||
        series_[static_cast<std::size_t>(SeriesFamily::models)].contains(key)) {
      return;
    }
    ++configured_pairs_;
    admit_locked(SeriesFamily::models, key);
    admit_locked(SeriesFamily::tokens, key);
    for (std::size_t outcome = 0; outcome < outcomes; ++outcome) {
      admit_locked(SeriesFamily::attempts, series_key(id, model, outcome));
    }
  };
  // As they are sent there.
  for (const std::string& model : provider.models) {
    if (!model.ends_with('*')) admit_model(entry->upstream_model(model));
  }
  for (const auto& [asked, sent] : provider.model_mapping) admit_model(sent);
}

void Labels::admit_clients(const AuthConfig& auth) {
  const auto admit_client = [&](std::string_view name) {
    const LabelId client = add_locked(LabelKind::client, name);
    admit_locked(SeriesFamily::clients, series_key(client));
    admit_locked(SeriesFamily::requests,
                 series_key(static_cast<std::uint64_t>(EndpointWord::messages), client, 200));
  };
  const bool has_key = !auth.api_key.empty() || !auth.bearer_secret.empty();
  if (has_key) admit_client("default");
  if (auth.allow_subscription) admit_client("subscription");
  for (const ClientConfig& client : auth.clients) {
    admit_client(client.name);
    const std::uint64_t id = add_locked(LabelKind::client, client.name);
    auto& keys = series_[static_cast<std::size_t>(SeriesFamily::refusals)];
    if (keys.contains(series_key(id)) || configured_clients_ >= configured_clients_max) continue;
    ++configured_clients_;
    for (std::size_t bar = 0; bar < client_bars.size(); ++bar) {
      admit_locked(SeriesFamily::refusals, series_key(id, bar));
    }
  }
  if (!has_key && !auth.allow_subscription && auth.clients.empty()) admit_client("anonymous");
}

void Labels::read(Known& known) const {
  const std::lock_guard lock(mutex_);
  known.version = version();
  for (std::size_t i = 0; i < label_kinds; ++i) {
    known.numbers[i] = names_[i].numbers;
    known.full[i] = names_[i].texts.size() >= names_max;
  }
  known.models_full = asked_models_ >= asked_models_max_;
  known.prices = prices_;
}

LabelId Labels::add(LabelKind kind, std::string_view name) {
  const std::lock_guard lock(mutex_);
  return add_locked(kind, name);
}

LabelId Labels::add_asked_model(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto& numbers = names_[static_cast<std::size_t>(LabelKind::model)].numbers;
  if (const auto found = numbers.find(name); found != numbers.end()) return found->second;
  if (asked_models_ >= asked_models_max_) return other_label;
  const LabelId id = add_locked(LabelKind::model, name);
  if (id != other_label) ++asked_models_;
  return id;
}

LabelId Labels::add_locked(LabelKind kind, std::string_view name) {
  Names& names = names_[static_cast<std::size_t>(kind)];
  if (const auto found = names.numbers.find(name); found != names.numbers.end()) {
    return found->second;
  }
  if (names.texts.size() >= names_max) return other_label;
  const auto id = static_cast<LabelId>(names.texts.size());
  names.texts.emplace_back(name);
  names.numbers.emplace(name, id);
  version_.fetch_add(1, std::memory_order_release);
  return id;
}

bool Labels::admit(SeriesFamily family, std::uint64_t key) {
  const std::lock_guard lock(mutex_);
  return admit_locked(family, key);
}

bool Labels::admit_locked(SeriesFamily family, std::uint64_t key) {
  auto& keys = series_[static_cast<std::size_t>(family)];
  if (keys.contains(key)) return true;
  if (keys.size() >= places(family)) return false;
  keys.insert(key);
  return true;
}

std::vector<std::uint64_t> Labels::series(SeriesFamily family) const {
  const std::lock_guard lock(mutex_);
  const auto& keys = series_[static_cast<std::size_t>(family)];
  return {keys.begin(), keys.end()};
}

std::vector<std::string> Labels::names(LabelKind kind) const {
  const std::lock_guard lock(mutex_);
  return names_[static_cast<std::size_t>(kind)].texts;
}

bool may_be_label(std::string_view text) {
  if (text.empty() || text.size() > Labels::name_bytes_max) return false;
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80) {
      if (first < 0x20 || first == 0x7F) return false;
      text.remove_prefix(1);
      continue;
    }
    const base::CodePoint point = base::decode_utf8(text);
    if (!point.valid || point.value <= 0x9F) return false;
    text.remove_prefix(point.length);
  }
  return true;
}

}  // namespace ccrelay::worker
