#include "http/h1_chunks.hpp"

#include "http/characters.hpp"

namespace ccrelay::http {
namespace {
constexpr std::uint8_t digits_max = 16;  // 64 bits
}  // namespace

void H1Chunks::begin() {
  place_ = Place::size;
  digits_ = 0;
  last_ = true;
}

bool H1Chunks::take(std::string_view framing) {
  while (!framing.empty() && place_ != Place::trailers) {
    if (!accepts(framing.front())) return false;
    framing.remove_prefix(1);
  }
  return framing.empty() || trailers_.take(framing) == framing.size();
}

Refusal H1Chunks::objection() const {
  if (trailers_.objection().status != 0 && place_ == Place::trailers) return trailers_.objection();
  switch (place_) {
    case Place::size:
      return {400, "a chunk's size is not up to 16 hexadecimal digits"};
    case Place::extension:
    case Place::quoted:
      return {400, "a chunk's extension has a character that none may have"};
    default:
      return {400, "CRLF is missing behind a chunk or its size"};
  }
}

bool H1Chunks::accepts(char c) {
  switch (place_) {
    case Place::size:
      if (is_hex(c)) {
        if (c != '0') last_ = false;
        return ++digits_ <= digits_max;
      }
      if (digits_ == 0) return false;
      if (c != '\r' && c != ';') return false;
      place_ = c == ';' ? Place::extension : Place::size_lf;
      return true;
    case Place::extension:
      // No blanks, though "bad" ones would have to be borne: no sender makes them, and llhttp's
      // versions differ about them.
      if (c == '\r') {
        place_ = Place::size_lf;
      } else if (c == '"') {
        place_ = Place::quoted;
      } else {
        return c == ';' || c == '=' || is_token_char(c);
      }
      return true;
    case Place::quoted:
      // Nor quoted pairs, for the same reasons.
      if (c == '"') place_ = Place::extension;
      return c != '\\' && is_value_char(c);
    case Place::size_lf:
      if (c != '\n') return false;
      place_ = last_ ? Place::trailers : Place::behind_body;
      if (last_) trailers_.begin_trailers();
      return true;
    case Place::behind_body:
      if (c != '\r') return false;
      place_ = Place::behind_body_lf;
      return true;
    case Place::behind_body_lf:
      if (c != '\n') return false;
      begin();
      return true;
    case Place::trailers:
      return true;
  }
  return false;
}

}  // namespace ccrelay::http
