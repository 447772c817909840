#include "upstream/transfer_result.hpp"

#include <cstring>

namespace ccrelay::upstream {

namespace {

// The host and port of a URL, without the user and password that a proxy's may have.
std::string_view host_and_port(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos)
    url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const auto user = url.rfind('@'); user != std::string_view::npos) url.remove_prefix(user + 1);
  return url;
}

End kind_of(const TransferFacts& outcome) {
  if (!outcome.refusal.empty()) return End::protocol;
  if (outcome.exhausted && !outcome.request_sent) return End::exhausted;
  const End lost = outcome.request_sent ? End::reset : End::connect;
  switch (outcome.code) {
    case CURLE_OK:
      return outcome.head_complete ? End::complete : End::reset;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_USE_SSL_FAILED:
      return End::tls;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
    case CURLE_URL_MALFORMAT:
      return End::connect;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
      return lost;
    case CURLE_RECV_ERROR:
      return lost;
    default:
      return End::connect;
  }
}

std::string connect_detail(const TransferFacts& outcome, const std::string& host,
                           const std::string& proxy) {
  const std::string by_proxy = proxy.empty() ? "" : " (configured proxy: " + proxy + ")";
  if (outcome.proxy_status >= 300)
    return "the proxy " + proxy + " answered " + std::to_string(outcome.proxy_status) +
           " when asked for a tunnel to " + host +
           "; check that it allows this and its credentials";
  switch (outcome.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "cannot resolve " + host + "; check the host name in base_url and this machine's DNS";
    case CURLE_COULDNT_RESOLVE_PROXY:
      return "cannot resolve the proxy " + proxy + "; check the proxy setting";
    case CURLE_URL_MALFORMAT:
      return "the URL for " + host + " is not valid; check base_url";
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT: {
      const std::string why =
          outcome.system_error ? ": " + std::string(std::strerror(outcome.system_error)) : "";
      return "cannot connect to " + host + why + by_proxy +
             "; check base_url and that it can be reached from here";
    }
    default: {
      const std::string_view why =
          outcome.curl_text.empty() ? curl_easy_strerror(outcome.code) : outcome.curl_text;
      return "no connection to " + host + ": " + std::string(why) + by_proxy;
    }
  }
}

std::string tls_detail(const TransferFacts& outcome, const std::string& host) {
  const std::string ca = outcome.destination.ca_file;
  if (outcome.code == CURLE_SSL_CACERT_BADFILE)
    return ca.empty() ? "cannot read this machine's CA certificates to verify " + host +
                            "; install them (package ca-certificates) or set ca_file"
                      : "cannot read ca_file " + ca + " to verify " + host +
                            "; it must be a readable PEM file of CA certificates";
  const std::string_view why =
      outcome.curl_text.empty() ? curl_easy_strerror(outcome.code) : outcome.curl_text;
  const std::string failed = "TLS with " + host + " failed: " + std::string(why);
  const auto says = [why](std::string_view words) {
    return why.find(words) != std::string_view::npos;
  };
  if (says("expired")) return failed + "; its certificate must be renewed, or this clock is wrong";
  if (says("issuer") || says("self-signed") || says("self signed"))
    return failed + (ca.empty() ? "; if its CA is a private one, name its file in ca_file"
                                : "; its CA is not in ca_file " + ca);
  if (says("subject name")) return failed + "; the certificate is for another host: check base_url";
  if (outcome.code == CURLE_SSL_CONNECT_ERROR)
    return failed + "; check that base_url's port speaks TLS";
  return failed;
}

std::string reset_detail(const TransferFacts& outcome, const std::string& host) {
  if (outcome.head_complete) return host + " closed the connection inside its answer";
  if (outcome.head_begun) return host + " closed the connection inside the head of its answer";
  if (outcome.code == CURLE_GOT_NOTHING) return host + " closed the connection without an answer";
  return host + " cut the connection before its answer";
}

std::string protocol_detail(const TransferFacts& outcome, const std::string& host) {
  return "the answer of " + host + " is not valid HTTP/1.1: " + std::string(outcome.refusal) +
         "; check that base_url names an HTTP server";
}

}  // namespace

TransferResult explain(const TransferFacts& outcome) {
  TransferResult result{kind_of(outcome), "", outcome.request_sent};
  if (result.end == End::complete) return result;
  const std::string host(host_and_port(outcome.destination.origin));
  const std::string proxy(host_and_port(outcome.destination.proxy));
  switch (result.end) {
    case End::complete:
      break;  // nothing to explain
    case End::exhausted:
      result.detail = "this machine has no descriptor or memory left for a connection to " + host +
                      "; allow more descriptors (ulimit -n, LimitNOFILE=)";
      break;
    case End::connect:
      result.detail = connect_detail(outcome, host, proxy);
      break;
    case End::tls:
      result.detail = tls_detail(outcome, host);
      break;
    case End::reset:
      result.detail = reset_detail(outcome, host);
      break;
    case End::protocol:
      result.detail = protocol_detail(outcome, host);
      break;
  }
  return result;
}

}  // namespace ccrelay::upstream
