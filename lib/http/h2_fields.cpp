#include "http/h2_fields.hpp"

#include <string_view>

#include "base/header_name.hpp"

namespace ccrelay::http {
namespace {

nghttp2_nv field(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

H2Fields::H2Fields(const ResponseHead& head) : status_(std::to_string(head.status)) {
  fields_.reserve(head.headers.size() + 1);
  fields_.push_back(field(":status", status_));
  for (std::size_t i = 0; i < head.headers.size(); ++i) {
    if (base::has_flag(head.headers.known_name(i), base::only_http_1)) continue;
    fields_.push_back(field(head.headers[i].name, head.headers[i].value));
  }
}

}  // namespace ccrelay::http
