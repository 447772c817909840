#include "http/h1_lines.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "http/runs.hpp"

namespace ccrelay::http {
namespace {

constexpr std::size_t longest_framing_field = std::string_view("transfer-encoding").size();

// RFC 9110 section 6.5.1 forbids it in trailers. llhttp refuses some of these, others in its later
// versions only.
bool frames_a_message(std::string_view name) {
  return base::iequals(name, "content-length") || base::iequals(name, "transfer-encoding");
}

}  // namespace

void H1Lines::begin_request() {
  place_ = Place::before;
  length_ = 0;
  fields_ = field_bytes_ = 0;
  trailers_ = false;
  objection_ = {0, {}};
}

void H1Lines::begin_trailers() {
  begin_request();
  place_ = Place::line;
  trailers_ = true;
}

std::size_t H1Lines::take(std::string_view bytes) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (objection_.status == 0 && !complete()) {
    at = pass_over_run(at, end);
    if (at == end || !accepts(*at)) break;
    ++at;
  }
  return static_cast<std::size_t>(at - bytes.data());
}

// What needs no decision, which is nearly everything.
const char* H1Lines::pass_over_run(const char* at, const char* end) {
  constexpr std::string_view version = "HTTP/1.1\r\n";
  switch (place_) {
    case Place::target: {
      const char* const from = at;
      at = std::find_if_not(at, end, is_target_char);
      if (at != from) length_ = 1;
      return at;
    }
    case Place::version:
      if (length_ > 0 || !std::string_view(at, end).starts_with(version)) return at;
      place_ = Place::line;
      return pass_over_fields(at + version.size(), end);
    case Place::line:
      return pass_over_fields(at, end);
    case Place::value:
      return end_of_value(at, end);
    default:
      return at;
  }
}

// Lines that have come whole and are nothing but a name, a colon and a value.
const char* H1Lines::pass_over_fields(const char* at, const char* end) {
  for (; fields_ < fields_max_; ++fields_) {
    const char* const colon = end_of_token(at, end);
    if (colon == at || colon == end || *colon != ':') break;
    const char* const cr = end_of_value(colon, end);
    if (end - cr < 2 || cr[0] != '\r' || cr[1] != '\n') break;
    if (trailers_ && frames_a_message({at, colon})) break;
    field_bytes_ += static_cast<std::size_t>(cr - at);
    at = cr + 2;
  }
  return at;
}

bool H1Lines::accepts(char c) {
  switch (place_) {
    case Place::before:
      if (c == '\r') {
        place_ = Place::before_lf;
        return true;
      }
      if (!is_token_char(c)) return object(400, "no request line begins like this");
      place_ = Place::method;
      return true;
    case Place::before_lf:
      if (c != '\n') return object(400, "a CR stands without its LF");
      place_ = Place::before;
      return true;
    case Place::method:
      if (is_token_char(c)) return true;
      if (c != ' ') return object(400, "the method is no token");
      place_ = Place::target;
      length_ = 0;
      return true;
    case Place::target:
      if (c == ' ' && length_ > 0) {
        place_ = Place::version;
        length_ = 0;
        return true;
      }
      if (!is_target_char(c)) {
        return object(400, c == '#' ? "the request target has a fragment"
                           : c == '\r' || c == '\n'
                               ? "the request line has no version"
                               : "the request target has a character that must be escaped");
      }
      length_ = 1;
      return true;
    case Place::version:
      return accepts_version(c);
    case Place::version_lf:
    case Place::value_lf:
      if (c != '\n') return object(400, "a CR stands without its LF");
      if (place_ == Place::version_lf && (major_ != '1' || minor_ > '1')) {
        return object(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
      }
      place_ = Place::line;
      return true;
    case Place::line:
      if (c == '\r') {
        place_ = Place::last_lf;
        return true;
      }
      // Folded (RFC 9112 section 5.2), or between the request line and the first header.
      if (c == ' ' || c == '\t') return object(400, "a header line begins with a blank");
      if (++fields_ > fields_max_) {
        return object(431, "there are more than " + std::to_string(fields_max_) +
                               " headers (server.max_headers)");
      }
      if (c == ':') return object(400, "a header has no name");
      place_ = Place::name;
      trailer_name_.clear();
      [[fallthrough]];
    case Place::name:
      if (is_token_char(c)) {
        if (trailers_ && trailer_name_.size() <= longest_framing_field) trailer_name_ += c;
        return true;
      }
      if (c == ':') {
        if (trailers_ && frames_a_message(trailer_name_))
          return object(400, "a trailer says how the body is framed");
        place_ = Place::value;
        return true;
      }
      return object(400, c == ' ' || c == '\t' ? "a header's name has a blank in or behind it"
                         : c == '\r' || c == '\n'
                             ? "a header has no colon"
                             : "a header's name has a character that no name may have");
    case Place::value:
      if (c == '\r') {
        place_ = Place::value_lf;
        return true;
      }
      if (is_value_char(c)) return true;
      return object(400, c == '\n' ? "a line ends with LF alone"
                                   : "a header's value has a control character");
    case Place::last_lf:
      if (c != '\n') return object(400, "a CR stands without its LF");
      place_ = Place::complete;
      return true;
    case Place::complete:
      return true;
  }
  return false;
}

// HTTP-version = "HTTP" "/" DIGIT "." DIGIT (RFC 9112 section 2.3), then CR.
bool H1Lines::accepts_version(char c) {
  constexpr std::string_view pattern = "HTTP/1.1\r";
  const bool digit = length_ == 5 || length_ == 7;
  if (digit ? c < '0' || c > '9' : c != pattern[length_]) {
    return object(400, c == '\n' ? "a line ends with LF alone"
                                 : "the request line does not end with HTTP/1.1");
  }
  if (length_ == 5) major_ = c;
  if (length_ == 7) minor_ = c;
  if (++length_ == pattern.size()) place_ = Place::version_lf;
  return true;
}

bool H1Lines::object(int status, std::string message) {
  objection_ = {status, std::move(message)};
  return false;
}

}  // namespace ccrelay::http
