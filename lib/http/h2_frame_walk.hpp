#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/h2_sink.hpp"

namespace ccrelay::http {

/// Goes over a client's frames (RFC 9113 section 4.1) and tells their heads: nghttp2 is silent
/// about what it drops. Pure; bytes are cut anywhere.
class H2FrameWalk {
 public:
  /// Calls `on_head(at, type, stream, length)` for each head that is complete, where `at` is the
  /// index in `bytes` of its last byte.
  template <class OnHead>
  void walk(std::string_view bytes, OnHead on_head) {
    for (std::size_t at = 0; at < bytes.size();) {
      if (skip_ > 0) {
        const std::size_t skipped = std::min<std::size_t>(skip_, bytes.size() - at);
        skip_ -= static_cast<std::uint32_t>(skipped);
        at += skipped;
        continue;
      }
      head_[known_++] = static_cast<std::uint8_t>(bytes[at++]);
      if (known_ < head_.size()) continue;
      known_ = 0;
      skip_ = number(0, 3);
      on_head(at - 1, head_[3], static_cast<StreamId>(number(5, 4) & 0x7fffffff), skip_);
    }
  }

 private:
  std::uint32_t number(std::size_t from, std::size_t count) const {
    std::uint32_t value = 0;
    for (std::size_t i = from; i < from + count; ++i) value = value << 8 | head_[i];
    return value;
  }

  std::uint32_t skip_ = 24;  // the preface, section 3.4
  std::size_t known_ = 0;    // bytes of the head
  std::array<std::uint8_t, 9> head_{};
};

}  // namespace ccrelay::http
