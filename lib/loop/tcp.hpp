#pragma once

#include <ccrelay/result.hpp>

#include <uv.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_queue.hpp"
#include "loop/loop.hpp"
#include "loop/stream.hpp"
#include "loop/unix_socket.hpp"

namespace ccrelay::loop {

/// Connections that may wait to be accepted.
inline constexpr int listen_backlog = 4096;

/// One accepted connection, TCP with TCP_NODELAY set or Unix. Two-part: libuv's half (Block)
/// outlives this object until its close callback.
class SocketStream final : public Stream {
 public:
  /// Takes the next connection of a listening handle; null when that fails.
  static std::unique_ptr<Stream> accept(Loop& loop, uv_stream_t& listener);
  ~SocketStream() override;
  SocketStream(const SocketStream&) = delete;
  SocketStream& operator=(const SocketStream&) = delete;

  void set_sink(StreamSink& sink) override;
  void start_reading() override;
  void stop_reading() override;
  [[nodiscard]] bool write(std::string_view bytes) override;
  std::size_t queued() const override;
  std::uint64_t taken() const override;
  void shutdown() override;
  void reset_on_close() override;
  const std::string& peer() const override { return peer_; }

 private:
  struct Block;
  struct Write;
  struct HangUpWatch;
  explicit SocketStream(Block* block) : block_(block) {}
  bool send_rest(std::string bytes);
  void watch_for_hang_up();
  void stop_watching();

  Block* block_;
  std::string peer_;
};

/// What a listening socket tells.
class AcceptSink {
 public:
  virtual ~AcceptSink() = default;
  virtual void on_connection(std::unique_ptr<Stream> stream) = 0;
};

/// A resolved address to listen on.
struct ListenAddress {
  sockaddr_storage storage{};
  std::string path;  ///< of a Unix socket; `storage` is not used then
  UnixAccess access;
  /// A Unix socket that another worker listens on already: it is shared, since there can't be two.
  int listening = -1;

  bool is_unix() const { return !path.empty(); }
  /// As server.listen has it.
  std::string text() const;
  /// 0 for a Unix socket.
  std::uint16_t port() const;
  ListenAddress with_port(std::uint16_t port) const;
};

/// `host:port`, `[v6]:port`, `:port` or `unix:/path` -> addresses. `localhost` is both loopbacks
/// where the machine has both, and of several addresses those that it has not are left out.
Result<std::vector<ListenAddress>> resolve_listen(const std::string& listen);

/// Those of the addresses that a socket of this machine can have, whatever their port: a hosts file
/// may name ::1 where the kernel knows no IPv6. All of them when that leaves none, so that
/// listening tells why.
std::vector<ListenAddress> present_addresses(const std::vector<ListenAddress>& addresses);

/// One listening socket. Loop's thread.
class Acceptor {
 public:
  /// `shared` sets SO_REUSEPORT, so that each worker can have a socket of its own.
  static Result<std::unique_ptr<Acceptor>> listen(Loop& loop, const ListenAddress& address,
                                                  bool shared, AcceptSink& sink);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  const ListenAddress& address() const { return address_; }

 private:
  struct Block;
  class Rest;
  Acceptor(Block* block, ListenAddress address);
  Block* block_;
  std::unique_ptr<Rest> rest_;
  ListenAddress address_;
  std::optional<UnixSocketFile> file_;
};

}  // namespace ccrelay::loop
