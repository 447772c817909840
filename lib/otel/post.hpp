#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/telemetry.hpp>

#include <curl/curl.h>

#include <memory>
#include <string>
#include <vector>

#include "otel/delivery.hpp"

namespace ccrelay::otel {

/// One POST of OTLP at a time, on a multi handle of the exporter's. Its body stays here until it
/// has ended. One thread.
class Post {
 public:
  Post(CURLM* multi, const TelemetryOptions& options, const std::string& path);
  ~Post();
  Post(const Post&) = delete;
  Post& operator=(const Post&) = delete;

  bool runs() const { return runs_; }
  void start(std::string body);
  /// The same once more.
  void start_again();
  /// It has ended, as the multi handle says.
  Reply end(CURLcode code);
  CURL* handle() const { return easy_.get(); }

 private:
  template <class Value>
  void set(CURLoption option, Value value);
  void set_constants(const TelemetryOptions& options);
  std::size_t take_header(std::string_view line);

  struct Free {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  CURLM* const multi_;
  const std::string url_;
  std::unique_ptr<CURL, Free> easy_;
  std::unique_ptr<curl_slist, Free> headers_;
  char words_[CURL_ERROR_SIZE] = "";
  std::string body_;
  std::string answer_;
  std::optional<Duration> retry_after_;
  bool runs_ = false;
};

}  // namespace ccrelay::otel
