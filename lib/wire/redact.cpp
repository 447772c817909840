#include "wire/redact.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace ccrelay::wire {
namespace {

using namespace std::string_view_literals;

constexpr std::array secret_words{"api_key"sv,       "api-key"sv,  "apikey"sv,
                                  "token"sv,         "password"sv, "secret"sv,
                                  "authorization"sv, "bearer"sv,   "credential"sv};

bool says_secret(std::string_view name) {
  const std::string lower = base::lower(name);
  // Counts of tokens are no tokens.
  if (lower.find("max_token") != std::string::npos || lower.ends_with("tokens")) return false;
  return std::any_of(secret_words.begin(), secret_words.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

// From an opening quote to behind the closing one, or to the end.
std::size_t string_end(std::string_view text, std::size_t open) {
  for (std::size_t i = open + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

}  // namespace

std::string redacted(std::string_view json, std::size_t bytes_max) {
  std::string out;
  std::string_view name;
  bool value_follows = false;
  for (std::size_t i = 0; i < json.size() && out.size() < bytes_max;) {
    if (json[i] != '"') {
      if (json[i] == ':') {
        value_follows = true;
      } else if (json[i] != ' ' && json[i] != '\n' && json[i] != '\t' && json[i] != '\r') {
        value_follows = false;
      }
      out += json[i++];
      continue;
    }
    const std::size_t end = string_end(json, i);
    const std::string_view text = json.substr(i, end - i);
    if (value_follows && says_secret(name)) {
      out += "\"***\"";
    } else {
      out += text;
      name = text.substr(1);
      if (name.ends_with('"')) name.remove_suffix(1);
    }
    value_follows = false;
    i = end;
  }
  if (out.size() > bytes_max) {
    out.resize(bytes_max);
    out += "…";
  }
  return out;
}

}  // namespace ccrelay::wire
