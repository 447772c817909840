#include "printable.hpp"

#include <fmt/format.h>

namespace ccrelay::app {

std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string out;
  for (const char c : text.substr(0, bytes_max)) {
    const auto byte = static_cast<unsigned char>(c);
    // U+0080 to U+009F, which some terminals obey, are C2 80 to C2 9F in UTF-8.
    const bool second_control = byte >= 0x80 && byte < 0xA0 && !out.empty() && out.back() == '\xC2';
    if (byte < ' ' || byte == 0x7F || second_control) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return text.size() > bytes_max ? out + "..." : out;
}

}  // namespace ccrelay::app
