#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>

namespace ccrelay::testing {

enum class Form : std::uint8_t { gzip, zlib, raw };

inline std::string deflated(const std::string& text, Form form) {
  z_stream stream{};
  const int bits = form == Form::gzip ? 31 : form == Form::zlib ? 15 : -15;
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace ccrelay::testing
