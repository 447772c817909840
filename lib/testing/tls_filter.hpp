#pragma once

#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace ccrelay::testing {

/// A certificate with its key, ready to serve. Owned by the provider; outlives its filters.
class TlsIdentity final {
 public:
  /// Both files PEM. Throws std::runtime_error when they cannot be used.
  TlsIdentity(const std::string& certificate_file, const std::string& key_file);
  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;

  ssl_ctx_st* context() const { return context_; }

 private:
  ssl_ctx_st* context_;
};

/// The server's side of one TLS connection: bytes in, bytes out, no I/O. Owned by its connection.
class TlsFilter final {
 public:
  explicit TlsFilter(const TlsIdentity& identity);
  ~TlsFilter();
  TlsFilter(const TlsFilter&) = delete;
  TlsFilter& operator=(const TlsFilter&) = delete;

  enum class Status { open, ended, failed };
  /// Takes bytes off the wire and appends what they say to `plain`. `ended`: the peer has said it
  /// will send no more. Ask take_output() afterwards, whatever came back.
  Status receive(std::string_view wire, std::string& plain);
  /// Only once receive() has given plain bytes: the handshake is done then.
  void send(std::string_view plain);
  /// Says that we will send no more.
  void end();
  /// Bytes that have to go on the wire.
  std::string take_output();

 private:
  ssl_st* ssl_;
};

}  // namespace ccrelay::testing
