#include "server/server.hpp"

#include <chrono>
#include <utility>

#include "base/spare_memory.hpp"
#include "server/tls_stream.hpp"

namespace ccrelay::server {
namespace {

// So long a connection that asks nothing is left alone where there is no room for another one.
constexpr std::chrono::milliseconds silence_max{1000};
// For handshakes that have begun to end. Shorter than the second after which a client asks again
// that was not heard (RFC 6298 section 2).
constexpr std::chrono::milliseconds handshake_time{200};

}  // namespace

Server::Server(loop::Loop& loop, HandlerFactory& factory, const ConnectionLimits& limits,
               Common& common)
    : loop_(loop),
      factory_(factory),
      limits_(limits),
      common_(common),
      crowd_gone_(loop.timers(), base::give_back_spare_memory),
      step_(loop.timers(),
            [this] {
              if (!acceptors_.empty()) {
                turned_away_ ? close_acceptors() : stop_accepting();
              } else {
                close_idle();
              }
            }),
      end_(loop.timers(), [this] { ending_ ? cut() : end_now(); }) {}

Server::~Server() {
  close_all();
}

Result<void> Server::listen(const std::vector<loop::ListenAddress>& addresses,
                            const loop::ListenOptions& options) {
  listening_ = options;
  // The port that the first address gets may be taken at the next one; then another is tried.
  constexpr int tries_max = 10;
  for (int tries = 1;; ++tries) {
    auto listening = listen_once(addresses, options);
    if (listening) return listening;
    acceptors_.clear();
    if (addresses.size() < 2 || addresses.front().port() != 0 || tries == tries_max) {
      return listening;
    }
  }
}

Result<void> Server::listen_once(const std::vector<loop::ListenAddress>& addresses,
                                 const loop::ListenOptions& options) {
  for (const auto& address : addresses) {
    const std::uint16_t port = address.port() == 0 && !acceptors_.empty()
                                   ? acceptors_.front()->address().port()
                                   : address.port();
    auto acceptor = loop::Acceptor::listen(loop_, address.with_port(port), options, *this);
    if (!acceptor) return acceptor.error();
    acceptors_.push_back(std::move(*acceptor));
  }
  return {};
}

std::vector<loop::ListenAddress> Server::addresses() const {
  std::vector<loop::ListenAddress> out;
  for (const auto& acceptor : acceptors_) out.push_back(acceptor->address());
  return out;
}

void Server::on_connection(std::unique_ptr<loop::Stream> stream) {
  // One that is not taken is closed by its destructor.
  if (common_.open_connections.load() >= common_.connections_max && !make_room()) {
    ++counters().refused_in_all;
    return;
  }
  std::string network = common_.by_network.network_of(stream->peer());
  if (!common_.by_network.enter(network)) {
    ++counters().refused_per_address;
    return;
  }
  const bool secure = common_.tls.enabled();
  if (secure) {
    auto session = common_.tls.new_session();
    if (!session) {
      common_.by_network.leave(network);
      return;
    }
    stream = std::make_unique<TlsStream>(loop_, std::move(stream), std::move(session), counters(),
                                         factory_);
  }
  ++common_.open_connections;
  auto connection = std::make_unique<Connection>(*this, std::move(stream), limits_);
  connection->slot = connections_.size();
  connection->network = std::move(network);
  connection->silent = silent_.emplace(silent_.end(), connection.get(), loop_.now());
  connections_.push_back(std::move(connection));
  crowd_gone_.open(connections_.size(), loop_.now());
  if (secure) {
    connections_.back()->secure();
  } else {
    connections_.back()->sniff();
  }
}

void Server::on_accept_failed(int error) {
  ++counters().accept_failures;
  if (failure_told_) failure_told_(error);
}

// Clients that connect and say nothing must not keep out those who have something to ask.
bool Server::make_room() {
  if (silent_.empty() || loop_.now() - silent_.front().second < silence_max) return false;
  ++counters().displaced;
  silent_.front().first->remove(Ending::complete);
  return true;
}

void Server::has_asked(Connection& connection) {
  if (connection.silent) silent_.erase(*std::exchange(connection.silent, std::nullopt));
}

void Server::remove(Connection& connection) {
  has_asked(connection);
  const std::size_t slot = connection.slot;
  common_.by_network.leave(connection.network);
  loop_.bury(std::move(connections_[slot]));
  connections_[slot] = std::move(connections_.back());
  connections_.pop_back();
  if (slot < connections_.size()) connections_[slot]->slot = slot;
  --common_.open_connections;
  crowd_gone_.open(connections_.size(), loop_.now());
  report_empty();
}

// ---- the end

void Server::drain(const DrainTimes& times, std::function<void()> on_empty) {
  draining_ = true;
  times_ = times;
  on_empty_ = std::move(on_empty);
  for (const auto& connection : connections_) connection->drain();
  if (times_.grace.count() > 0) {
    step_.arm(loop_.now() + times_.grace);
  } else {
    stop_accepting();
  }
}

void Server::stop_accepting() {
  turned_away_ = true;
  for (const auto& acceptor : acceptors_) acceptor->turn_away();
  // Where another relay has the address too, nobody may be lost who has just begun to come here.
  if (listening_.reuse && !acceptors_.empty()) {
    step_.arm(loop_.now() + handshake_time);
  } else {
    close_acceptors();
  }
}

void Server::close_acceptors() {
  for (const auto& acceptor : acceptors_) acceptor->take_waiting();
  acceptors_.clear();
  if (!draining_) return;
  step_.arm(loop_.now() + times_.idle);
  end_.arm(loop_.now() + times_.timeout);
  report_empty();
}

// Backwards: removing moves the last one into the gap.
void Server::close_idle() {
  for (std::size_t i = connections_.size(); i-- > 0;) connections_[i]->close_idle();
}

void Server::end_now() {
  ending_ = true;
  step_.cancel();
  end_.arm(loop_.now() + limits_.timeouts.client_linger);
  for (std::size_t i = connections_.size(); i-- > 0;) connections_[i]->end_now();
}

void Server::cut() {
  close_all();
  report_empty();
}

void Server::report_empty() {
  if (!draining_ || !acceptors_.empty() || !connections_.empty() || !on_empty_) return;
  step_.cancel();
  end_.cancel();
  std::exchange(on_empty_, nullptr)();
}

void Server::close_all() {
  acceptors_.clear();
  while (!connections_.empty()) {
    Connection& connection = *connections_.back();
    connection.close(Ending::shutdown);
    remove(connection);
  }
}

}  // namespace ccrelay::server
