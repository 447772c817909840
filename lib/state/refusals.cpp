#include "state/refusals.hpp"

#include <algorithm>
#include <utility>

namespace ccrelay::state {
namespace {

using Names = std::vector<std::string>;

std::string text_of(const RefusalKey& key) {
  return key.provider + '\n' + key.model + (key.counting ? "\ncounting" : "");
}

Names sorted(Names names) {
  std::sort(names.begin(), names.end());
  return names;
}

bool holds_all(const Names& sorted_names, const Names& others) {
  return std::includes(sorted_names.begin(), sorted_names.end(), others.begin(), others.end());
}

bool holds(const Names& sorted_names, const std::string& name) {
  return std::binary_search(sorted_names.begin(), sorted_names.end(), name);
}

void drop(Names& sorted_names, const std::string& name, Names& dropped) {
  const auto found = std::lower_bound(sorted_names.begin(), sorted_names.end(), name);
  if (found == sorted_names.end() || *found != name) return;
  dropped.push_back(name);
  sorted_names.erase(found);
}

}  // namespace

bool Refusals::add(Record& record, Thing thing) {
  if (thing.with.size() > betas_max) return false;
  const auto known =
      std::find_if(record.things.begin(), record.things.end(), [&](const Thing& other) {
        return other.kind == thing.kind && other.name == thing.name && other.with == thing.with;
      });
  const bool is_new = known == record.things.end();
  if (!is_new) record.things.erase(known);
  if (record.things.size() >= things_max) record.things.erase(record.things.begin());
  record.things.push_back(std::move(thing));
  return is_new;
}

Refusals::Record& Refusals::record_of(const std::string& key) {
  const auto found = index_.find(key);
  if (found != index_.end()) {
    records_.splice(records_.end(), records_, found->second);
    return *found->second;
  }
  if (records_.size() >= subjects_max) {
    index_.erase(records_.front().key);
    records_.pop_front();
  }
  records_.push_back({key, {}});
  index_[key] = std::prev(records_.end());
  return records_.back();
}

bool Refusals::learn(const RefusalKey& key, const Proven& proven, TimePoint now) {
  if (proven.empty()) return false;
  any_.store(true, std::memory_order_release);
  const std::lock_guard lock(mutex_);
  Record& record = record_of(text_of(key));
  std::erase_if(record.things, [now](const Thing& thing) { return thing.until <= now; });
  const TimePoint until = now + memory;
  bool news = false;
  for (const std::string& beta : proven.betas) {
    news |= add(record, {Thing::Kind::beta, beta, {}, {}, until});
  }
  for (const Proven::Field& field : proven.fields) {
    news |= add(record, {Thing::Kind::field, field.path, sorted(field.with), {}, until});
  }
  for (const Proven::Choice& choice : proven.choices) {
    news |=
        add(record, {Thing::Kind::choice, {}, sorted(choice.refused), sorted(choice.taken), until});
  }
  return news;
}

bool Refusals::knows(const RefusalKey& key) {
  const std::lock_guard lock(mutex_);
  return !records_.empty() && index_.contains(text_of(key));
}

Unsupported Refusals::known(const RefusalKey& key, const std::vector<std::string_view>& sent,
                            TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (records_.empty()) return {};
  const auto found = index_.find(text_of(key));
  if (found == index_.end()) return {};
  Unsupported out;
  const Names all = sorted({sent.begin(), sent.end()});
  Names left = all;
  for (const Thing& thing : found->second->things) {
    if (thing.until <= now) continue;
    if (thing.kind == Thing::Kind::beta) {
      drop(left, thing.name, out.betas);
    } else if (thing.kind == Thing::Kind::choice && holds_all(all, thing.with)) {
      for (const std::string& beta : thing.with) {
        if (!holds(thing.taken, beta)) drop(left, beta, out.betas);
      }
    }
  }
  // More betas than those a field was refused with may be what it needs.
  for (const Thing& thing : found->second->things) {
    if (thing.until > now && thing.kind == Thing::Kind::field && holds_all(thing.with, left) &&
        std::find(out.fields.begin(), out.fields.end(), thing.name) == out.fields.end()) {
      out.fields.push_back(thing.name);
    }
  }
  return out;
}

}  // namespace ccrelay::state
