#pragma once

#include <ccrelay/result.hpp>

#include <uv.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_queue.hpp"
#include "loop/loop.hpp"

namespace ccrelay::loop {

/// What happens on a Stream. Called from the loop; the receiver may destroy the stream in any of
/// these (its destructor cuts the link and libuv's half goes later).
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  /// Bytes are valid during the call.
  virtual void on_read(std::string_view bytes) = 0;
  /// The peer has finished sending (FIN).
  virtual void on_eof() = 0;
  /// While reading is stopped: the peer has finished sending, or the connection is lost. There may
  /// be bytes that were not read before that. Once for each stop_reading().
  virtual void on_hang_up() = 0;
  /// The connection is lost (RST, write failure). Nothing follows.
  virtual void on_lost() = 0;
  /// Bytes that waited have been handed to the kernel; `queued()` is smaller now.
  virtual void on_written() = 0;
};

/// One accepted TCP connection, TCP_NODELAY set. Owned by its Connection; loop's thread.
/// Two-part: libuv's half (Block) outlives this object until its close callback.
class Stream {
 public:
  /// Takes the next connection of a listening handle; null when that fails.
  static std::unique_ptr<Stream> accept(Loop& loop, uv_stream_t& listener);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void set_sink(StreamSink& sink);
  void start_reading();
  /// That the peer leaves is still noticed (on_hang_up), at the price of a descriptor. Not while
  /// the kernel has no room for what the peer sent before it: its FIN then waits behind that.
  void stop_reading();

  /// Hands bytes to the kernel now as far as it takes them; the rest waits in one write request.
  /// False when the connection takes none any more: the sink is not told, since its own code is on
  /// the stack.
  [[nodiscard]] bool write(std::string_view bytes);
  /// Bytes that the kernel has not taken yet.
  std::size_t queued() const;
  /// Sends FIN once everything queued is written; reading goes on.
  void shutdown();
  /// From here on the destructor cuts the connection with RST, so that the peer can't take an
  /// incomplete answer for a complete one.
  void reset_on_close();

  /// The peer, as `127.0.0.1:50412` or `[::1]:50412`.
  const std::string& peer() const { return peer_; }

 private:
  struct Block;
  struct Write;
  struct HangUpWatch;
  explicit Stream(Block* block) : block_(block) {}
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
  std::string text() const;
  std::uint16_t port() const;
  ListenAddress with_port(std::uint16_t port) const;
};

/// `host:port`, `[v6]:port` or `:port` -> addresses. `localhost` is both loopbacks where the
/// machine has both, and of several addresses those that it has not are left out.
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
  Acceptor(Block* block, ListenAddress address) : block_(block), address_(address) {}
  Block* block_;
  ListenAddress address_;
};

}  // namespace ccrelay::loop
