#include "state/signatures.hpp"

namespace ccrelay::state {

void Signatures::limit(std::size_t entries_max) {
  const std::lock_guard lock(mutex_);
  entries_max_ = entries_max;
  while (entries_.size() > entries_max_) drop_last();
}

void Signatures::learn(const base::SignatureDigest& digest, std::string_view issuer,
                       TimePoint now) {
  const std::lock_guard lock(mutex_);
  drop_expired(now);
  const auto known = by_digest_.find(digest);
  if (known != by_digest_.end()) {
    Entry& entry = *known->second;
    auto* const before = entry.issuer;
    entry.issuer = enlist(issuer);
    release(before);
    entry.used = now;
    entries_.splice(entries_.begin(), entries_, known->second);
    return;
  }
  entries_.push_front({digest, enlist(issuer), now});
  by_digest_[digest] = entries_.begin();
  if (entries_.size() > entries_max_) drop_last();
}

bool Signatures::all_from(std::string_view issuer, TimePoint now) {
  const std::lock_guard lock(mutex_);
  drop_expired(now);
  return issuers_.empty() || (issuers_.size() == 1 && issuers_.begin()->first == issuer);
}

std::optional<std::string> Signatures::find(const base::SignatureDigest& digest, TimePoint now) {
  const std::lock_guard lock(mutex_);
  drop_expired(now);
  const auto known = by_digest_.find(digest);
  if (known == by_digest_.end()) return {};
  known->second->used = now;
  entries_.splice(entries_.begin(), entries_, known->second);
  return known->second->issuer->first;
}

std::size_t Signatures::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

Signatures::Issuers::value_type* Signatures::enlist(std::string_view issuer) {
  auto& entry = *issuers_.try_emplace(std::string(issuer), 0).first;
  ++entry.second;
  return &entry;
}

void Signatures::release(Issuers::value_type* issuer) {
  if (--issuer->second == 0) issuers_.erase(issuers_.find(issuer->first));
}

void Signatures::drop_last() {
  const Entry& last = entries_.back();
  release(last.issuer);
  by_digest_.erase(last.digest);
  entries_.pop_back();
}

void Signatures::drop_expired(TimePoint now) {
  while (!entries_.empty() && now - entries_.back().used >= time_to_live_) drop_last();
}

}  // namespace ccrelay::state
