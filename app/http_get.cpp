#include "http_get.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <strings.h>

#include <simdjson.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <system_error>

#include "public_key_pin.hpp"

namespace ccrelay::app {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t answer_bytes_max = 1 << 20;

Error network_error(const RelayPlace& place, std::string_view what) {
  return {ErrorCode::network, fmt::format("{}: {}", place.name(), what)};
}

std::string system_message(int error) {
  return std::generic_category().message(error);
}

/// What is asked for.
struct Wish {
  std::string path;
  std::string token;
  bool is_post = false;
  std::string header;  // of a POST
};

/// One request. The program has no other thread while it asks, so libcurl may have its way with
/// SIGPIPE (and, where names are resolved by blocking, with SIGALRM).
class Get {
 public:
  Get(const RelayPlace& place, const std::string& url, const std::string& pin,
      const std::string& authorities, const Wish& wish) {
    if (!curl_) return;
    add_header("Accept:");  // no such line
    if (!wish.token.empty()) add_header("Authorization: Bearer " + wish.token);
    if (wish.is_post) {
      add_header(wish.header);
      add_header("Content-Type:");
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDS, "");
      set(CURLOPT_POSTFIELDSIZE, 0L);
    }
    add_header("Connection: close");
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_PROXY, "");  // not even one of the environment
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_ERRORBUFFER, detail_);
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &take_header);
    set(CURLOPT_HEADERDATA, this);
    if (place.is_unix()) set(CURLOPT_UNIX_SOCKET_PATH, place.unix_path().c_str());
    if (place.tls.enabled()) {
      set(CURLOPT_SSL_VERIFYPEER, 0L);
      set(CURLOPT_SSL_VERIFYHOST, 0L);
      set(CURLOPT_PINNEDPUBLICKEY, pin.c_str());
    } else if (!authorities.empty()) {
      set(CURLOPT_CAINFO, authorities.c_str());
    }
  }

  CURLcode run(milliseconds patience) {
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max(patience, milliseconds(1)).count()));
    return refused_ == CURLE_OK ? curl_easy_perform(curl_.get()) : refused_;
  }

  HttpAnswer take_answer() {
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    return {static_cast<int>(status), std::move(body_), std::move(server_), peer()};
  }

  /// In words, without the place.
  std::string failure(CURLcode code, const RelayPlace& place) const;

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    const CURLcode code = curl_easy_setopt(curl_.get(), option, value);
    if (code != CURLE_OK && refused_ == CURLE_OK) refused_ = code;
  }

  void add_header(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) {
      refused_ = CURLE_OUT_OF_MEMORY;
    } else if (!headers_) {
      headers_.reset(longer);
    }
  }

  std::string peer() const {
    char* ip = nullptr;
    long port = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_PRIMARY_IP, &ip);
    curl_easy_getinfo(curl_.get(), CURLINFO_PRIMARY_PORT, &port);
    const std::string_view host = ip == nullptr ? "" : ip;
    const bool is_v6 = host.find(':') != std::string_view::npos;
    return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port);
  }

  // Whether this much more is still within the limit.
  bool has_room_for(std::size_t bytes) {
    seen_ += bytes;
    return seen_ <= answer_bytes_max;
  }

  static std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* self) {
    Get& get = *static_cast<Get*>(self);
    if (!get.has_room_for(count)) return 0;
    get.body_.append(bytes, count);
    return count;
  }

  static std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* self) {
    Get& get = *static_cast<Get*>(self);
    if (!get.has_room_for(count)) return 0;
    constexpr std::string_view name = "server:";
    const std::string_view line(bytes, count);
    if (line.size() > name.size() && ::strncasecmp(bytes, name.data(), name.size()) == 0) {
      const auto begin = line.find_first_not_of(" \t", name.size());
      const auto end = line.find_last_not_of(" \t\r\n");
      if (begin != line.npos && begin <= end) get.server_ = line.substr(begin, end - begin + 1);
    }
    return count;
  }

  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_{curl_easy_init(), &curl_easy_cleanup};
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_{nullptr,
                                                                       &curl_slist_free_all};
  CURLcode refused_ = curl_ ? CURLE_OK : CURLE_FAILED_INIT;  // the first option that was
  char detail_[CURL_ERROR_SIZE] = "";
  std::size_t seen_ = 0;
  std::string body_;
  std::string server_;
};

constexpr std::string_view certificate_wanted = "it asks for a client's certificate";

// `wrong version number` of `OpenSSL/3.0: error:0A00010B:SSL routines::wrong version number`.
std::string_view tls_reason(std::string_view detail) {
  const std::size_t colons = detail.rfind("::");
  if (colons != std::string_view::npos) detail.remove_prefix(colons + 2);
  return detail.substr(0, detail.find(", errno "));
}

std::string Get::failure(CURLcode code, const RelayPlace& place) const {
  const std::string_view detail = detail_[0] != '\0' ? detail_ : curl_easy_strerror(code);
  if (detail.find("certificate required") != std::string_view::npos) {
    return fmt::format("{} (server.tls.client_auth), which this command has not",
                       certificate_wanted);
  }
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return system_message(ETIMEDOUT);
    case CURLE_COULDNT_CONNECT: {
      long error = 0;
      curl_easy_getinfo(curl_.get(), CURLINFO_OS_ERRNO, &error);
      return error != 0 ? system_message(static_cast<int>(error)) : std::string(detail);
    }
    case CURLE_COULDNT_RESOLVE_HOST:
      return place.is_unix()     ? system_message(ENAMETOOLONG)
             : place.url.empty() ? "no host of this name is known (server.listen)"
                                 : "no host of this name is known";
    case CURLE_UNSUPPORTED_PROTOCOL:  // as HTTP/0.9, which has no head
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_GOT_NOTHING:
      return "what answers there does not speak HTTP/1.1";
    case CURLE_WRITE_ERROR:
      return fmt::format("what answers there says more than {} bytes", answer_bytes_max);
    case CURLE_PARTIAL_FILE:
      return "the answer was cut";
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return "what answers there shows another certificate than " + place.tls.cert_file;
    case CURLE_PEER_FAILED_VERIFICATION:
      return fmt::format(
          "its certificate is not one that this machine trusts ({}); name its CA in "
          "NODE_EXTRA_CA_CERTS",
          tls_reason(detail));
    case CURLE_SSL_CONNECT_ERROR:
      return fmt::format("TLS: {}", tls_reason(detail));
    default:
      return std::string(detail);
  }
}

}  // namespace

namespace {

Result<HttpAnswer> ask(const RelayPlace& place, const Wish& wish, milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const auto urls = urls_to_try(place);
  if (!urls) return urls.error();
  std::string pin;
  if (place.tls.enabled()) {
    pin = public_key_pin(place.tls.cert_file);
    if (pin.empty()) {
      return network_error(place, "cannot read server.tls.cert_file " + place.tls.cert_file);
    }
  }
  Error error;
  const char* extra = std::getenv("NODE_EXTRA_CA_CERTS");
  // Nowhere but where the first one did not answer, or was not trusted, is asked again.
  for (const std::string& authorities : {std::string(), std::string(extra ? extra : "")}) {
    CURLcode code = CURLE_OK;
    for (const std::string& url : *urls) {
      Get get(place, url + wish.path, pin, authorities, wish);
      code = get.run(std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()));
      if (code == CURLE_OK) {
        HttpAnswer answer = get.take_answer();
        if (place.is_unix()) answer.peer = place.listen;
        return answer;
      }
      error = network_error(place, get.failure(code, place));
      if (code != CURLE_COULDNT_CONNECT) break;
    }
    if (code != CURLE_PEER_FAILED_VERIFICATION || extra == nullptr) break;
  }
  return error;
}

}  // namespace

Result<HttpAnswer> http_get(const RelayPlace& place, const std::string& path, milliseconds timeout,
                            const std::string& token) {
  return ask(place, {path, token, false, {}}, timeout);
}

Result<HttpAnswer> http_post(const RelayPlace& place, const std::string& path,
                             const std::string& header, milliseconds timeout,
                             const std::string& token) {
  return ask(place, {path, token, true, header}, timeout);
}

bool wants_certificate(const Error& why) {
  return why.message.find(certificate_wanted) != std::string::npos;
}

Result<std::string> relay_health(const RelayPlace& place, milliseconds timeout) {
  const Result<HttpAnswer> answer = http_get(place, "/health", timeout);
  if (!answer) return answer.error();
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view status;
  if (parser.parse(answer->body).get(root) != simdjson::SUCCESS ||
      root["status"].get(status) != simdjson::SUCCESS) {
    return network_error(place, "what answers there is not cc-relay");
  }
  return std::string(status == "ok" ? "ok" : "draining");
}

}  // namespace ccrelay::app
