#include "wire/json_text.hpp"

#include <simdjson.h>

#include <cstddef>
#include <cstdint>

#include "wire/json_runs.hpp"

namespace ccrelay::wire {
namespace {

// Length of the valid UTF-8 sequence at the front (RFC 3629), 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto follows = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!follows(1) || !follows(2)) return 0;
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;
    if (lead == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;
    if (lead == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

// The longest that one byte becomes: `\u00XX`. A byte that is no UTF-8 becomes three.
constexpr std::size_t grown_max = 6;
constexpr std::size_t short_text = 64;

// One character that does not go on as it is; says how many bytes of the text it is.
std::size_t put_special(std::string_view text, char*& to) {
  static constexpr char digits[] = "0123456789abcdef";
  const char c = text.front();
  const auto two = [&](char escaped) {
    *to++ = '\\';
    *to++ = escaped;
    return std::size_t{1};
  };
  switch (c) {
    case '"':
    case '\\':
      return two(c);
    case '\n':
      return two('n');
    case '\r':
      return two('r');
    case '\t':
      return two('t');
    default:
      break;
  }
  if (static_cast<unsigned char>(c) < 0x80) {
    for (const char one : {'\\', 'u', '0', '0', digits[(c >> 4) & 15], digits[c & 15]}) *to++ = one;
    return 1;
  }
  const std::size_t length = utf8_length(text);
  const std::string_view shown =
      length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
  for (const char one : shown) *to++ = one;
  return length == 0 ? 1 : length;
}

// Names, ids and words, which have nothing special. False: it is not done.
bool append_short(std::string& out, std::string_view text) {
  char quoted[short_text + 2];
  char* to = quoted;
  *to++ = '"';
  const char* from = text.data();
  const char* const end = from + text.size();
  copy_plain_text(from, end, to);
  if (from != end) return false;
  *to++ = '"';
  out.append(quoted, static_cast<std::size_t>(to - quoted));
  return true;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  if (text.size() <= short_text && append_short(out, text)) return;
  const std::size_t begin = out.size();
  // Room for the text as it is, its quotes and some escapes; more where it has many.
  out.resize(begin + text.size() + text.size() / 8 + 32);
  char* to = out.data() + begin;
  *to++ = '"';
  const char* from = text.data();
  const char* const end = from + text.size();
  while (true) {
    const auto left = static_cast<std::size_t>(end - from);
    const auto used = static_cast<std::size_t>(to - out.data());
    if (out.size() - used < left + grown_max + 1) {
      out.resize(used + left + left / 2 + 64);
      to = out.data() + used;
    }
    copy_plain_text(from, end, to);
    if (from == end) break;
    from += put_special({from, static_cast<std::size_t>(end - from)}, to);
  }
  *to++ = '"';
  out.resize(static_cast<std::size_t>(to - out.data()));
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string error_envelope(std::string_view type, std::string_view message,
                           std::string_view request_id) {
  std::string out = R"({"type":"error","error":{"type":)";
  append_json_string(out, type);
  out += R"(,"message":)";
  append_json_string(out, message);
  out += "}";
  if (!request_id.empty()) {
    out += R"(,"request_id":)";
    append_json_string(out, request_id);
  }
  out += "}";
  return out;
}

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace ccrelay::wire
