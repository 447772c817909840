#include "http/h2_fields.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/ascii.hpp"

namespace ccrelay::http {
namespace {

using namespace std::string_view_literals;

constexpr std::array connection_specific{"connection"sv, "keep-alive"sv, "proxy-connection"sv,
                                         "transfer-encoding"sv, "upgrade"sv};

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
  for (const Header header : head.headers) {
    const bool left_out =
        std::any_of(connection_specific.begin(), connection_specific.end(),
                    [&](std::string_view name) { return base::iequals(name, header.name); });
    if (!left_out) fields_.push_back(field(header.name, header.value));
  }
}

}  // namespace ccrelay::http
