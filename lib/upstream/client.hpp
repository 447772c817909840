#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/http.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loop/loop.hpp"

namespace ccrelay::upstream {

/// How a provider is reached. Immutable; belongs to the snapshot, which outlives its transfers.
struct Destination {
  std::string origin;    ///< `https://host:port`: connections are shared by what has the same one
  std::string proxy;     ///< URL of a proxy; empty = direct
  std::string no_proxy;  ///< hosts that are reached directly in spite of it
  std::string ca_file;   ///< empty = the system's
  int idle_seconds_max = 50;  ///< an unused connection is not used again after this
};

/// What to send. Views and references are valid until the transfer is destroyed or done.
struct Request {
  const Destination& destination;
  std::string method;
  std::string url;
  const Headers& headers;  ///< without Host and Content-Length; copied by start()
  /// The body in pieces, sent one after the other; empty for a request without body.
  std::vector<std::string_view> body;
  bool fresh = false;  ///< on a new connection, whatever is pooled
  /// The caller sends it again if the pooled connection turns out to be closed (`stale`). Then the
  /// connection is not asked for that before its use, which costs a system call: the loop has just
  /// seen it open, and a FIN takes longer on its way than a turn does.
  bool may_be_repeated = false;
};

/// Why a transfer ended.
enum class End : std::uint8_t {
  complete,   ///< the whole answer arrived
  connect,    ///< DNS or TCP failed
  tls,        ///< handshake or certificate
  reset,      ///< the connection was lost, before or inside the answer
  protocol,   ///< the answer is no HTTP, or breaks its own framing
  exhausted,  ///< this process has no descriptor or memory for a connection: no provider's fault
};

struct TransferResult {
  End end = End::complete;
  std::string detail;         ///< for a person; empty when complete
  bool request_sent = false;  ///< whether any byte of the request may have reached the provider
  /// A pooled connection was lost before the first line of an answer and within a moment of the
  /// send, most likely because the provider was closing it already when the request went out.
  bool stale = false;
};

enum class Flow : std::uint8_t {
  taken,  ///< the bytes are consumed
  pause,  ///< nothing was consumed; the same bytes come again after Transfer::resume()
};

/// Told what a transfer does. In each call the receiver may destroy this and other transfers and
/// start new ones (they begin when the turn ends), but must not turn the loop or destroy the
/// client.
class TransferSink {
 public:
  virtual ~TransferSink() = default;
  /// The connection is ready and the request is about to be sent.
  virtual void on_connected(bool reused) = 0;
  /// Status and headers of the final answer (1xx are not told).
  virtual void on_head(ResponseHead head) = 0;
  virtual Flow on_body(std::string_view bytes) = 0;
  /// All of the answer that had come is given; more of it follows another time.
  virtual void on_all_given() {}
  /// The last call. The transfer holds nothing of the request any more.
  virtual void on_done(const TransferResult& result) = 0;
};

/// One HTTP/1.1 exchange with a provider. Destroying it cancels it, at any moment; nothing of the
/// request is read after that.
class Transfer {
 public:
  virtual ~Transfer() = default;
  /// After Flow::pause (or inside of the call that will return it): delivers again when the turn
  /// ends. Only with room for some bytes: the loop would spin otherwise.
  virtual void resume() = 0;
  /// Whether the pieces of the body may still be read. False once all of it is sent (nearly always
  /// before on_head()), and after on_done(): who holds the body may let it go.
  virtual bool needs_body() const = 0;
};

/// All upstream HTTP of one worker. libcurl opens the connections, with all that names, proxies and
/// certificates ask for; what is said on them is ours, and so is the pool of those that wait to be
/// used again. Loop's thread; outlives its transfers.
class Client {
 public:
  explicit Client(loop::Loop& loop);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Starts when the turn ends; never calls the sink before this has returned.
  std::unique_ptr<Transfer> start(const Request& request, TransferSink& sink);

  /// Transfers that run, for tests.
  std::size_t running() const;
  /// Connections that none of them uses. Any thread.
  std::size_t idle_connections() const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ccrelay::upstream
