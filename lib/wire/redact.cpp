#include "wire/redact.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.hpp"

namespace ccrelay::wire {
namespace {

using namespace std::string_view_literals;

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

constexpr std::array secret_words{"api_key"sv,    "api-key"sv,   "apikey"sv,   "private_key"sv,
                                  "access_key"sv, "token"sv,     "password"sv, "passwd"sv,
                                  "passphrase"sv, "secret"sv,    "cookie"sv,   "authorization"sv,
                                  "bearer"sv,     "credential"sv};

bool says_secret(std::string_view lower_name) {
  return std::any_of(secret_words.begin(), secret_words.end(), [&](std::string_view word) {
    return lower_name.find(word) != std::string_view::npos;
  });
}

// What may be the name of a count of tokens rather than of a token; then its value decides.
bool says_count(std::string_view lower_name) {
  return lower_name.find("max_token") != std::string_view::npos || lower_name.ends_with("tokens") ||
         lower_name.ends_with("token_count");
}

bool is_count(std::string_view value) {
  while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
  if (value.size() > 1 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  return value == "null" ||
         (value.size() <= 20 &&
          std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; }));
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

// Behind a value that begins here, of whatever kind, or the end of a text that is cut off in it.
std::size_t value_end(std::string_view text, std::size_t begin) {
  std::size_t depth = 0;
  for (std::size_t i = begin; i < text.size();) {
    switch (text[i]) {
      case '"':
        i = string_end(text, i);
        if (depth == 0) return i;
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (depth == 0) return i;  // of what the value stands in
        if (--depth == 0) return i + 1;
        break;
      case ',':
        if (depth == 0) return i;
        break;
      default:
        break;
    }
    ++i;
  }
  return text.size();
}

// A member's name without its quotes, in lower case and with escapes such as \u005f undone, so that
// a name cannot be written in a way that is not recognised.
std::string plain_name(std::string_view text) {
  text.remove_prefix(1);
  if (text.ends_with('"')) text.remove_suffix(1);
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    if (text.substr(i, 2) == "\\u" && i + 6 <= text.size() &&
        std::from_chars(text.data() + i + 2, text.data() + i + 6, code, 16).ptr ==
            text.data() + i + 6) {
      name += code < 0x80 ? static_cast<char>(code) : '?';
      i += 5;
    } else if (text[i] != '\\') {
      name += text[i];
    }
  }
  return base::lower(name);
}

}  // namespace

std::string redacted(std::string_view json, std::size_t bytes_max) {
  std::string out;
  std::string name;
  bool value_follows = false;
  for (std::size_t i = 0; i < json.size() && out.size() < bytes_max;) {
    const char c = json[i];
    if (value_follows && !is_blank(c) && says_secret(name)) {
      const std::size_t end = value_end(json, i);
      const std::string_view value = json.substr(i, end - i);
      if (says_count(name) && is_count(value)) {
        out += value;
      } else {
        out += "\"***\"";
      }
      value_follows = false;
      name.clear();
      i = end;
    } else if (c == '"') {
      const std::size_t end = string_end(json, i);
      const std::string_view text = json.substr(i, end - i);
      out += text;
      name = value_follows ? std::string() : plain_name(text);
      value_follows = false;
      i = end;
    } else {
      if (!is_blank(c)) value_follows = c == ':';
      out += c;
      ++i;
    }
  }
  if (out.size() > bytes_max) {
    out.resize(bytes_max);
    out += "…";
  }
  return out;
}

}  // namespace ccrelay::wire
