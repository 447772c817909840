#include <bit>
#include <cstdint>
#include <string_view>

#include "wire/json_blocks.hpp"
#include "wire/json_runs.hpp"
#include "wire/json_scan.hpp"
#include "wire/json_unicode.hpp"

// How a scan passes over the inside of strings.

namespace ccrelay::wire {
namespace {

using json_unicode::is_high;
using json_unicode::is_low;
using json_unicode::unicode_at;

// Whether append_json_string() writes the character so, too.
bool is_own_unicode(std::string_view escape) {
  if (escape.substr(2, 2) != "00") return false;
  const std::string_view digits = escape.substr(4);
  if (digits == "7f") return true;
  const bool low = digits[0] == '0' || digits[0] == '1';
  const bool shorter = digits == "09" || digits == "0a" || digits == "0d";  // \t, \n, \r
  return low && !shorter && !(digits[1] >= 'A' && digits[1] <= 'F');
}

}  // namespace

// To the quote that ends the string, or to the end of the text; null after a failure.
const char* JsonScan::pass_string(const char* at, const char* end) {
#if defined(__SSE2__)
  if (end - at >= json_blocks::block_bytes) {
    bool closed = false;
    at = json_blocks::has_wide() ? pass_wide_blocks(at, end, closed)
                                 : pass_blocks<json_blocks::Narrow>(at, end, closed);
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
  for (; end - at >= json_blocks::block_bytes; at += json_blocks::block_bytes) {
    const json_blocks::Block here = Blocks::block(at);
    std::uint64_t ends = here.quotes | here.controls;
    if (here.slashes != 0 || carried) {
      const std::uint64_t escaped = json_blocks::escaped_bytes(here.slashes, carried);
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
  return pass_blocks<json_blocks::Wide>(at, end, closed);
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

}  // namespace ccrelay::wire
