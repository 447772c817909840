#include "upstream/easy.hpp"

#include <cerrno>

#include "base/assert.hpp"
#include "upstream/shard.hpp"

namespace ccrelay::upstream {

namespace {

// Timeouts are the relay's: it destroys the transfer. curl's default of 300 s must not come first.
constexpr long connect_timeout_ms = 24L * 60 * 60 * 1000;

// For what is read at once: 16 KiB measured no faster on large answers, 4 KiB slower.
constexpr long read_bytes = 8L * 1024;
// Held for as long as the stream lasts. Its events are far smaller.
constexpr long stream_read_bytes = 2L * 1024;

}  // namespace

Easy::Easy(CURLSH* share, TrustStores& trust_stores)
    : curl_(curl_easy_init()), trust_stores_(trust_stores), parsed_url_(curl_url()) {
  CCRELAY_ASSERT(curl_ && parsed_url_, "curl has memory for an easy handle");
  set_constants(share);
  set_callbacks();
}

Easy::~Easy() {
  curl_easy_cleanup(curl_);
  curl_url_cleanup(parsed_url_);
}

Easy* Easy::of(CURL* curl) {
  char* self = nullptr;
  curl_easy_getinfo(curl, CURLINFO_PRIVATE, &self);
  return reinterpret_cast<Easy*>(self);
}

template <class Value>
void Easy::set(CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(curl_, option, value);
  if (code != CURLE_OK && refused_ == CURLE_OK) refused_ = code;
}

// ---- What is the same for all requests

void Easy::set_constants(CURLSH* share) {
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  set(CURLOPT_SHARE, share);
  set(CURLOPT_ERRORBUFFER, error_text_);
  set(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
  // Without it, cancelling a transfer waits for the resolver's thread to end.
  set(CURLOPT_QUICK_EXIT, 1L);
#endif
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_HTTP09_ALLOWED, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
  set(CURLOPT_PROTOCOLS_STR, "http,https");
#else
  set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_UPLOAD_BUFFERSIZE, 64L * 1024);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  CCRELAY_ASSERT(refused_ == CURLE_OK, "libcurl is 7.80 or later, with TLS");
}

void Easy::set_callbacks() {
  set(CURLOPT_PREREQDATA, static_cast<void*>(this));
  set(
      CURLOPT_PREREQFUNCTION, +[](void* self, char*, char*, int, int) noexcept -> int {
        return static_cast<Easy*>(self)->on_prereq();
      });
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(
      CURLOPT_HEADERFUNCTION,
      +[](char* line, std::size_t, std::size_t size, void* self) noexcept -> std::size_t {
        return static_cast<Easy*>(self)->on_header({line, size});
      });
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(
      CURLOPT_WRITEFUNCTION,
      +[](char* bytes, std::size_t, std::size_t size, void* self) noexcept -> std::size_t {
        return static_cast<Easy*>(self)->on_body({bytes, size});
      });
  set(CURLOPT_READDATA, static_cast<void*>(this));
  set(
      CURLOPT_READFUNCTION,
      +[](char* to, std::size_t, std::size_t room, void* self) noexcept -> std::size_t {
        auto& easy = *static_cast<Easy*>(self);
        return easy.sink_ ? easy.body_.read(to, room) : CURL_READFUNC_ABORT;
      });
  set(CURLOPT_SEEKDATA, static_cast<void*>(this));
  set(
      CURLOPT_SEEKFUNCTION, +[](void* self, curl_off_t offset, int whence) noexcept -> int {
        auto& easy = *static_cast<Easy*>(self);
        const bool can = easy.sink_ && whence == SEEK_SET && offset >= 0;
        return can && easy.body_.seek(static_cast<std::uint64_t>(offset)) ? CURL_SEEKFUNC_OK
                                                                          : CURL_SEEKFUNC_FAIL;
      });
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set(
      CURLOPT_OPENSOCKETFUNCTION,
      +[](void* self, curlsocktype, curl_sockaddr* address) noexcept -> curl_socket_t {
        return static_cast<Easy*>(self)->on_open_socket(*address);
      });
  if (TrustStores::usable()) {
    set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
    set(
        CURLOPT_SSL_CTX_FUNCTION, +[](CURL*, void* context, void* self) noexcept -> CURLcode {
          return static_cast<Easy*>(self)->on_tls_context(context);
        });
  }
  // Its data is the shard: the connection belongs to that and outlives this transfer.
  set(CURLOPT_CLOSESOCKETFUNCTION, &Shard::close_socket);
}

// ---- One request

void Easy::prepare(const Request& request, TransferSink& sink, void* owner) {
  sink_ = &sink;
  owner_ = owner;
  endpoint_ = &request.endpoint;
  method_ = request.method;
  url_ = request.url;
  streams_ = request.streams;
  fresh_ = request.fresh;
  body_.assign(request.body);
  body_needed_ = !body_.empty();
  headers_.assign(request.headers, sends_body());
}

CURLcode Easy::configure(Shard& in) {
  refused_ = CURLE_OK;
  set(CURLOPT_CLOSESOCKETDATA, static_cast<void*>(&in));
  set_url();
  set(CURLOPT_HTTPHEADER, headers_.list());
  if (fresh_ != fresh_told_) {
    set(CURLOPT_FRESH_CONNECT, fresh_ ? 1L : 0L);
    fresh_told_ = fresh_;
  }
  set_method();
  set_buffer();
  set_route();
  return refused_;
}

// These have one even when it is empty: "Content-Length: 0" (RFC 9110 section 8.6).
bool Easy::sends_body() const {
  return !body_.empty() || method_ == "POST" || method_ == "PUT" || method_ == "PATCH";
}

// Left to itself, curl takes the URL apart at each request and puts it together again: 12 % of its
// instructions. A handle nearly always asks for the same one again.
void Easy::set_url() {
  if (url_ == url_told_) return;
  url_told_.clear();
  set(CURLOPT_URL, url_.c_str());
  // As curl does it with the options above (7.88: parseurlandfillconn() in lib/url.c). What it
  // would refuse, it shall refuse itself, in its own words.
  constexpr unsigned int flags =
      CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER | CURLU_PATH_AS_IS;
  // Emptied first, or a URL without a scheme would be one relative to the last.
  curl_url_set(parsed_url_, CURLUPART_URL, nullptr, 0);
  const bool parsed = curl_url_set(parsed_url_, CURLUPART_URL, url_.c_str(), flags) == CURLUE_OK;
  set(CURLOPT_CURLU, parsed ? parsed_url_ : nullptr);
  if (parsed && refused_ == CURLE_OK) url_told_ = url_;
}

void Easy::set_method() {
  const char* natural = "GET";
  if (method_ == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
    natural = "HEAD";
  } else if (sends_body()) {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
    set(CURLOPT_POSTFIELDS, body_.copied());
    natural = "POST";
  } else {
    set(CURLOPT_HTTPGET, 1L);
  }
  set(CURLOPT_CUSTOMREQUEST, method_ == natural ? nullptr : method_.c_str());
}

void Easy::set_buffer() {
  const long bytes = streams_ ? stream_read_bytes : read_bytes;
  if (bytes == buffer_told_) return;
  // curl refuses while it has a buffer, and then goes on with that one.
  if (curl_easy_setopt(curl_, CURLOPT_BUFFERSIZE, bytes) == CURLE_OK) buffer_told_ = bytes;
}

void Easy::set_route() {
  const Endpoint& to = *endpoint_;
  if (route_set_ && route_.proxy == to.proxy && route_.no_proxy == to.no_proxy &&
      route_.ca_file == to.ca_file && route_.idle_seconds_max == to.idle_seconds_max)
    return;
  // Empty, not unset: unset, curl asks the environment at each request.
  set(CURLOPT_PROXY, to.proxy.c_str());
  set(CURLOPT_NOPROXY, to.no_proxy.c_str());
  set(CURLOPT_MAXAGE_CONN, static_cast<long>(to.idle_seconds_max));
  set_certificates(to.ca_file);
  route_ = to;
  route_set_ = refused_ == CURLE_OK;
}

void Easy::set_certificates(const std::string& ca_file) {
  const curl_version_info_data* curl = curl_version_info(CURLVERSION_NOW);
  const char* file = ca_file.empty() ? curl->cainfo : ca_file.c_str();
  trusted_file_.clear();
  if (file && TrustStores::usable()) {
    // on_tls_context() brings what is in the file. curl is told of a directory instead, where it
    // looks for nothing: it takes a pooled connection again only for the same one.
    trusted_file_ = file;
    set(CURLOPT_CAINFO, nullptr);
    set(CURLOPT_CAPATH, file);
    set(CURLOPT_PROXY_CAINFO, nullptr);
    set(CURLOPT_PROXY_CAPATH, file);
    return;
  }
  // A directory only where there is no file: curl keeps the parsed file for the connections that
  // follow, but not when a directory is named too (7.88: lib/vtls/openssl.c, cached_x509_store).
  const char* directory = file ? nullptr : curl->capath;
  set(CURLOPT_CAINFO, file);
  set(CURLOPT_CAPATH, directory);
  set(CURLOPT_PROXY_CAINFO, file);
  set(CURLOPT_PROXY_CAPATH, directory);
}

// For the provider and for a proxy that is spoken to with TLS alike.
CURLcode Easy::on_tls_context(void* context) {
  if (trusted_file_.empty()) return CURLE_OK;
  return trust_stores_.apply(static_cast<SSL_CTX*>(context), trusted_file_)
             ? CURLE_OK
             : CURLE_SSL_CACERT_BADFILE;
}

void Easy::cut() {
  sink_ = nullptr;
  owner_ = nullptr;
  endpoint_ = nullptr;
  body_.cut();
}

void Easy::clear() {
  cut();
  body_.clear();
  headers_.clear();
  head_.reset();
  origin = nullptr;
  resume_wanted = false;
  paused = false;
  connections_ = 0;
  complete_ = false;
  stale_ = false;
  body_needed_ = false;
  system_error_ = 0;
  error_text_[0] = '\0';
}

TransferResult Easy::result(CURLcode code) {
  complete_ = code == CURLE_OK;
  Outcome outcome{*endpoint_};
  outcome.code = stale_ ? CURLE_GOT_NOTHING : code;
  outcome.request_sent = connections_ > 0;
  outcome.head_begun = head_.begun();
  outcome.head_complete = head_.complete();
  outcome.curl_text = error_text_;
  outcome.refusal = head_.problem();
  long system_error = 0;
  curl_easy_getinfo(curl_, CURLINFO_OS_ERRNO, &system_error);
  outcome.system_error = system_error_ ? system_error_ : static_cast<int>(system_error);
  curl_easy_getinfo(curl_, CURLINFO_HTTP_CONNECTCODE, &outcome.proxy_status);
  TransferResult result = explain(outcome);
  result.stale = stale_;
  return result;
}

// ---- Called by curl. The sink may cut() us in each: look at sink_ again afterwards.

// curl replaces a pooled connection that dies under a request by itself (7.88: Curl_retry_request
// in lib/transfer.c), also when all of the request had been sent. Whether to ask twice, and pay
// twice, is for the relay to decide.
bool Easy::would_resend() {
  if (connections_ == 0) return false;
  long sent = 0;
  curl_easy_getinfo(curl_, CURLINFO_REQUEST_SIZE, &sent);
  stale_ = sent > 0;
  return stale_;
}

int Easy::on_prereq() {
  if (!sink_ || would_resend()) return CURL_PREREQFUNC_ABORT;
  ++connections_;
  long opened = 0;
  curl_easy_getinfo(curl_, CURLINFO_NUM_CONNECTS, &opened);
  sink_->on_connected(/*reused=*/opened == 0);
  return sink_ ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

std::size_t Easy::on_header(std::string_view line) {
  if (!sink_) return 0;
  switch (head_.line(line)) {
    case HeadReader::Step::more:
      return line.size();
    case HeadReader::Step::refused:
      return 0;
    case HeadReader::Step::complete:
      release_body();
      sink_->on_head(head_.take());
      break;
  }
  return sink_ ? line.size() : 0;
}

// Once an answer has begun curl does not send the request again, so what is sent is done with: a
// stream may go on for hours. An answer can also come before all was sent.
void Easy::release_body() {
  curl_off_t sent = 0;
  curl_easy_getinfo(curl_, CURLINFO_SIZE_UPLOAD_T, &sent);
  if (sent < 0 || static_cast<std::uint64_t>(sent) < body_.size()) return;
  body_.release();
  body_needed_ = false;
}

std::size_t Easy::on_body(std::string_view bytes) {
  if (!sink_) return 0;
  const Flow flow = sink_->on_body(bytes);
  if (!sink_) return 0;
  if (flow == Flow::taken) return bytes.size();
  paused = true;
  return CURL_WRITEFUNC_PAUSE;
}

curl_socket_t Easy::on_open_socket(const curl_sockaddr& address) {
  if (would_resend()) return CURL_SOCKET_BAD;
  const curl_socket_t socket = shard->open_socket(*origin, address);
  if (socket == CURL_SOCKET_BAD) system_error_ = errno;
  return socket;
}

}  // namespace ccrelay::upstream
