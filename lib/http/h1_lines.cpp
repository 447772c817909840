#include "http/h1_lines.hpp"

#include "base/ascii.hpp"
#include "http/h1_grammar.hpp"

namespace ccrelay::http {
namespace {
constexpr std::size_t longest_framing_field = std::string_view("transfer-encoding").size();
}  // namespace

void H1Lines::begin_request() {
  place_ = Place::before;
  length_ = 0;
  fields_ = 0;
  trailers_ = false;
  objection_ = {0, {}};
}

void H1Lines::begin_trailers() {
  begin_request();
  place_ = Place::line;
  trailers_ = true;
}

std::size_t H1Lines::take(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !complete()) {
    // Most bytes of a head are those of a value.
    if (place_ == Place::value && is_value_char(bytes[taken])) {
      ++taken;
      continue;
    }
    if (objection_.status != 0 || !accepts(bytes[taken])) return taken;
    ++taken;
  }
  return complete() ? bytes.size() : taken;
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
        if (frames_a_message()) return object(400, "a trailer says how the body is framed");
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

// RFC 9110 section 6.5.1 forbids it. llhttp refuses some of these, others in its later versions
// only.
bool H1Lines::frames_a_message() const {
  return trailers_ && (base::iequals(trailer_name_, "content-length") ||
                       base::iequals(trailer_name_, "transfer-encoding"));
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
