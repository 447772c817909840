#pragma once

#include <ccrelay/http.hpp>

#include <nghttp2/nghttp2.h>

#include <string>
#include <vector>

namespace ccrelay::http {

/// The fields of an answer's head as nghttp2 takes them; it copies them and makes the names lower
/// case. Fields that belong to a connection of HTTP/1.1 are left out (RFC 9113 section 8.2.2).
/// `head` outlives it.
class H2Fields {
 public:
  explicit H2Fields(const ResponseHead& head);
  H2Fields(const H2Fields&) = delete;
  H2Fields& operator=(const H2Fields&) = delete;

  const nghttp2_nv* data() const { return fields_.data(); }
  std::size_t size() const { return fields_.size(); }

 private:
  const std::string status_;
  std::vector<nghttp2_nv> fields_;
};

}  // namespace ccrelay::http
