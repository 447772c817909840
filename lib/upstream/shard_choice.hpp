#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "loop/loop.hpp"
#include "upstream/client.hpp"
#include "upstream/shard.hpp"

namespace ccrelay::upstream {

/// What can share connections: same host and port, same way there, same trust.
struct Origin {
  /// Shards with an idle connection to it, the latest last. May name some that have none any more.
  std::vector<Shard*> with_idle;
};

/// Owns the shards and says which one a request goes to: one that has an idle connection to the
/// origin (the latest used, so that the others can grow old), else one with room, else a new one.
/// The cost does not depend on how many shards there are. A shard without transfers is destroyed
/// once its connections are closed or too old to be used; a few without any connection stay.
class ShardChoice {
 public:
  /// Shards that are kept though they hold nothing.
  static constexpr std::size_t spare_max = 4;

  ShardChoice(loop::Loop& loop, ShardHost& host) : loop_(loop), host_(host) {}
  ~ShardChoice();
  ShardChoice(const ShardChoice&) = delete;
  ShardChoice& operator=(const ShardChoice&) = delete;

  Origin& origin(const Endpoint& endpoint);
  Shard& choose(const Endpoint& endpoint, Origin& origin);
  /// To be told by the host.
  void connections_changed(Shard& shard, Origin& origin);

  std::size_t size() const { return shards_.size(); }

 private:
  void note_room(Shard& shard);
  void leave_room_list(Shard& shard);
  void note_unused(Shard& shard);
  void destroy(Shard& shard);
  Shard& make_shard();

  loop::Loop& loop_;
  ShardHost& host_;
  std::string key_;  // scratch
  // One for each endpoint that was ever configured.
  std::unordered_map<std::string, std::unique_ptr<Origin>> origins_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<Shard*> with_room_;
};

}  // namespace ccrelay::upstream
