#pragma once

#include <ccrelay/http.hpp>

#include <curl/curl.h>

#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::upstream {

/// The header lines of one request in the form curl reads: a list of C strings, all in one buffer.
/// curl copies neither, so this stays as it is until curl has let go of the transfer. Belongs to an
/// Easy, which uses it again and again.
class RequestHeaders {
 public:
  /// Copies `headers` but for Content-Length, Transfer-Encoding and Expect (the framing is curl's)
  /// and names that are no token; line breaks inside a value become blanks. Adds what keeps curl
  /// from sending fields of its own.
  void assign(const Headers& headers, bool has_body);
  void clear();

  /// Valid until the next change; null when there is nothing to say.
  curl_slist* list() { return nodes_.empty() ? nullptr : nodes_.data(); }

 private:
  void add(std::string_view name, std::string_view value);
  void suppress(std::string_view name);
  void link();

  std::string text_;  // lines, each ending in NUL
  std::vector<std::size_t> starts_;
  std::vector<curl_slist> nodes_;
};

}  // namespace ccrelay::upstream
