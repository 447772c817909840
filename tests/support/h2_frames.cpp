#include "support/h2_frames.hpp"

#include <nghttp2/nghttp2.h>

namespace ccrelay::testing::h2 {
namespace {

std::uint32_t read_number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

// An integer with a prefix of seven bits (RFC 7541 section 5.1), then the text.
std::string text(std::string_view value) {
  std::string out;
  if (value.size() < 127) {
    out += static_cast<char>(value.size());
  } else {
    out += static_cast<char>(127);
    std::size_t rest = value.size() - 127;
    for (; rest >= 128; rest >>= 7) out += static_cast<char>(128 | (rest & 127));
    out += static_cast<char>(rest);
  }
  return out.append(value);
}

}  // namespace

std::uint32_t Frame::code() const {
  return read_number(type == goaway ? std::string_view(payload).substr(4) : payload);
}

std::string number(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 255);
  return out;
}

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload) {
  std::string out = number(static_cast<std::uint32_t>(payload.size())).substr(1);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  return out + number(stream) + std::string(payload);
}

std::string opening() {
  return std::string(preface) + frame(settings, 0, 0);
}

std::string block(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    out += '\0';
    out += text(name) + text(value);
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> fields(
    const std::string& method, const std::string& path,
    const std::vector<std::pair<std::string, std::string>>& more) {
  std::vector<std::pair<std::string, std::string>> all{
      {":method", method}, {":scheme", "http"}, {":path", path}, {":authority", "relay"}};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::string head(std::uint32_t stream,
                 const std::vector<std::pair<std::string, std::string>>& fields, bool ends) {
  return frame(headers, end_headers | (ends ? end_stream : 0), stream, block(fields));
}

std::string get(std::uint32_t stream, const std::string& path) {
  return head(stream, fields("GET", path), true);
}

std::string post(std::uint32_t stream, const std::string& path, std::string_view body) {
  return head(stream, fields("POST", path, {{"content-type", "application/json"}}), false) +
         frame(data, end_stream, stream, body);
}

std::string setting(std::uint16_t id, std::uint32_t value) {
  std::string out;
  out += static_cast<char>(id >> 8);
  out += static_cast<char>(id & 255);
  return out + number(value);
}

std::string rst(std::uint32_t stream, std::uint32_t code) {
  return frame(rst_stream, 0, stream, number(code));
}

std::string window(std::uint32_t stream, std::uint32_t bytes) {
  return frame(window_update, 0, stream, number(bytes));
}

std::vector<Frame> take_frames(std::string_view& wire) {
  std::vector<Frame> out;
  while (wire.size() >= 9) {
    const std::size_t length = read_number(wire) >> 8;
    if (wire.size() < 9 + length) break;
    Frame one;
    one.type = static_cast<std::uint8_t>(wire[3]);
    one.flags = static_cast<std::uint8_t>(wire[4]);
    one.stream = read_number(wire.substr(5));
    one.payload = wire.substr(9, length);
    out.push_back(std::move(one));
    wire.remove_prefix(9 + length);
  }
  return out;
}

Fields::Fields() {
  nghttp2_hd_inflate_new(&inflater_);
}

Fields::~Fields() {
  nghttp2_hd_inflate_del(inflater_);
}

Headers Fields::read(std::string_view block) {
  Headers out;
  const auto* at = reinterpret_cast<const std::uint8_t*>(block.data());
  std::size_t left = block.size();
  for (;;) {
    nghttp2_nv field;
    int flags = 0;
    const auto used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, at, left, 1);
    if (used < 0) return out;
    at += used;
    left -= static_cast<std::size_t>(used);
    if (flags & NGHTTP2_HD_INFLATE_EMIT) {
      out.add({reinterpret_cast<const char*>(field.name), field.namelen},
              {reinterpret_cast<const char*>(field.value), field.valuelen});
    }
    if (flags & NGHTTP2_HD_INFLATE_FINAL) break;
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) break;
  }
  nghttp2_hd_inflate_end_headers(inflater_);
  return out;
}

}  // namespace ccrelay::testing::h2
