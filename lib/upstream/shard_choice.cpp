#include "upstream/shard_choice.hpp"

#include <algorithm>
#include <chrono>

namespace ccrelay::upstream {

ShardChoice::~ShardChoice() {
  while (!shards_.empty()) destroy(*shards_.back());
}

Origin& ShardChoice::origin(const Endpoint& endpoint) {
  key_.clear();
  for (const std::string* part :
       {&endpoint.origin, &endpoint.proxy, &endpoint.no_proxy, &endpoint.ca_file}) {
    key_.append(*part).push_back('\n');
  }
  std::unique_ptr<Origin>& found = origins_[key_];
  if (!found) found = std::make_unique<Origin>();
  return *found;
}

Shard& ShardChoice::choose(const Endpoint& endpoint, Origin& origin) {
  const auto take = [&endpoint](Shard& shard) -> Shard& {
    shard.idle_seconds_ = std::max(shard.idle_seconds_, endpoint.idle_seconds_max);
    return shard;
  };
  while (!origin.with_idle.empty()) {
    Shard& shard = *origin.with_idle.back();
    if (shard.idle(origin) > 0 && shard.has_room()) return take(shard);
    shard.share(origin).listed = false;
    origin.with_idle.pop_back();
  }
  return take(with_room_.empty() ? make_shard() : *with_room_.back());
}

Shard& ShardChoice::make_shard() {
  auto made = std::make_unique<Shard>(loop_, host_);
  Shard& shard = *made;
  shard.place_ = shards_.size();
  shard.unused_.emplace(loop_.timers(), [this, &shard] {
    if (shard.connected() || shards_.size() > spare_max) destroy(shard);
  });
  shards_.push_back(std::move(made));
  note_room(shard);
  return shard;
}

void ShardChoice::connections_changed(Shard& shard, Origin& origin) {
  if (!shard.unused_) return;  // it is being destroyed
  note_room(shard);
  note_unused(shard);
  if (shard.idle(origin) <= 0) return;
  Shard::Share& share = shard.share(origin);
  if (share.listed) return;
  share.listed = true;
  origin.with_idle.push_back(&shard);
}

void ShardChoice::note_room(Shard& shard) {
  if (shard.has_room() == shard.room_place_.has_value()) return;
  if (shard.room_place_) {
    leave_room_list(shard);
  } else {
    shard.room_place_ = with_room_.size();
    with_room_.push_back(&shard);
  }
}

void ShardChoice::leave_room_list(Shard& shard) {
  if (!shard.room_place_) return;
  with_room_[*shard.room_place_] = with_room_.back();
  with_room_.back()->room_place_ = shard.room_place_;
  with_room_.pop_back();
  shard.room_place_.reset();
}

void ShardChoice::note_unused(Shard& shard) {
  if (shard.running() > 0) {
    shard.unused_->cancel();
  } else if (shard.connected()) {
    // From the last use on; by then curl would not take any of these connections again.
    if (!shard.unused_->armed())
      shard.unused_->arm(loop_.now() + std::chrono::seconds(shard.idle_seconds_ + 1));
  } else if (shards_.size() > spare_max) {
    shard.unused_->arm(loop_.now());
  } else {
    shard.unused_->cancel();
  }
}

void ShardChoice::destroy(Shard& shard) {
  shard.unused_.reset();
  leave_room_list(shard);
  for (const Shard::Share& share : shard.shares_) {
    if (share.listed) std::erase(share.origin->with_idle, &shard);
  }
  const std::size_t place = shard.place_;
  std::unique_ptr<Shard> gone = std::move(shards_[place]);
  if (place + 1 != shards_.size()) {
    shards_[place] = std::move(shards_.back());
    shards_[place]->place_ = place;
  }
  shards_.pop_back();
  gone.reset();
}

}  // namespace ccrelay::upstream
