#pragma once

#include <ccrelay/http.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/refusal.hpp"

namespace ccrelay::http {

/// The head of a request, put together from the fields of an HTTP/2 header block as they are
/// decoded. nghttp2 has checked the fields (RFC 9113 sections 8.2 and 8.3); what it lets pass and
/// HTTP/1.1 could not carry is refused here.
class H2Head {
 public:
  /// `bytes_max` bounds the list as RFC 9113 section 6.5.2 counts it: names, values, and 32 bytes
  /// for each field. `count_max` bounds the fields that are no pseudo-headers.
  H2Head(std::size_t bytes_max, std::size_t count_max)
      : bytes_max_(bytes_max), count_max_(count_max) {}

  void add(std::string_view name, std::string_view value);
  /// Whether the block was larger than it may be; its rest is not kept.
  bool too_large() const { return bytes_ > bytes_max_ || count_ > count_max_; }
  /// Whether it is so much larger that decoding it to its end is more than anybody is owed.
  bool absurd() const { return bytes_ > absurd_times * bytes_max_; }
  static constexpr std::size_t absurd_times = 4;
  Refusal too_large_refusal() const;
  /// The whole block has come. Gives the head away, or says why it is refused.
  std::optional<Refusal> finish(RequestHead& head);

 private:
  std::optional<Refusal> check() const;
  Refusal size_refusal() const;

  const std::size_t bytes_max_;
  const std::size_t count_max_;
  std::size_t bytes_ = 0;
  std::size_t count_ = 0;
  RequestHead head_;
  std::string authority_;
  std::string cookies_;
};

}  // namespace ccrelay::http
