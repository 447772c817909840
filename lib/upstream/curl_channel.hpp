#pragma once

#include <memory>
#include <utility>

#include "upstream/channel.hpp"
#include "upstream/dialers.hpp"
#include "upstream/tls_records.hpp"

struct ssl_st;

namespace ccrelay::upstream {

/// A connection on which curl speaks TLS. curl has no callback to make here.
class CurlChannel final : public Channel {
 public:
  /// The handle has dialed with CURLOPT_CONNECT_ONLY and is still where it did so. `session` is all
  /// that stands between curl and the socket, and says what it holds; null where that can't be
  /// told. `records` are counted where the library is ours.
  CurlChannel(std::unique_ptr<CurlHandle> handle, int socket, const ssl_st* session,
              std::unique_ptr<TlsRecords> records)
      : records_(std::move(records)),
        handle_(std::move(handle)),
        socket_(socket),
        session_(session) {
    records_->stop_retrying();
  }
  ~CurlChannel() override { records_->stop_counting(); }

  Moved send(const Outgoing& outgoing) override;
  Moved receive(char* to, std::size_t room) override;
  int socket() const override { return socket_; }
  bool buffers() const override;
  bool sends_one_place() const override { return true; }
  bool is_quiet() override;

 private:
  std::unique_ptr<TlsRecords> records_;  // also of those that closing the connection reads
  std::unique_ptr<CurlHandle> handle_;
  const int socket_;
  const ssl_st* const session_;  // the handle's
  std::uint64_t useless_records_ = 0;
};

}  // namespace ccrelay::upstream
