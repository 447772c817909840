#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/h1_lines.hpp"
#include "http/refusal.hpp"

namespace ccrelay::http {

/// Watches over what a chunked body has besides the body (RFC 9112 section 7.1), as H1Lines does
/// over a head. It sees the framing alone; where the bytes of the body are is llhttp's finding,
/// which expects_body() confirms.
class H1Chunks {
 public:
  explicit H1Chunks(std::size_t fields_max) : trailers_(fields_max) {}

  void begin();
  /// Takes framing; false at the first byte that must not be where it is.
  bool take(std::string_view framing);
  Refusal objection() const;

  /// A chunk's bytes stand here and nothing else may.
  bool expects_body() const { return place_ == Place::behind_body; }
  bool complete() const { return place_ == Place::trailers && trailers_.complete(); }

 private:
  enum class Place : std::uint8_t {
    size,
    extension,  // section 7.1.1
    quoted,     // within it
    size_lf,
    behind_body,
    behind_body_lf,
    trailers,
  };

  bool accepts(char c);

  H1Lines trailers_;
  Place place_ = Place::size;
  std::uint8_t digits_ = 0;
  bool last_ = true;  // only noughts so far
};

}  // namespace ccrelay::http
