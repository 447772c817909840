#include "upstream/connection_pool.hpp"

#include <algorithm>
#include <chrono>

namespace ccrelay::upstream {
namespace {

// About as long as what the other side says is on its way.
constexpr std::chrono::milliseconds turn_is_young{1};

}  // namespace

OriginPool& ConnectionPool::of(const Destination& destination) {
  Origin::write_key(key_, destination);
  std::unique_ptr<OriginPool>& found = pools_[key_];
  if (!found) {
    found = std::make_unique<OriginPool>(destination, loop_.timers(),
                                         [this, &found] { drop_expired(*found); });
  }
  return *found;
}

// After `pool` had `before` of them.
void ConnectionPool::count(const OriginPool& pool, std::size_t before) {
  idle_.store(idle() + pool.idle.size() - before, std::memory_order_relaxed);
}

std::unique_ptr<Link> ConnectionPool::take(OriginPool& pool, bool surely) {
  while (!pool.idle.empty()) {
    std::unique_ptr<Link> connection = std::move(pool.idle.back());
    pool.idle.pop_back();
    count(pool, pool.idle.size() + 1);
    if (can_be_used(*connection, surely)) return connection;
    drop(std::move(connection));
  }
  return nullptr;
}

// What came since the loop waited for the last time, or lies inside TLS, the watch has not told. In
// a turn that takes long a provider may have said that it closes (408), and that would be taken for
// the answer.
bool ConnectionPool::can_be_used(Link& connection, bool surely) const {
  const TimePoint now = loop_.now();
  if (now >= connection.expires) return false;
  const bool looked_at = connection.pooled_in != loop_.turn() &&
                         now - loop_.woke() <= turn_is_young && !connection.channel().buffers();
  return (looked_at && !surely) || connection.channel().is_quiet();
}

void ConnectionPool::give(std::unique_ptr<Link> connection, Duration time) {
  OriginPool& pool = connection->pool();
  if (pool.idle.size() >= idle_max_) return drop(std::move(connection));
  connection->reused = true;
  connection->expires = loop_.now() + time;
  connection->pooled_in = loop_.turn();
  connection->set_user(*this);
  connection->want(UV_READABLE);
  // Each use would move the timer; it looks again instead when it is due.
  if (!pool.timer.armed() || connection->expires < pool.looks_at) pool.look_at(connection->expires);
  pool.idle.push_back(std::move(connection));
  count(pool, pool.idle.size() - 1);
}

void ConnectionPool::on_ready(Link& connection, int) {
  // TLS has messages of its own, such as a new session ticket.
  if (connection.channel().is_quiet()) return;
  OriginPool& pool = connection.pool();
  auto& idle = pool.idle;
  const auto found = std::find_if(idle.begin(), idle.end(), [&connection](const auto& other) {
    return other.get() == &connection;
  });
  std::unique_ptr<Link> gone = std::move(*found);
  idle.erase(found);
  count(pool, idle.size() + 1);
  drop(std::move(gone));
}

void ConnectionPool::drop_expired(OriginPool& pool) {
  const TimePoint now = loop_.now();
  const std::size_t before = pool.idle.size();
  std::erase_if(pool.idle, [now](const auto& connection) { return connection->expires <= now; });
  count(pool, before);
  if (pool.idle.empty()) return;
  const auto first =
      std::min_element(pool.idle.begin(), pool.idle.end(),
                       [](const auto& a, const auto& b) { return a->expires < b->expires; });
  pool.look_at((*first)->expires);
}

void ConnectionPool::drop(std::unique_ptr<Link> connection) {
  connection->close();
  loop_.bury(std::move(connection));
}

}  // namespace ccrelay::upstream
