#include "relay/worker_tree.hpp"

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
      reporter_(loop_, shared.observer),
      upstream_(loop_),
      identity_(loop_, upstream_),
      rng_(seed),
      bodies_(loop_.timers(), request_reader_, base::give_back_spare_memory),
      tools_{loop_, upstream_,       identity_, shared,        reporter_,
             rng_,  request_reader_, bodies_,   answer_reader_},
      prober_(tools_),
      front_(tools_),
      drain_timer_(loop_.timers(),
                   [this] {
                     server_.close_all();
                     report_empty();
                   }),
      server_(loop_, front_, limits_of(config), shared.front),
      tls_watch_(tools_) {}

WorkerTree::~WorkerTree() {
  prober_.stop();
  server_.close_all();
  // What was buried may hold transfers, which the upstream client must not outlive.
  loop_.empty_graveyard();
}

void WorkerTree::drain(milliseconds limit, std::function<void()> on_empty) {
  if (on_empty_) return;
  on_empty_ = std::move(on_empty);
  prober_.stop();
  tls_watch_.stop();
  drain_timer_.arm(loop_.now() + limit);
  server_.drain([this] { report_empty(); });
}

void WorkerTree::close_all() {
  server_.close_all();
}

void WorkerTree::report_empty() {
  drain_timer_.cancel();
  if (on_empty_) std::exchange(on_empty_, nullptr)();
}

}  // namespace ccrelay::relay
