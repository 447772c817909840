#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "upstream/client.hpp"
#include "upstream/head_reader.hpp"
#include "upstream/request_body.hpp"
#include "upstream/request_headers.hpp"
#include "upstream/transfer_result.hpp"
#include "upstream/trust_stores.hpp"

namespace ccrelay::upstream {

class Shard;
struct Origin;

/// curl's half of one transfer: an easy handle, everything curl reads from or writes to for it, and
/// the link to the sink, which the other half (the Transfer) cuts when it is destroyed. Owned by
/// the client's queue, by a shard, or by the client's pool, where it waits to be used again.
class Easy {
 public:
  /// Both must outlive this.
  Easy(CURLSH* share, TrustStores& trust_stores);
  ~Easy();
  Easy(const Easy&) = delete;
  Easy& operator=(const Easy&) = delete;

  /// Takes what must be copied of the request, without touching curl. `owner` is whatever the
  /// client wants back.
  void prepare(const Request& request, TransferSink& sink, void* owner);
  /// Tells curl. CURLE_OK, or what curl refused.
  CURLcode configure(Shard& shard);
  /// From here on the sink hears nothing and the request is not read; callbacks make curl give up.
  void cut();
  /// Back to how it was made, as far as anybody can tell.
  void clear();

  bool needs_body() const { return body_needed_; }
  TransferSink* sink() const { return sink_; }
  void* owner() const { return owner_; }
  CURL* curl() const { return curl_; }
  const Endpoint& endpoint() const { return *endpoint_; }
  /// Only before cut().
  TransferResult result(CURLcode code);
  /// Whether another request may use it: only after a transfer without any trouble. curl counts the
  /// dead connections that a handle has replaced over all its transfers, and gives up at the sixth
  /// (7.88: retrycount in lib/transfer.c).
  bool reusable() const { return complete_ && connections_ == 1; }
  static Easy* of(CURL* curl);

  /// The shard's: where it runs (null = nowhere) and its number there.
  Shard* shard = nullptr;
  Origin* origin = nullptr;
  std::size_t place = 0;
  /// The client's: resume() was called and is not performed yet.
  bool resume_wanted = false;
  /// The sink took nothing and curl waits.
  bool paused = false;

 private:
  template <class Value>
  void set(CURLoption option, Value value);
  void set_constants(CURLSH* share);
  void set_callbacks();
  bool sends_body() const;
  void set_url();
  void set_method();
  void set_buffer();
  void set_route();
  void set_certificates(const std::string& ca_file);

  void release_body();
  bool would_resend();
  int on_prereq();
  std::size_t on_header(std::string_view line);
  std::size_t on_body(std::string_view bytes);
  curl_socket_t on_open_socket(const curl_sockaddr& address);
  CURLcode on_tls_context(void* context);

  CURL* curl_;
  TrustStores& trust_stores_;
  CURLcode refused_ = CURLE_OK;  // the first option that curl would not take
  TransferSink* sink_ = nullptr;
  void* owner_ = nullptr;
  const Endpoint* endpoint_ = nullptr;
  std::string method_;
  std::string url_;
  bool streams_ = false;
  bool fresh_ = false;
  bool fresh_told_ = false;
  RequestHeaders headers_;
  RequestBody body_;
  HeadReader head_;
  int connections_ = 0;  // the request was, or was about to be, sent on
  bool complete_ = false;
  bool stale_ = false;  // a pooled connection died under the request, which was not sent again
  bool body_needed_ = false;
  int system_error_ = 0;
  CURLU* parsed_url_;         // read by curl while url_told_ is what it is
  std::string url_told_;      // the URL that curl was last told; empty = none
  std::string trusted_file_;  // of CA certificates; empty: curl knows itself
  Endpoint route_;            // what curl was last told of an endpoint
  bool route_set_ = false;
  long buffer_told_ = 0;
  char error_text_[CURL_ERROR_SIZE] = {};
};

}  // namespace ccrelay::upstream
