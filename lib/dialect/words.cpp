#include "dialect/words.hpp"

#include <utility>

#include "base/ascii.hpp"
#include "wire/json_runs.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::size_t plain_bytes_max = 64;

// What stands between a string's quotes where that is short and without escapes; else empty.
std::string_view plain_inside(std::string_view raw) {
  if (raw.size() > plain_bytes_max) return {};
  const std::string_view inside = raw.substr(1, raw.size() - 2);
  return wire::is_plain_text(inside.data(), inside.data() + inside.size()) ? inside
                                                                           : std::string_view();
}

void append_inside_text(std::string& out, std::string_view text) {
  std::string quoted;
  wire::append_json_string(quoted, text);
  out.append(quoted, 1, quoted.size() - 2);
}

}  // namespace

void append_inside(std::string& out, Json string) {
  if (!string.is_string() || string.is_empty() || string.append_inside(out)) return;
  if (const std::string_view plain = plain_inside(string.raw()); !plain.empty()) {
    out += plain;
  } else {
    append_inside_text(out, string.text());
  }
}

Words Words::of(Json string) {
  Words words;
  if (string.is_string() && !string.is_empty()) words.kept_ = string;
  return words;
}

std::string& Words::taken() const {
  if (kept_) append_inside(inside_, std::exchange(kept_, Json()));
  return inside_;
}

Words& Words::add(std::string_view text) {
  append_inside_text(taken(), text);
  return *this;
}

Words& Words::add(Json string) {
  append_inside(taken(), string);
  return *this;
}

Words& Words::add(const Words& more) {
  more.append_to(taken());
  return *this;
}

void Words::append_to(std::string& out) const {
  if (kept_) {
    append_inside(out, kept_);
  } else {
    out += inside_;
  }
}

bool Words::begin_with(std::string_view prefix) const {
  return base::istarts_with(inside(), prefix);
}

}  // namespace ccrelay::dialect
