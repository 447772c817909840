#include "state/recall.hpp"

#include <iterator>
#include <utility>

namespace ccrelay::state {
namespace {

// An entry in the list, its place in the index, and what allocating each costs.
constexpr std::size_t recall_overhead = 200;

// No issuer has a line break in it.
std::string recall_key(std::string_view issuer, std::string_view call_id) {
  std::string key(issuer);
  key += '\n';
  key += call_id;
  return key;
}

}  // namespace

std::size_t Recalls::Entry::bytes() const {
  return key.size() + tag.size() + recall_overhead;
}

void Recalls::resize(std::size_t most) {
  const std::lock_guard lock(mutex_);
  most_ = most;
  drop_surplus();
}

void Recalls::remember(std::string_view issuer, std::string_view call_id, std::string tag) {
  Entry entry{recall_key(issuer, call_id), std::move(tag)};
  const std::lock_guard lock(mutex_);
  if (const auto known = by_key_.find(entry.key); known != by_key_.end()) drop(known->second);
  if (most_ == 0 || entry.tag.empty() || entry.bytes() > entry_bytes_max) return;
  bytes_ += entry.bytes();
  entries_.push_front(std::move(entry));
  by_key_[entries_.front().key] = entries_.begin();
  drop_surplus();
}

std::string Recalls::find(std::string_view issuer, std::string_view call_id) {
  const std::string key = recall_key(issuer, call_id);
  const std::lock_guard lock(mutex_);
  const auto known = by_key_.find(key);
  if (known == by_key_.end()) return {};
  entries_.splice(entries_.begin(), entries_, known->second);
  return known->second->tag;
}

std::size_t Recalls::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::size_t Recalls::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

void Recalls::drop(Entries::iterator entry) {
  by_key_.erase(entry->key);
  bytes_ -= entry->bytes();
  entries_.erase(entry);
}

void Recalls::drop_surplus() {
  while (entries_.size() > most_ || bytes_ > bytes_max) drop(std::prev(entries_.end()));
}

}  // namespace ccrelay::state
