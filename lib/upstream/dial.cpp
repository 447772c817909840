#include "upstream/dial.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/ascii.hpp"
#include "base/assert.hpp"
#include "upstream/curl_channel.hpp"
#include "upstream/plain_channel.hpp"
#include "upstream/second_descriptor.hpp"

namespace ccrelay::upstream {

namespace {

// Timeouts are the relay's: it destroys the transfer. curl's default of 300 s must not come first.
constexpr long connect_timeout_ms = 24L * 60 * 60 * 1000;

bool is_exhausted(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

// Whoever looks up names needs descriptors too, and tells of none that were missing.
bool no_descriptor() {
  const int one = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (one < 0) return is_exhausted(errno);
  ::close(one);
  return false;
}

}  // namespace

Dial::Dial(Dialers& dialers, const Origin& origin, DialSink& sink)
    : dialers_(dialers),
      origin_(origin),
      sink_(sink),
      proxy_headers_(nullptr, &curl_slist_free_all),
      handle_(std::make_unique<CurlHandle>(dialers)) {}

Dial& Dial::of(CURL* curl) {
  char* self = nullptr;
  curl_easy_getinfo(curl, CURLINFO_PRIVATE, &self);
  return *reinterpret_cast<Dial*>(self);
}

template <class Value>
void Dial::set(CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(handle_->get(), option, value);
  if (code != CURLE_OK && refused_ == CURLE_OK) refused_ = code;
}

CURLcode Dial::start() {
  if (!origin_.is_valid()) return CURLE_URL_MALFORMAT;
  set_constants();
  CCRELAY_ASSERT(refused_ == CURLE_OK, "libcurl is 7.80 or later, with TLS");
  set_route();
  set_certificates();
  if (refused_ != CURLE_OK) return refused_;
  return handle_->join() == CURLM_OK ? CURLE_OK : CURLE_FAILED_INIT;
}

void Dial::set_constants() {
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  set(CURLOPT_SHARE, dialers_.share());
  set(CURLOPT_ERRORBUFFER, error_text_);
  set(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
  // Without it, cancelling waits for the resolver's thread to end.
  set(CURLOPT_QUICK_EXIT, 1L);
#endif
  set(CURLOPT_CONNECT_ONLY, 1L);
  // Nothing but a proxy's head is read into it. By default it is 16 KB a handle, and when thousands
  // of requests come at once there are as many.
  set(CURLOPT_BUFFERSIZE, 1024L);
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
#if LIBCURL_VERSION_NUM >= 0x075500
  set(CURLOPT_PROTOCOLS_STR, "http,https");
#else
  set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  // The words of a proxy that refuses are not for standard output.
  set(
      CURLOPT_WRITEFUNCTION,
      +[](char*, std::size_t, std::size_t size, void*) noexcept { return size; });
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set(
      CURLOPT_OPENSOCKETFUNCTION,
      +[](void* self, curlsocktype, curl_sockaddr* address) noexcept -> curl_socket_t {
        return static_cast<Dial*>(self)->open_socket(*address);
      });
  if (!TrustStores::usable()) return;
  set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
  set(
      CURLOPT_SSL_CTX_FUNCTION, +[](CURL*, void* context, void* self) noexcept -> CURLcode {
        return static_cast<Dial*>(self)->on_tls_context(context);
      });
}

void Dial::set_route() {
  set(CURLOPT_URL, origin_.url().c_str());
  // Empty, not unset: unset, curl asks the environment.
  set(CURLOPT_PROXY, origin_.proxy().c_str());
  set(CURLOPT_NOPROXY, "");  // the origin has decided
  if (origin_.proxy().empty()) return;
  // A field of curl's own for proxies of another age.
  proxy_headers_.reset(curl_slist_append(nullptr, "Proxy-Connection:"));
  set(CURLOPT_PROXYHEADER, proxy_headers_.get());
}

void Dial::set_certificates() {
  const curl_version_info_data* curl = curl_version_info(CURLVERSION_NOW);
  const std::string& ca_file = origin_.ca_file();
  const char* file = ca_file.empty() ? curl->cainfo : ca_file.c_str();
  if (file && TrustStores::usable()) {
    // on_tls_context() brings what is in the file. curl is told of a directory instead, where it
    // looks for nothing: without one it would keep a store for all dials that name no file, and
    // take that instead of ours (7.88: lib/vtls/openssl.c, cached_x509_store).
    trusted_file_ = file;
    set(CURLOPT_CAINFO, static_cast<const char*>(nullptr));
    set(CURLOPT_CAPATH, file);
    set(CURLOPT_PROXY_CAINFO, static_cast<const char*>(nullptr));
    set(CURLOPT_PROXY_CAPATH, file);
    return;
  }
  const char* directory = file ? nullptr : curl->capath;
  set(CURLOPT_CAINFO, file);
  set(CURLOPT_CAPATH, directory);
  set(CURLOPT_PROXY_CAINFO, file);
  set(CURLOPT_PROXY_CAPATH, directory);
}

void Dial::finished(CURLcode code) {
  if (code == CURLE_OK) {
    if (std::unique_ptr<Channel> channel = make_channel())
      return sink_.on_dialed(std::move(channel));
    code = CURLE_COULDNT_CONNECT;
  }
  const DialFailure why = failure(code);
  handle_.reset();
  sink_.on_dial_failed(why);
}

// Null where it is another library's, or where TLS runs inside the TLS of a proxy: then what the
// inner one holds is not all.
const ssl_st* Dial::tls_session() const {
  if (!TrustStores::usable() || base::istarts_with(origin_.proxy(), "https:")) return nullptr;
  curl_tlssessioninfo* info = nullptr;
  const CURLcode code = curl_easy_getinfo(handle_->get(), CURLINFO_TLS_SSL_PTR, &info);
  if (code != CURLE_OK || !info || info->backend != CURLSSLBACKEND_OPENSSL) return nullptr;
  return static_cast<const SSL*>(info->internals);
}

std::unique_ptr<Channel> Dial::make_channel() {
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(handle_->get(), CURLINFO_ACTIVESOCKET, &socket);
  if (socket == CURL_SOCKET_BAD) return nullptr;
  if (!origin_.is_plain()) {
    // What it points to goes with the dial.
    curl_easy_setopt(handle_->get(), CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
    const SSL* const session = tls_session();
    return std::make_unique<CurlChannel>(std::move(handle_), socket, session, std::move(records_));
  }
  // curl closes its own descriptor; by the second one the connection goes on without curl, which
  // costs a third of the time and of the memory.
  const int own = second_descriptor(socket);
  if (own < 0) {
    system_error_ = errno;
    return nullptr;
  }
  auto channel = std::make_unique<PlainChannel>(own);
  handle_.reset();
  return channel;
}

DialFailure Dial::failure(CURLcode code) const {
  DialFailure why{code, system_error_, 0, error_text_};
  long system_error = 0;
  curl_easy_getinfo(handle_->get(), CURLINFO_OS_ERRNO, &system_error);
  if (why.system_error == 0) why.system_error = static_cast<int>(system_error);
  curl_easy_getinfo(handle_->get(), CURLINFO_HTTP_CONNECTCODE, &why.proxy_status);
  why.exhausted = is_exhausted(why.system_error) || code == CURLE_OUT_OF_MEMORY || no_descriptor();
  return why;
}

// ---- Called by curl

curl_socket_t Dial::open_socket(const curl_sockaddr& address) {
  sink_.on_name_known();
  const curl_socket_t socket =
      ::socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
  if (socket == CURL_SOCKET_BAD) system_error_ = errno;
  return socket;
}

// For the provider and for a proxy that is spoken to with TLS alike.
CURLcode Dial::on_tls_context(void* context) {
  // One read takes what the socket has, not a record's head and then the record: a channel is read
  // until it has no more, so nothing is left behind in OpenSSL's buffer unseen.
  SSL_CTX_set_read_ahead(static_cast<SSL_CTX*>(context), 1);
  records_->watch(static_cast<SSL_CTX*>(context));
  if (trusted_file_.empty()) return CURLE_OK;
  return dialers_.trust_stores().apply(static_cast<SSL_CTX*>(context), trusted_file_)
             ? CURLE_OK
             : CURLE_SSL_CACERT_BADFILE;
}

}  // namespace ccrelay::upstream
