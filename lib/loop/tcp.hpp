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
  /// Takes over a connected socket, `local` when it is a Unix socket; null when that fails.
  static std::unique_ptr<Stream> open(Loop& loop, int descriptor, bool local);
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
  std::optional<std::uint32_t> user() const override;

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
  /// No connection can be taken, for want of descriptors or memory; those that come wait meanwhile.
  /// Once until one is taken again. `error` is accept()'s.
  virtual void on_accept_failed(int error) = 0;
};

/// A resolved address to listen on.
struct ListenAddress {
  sockaddr_storage storage{};
  std::string path;  ///< of a Unix socket; `storage` is not used then
  UnixAccess access;
  /// A socket that is there already and of which a copy is listened on: a Unix socket of another
  /// worker, since there can't be two, or one that was passed to this process.
  int listening = -1;
  bool inherited = false;  ///< the latter: others have it too, and its file is theirs

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

/// Of a socket that listens already; the descriptor stays the caller's. An error says why it can't
/// be listened on.
Result<ListenAddress> address_of_socket(int descriptor);

/// With whom an address may be shared.
struct ListenOptions {
  bool shared = false;  ///< SO_REUSEPORT, so that each worker can have a socket of its own
  bool reuse = false;   ///< another process of this user may be there (server.reuse_port)
  /// The path of a Unix socket is taken from another process of this user that listens there.
  bool take_over = false;
  /// Where the address is set, for messages.
  std::string_view setting = "server.listen or --listen";
};

/// One listening socket. Loop's thread.
class Acceptor {
 public:
  static Result<std::unique_ptr<Acceptor>> listen(Loop& loop, const ListenAddress& address,
                                                  const ListenOptions& options, AcceptSink& sink);
  /// Closes the socket: who waits there is reset, if nobody else has it.
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  const ListenAddress& address() const { return address_; }

  /// The first half of a gentle end: nobody else comes, as far as that is this socket's alone. Who
  /// is in the middle of coming still does.
  void turn_away();
  /// The second half: takes all that wait, within this call.
  void take_waiting();

 private:
  struct Block;
  Acceptor(Block* block, ListenAddress address);
  Block* block_;
  base::Timer timer_;  // while accepting fails
  ListenAddress address_;
  std::optional<UnixSocketFile> file_;
};

}  // namespace ccrelay::loop
