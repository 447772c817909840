#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;
struct uv_loop_s;

namespace ccrelay::testing {

/// A server of TLS 1.3 that can do what no honest one would, made with OpenSSL alone. For each
/// request head that comes it calls what it was given. Owned by the test; loop's thread; turn the
/// loop once more after destroying it.
class TlsServer final {
 public:
  class Connection {
   public:
    virtual ~Connection() = default;
    virtual void send(std::string_view plain) = 0;
    /// So many KeyUpdate (RFC 8446 section 4.6.3) in a row.
    virtual void update_keys(int count, bool asks_for_theirs) = 0;
    /// So many new session tickets (section 4.6.1) in a row.
    virtual void send_tickets(int count) = 0;
    /// Puts on the wire what the others have made since the last time.
    virtual void flush() = 0;
  };

  TlsServer(uv_loop_s& loop, const std::string& certificate_file, const std::string& key_file,
            std::function<void(Connection&)> on_request);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::string url() const;
  std::size_t requests() const { return requests_; }
  std::size_t accepted() const { return connections_.size(); }
  std::size_t open() const;

 private:
  struct Peer;
  struct Listener;

  uv_loop_s& loop_;
  ssl_ctx_st* context_;
  std::function<void(Connection&)> on_request_;
  Listener* listener_;
  std::vector<Peer*> connections_;
  std::size_t requests_ = 0;
};

}  // namespace ccrelay::testing
