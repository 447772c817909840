#include "base/clipped.hpp"

namespace ccrelay::base {
namespace {

constexpr std::string_view dots = "…";

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::string clipped(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  std::size_t end = bytes_max < dots.size() ? 0 : bytes_max - dots.size();
  // Of bytes that are no UTF-8 at most three are lost here.
  for (int back = 0; back < 3 && end > 0 && continues(text[end]); ++back) --end;
  return std::string(text.substr(0, end)).append(dots);
}

void clip(std::string& text, std::size_t bytes_max) {
  if (text.size() > bytes_max) text = clipped(text, bytes_max);
}

}  // namespace ccrelay::base
