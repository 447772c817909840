#include "server/server.hpp"

#include "base/spare_memory.hpp"
#include "server/tls_stream.hpp"

namespace ccrelay::server {

Server::Server(loop::Loop& loop, HandlerFactory& factory, const ConnectionLimits& limits,
               Common& common)
    : loop_(loop),
      factory_(factory),
      limits_(limits),
      common_(common),
      crowd_gone_(loop.timers(), base::give_back_spare_memory) {}

Server::~Server() {
  close_all();
}

Result<void> Server::listen(const std::vector<loop::ListenAddress>& addresses, bool shared) {
  // The port that the first address gets may be taken at the next one; then another is tried.
  constexpr int tries_max = 10;
  for (int tries = 1;; ++tries) {
    auto listening = listen_once(addresses, shared);
    if (listening) return listening;
    acceptors_.clear();
    if (addresses.size() < 2 || addresses.front().port() != 0 || tries == tries_max) {
      return listening;
    }
  }
}

Result<void> Server::listen_once(const std::vector<loop::ListenAddress>& addresses, bool shared) {
  for (const auto& address : addresses) {
    const std::uint16_t port = address.port() == 0 && !acceptors_.empty()
                                   ? acceptors_.front()->address().port()
                                   : address.port();
    auto acceptor = loop::Acceptor::listen(loop_, address.with_port(port), shared, *this);
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
  if (common_.open_connections.load() >= common_.connections_max) {
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
  connections_.push_back(std::move(connection));
  crowd_gone_.open(connections_.size(), loop_.now());
  if (secure) {
    connections_.back()->secure();
  } else {
    connections_.back()->sniff();
  }
}

void Server::remove(Connection& connection) {
  const std::size_t slot = connection.slot;
  common_.by_network.leave(connection.network);
  loop_.bury(std::move(connections_[slot]));
  connections_[slot] = std::move(connections_.back());
  connections_.pop_back();
  if (slot < connections_.size()) connections_[slot]->slot = slot;
  --common_.open_connections;
  crowd_gone_.open(connections_.size(), loop_.now());
  if (draining_ && connections_.empty() && on_empty_) std::exchange(on_empty_, nullptr)();
}

void Server::drain(std::function<void()> on_empty) {
  draining_ = true;
  acceptors_.clear();
  on_empty_ = std::move(on_empty);
  // Backwards: removing moves the last one into the gap.
  for (std::size_t i = connections_.size(); i-- > 0;) connections_[i]->drain();
  if (connections_.empty() && on_empty_) std::exchange(on_empty_, nullptr)();
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
