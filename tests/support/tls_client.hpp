#pragma once

#include <string>
#include <string_view>

#include "support/raw_client.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace ccrelay::testing {

/// A RawClient with TLS on top, made with OpenSSL alone and none of the relay's code. Handshakes as
/// soon as it is asked anything: every function first looks at what has come. Owned by the test.
class TlsClient final {
 public:
  struct Options {
    std::string ca_file;           ///< verify the relay with this; empty = don't
    std::string certificate_file;  ///< ours, with key_file
    std::string key_file;
    std::string alpn;  ///< `h2,http/1.1`, best first; empty = none is offered
    int version = 0;   ///< TLS1_2_VERSION and such; 0 = the newest
    int receive_buffer = 0;
  };

  TlsClient(uv_loop_s& loop, std::uint16_t port, Options options);
  TlsClient(uv_loop_s& loop, std::uint16_t port) : TlsClient(loop, port, Options{}) {}
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  /// The handshake is done.
  bool secured();
  /// The handshake failed, or the relay broke the protocol.
  bool failed();
  /// Waits for the handshake in memory if need be.
  void send(std::string_view plain);
  /// Sends so many KeyUpdate (RFC 8446 section 4.6.3) in a row; after the handshake.
  void update_keys(int count, bool asks_for_theirs);
  /// Sends close_notify; reads on.
  void finish();
  const std::string& received();
  std::vector<Answer> answers() { return parse_answers(received(), eof()); }
  /// The relay sent close_notify.
  bool ended();
  /// The relay's FIN has come, behind close_notify or not.
  bool eof();
  bool gone();
  bool connected() { return secured() || gone(); }
  void close() { raw_.close(); }

  /// What ALPN agreed on.
  std::string protocol();
  /// The common name in the relay's certificate.
  std::string server_name();
  RawClient& raw() { return raw_; }
  /// From now on nothing is put on the wire, but kept for take_output().
  void hold_output() { held_ = true; }
  std::string take_output();

 private:
  void pump();
  void flush();

  RawClient raw_;
  ssl_ctx_st* context_;
  ssl_st* ssl_;
  std::string waiting_;  // for the end of the handshake
  std::string plain_;
  std::size_t read_ = 0;
  bool secured_ = false;
  bool failed_ = false;
  bool ended_ = false;
  bool held_ = false;
};

}  // namespace ccrelay::testing
