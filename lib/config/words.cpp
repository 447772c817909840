#include "config/words.hpp"

#include "config/nearest_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ccrelay::config {
namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
}

}  // namespace

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_control);
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

std::string in_quotes(std::string_view text) {
  return '"' + plain(text) + '"';
}

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (is_control(c)) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string doubled(std::string_view text) {
  std::string out;
  for (const char c : text) out.append(c == '$' ? 2 : 1, c);
  return out;
}

std::string list_of(const std::vector<std::string_view>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string suggestion(std::string_view written, const std::vector<std::string_view>& known) {
  const auto near = nearest_name(written, known);
  if (near.empty()) return "one of: " + list_of(known);
  return fmt::format("did you mean \"{}\"? (one of: {})", near, list_of(known));
}

std::string unknown_word(std::string_view written, const std::vector<std::string_view>& known) {
  return " " + in_quotes(written) + " is unknown; " + suggestion(written, known);
}

}  // namespace ccrelay::config
