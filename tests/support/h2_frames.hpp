#pragma once

#include <ccrelay/http.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct nghttp2_hd_inflater;

/// HTTP/2 as bytes, written by hand so that a test can send what no library would.
namespace ccrelay::testing::h2 {

// RFC 9113 section 6.
enum Type : std::uint8_t {
  data = 0,
  headers = 1,
  priority = 2,
  rst_stream = 3,
  settings = 4,
  push_promise = 5,
  ping = 6,
  goaway = 7,
  window_update = 8,
  continuation = 9,
};
enum Flag : std::uint8_t {
  end_stream = 0x1,
  ack = 0x1,
  end_headers = 0x4,
  padded = 0x8,
  prioritised = 0x20,
};
// RFC 9113 section 7.
enum Code : std::uint32_t {
  no_error = 0,
  protocol_error = 1,
  internal_error = 2,
  flow_control_error = 3,
  settings_timeout = 4,
  stream_closed = 5,
  frame_size_error = 6,
  refused_stream = 7,
  cancel = 8,
  compression_error = 9,
  connect_error = 10,
  enhance_your_calm = 11,
};

struct Frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload;

  bool ends_stream() const { return (flags & end_stream) != 0; }
  /// The error of RST_STREAM and GOAWAY.
  std::uint32_t code() const;
  /// The words in GOAWAY.
  std::string reason() const { return payload.substr(8); }
};

inline constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

std::string number(std::uint32_t value);
std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload = {});
/// Preface and empty SETTINGS.
std::string opening();
/// A field list in HPACK, literal and not indexed (RFC 7541 section 6.2.2).
std::string block(const std::vector<std::pair<std::string, std::string>>& fields);
/// The fields of a request, pseudo-headers first.
std::vector<std::pair<std::string, std::string>> fields(
    const std::string& method, const std::string& path,
    const std::vector<std::pair<std::string, std::string>>& more = {});
/// HEADERS that end their block; with END_STREAM if `ends`.
std::string head(std::uint32_t stream,
                 const std::vector<std::pair<std::string, std::string>>& fields, bool ends);
std::string get(std::uint32_t stream, const std::string& path);
std::string post(std::uint32_t stream, const std::string& path, std::string_view body);
std::string setting(std::uint16_t id, std::uint32_t value);
std::string rst(std::uint32_t stream, std::uint32_t code);
std::string window(std::uint32_t stream, std::uint32_t bytes);

/// The whole frames in `wire`, which is cut by them.
std::vector<Frame> take_frames(std::string_view& wire);

/// Reads the field lists of one connection.
class Fields {
 public:
  Fields();
  ~Fields();
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;
  Headers read(std::string_view block);

 private:
  nghttp2_hd_inflater* inflater_ = nullptr;
};

}  // namespace ccrelay::testing::h2
