#include "otel/post.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/ascii.hpp"

namespace ccrelay::otel {
namespace {

// Of an answer, which says nothing or how many were refused.
constexpr std::size_t answer_bytes_max = 4096;

void add(curl_slist*& list, const std::string& line) {
  if (curl_slist* longer = curl_slist_append(list, line.c_str())) list = longer;
}

}  // namespace

Post::Post(CURLM* multi, const TelemetryOptions& options, const std::string& path)
    : multi_(multi),
      url_(options.endpoint.substr(0, options.endpoint.find_last_not_of('/') + 1) + path),
      easy_(curl_easy_init()) {
  if (easy_) set_constants(options);
}

Post::~Post() {
  if (runs_) curl_multi_remove_handle(multi_, easy_.get());
}

template <class Value>
void Post::set(CURLoption option, Value value) {
  curl_easy_setopt(easy_.get(), option, value);
}

void Post::set_constants(const TelemetryOptions& options) {
  curl_slist* headers = nullptr;
  add(headers, "Content-Type: application/x-protobuf");
  add(headers, "Expect:");  // no such line
  for (const auto& [name, value] : options.headers) {
    // A field without a value is written with a semicolon.
    const std::string text(value.reveal());
    add(headers, text.empty() ? name + ';' : name + ": " + text);
  }
  headers_.reset(headers);
  set(CURLOPT_URL, url_.c_str());
  set(CURLOPT_POST, 1L);
  set(CURLOPT_HTTPHEADER, headers_.get());
  set(CURLOPT_USERAGENT, "OTel-OTLP-Exporter-cc-relay/" CCRELAY_VERSION);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  set(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
  set(CURLOPT_QUICK_EXIT, 1L);  // else the end waits for the resolver's thread
#endif
  // Redirected, a key of the headers would go to whom the answer names.
  set(CURLOPT_FOLLOWLOCATION, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
  set(CURLOPT_PROTOCOLS_STR, "http,https");
#else
  set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  // Empty, not unset: unset, curl asks the environment.
  set(CURLOPT_PROXY, options.proxy.c_str());
  set(CURLOPT_NOPROXY, "");
  if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
  set(CURLOPT_ERRORBUFFER, words_);
  set(
      CURLOPT_WRITEFUNCTION, +[](char* bytes, std::size_t, std::size_t count, void* self) noexcept {
        std::string& answer = static_cast<Post*>(self)->answer_;
        answer.append(bytes, std::min(count, answer_bytes_max - answer.size()));
        return count;
      });
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(
      CURLOPT_HEADERFUNCTION,
      +[](char* bytes, std::size_t, std::size_t count, void* self) noexcept {
        return static_cast<Post*>(self)->take_header({bytes, count});
      });
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
}

std::size_t Post::take_header(std::string_view line) {
  constexpr std::string_view name = "retry-after:";
  if (base::istarts_with(line, name)) {
    std::string_view value = line.substr(name.size());
    while (!value.empty() && (value.back() == '\r' || value.back() == '\n')) value.remove_suffix(1);
    retry_after_ = retry_after_of(value);
  }
  return line.size();
}

void Post::start(std::string body) {
  body_ = std::move(body);
  start_again();
}

void Post::start_again() {
  answer_.clear();
  retry_after_.reset();
  words_[0] = '\0';
  set(CURLOPT_POSTFIELDS, body_.data());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
  runs_ = curl_multi_add_handle(multi_, easy_.get()) == CURLM_OK;
}

Reply Post::end(CURLcode code) {
  curl_multi_remove_handle(multi_, easy_.get());
  runs_ = false;
  Reply reply;
  if (code == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    reply.status = static_cast<int>(status);
    reply.retry_after = retry_after_;
    reply.body = std::move(answer_);
  } else {
    reply.failure = words_[0] != '\0' ? words_ : curl_easy_strerror(code);
  }
  answer_ = {};
  return reply;
}

}  // namespace ccrelay::otel
