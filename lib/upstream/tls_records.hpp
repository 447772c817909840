#pragma once

#include <cstddef>
#include <cstdint>

struct ssl_ctx_st;
struct ssl_st;

namespace ccrelay::upstream {

/// Counts the records that come on a connection on which curl speaks TLS with our OpenSSL, so that
/// those that carry nothing can be told from none: inside SSL_read() a server could keep us for as
/// long as it sends KeyUpdate after KeyUpdate (RFC 8446 section 4.6.3). Outlives the connection.
class TlsRecords {
 public:
  /// Records in a row that carry nothing for us are borne up to this.
  static constexpr unsigned useless_max = 32;

  TlsRecords() = default;
  TlsRecords(const TlsRecords&) = delete;
  TlsRecords& operator=(const TlsRecords&) = delete;

  /// The context of a session that is to be made: a proxy's first, then the provider's.
  void watch(ssl_ctx_st* context);
  /// The dial is done: from now on SSL_read() returns after each record. Not before, since curl
  /// would wait for a socket that has nothing more.
  void stop_retrying();
  /// The connection is given up, though curl may keep it for longer than this lives. After
  /// stop_retrying().
  void stop_counting();

  /// Of the session inside, which carries what we read.
  std::uint64_t inner() const { return inner_; }
  /// Of a proxy's around it.
  std::uint64_t outer() const { return outer_; }

 private:
  void note(ssl_st* session);

  ssl_st* inner_session_ = nullptr;
  ssl_st* outer_session_ = nullptr;
  std::uint64_t inner_ = 0;
  std::uint64_t outer_ = 0;
};

}  // namespace ccrelay::upstream
