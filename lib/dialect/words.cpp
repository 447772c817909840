#include "dialect/words.hpp"

#include "base/ascii.hpp"
#include "wire/json_runs.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::size_t plain_bytes_max = 64;

}  // namespace

std::string_view plain_inside(Json string) {
  if (!string.is_string() || string.raw().size() > plain_bytes_max) return {};
  const std::string_view inside = string.raw().substr(1, string.raw().size() - 2);
  return wire::is_plain_text(inside.data(), inside.data() + inside.size()) ? inside
                                                                           : std::string_view();
}

Words& Words::add(std::string_view text) {
  std::string quoted;
  wire::append_json_string(quoted, text);
  inside_.append(quoted, 1, quoted.size() - 2);
  return *this;
}

Words& Words::add(Json string) {
  if (!string.is_string() || string.is_empty()) return *this;
  if (string.is_clean()) {
    inside_ += string.raw().substr(1, string.raw().size() - 2);
  } else if (const std::string_view plain = plain_inside(string); !plain.empty()) {
    inside_ += plain;
  } else {
    add(string.text());
  }
  return *this;
}

bool Words::begin_with(std::string_view prefix) const {
  return base::istarts_with(inside_, prefix);
}

}  // namespace ccrelay::dialect
