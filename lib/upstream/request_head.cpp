#include "upstream/request_head.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "http/runs.hpp"

namespace ccrelay::upstream {

namespace {

// These have a length even without a body: "Content-Length: 0" (RFC 9110 section 8.6).
bool has_length(std::string_view method, std::uint64_t body_bytes) {
  return body_bytes > 0 || method == "POST" || method == "PUT" || method == "PATCH";
}

void append_value(std::string& to, std::string_view value) {
  const std::size_t begin = to.size();
  to.append(value);
  const char* const end = value.data() + value.size();
  if (http::end_of_value(value.data(), end) == end) return;  // as nearly always
  std::replace_if(
      to.begin() + static_cast<std::ptrdiff_t>(begin), to.end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
}

}  // namespace

std::string print_request_head(std::string_view method, std::string_view target,
                               std::string_view lines, const Headers& headers,
                               std::uint64_t body_bytes) {
  std::size_t size = method.size() + target.size() + lines.size() + 64;
  for (const Header field : headers) size += field.name.size() + field.value.size() + 4;
  std::string head;
  head.reserve(size);
  head.append(method).append(" ").append(target).append(" HTTP/1.1\r\n").append(lines);
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const base::HeaderName known = headers.known_name(i);
    const Header field = headers[i];
    if (known == base::HeaderName::other ? !http::is_token(field.name)
                                         : base::has_flag(known, base::sender_writes)) {
      continue;
    }
    head.append(field.name).append(": ");
    append_value(head, base::trim(field.value));
    head.append("\r\n");
  }
  if (has_length(method, body_bytes)) {
    char digits[24];
    char* const end = std::to_chars(digits, std::end(digits), body_bytes).ptr;
    head.append("Content-Length: ").append(std::begin(digits), end).append("\r\n");
  }
  head.append("\r\n");
  return head;
}

}  // namespace ccrelay::upstream
