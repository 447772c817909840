#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/config.hpp>
#include <ccrelay/result.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_ctx_st;

namespace ccrelay::tls {

struct ContextDeleter {
  void operator()(ssl_ctx_st* context) const;
};

/// A certificate, its key and the rules of a section such as [server.tls], checked and ready to
/// serve.
struct Context {
  std::unique_ptr<ssl_ctx_st, ContextDeleter> context;
  std::vector<std::string> warnings;  ///< what the operator should know, though it works
};

/// Reads the files. The error says which, what is wrong with it, and what to do. `http2`: whether
/// clients may choose it in the handshake (ALPN, RFC 7301). `section` is the one that `config`
/// stands in, for messages.
Result<Context> load_context(const TlsConfig& config, bool http2, WallTime now,
                             std::string_view section = "server.tls");

}  // namespace ccrelay::tls
