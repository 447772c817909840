#include "client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace ccrelay::app::contract {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t body_bytes_kept = 8 << 20;

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace

// The easy handle and what it reads from. Removed from its multi handle before it is freed.
struct Exchange::Curl {
  CURLM* multi = nullptr;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  std::string body;
  char detail[CURL_ERROR_SIZE] = "";

  ~Curl() {
    if (multi != nullptr && easy != nullptr) curl_multi_remove_handle(multi, easy);
    if (easy != nullptr) curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }

  static std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    if (exchange.body_.size() + count > body_bytes_kept) return 0;
    exchange.body_.append(bytes, count);
    return count;
  }

  static std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    const std::string_view line(bytes, count);
    if (line.rfind("HTTP/", 0) == 0) {
      exchange.headers_.clear();  // those of a 100 before
      const auto blank = line.find(' ');
      exchange.status_ = blank == line.npos ? 0 : std::atoi(bytes + blank + 1);
      return count;
    }
    if (const auto colon = line.find(':'); colon != line.npos && exchange.headers_.size() < 1000) {
      exchange.headers_.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
    }
    return count;
  }
};

Exchange::~Exchange() = default;

std::string Exchange::header(std::string_view name) const {
  for (const auto& [each, value] : headers_) {
    if (each.size() == name.size() && ::strncasecmp(each.data(), name.data(), name.size()) == 0)
      return value;
  }
  return {};
}

bool Exchange::is_json() const {
  return header("content-type").rfind("application/json", 0) == 0;
}

struct Client::Multi {
  // Before any thread that uses libcurl too.
  CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* handle = curl_multi_init();
  ~Multi() {
    if (handle != nullptr) curl_multi_cleanup(handle);
  }
};

Client::Client(std::string url) : url_(std::move(url)), multi_(std::make_unique<Multi>()) {}
Client::~Client() = default;

std::unique_ptr<Exchange> Client::begin(ClientRequest request) {
  auto exchange = std::make_unique<Exchange>();
  exchange->curl_ = std::make_unique<Exchange::Curl>();
  Exchange::Curl& curl = *exchange->curl_;
  curl.easy = curl_easy_init();
  if (curl.easy == nullptr || multi_->handle == nullptr) {
    exchange->over_ = true;
    exchange->trouble_ = "libcurl could not be set up";
    return exchange;
  }
  curl.body = std::move(request.body);
  for (const std::string& line : request.headers) {
    curl.headers = curl_slist_append(curl.headers, line.c_str());
  }
  curl.headers = curl_slist_append(curl.headers, "Expect:");  // no 100 is waited for
  CURL* easy = curl.easy;
  curl_easy_setopt(easy, CURLOPT_URL, (url_ + request.target).c_str());
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, curl.headers);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 5'000L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, curl.detail);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange.get());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Exchange::Curl::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange.get());
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Exchange::Curl::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange.get());
  if (const char* more = std::getenv("NODE_EXTRA_CA_CERTS"); more != nullptr && *more != '\0')
    curl_easy_setopt(easy, CURLOPT_CAINFO, more);
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (request.method == "POST") {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(curl.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, curl.body.data());
  }
  curl.multi = multi_->handle;
  curl_multi_add_handle(multi_->handle, easy);
  return exchange;
}

void Client::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_->handle, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* user = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
    const CURLcode code = message->data.result;
    auto& exchange = *reinterpret_cast<Exchange*>(user);
    curl_easy_getinfo(message->easy_handle, CURLINFO_NUM_CONNECTS, &exchange.connects_);
    if (code != CURLE_OK) {
      const std::string_view detail = exchange.curl_->detail;
      exchange.trouble_ = detail.empty() ? curl_easy_strerror(code) : std::string(detail);
    }
    exchange.over_ = true;
    exchange.curl_.reset();
  }
}

bool Client::run_until(const std::function<bool()>& done, milliseconds limit) {
  const auto end = Steady::now() + limit;
  while (true) {
    int running = 0;
    curl_multi_perform(multi_->handle, &running);
    collect();
    if (done()) return true;
    const auto left = std::chrono::ceil<milliseconds>(end - Steady::now());
    if (left.count() <= 0) return false;
    curl_multi_poll(multi_->handle, nullptr, 0, static_cast<int>(left.count()), nullptr);
  }
}

void Client::finish(Exchange& exchange, milliseconds limit) {
  if (run_until([&exchange] { return exchange.over(); }, limit)) return;
  abandon(exchange);
  exchange.trouble_ = fmt::format("no whole answer in {} ms", limit.count());
}

void Client::abandon(Exchange& exchange) {
  if (exchange.over_) return;
  exchange.curl_.reset();
  exchange.over_ = true;
  exchange.trouble_ = "given up";
}

void Client::wake() {
  curl_multi_wakeup(multi_->handle);
}

}  // namespace ccrelay::app::contract
