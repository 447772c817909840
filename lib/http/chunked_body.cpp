#include "http/chunked_body.hpp"

#include "http/characters.hpp"

namespace ccrelay::http {
namespace {

constexpr std::uint8_t digits_max = 16;  // 64 bits

unsigned digit_of(char c) {
  return c <= '9' ? static_cast<unsigned>(c - '0') : (static_cast<unsigned>(c) | 0x20U) - 'a' + 10U;
}

}  // namespace

void ChunkedBody::begin(std::size_t surplus_bytes_max) {
  place_ = Place::size;
  digits_ = 0;
  left_ = 0;
  announced_.reset();
  framing_bytes_ = surplus_bytes_ = 0;
  surplus_bytes_max_ = surplus_bytes_max;
  objection_ = {0, {}};
}

std::string_view ChunkedBody::next(std::string_view& bytes) {
  while (!bytes.empty() && !complete() && objection_.status == 0) {
    if (place_ == Place::body) {
      const std::string_view run = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
      bytes.remove_prefix(run.size());
      left_ -= run.size();
      if (left_ == 0) place_ = Place::behind_body;
      if (framing_bytes_ > free_bytes) surplus_bytes_ += framing_bytes_ - free_bytes;
      framing_bytes_ = 0;
      return run;
    }
    const std::size_t room = framing_room();
    if (room == 0) {
      objection_ = {431, "chunk extensions and trailers are too long"};
      break;
    }
    std::size_t taken = take_plain(bytes.substr(0, room));
    if (taken == 0 && place_ == Place::trailers) {
      taken = take_trailers(bytes.substr(0, room));
    } else if (taken == 0) {
      if (!accepts(bytes.front())) {
        object();
        break;
      }
      taken = 1;
    }
    framing_bytes_ += taken;
    bytes.remove_prefix(taken);
  }
  return {};
}

// What nearly every chunk has around it, in one look: a line break behind it, and then the next
// one's size with a line break. All else, and what is cut, goes byte by byte: 0.
std::size_t ChunkedBody::take_plain(std::string_view bytes) {
  constexpr std::string_view line_break = "\r\n";
  std::size_t begin = 0;
  if (place_ == Place::behind_body) {
    if (!bytes.starts_with(line_break)) return 0;
    begin = line_break.size();
    place_ = Place::size;
    digits_ = 0;
  }
  if (place_ != Place::size || digits_ > 0) return begin;
  std::uint64_t size = 0;
  std::size_t end = begin;
  while (end < bytes.size() && end - begin < digits_max && is_hex(bytes[end])) {
    size = size << 4 | digit_of(bytes[end++]);
  }
  if (size == 0 || !bytes.substr(end).starts_with(line_break)) return begin;
  place_ = Place::body;
  left_ = size;
  announced_ = size;
  return end + line_break.size();
}

// How many bytes of framing may still come before the next byte of body.
std::size_t ChunkedBody::framing_room() const {
  return surplus_bytes_max_ - surplus_bytes_ + free_bytes - framing_bytes_;
}

void ChunkedBody::object() {
  switch (place_) {
    case Place::size:
    case Place::blank:
      objection_ = {400, "a chunk's size is not up to 16 hexadecimal digits"};
      break;
    case Place::extension:
    case Place::quoted:
    case Place::escaped:
      objection_ = {400, "a chunk's extension has a character that none may have"};
      break;
    default:
      objection_ = {400, "CRLF is missing behind a chunk or its size"};
      break;
  }
}

bool ChunkedBody::accepts(char c) {
  switch (place_) {
    case Place::size:
      if (is_hex(c)) {
        left_ = left_ << 4 | digit_of(c);
        return ++digits_ <= digits_max;
      }
      if (digits_ == 0) return false;
      if (c == ' ' || c == '\t') {
        place_ = Place::blank;
        return true;
      }
      if (c != '\r' && c != ';') return false;
      place_ = c == ';' ? Place::extension : Place::size_lf;
      return true;
    case Place::blank:
      if (c == ';') place_ = Place::extension;
      if (c == '\r' && !is_strict_) place_ = Place::size_lf;
      return c == ' ' || c == '\t' || place_ != Place::blank;
    case Place::extension:
    case Place::quoted:
    case Place::escaped:
      return accepts_in_extension(c);
    case Place::size_lf:
      if (c != '\n') return false;
      if (left_ > 0) {
        place_ = Place::body;
        announced_ = left_;
        return true;
      }
      place_ = Place::trailers;
      trailers_.begin_trailers();
      line_empty_ = true;
      after_cr_ = false;
      return true;
    case Place::behind_body:
      place_ = Place::behind_body_lf;
      return c == '\r';
    case Place::behind_body_lf:
      place_ = Place::size;
      digits_ = 0;
      return c == '\n';
    default:
      return false;
  }
}

// Nobody here knows any of them, so what they consist of is all that counts.
bool ChunkedBody::accepts_in_extension(char c) {
  if (place_ == Place::escaped) {
    place_ = Place::quoted;
    return is_value_char(c);
  }
  if (place_ == Place::quoted) {
    if (c == '"') place_ = Place::extension;
    if (c == '\\') place_ = Place::escaped;
    return is_value_char(c);
  }
  if (c == '\r') {
    place_ = Place::size_lf;
    return true;
  }
  if (c == '"') place_ = Place::quoted;
  return c == '"' || c == ';' || c == '=' || c == ' ' || c == '\t' || is_token_char(c);
}

std::size_t ChunkedBody::take_trailers(std::string_view bytes) {
  if (!is_strict_) return skip_trailers(bytes);
  const std::size_t taken = trailers_.take(bytes);
  objection_ = trailers_.objection();
  if (trailers_.complete()) place_ = Place::complete;
  return taken;
}

std::size_t ChunkedBody::skip_trailers(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (after_cr_ && c != '\n') {
      objection_ = {400, "a CR stands without its LF"};
      return at;
    }
    after_cr_ = c == '\r';
    if (c == '\n') {
      if (std::exchange(line_empty_, true)) {
        place_ = Place::complete;
        return at + 1;
      }
    } else if (c != '\r') {
      line_empty_ = false;
    }
  }
  return bytes.size();
}

}  // namespace ccrelay::http
