#pragma once

#include <map>

#include "fuzz/input.hpp"
#include "support/h2_frames.hpp"

namespace ccrelay::fuzz {

namespace h2 = testing::h2;

/// What a client would read of a server's HTTP/2 frames: every frame one that RFC 9113 section 6
/// allows at its place, every answer's fields readable.
class FramesSeen {
 public:
  struct Stream {
    int status = 0;  ///< of the final head; 0 before it
    std::uint64_t body = 0;
    bool ended = false;
    bool reset = false;
  };

  /// Whole frames.
  void read(std::string_view wire) {
    for (const h2::Frame& frame : h2::take_frames(wire)) read(frame);
    FUZZ_CHECK(wire.empty());
  }
  const Stream& stream(std::uint32_t id) { return streams_[id]; }
  const std::map<std::uint32_t, Stream>& streams() const { return streams_; }
  std::size_t acknowledgements() const { return acknowledgements_; }
  bool goaway() const { return goaway_; }
  /// All streams together.
  std::uint64_t body_bytes() const { return body_bytes_; }

 private:
  static constexpr std::size_t frame_bytes_max = 16384;  // nobody was told of more

  void read(const h2::Frame& frame) {
    FUZZ_CHECK(frame.payload.size() <= frame_bytes_max);
    if (first_) FUZZ_CHECK(frame.type == h2::settings && (frame.flags & h2::ack) == 0);
    first_ = false;
    // A header block is never interrupted.
    FUZZ_CHECK((frame.type == h2::continuation) == (block_of_ != 0));
    switch (frame.type) {
      case h2::data:
        read_data(frame);
        break;
      case h2::headers:
        block_of_ = frame.stream;
        block_ends_stream_ = frame.ends_stream();
        FUZZ_CHECK((frame.flags & (h2::padded | h2::prioritised)) == 0);
        read_block(frame);
        break;
      case h2::continuation:
        FUZZ_CHECK(block_of_ == frame.stream);
        read_block(frame);
        break;
      case h2::rst_stream:
        FUZZ_CHECK(frame.payload.size() == 4 && is_clients(frame.stream));
        streams_[frame.stream].reset = true;
        break;
      case h2::settings:
        FUZZ_CHECK(frame.stream == 0 && frame.payload.size() % 6 == 0);
        if (frame.flags & h2::ack) {
          FUZZ_CHECK(frame.payload.empty());
          ++acknowledgements_;
        }
        break;
      case h2::ping:
        FUZZ_CHECK(frame.stream == 0 && frame.payload.size() == 8);
        if (frame.flags & h2::ack) ++acknowledgements_;
        break;
      case h2::goaway: {
        FUZZ_CHECK(frame.stream == 0 && frame.payload.size() >= 8);
        const std::uint32_t last = number(frame.payload);
        FUZZ_CHECK(last <= last_stream_);
        last_stream_ = last;
        goaway_ = true;
        break;
      }
      case h2::window_update:
        FUZZ_CHECK(frame.payload.size() == 4);
        FUZZ_CHECK(number(frame.payload) > 0 && number(frame.payload) <= 0x7FFFFFFF);
        break;
      default:
        FUZZ_CHECK(false);  // priorities and pushes are none of ours
    }
  }

  void read_data(const h2::Frame& frame) {
    FUZZ_CHECK(is_clients(frame.stream));
    Stream& stream = streams_[frame.stream];
    FUZZ_CHECK(stream.status != 0 && !stream.ended && !stream.reset);
    FUZZ_CHECK((frame.flags & h2::padded) == 0);
    stream.body += frame.payload.size();
    body_bytes_ += frame.payload.size();
    stream.ended = frame.ends_stream();
  }

  void read_block(const h2::Frame& frame) {
    FUZZ_CHECK(is_clients(frame.stream));
    block_ += frame.payload;
    if ((frame.flags & h2::end_headers) == 0) return;
    Stream& stream = streams_[frame.stream];
    FUZZ_CHECK(stream.status == 0 && !stream.ended && !stream.reset);
    const Headers fields = fields_.read(block_);
    const std::string status(fields.get(":status").value_or(""));
    FUZZ_CHECK(status.size() == 3);
    const int code = std::stoi(status);
    FUZZ_CHECK(code >= 100 && code <= 599);
    FUZZ_CHECK(code >= 200 || !block_ends_stream_);
    if (code >= 200) stream.status = code;
    for (const Header field : fields) {
      FUZZ_CHECK(std::none_of(field.name.begin(), field.name.end(),
                              [](char c) { return c >= 'A' && c <= 'Z'; }));
      FUZZ_CHECK(field.name != "connection" && field.name != "transfer-encoding");
    }
    stream.ended = block_ends_stream_;
    block_.clear();
    block_of_ = 0;
  }

  static bool is_clients(std::uint32_t id) { return id % 2 == 1 && id <= 0x7FFFFFFF; }
  static std::uint32_t number(std::string_view bytes) {
    std::uint32_t value = 0;
    for (const char c : bytes.substr(0, 4)) value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
  }

  h2::Fields fields_;
  std::map<std::uint32_t, Stream> streams_;
  std::string block_;
  std::uint32_t block_of_ = 0;
  bool block_ends_stream_ = false;
  std::uint32_t last_stream_ = 0x7FFFFFFF;
  std::size_t acknowledgements_ = 0;
  std::uint64_t body_bytes_ = 0;
  bool first_ = true;
  bool goaway_ = false;
};

}  // namespace ccrelay::fuzz
