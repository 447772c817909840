#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "upstream/channel.hpp"
#include "upstream/dialers.hpp"
#include "upstream/origin.hpp"
#include "upstream/tls_records.hpp"

struct ssl_st;

namespace ccrelay::upstream {

/// Why there is no connection.
struct DialFailure {
  CURLcode code = CURLE_FAILED_INIT;
  int system_error = 0;    ///< errno of the connect; 0 = unknown
  long proxy_status = 0;   ///< a proxy's answer to CONNECT
  std::string text;        ///< curl's own words; may be empty
  bool exhausted = false;  ///< this process has no descriptor or memory left
};

/// Told once how a dial ended; may destroy anything but the dial itself, which is on the stack.
class DialSink {
 public:
  /// The name has been looked up, or needed not be. Perhaps more than once, and with curl on the
  /// stack.
  virtual void on_name_known() {}
  virtual void on_dialed(std::unique_ptr<Channel> channel) = 0;
  virtual void on_dial_failed(const DialFailure& failure) = 0;

 protected:
  ~DialSink() = default;
};

/// Opens one connection: curl looks up the name, connects, asks a proxy for a tunnel, does the TLS
/// handshake and verifies the certificate. Destroying it gives up.
class Dial {
 public:
  /// `origin` must stay until it has ended.
  Dial(Dialers& dialers, const Origin& origin, DialSink& sink);
  Dial(const Dial&) = delete;
  Dial& operator=(const Dial&) = delete;

  /// CURLE_OK: the sink will be told. Else it won't, and curl does not take the configuration.
  CURLcode start();

  /// For Dialer: the transfer of the handle has ended.
  void finished(CURLcode code);
  static Dial& of(CURL* curl);

 private:
  template <class Value>
  void set(CURLoption option, Value value);
  void set_constants();
  void set_route();
  void set_certificates();
  const ssl_st* tls_session() const;
  std::unique_ptr<Channel> make_channel();
  curl_socket_t open_socket(const curl_sockaddr& address);
  CURLcode on_tls_context(void* context);
  DialFailure failure(CURLcode code) const;

  Dialers& dialers_;
  const Origin& origin_;
  DialSink& sink_;
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> proxy_headers_;
  std::string trusted_file_;     // of CA certificates; empty: curl knows itself
  CURLcode refused_ = CURLE_OK;  // the first option that curl would not take
  int system_error_ = 0;
  char error_text_[CURL_ERROR_SIZE] = {};
  std::unique_ptr<TlsRecords> records_ = std::make_unique<TlsRecords>();
  std::unique_ptr<CurlHandle> handle_;
};

}  // namespace ccrelay::upstream
