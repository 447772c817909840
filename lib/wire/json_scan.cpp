#include "wire/json_scan.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <cstdint>
#include <cstring>
#include <string>

#include "wire/json_runs.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::wire {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr std::array<std::int8_t, 256> hex_table() {
  std::array<std::int8_t, 256> values{};
  for (std::int8_t& value : values) value = -1;
  for (int i = 0; i < 10; ++i)
    values['0' + static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i);
  for (int i = 0; i < 6; ++i) {
    values['a' + static_cast<std::size_t>(i)] = static_cast<std::int8_t>(10 + i);
    values['A' + static_cast<std::size_t>(i)] = static_cast<std::int8_t>(10 + i);
  }
  return values;
}
constexpr std::array<std::int8_t, 256> hex_values = hex_table();

// Of four hex digits; negative if they are none.
inline std::int32_t hex4(const char* digits) {
  const auto value = [&](int i) -> std::int32_t {
    return hex_values[static_cast<unsigned char>(digits[i])];
  };
  return value(0) * 4096 | value(1) * 256 | value(2) * 16 | value(3);
}

bool is_high(std::int32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}

bool is_low(std::int32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

// The number of the `\uXXXX` that stands there; negative if none does.
inline std::int32_t unicode_at(const char* at, const char* end) {
  if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return -1;
  return hex4(at + 2);
}

// Whether append_json_string() writes the character so, too.
bool is_own_unicode(std::string_view escape) {
  if (escape.substr(2, 2) != "00") return false;
  const std::string_view digits = escape.substr(4);
  if (digits == "7f") return true;
  const bool low = digits[0] == '0' || digits[0] == '1';
  const bool shorter = digits == "09" || digits == "0a" || digits == "0d";  // \t, \n, \r
  return low && !shorter && !(digits[1] >= 'A' && digits[1] <= 'F');
}

bool is_token_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

void put_utf8(char*& to, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xE0 | point >> 12);
    } else {
      put(0xF0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3F));
    }
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
}

// `\uXXXX`, or two of them that stand for one character, in checked text.
struct Unicode {
  std::uint32_t point;
  std::size_t bytes;  // that it takes
};
Unicode unicode_of(const char* at, const char* end) {
  const std::int32_t first = hex4(at + 2);
  if (!is_high(first)) return {is_low(first) ? 0xFFFD : static_cast<std::uint32_t>(first), 6};
  const std::int32_t second = unicode_at(at + 6, end);
  if (!is_low(second)) return {0xFFFD, 6};
  return {0x10000 + (static_cast<std::uint32_t>(first - 0xD800) << 10) +
              static_cast<std::uint32_t>(second - 0xDC00),
          12};
}

// As append_json_string() has it: at most six bytes.
void put_escaped(char*& to, std::uint32_t point) {
  if (point >= 0x80) return put_utf8(to, point);
  const char c = static_cast<char>(point);
  const std::string quoted = json_string({&c, 1});
  to = std::copy(quoted.begin() + 1, quoted.end() - 1, to);
}

char plain_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

std::string JsonScan::error() const {
  if (!failure_) return {};
  return "at byte " + std::to_string(failed_at_) + ": " + failure_;
}

void JsonScan::fail(const char* what) {
  if (failure_) return;
  failure_ = what;
  failed_at_ = at_;
  at_ = text_.size();
}

void JsonScan::pass_space() {
  at_ = place(past_space(text_.data() + at_, text_.data() + text_.size()));
}

const char* JsonScan::past_spaces(const char* at, const char* end) {
  for (; at != end && is_token_space(*at); ++at) {
    if (*at == '\n' || *at == '\r') unclean_at_ = place(at);
  }
  return at;
}

void JsonScan::skip_string() {
  const char* const behind = pass_whole_string(text_.data() + at_, text_.data() + text_.size());
  if (behind) at_ = place(behind);
}

// Behind the string that begins at `at`; null after a failure.
inline const char* JsonScan::pass_whole_string(const char* at, const char* end) {
  if (at == end || *at != '"') return fail_at(at, "a string is expected");
  const char* const close = pass_string(at + 1, end);
  if (!close) return nullptr;
  return close == end ? fail_at(end, "a string has no end") : close + 1;
}

// To the quote that ends the string, or to the end of the text; null after a failure.
const char* JsonScan::pass_string(const char* at, const char* end) {
#if defined(__SSE2__)
  // Names and words end soon.
  if (end - at >= json_runs::width) {
    const unsigned found = json_runs::string_ends(at);
    const char* const first = at + std::countr_zero(found);
    if (found == 0) {
      at += json_runs::width;
    } else if (*first == '"') {
      return first;
    }
  }
  if (end - at >= json_runs::block_bytes) {
    bool closed = false;
    at = json_runs::has_wide() ? pass_wide_blocks(at, end, closed)
                               : pass_blocks<json_runs::Narrow>(at, end, closed);
    if (closed || !at) return at;
  }
#endif
  while ((at = end_of_string_run(at, end)) != end && *at != '"') {
    at = pass_escape(at, end);
    if (!at) return nullptr;
  }
  return at;
}

#if defined(__SSE2__)
// To the string's end, or to where less than a block is left; null after a failure.
template <class Blocks>
inline const char* JsonScan::pass_blocks(const char* at, const char* end, bool& closed) {
  bool carried = false;
  const char* done = at;  // escapes have been looked at up to here
  for (; end - at >= json_runs::block_bytes; at += json_runs::block_bytes) {
    const json_runs::Block here = Blocks::block(at);
    std::uint64_t ends = here.quotes | here.controls;
    if (here.slashes != 0 || carried) {
      const std::uint64_t escaped = json_runs::escaped_bytes(here.slashes, carried);
      ends &= ~(escaped & here.quotes);
      const std::uint64_t seen = ends ^ (ends - 1);  // up to the first end and with it
      const std::uint64_t own = here.quotes | here.slashes | Blocks::letters(at);
      if (const std::uint64_t odd = escaped & ~own & seen; odd != 0) {
        done = pass_odd(at, end, odd, done);
        if (!done) return nullptr;
      }
    }
    if (ends == 0) continue;
    closed = true;
    const char* const stop = at + std::countr_zero(ends);
    return *stop == '"' ? stop : fail_at(stop, "a string holds a control character");
  }
  if (carried) --at;  // the backslash
  return at < done ? done : at;
}

CCRELAY_WIDE __attribute__((flatten)) const char* JsonScan::pass_wide_blocks(const char* at,
                                                                             const char* end,
                                                                             bool& closed) {
  return pass_blocks<json_runs::Wide>(at, end, closed);
}
#endif

// Over the escapes of a block whose second byte has a bit, but for those that were looked at with
// the one before. Behind the last one; null after a failure.
const char* JsonScan::pass_odd(const char* at, const char* end, std::uint64_t escaped,
                               const char* done) {
  for (; escaped != 0; escaped &= escaped - 1) {
    const char* const escape = at + std::countr_zero(escaped) - 1;
    if (escape < done) continue;
    done = pass_escape(escape, end);
    if (!done) return nullptr;
  }
  return done;
}

const char* JsonScan::fail_at(const char* at, const char* what) {
  at_ = place(at);
  fail(what);
  return nullptr;
}

// Behind the escape that begins at `at`, unless it is a control character that stands there.
const char* JsonScan::pass_escape(const char* at, const char* end) {
  if (*at != '\\') return fail_at(at, "a string holds a control character");
  if (at + 1 == end) return fail_at(at, "a string has no end");
  const json_runs::Escape kind = json_runs::escapes[static_cast<unsigned char>(at[1])];
  if (kind == json_runs::Escape::own) return at + 2;
  if (kind == json_runs::Escape::unicode) return pass_unicode(at, end);
  if (kind == json_runs::Escape::none)
    return fail_at(at, "a string holds an escape that JSON does not know");
  return odd_escape(at, at + 2);
}

const char* JsonScan::pass_unicode(const char* at, const char* end) {
  const std::int32_t unit = unicode_at(at, end);
  if (unit < 0) return fail_at(at, "\\u is followed by four hexadecimal digits");
  if (unit < 0x80 && is_own_unicode({at, 6})) return at + 6;
  if (!is_high(unit) && !is_low(unit)) return odd_escape(at, at + 6);
  if (is_high(unit) && is_low(unicode_at(at + 6, end))) return odd_escape(at, at + 12);
  unclean_at_ = place(at);
  return odd_escape(at, at + 6);
}

// One that append_json_string() has otherwise. In a string that is recorded those that follow each
// other are one run.
const char* JsonScan::odd_escape(const char* at, const char* behind) {
  if (recorded_string_ == 0) return behind;
  const auto begin = static_cast<std::uint32_t>(place(at));
  const auto end = static_cast<std::uint32_t>(place(behind));
  if (extents_->size() > recorded_string_ && extents_->back().end == begin) {
    extents_->back().end = end;
  } else {
    extents_->push_back({begin, end, 0, 0, 0});
  }
  return behind;
}

// Over a name and its colon; null after a failure.
inline const char* JsonScan::pass_key(const char* at, const char* end) {
  at = pass_whole_string(past_space(at, end), end);
  if (!at) return nullptr;
  at = past_space(at, end);
  if (at == end || *at != ':') return fail_at(at, "':' is expected");
  return at + 1;
}

void JsonScan::skip_value() {
  if (failed()) return;
  if (const char* const behind = pass_value(text_.data() + at_, text_.data() + text_.size()))
    at_ = place(behind);
}

// Without recursion: how deep a text nests is its sender's choice, and the stack is ours.
const char* JsonScan::pass_value(const char* at, const char* end) {
  std::bitset<depth_max> is_object;
  std::vector<std::size_t> opened;  // of extents_
  std::size_t depth = 0;
  while (true) {
    at = past_space(at, end);
    if (at != end && (*at == '{' || *at == '[')) {
      if (depth == depth_max) return fail_at(at, "it is nested too deeply");
      const bool object = *at == '{';
      is_object[depth++] = object;
      if (extents_) open(opened, at);
      at = past_space(at + 1, end);
      if (at == end || *at != (object ? '}' : ']')) {
        if (object && !(at = pass_key(at, end))) return nullptr;
        continue;
      }
      ++at;
      if (extents_) close(opened, at);
      --depth;
    } else {
      at = pass_scalar(at, end);
      if (!at) return nullptr;
    }
    // A value has ended: so may what it stands in.
    while (true) {
      if (depth == 0) return at;
      at = past_space(at, end);
      const bool object = is_object[depth - 1];
      if (at != end && *at == ',') {
        ++at;
        if (object && !(at = pass_key(at, end))) return nullptr;
        break;
      }
      if (at == end || *at != (object ? '}' : ']'))
        return fail_at(at, object ? "',' or '}' is expected" : "',' or ']' is expected");
      ++at;
      if (extents_) close(opened, at);
      --depth;
    }
  }
}

void JsonScan::open(std::vector<std::size_t>& opened, const char* at) {
  opened.push_back(extents_->size());
  extents_->push_back({static_cast<std::uint32_t>(place(at)), 0, 0, 0, 0});
}

void JsonScan::close(std::vector<std::size_t>& opened, const char* behind) {
  const std::size_t extent_at = opened.back();
  opened.pop_back();
  Extent& extent = (*extents_)[extent_at];
  extent.end = static_cast<std::uint32_t>(place(behind));
  extent.inside = static_cast<std::uint32_t>(extents_->size() - extent_at - 1) & 0x3FFFFFFFU;
  extent.clean = unclean_at_ <= extent.begin ? 1 : 0;
}

// Behind the string, number or word that begins at `at`; null after a failure.
inline const char* JsonScan::pass_scalar(const char* at, const char* end) {
  if (at != end && *at == '"')
    return extents_ ? pass_recorded_string(at, end) : pass_whole_string(at, end);
  at_ = place(at);
  switch (peek()) {
    case 't':
      skip_word("true");
      break;
    case 'f':
      skip_word("false");
      break;
    case 'n':
      skip_word("null");
      break;
    default:
      skip_number();
  }
  return failed() ? nullptr : text_.data() + at_;
}

const char* JsonScan::pass_recorded_string(const char* at, const char* end) {
#if defined(__SSE2__)
  if (end - at > json_runs::width) {
    const unsigned found = json_runs::string_ends(at + 1);
    const char* const first = at + 1 + std::countr_zero(found);
    if (found != 0 && *first == '"') return first + 1;
  }
#endif
  const std::size_t extent_at = extents_->size();
  extents_->push_back({static_cast<std::uint32_t>(place(at)), 0, 0, 0, 1});
  recorded_string_ = extent_at + 1;
  const char* const behind = pass_whole_string(at, end);
  recorded_string_ = 0;
  if (!behind) return nullptr;
  if (static_cast<std::size_t>(behind - at) <= short_string) {
    extents_->resize(extent_at);
    return behind;
  }
  Extent& extent = (*extents_)[extent_at];
  extent.end = static_cast<std::uint32_t>(place(behind));
  extent.inside = static_cast<std::uint32_t>(extents_->size() - extent_at - 1) & 0x3FFFFFFFU;
  extent.clean = extent.inside == 0 ? 1 : 0;
  return behind;
}

void JsonScan::skip_word(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) return fail("a value is expected");
  at_ += word.size();
}

void JsonScan::skip_digits() {
  if (!is_digit(peek())) return fail("a digit is expected");
  while (is_digit(peek())) ++at_;
}

void JsonScan::skip_number() {
  const std::size_t begin = at_;
  take('-');
  if (!is_digit(peek())) {
    at_ = begin;
    return fail("a value is expected");
  }
  if (!take('0')) skip_digits();
  if (take('.')) skip_digits();
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    skip_digits();
  }
}

std::string json_decoded(std::string_view raw) {
  const char* from = raw.data() + 1;
  const char* const end = raw.data() + raw.size() - 1;
  if (!std::memchr(from, '\\', static_cast<std::size_t>(end - from))) return {from, end};
  std::string out;
  // No escape stands for more bytes than it has.
  out.resize(raw.size());
  char* to = out.data();
  while (from < end) {
    copy_to_escape(from, end, to);
    if (from == end) break;
    if (from[1] == 'u') {
      const Unicode unicode = unicode_of(from, end);
      put_utf8(to, unicode.point);
      from += unicode.bytes;
    } else {
      *to++ = plain_escape(from[1]);
      from += 2;
    }
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return out;
}

void MendedText::escapes(const char* at, const char* end) {
  while (at < end) {
    if (room() < 16) flush();
    if (at[1] == 'u') {
      const Unicode unicode = unicode_of(at, end);
      put_escaped(to_, unicode.point);
      at += unicode.bytes;
    } else {
      put_escaped(to_, static_cast<unsigned char>(plain_escape(at[1])));
      at += 2;
    }
  }
}

void MendedText::text(const char* at, const char* end) {
  const auto bytes = static_cast<std::size_t>(end - at);
  if (bytes > room()) flush();
  if (bytes > room()) {
    out_.append(at, bytes);
    return;
  }
  std::memcpy(to_, at, bytes);
  to_ += bytes;
}

std::string plain_string(std::string_view raw) {
  JsonScan scan(raw);
  if (scan.peek() != '"') return {};
  scan.skip_string();
  return !scan.failed() && scan.at_end() ? json_decoded(raw) : std::string();
}

}  // namespace ccrelay::wire
