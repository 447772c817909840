#include "state/refusals.hpp"

#include <algorithm>
#include <utility>

namespace ccrelay::state {
namespace {

std::string key_of(const std::string& provider, const std::string& model) {
  return provider + '\n' + model;
}

bool add_missing(std::vector<std::string>& known, const std::vector<std::string>& more) {
  bool added = false;
  for (const std::string& name : more) {
    if (known.size() >= Refusals::names_max) break;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    known.push_back(name);
    added = true;
  }
  return added;
}

}  // namespace

bool Refusals::learn(const std::string& provider, const std::string& model,
                     const Unsupported& refused, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const std::string key = key_of(provider, model);
  Record record{key, {}, {}};
  if (const auto found = index_.find(key); found != index_.end()) {
    if (now < found->second->until) record = std::move(*found->second);
    records_.erase(found->second);
    index_.erase(found);
  }
  const bool betas = add_missing(record.refused.betas, refused.betas);
  const bool fields = add_missing(record.refused.fields, refused.fields);
  record.until = now + memory;
  records_.push_back(std::move(record));
  index_[key] = std::prev(records_.end());
  if (records_.size() > pairs_max) {
    index_.erase(records_.front().key);
    records_.pop_front();
  }
  return betas || fields;
}

Unsupported Refusals::known(const std::string& provider, const std::string& model, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (records_.empty()) return {};
  const auto found = index_.find(key_of(provider, model));
  if (found == index_.end()) return {};
  if (now < found->second->until) return found->second->refused;
  records_.erase(found->second);
  index_.erase(found);
  return {};
}

}  // namespace ccrelay::state
