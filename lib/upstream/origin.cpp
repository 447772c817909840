#include "upstream/origin.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "upstream/no_proxy.hpp"

namespace ccrelay::upstream {

namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

Url parse(const std::string& text, unsigned int flags) {
  Url url(curl_url());
  if (url && curl_url_set(url.get(), CURLUPART_URL, text.c_str(), flags) != CURLUE_OK) url.reset();
  return url;
}

std::string part(const Url& url, CURLUPart which, unsigned int flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

}  // namespace

Origin::Origin(const Destination& destination)
    : url_(destination.origin), ca_file_(destination.ca_file) {
  read_url();
  if (is_valid()) read_proxy(destination);
}

void Origin::write_key(std::string& key, const Destination& destination) {
  key.clear();
  for (const std::string* part :
       {&destination.origin, &destination.proxy, &destination.no_proxy, &destination.ca_file}) {
    key.append(*part).push_back('\n');
  }
}

void Origin::read_url() {
  const Url url = parse(url_, CURLU_DISALLOW_USER);
  if (!url) return;
  const std::string scheme = part(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return;
  tls_ = scheme == "https";
  plain_ = !tls_;
  host_ = part(url, CURLUPART_HOST);
  port_ = static_cast<unsigned>(
      base::parse_number(part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT)).value_or(0));
  // The scheme's own port is not named (RFC 9110 section 4.2.3).
  const std::string port = part(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
  head_lines_ = "Host: " + host_ + (port.empty() ? "" : ":" + port) + "\r\n";
}

void Origin::read_proxy(const Destination& destination) {
  if (destination.proxy.empty() || bypasses_proxy(destination.no_proxy, host_, port_)) return;
  proxy_ = destination.proxy;
  const bool has_scheme = proxy_.find("://") != std::string::npos;
  const Url url = parse(has_scheme ? proxy_ : "http://" + proxy_, CURLU_NON_SUPPORT_SCHEME);
  if (!url) return;  // curl will say what it thinks of it
  const std::string scheme = part(url, CURLUPART_SCHEME);
  if (scheme == "https") plain_ = false;
  // A SOCKS proxy carries bytes; an https provider is reached through a tunnel. curl makes both.
  if (tls_ || (scheme != "http" && scheme != "https")) return;
  absolute_form_ = true;
  const std::string user = part(url, CURLUPART_USER, CURLU_URLDECODE);
  const std::string password = part(url, CURLUPART_PASSWORD, CURLU_URLDECODE);
  if (user.empty() && password.empty()) return;
  head_lines_ +=
      "Proxy-Authorization: Basic " + base::base64_encoded(user + ":" + password) + "\r\n";
}

std::optional<std::string_view> Origin::target(std::string_view url, std::string& scratch) const {
  if (!is_valid() || !url.starts_with(url_)) return std::nullopt;
  url = url.substr(0, url.find('#'));
  std::string_view path = url.substr(std::min(url_.size(), url.size()));
  for (const char c : path) {
    // What would end the request line, or the word in it.
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') return std::nullopt;
  }
  const bool has_path = path.starts_with('/');
  if (!has_path && !path.empty() && path.front() != '?') return std::nullopt;
  if (absolute_form_ && has_path) return url;
  if (has_path) return path;
  scratch = absolute_form_ ? url_ : std::string();
  scratch.append("/").append(path);
  return scratch;
}

}  // namespace ccrelay::upstream
