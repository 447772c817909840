#include "relay/worker_tree.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/spare_memory.hpp"

namespace ccrelay::relay {
namespace {

server::ConnectionLimits limits_of(const Config& config) {
  return {static_cast<std::size_t>(config.server.max_header_bytes),
          static_cast<std::size_t>(config.server.max_headers),
          static_cast<std::size_t>(config.stream.buffer_bytes),
          config.timeouts,
          config.server.tls.handshake_timeout,
          config.server.max_connection_age,
          config.server.enable_http2,
          static_cast<std::uint32_t>(config.server.http2_max_streams),
          static_cast<std::uint32_t>(config.server.http2_frame_budget)};
}

}  // namespace

WorkerTree::WorkerTree(uv_loop_t& uv, const Clock& clock, worker::Shared& shared,
                       const Config& config, std::uint64_t seed)
    : loop_(uv, clock),
      figures_(shared.labels),
      member_(shared.census, loop_, figures_),
      reporter_(loop_, worker::Audience{shared.observer, shared.ledger, shared.telemetry}, figures_,
                shared.log.get()),
      listed_(shared.directory, loop_, reporter_),
      tallied_(shared.tallies),
      upstream_(loop_),
      idle_(shared.idle_connections, upstream_),
      identity_(loop_, upstream_),
      rng_(seed),
      bodies_(loop_.timers(), request_reader_, base::give_back_spare_memory),
      tools_{loop_,   upstream_,         identity_,       shared,         reporter_,
             rng_,    request_reader_,   bodies_,         answer_reader_, figures_,
             member_, listed_.running(), tallied_.tally()},
      prober_(tools_),
      front_(tools_),
      server_(loop_, front_, limits_of(config), shared.front) {
  server_.tell_of_failures([this](int error) { report_accept_failure(error); });
}

WorkerTree::~WorkerTree() {
  prober_.stop();
  server_.close_all();
  // What was buried may hold transfers, which the upstream client must not outlive.
  loop_.empty_graveyard();
}

void WorkerTree::drain(const server::DrainTimes& times, std::function<void()> on_empty) {
  if (std::exchange(drains_, true)) return;
  prober_.stop();
  server_.drain(times, [this, on_empty = std::move(on_empty)] {
    member_.retire();
    listed_.retire();
    on_empty();
  });
}

// A crowd that uses up the descriptors makes one line a minute, not one a try.
void WorkerTree::report_accept_failure(int error) {
  constexpr std::chrono::minutes quiet{1};
  const TimePoint now = loop_.now();
  if (failure_reported_ && now - *failure_reported_ < quiet) return;
  failure_reported_ = now;
  const bool descriptors = error == EMFILE || error == ENFILE;
  reporter_.note(
      Level::error, "accept_failed",
      fmt::format("new connections can't be taken and have to wait: {}{}", std::strerror(error),
                  descriptors ? "; allow more descriptors (ulimit -n, LimitNOFILE=)" : ""));
}

void WorkerTree::close_all() {
  server_.close_all();
}

}  // namespace ccrelay::relay
