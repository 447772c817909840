#pragma once

#include <cstddef>
#include <string_view>

namespace ccrelay::http {

/// Counts what a chunked body carries besides the body: sizes, extensions and trailers (RFC 9112
/// section 7.1). No body limit holds for them, so what is more than plain chunks need has the limit
/// of a head.
class FramingMeter {
 public:
  /// What a chunk may carry besides its bytes: line ends and a size of 16 hex digits.
  static constexpr std::size_t free_bytes = 20;

  void begin() { bytes_ = surplus_ = 0; }
  /// The bytes that come next; what of them is not said to be body is framing.
  void begin_piece(const char* at) { from_ = at; }
  /// Up to there it is framing; returns what was not counted before.
  std::string_view count_until(const char* at) {
    const std::string_view framing(from_, static_cast<std::size_t>(at - from_));
    bytes_ += framing.size();
    from_ = at;
    return framing;
  }
  /// All before it has been counted.
  void skip_body(std::string_view body) {
    surplus_ = surplus();
    bytes_ = 0;
    from_ = body.data() + body.size();
  }
  /// Beyond what the chunks need.
  std::size_t surplus() const { return surplus_ + (bytes_ > free_bytes ? bytes_ - free_bytes : 0); }

 private:
  const char* from_ = nullptr;
  std::size_t bytes_ = 0;    // since the last byte of body
  std::size_t surplus_ = 0;  // before that
};

}  // namespace ccrelay::http
