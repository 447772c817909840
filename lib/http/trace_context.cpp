#include "http/trace_context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.hpp"
#include "base/header_name.hpp"

namespace ccrelay::http {
namespace {

constexpr std::size_t parent_bytes = 55;
// Section 3.3.1.5: as much as has to be passed on. Of more nothing is kept: half of a list that
// systems sign or count in is worse than none.
constexpr std::size_t state_bytes_max = 512;
constexpr std::size_t state_members_max = 32;
constexpr std::size_t state_key_bytes_max = 256;
constexpr std::size_t state_value_bytes_max = 256;
// Of the flags: sampled, and (level 2) that the trace's id is random.
constexpr unsigned sampled_flag = 1;
constexpr unsigned known_flags = 3;

bool is_digit_or_lower(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

unsigned flags_of(std::string_view traceparent) {
  const auto digit = [](char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
  };
  return digit(traceparent[53]) * 16 + digit(traceparent[54]);
}

// Section 3.2.2: 00-{32 hex}-{16 hex}-{2 hex}. A later version may say more behind another dash.
bool is_traceparent(std::string_view text) {
  if (text.size() < parent_bytes || text[2] != '-' || text[35] != '-' || text[52] != '-') {
    return false;
  }
  const std::string_view version = text.substr(0, 2);
  const std::string_view trace = trace_id_of(text);
  const std::string_view parent = span_id_of(text);
  if (!is_hex(version) || version == "ff" || !is_hex(trace) || is_zero(trace)) return false;
  if (!is_hex(parent) || is_zero(parent) || !is_hex(text.substr(53, 2))) return false;
  return text.size() == parent_bytes || (version != "00" && text[parent_bytes] == '-');
}

// The one value of that name; none where there are several, which is one that means nothing.
std::optional<std::string_view> only(const Headers& headers, base::HeaderName name) {
  std::optional<std::string_view> found;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (headers.known_name(i) != name) continue;
    if (found) return {};
    found = headers[i].value;
  }
  return found;
}

// Section 3.3.1.3.1, in the form of level 2, which also allows what level 1 does.
bool is_state_key(std::string_view key) {
  const auto allowed = [](char c) {
    return is_digit_or_lower(c) || c == '_' || c == '-' || c == '*' || c == '/' || c == '@';
  };
  return !key.empty() && key.size() <= state_key_bytes_max && is_digit_or_lower(key.front()) &&
         std::all_of(key.begin(), key.end(), allowed);
}

bool is_state_value(std::string_view value) {
  const auto allowed = [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; };
  return !value.empty() && value.size() <= state_value_bytes_max &&
         std::all_of(value.begin(), value.end(), allowed);
}

// Section 3.3.1: a list of KEY=VALUE, each key once; empty members are allowed.
bool is_tracestate(std::string_view text) {
  std::array<std::string_view, state_members_max> keys;
  std::size_t members = 0;
  while (true) {
    const auto comma = std::min(text.find(','), text.size());
    const std::string_view member = base::trim(text.substr(0, comma));
    if (!member.empty()) {
      const auto equals = member.find('=');
      if (equals == std::string_view::npos || members == state_members_max) return false;
      const std::string_view key = member.substr(0, equals);
      if (!is_state_key(key) || !is_state_value(member.substr(equals + 1))) return false;
      const auto end = keys.begin() + static_cast<std::ptrdiff_t>(members);
      if (std::find(keys.begin(), end, key) != end) return false;
      keys[members++] = key;
    }
    if (comma == text.size()) return members > 0;
    text.remove_prefix(comma + 1);
  }
}

std::string tracestate_of(const Headers& headers) {
  std::string text;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (headers.known_name(i) != base::HeaderName::tracestate) continue;
    if (!text.empty()) text += ',';
    text += headers[i].value;
    if (text.size() > state_bytes_max) return {};
  }
  return is_tracestate(text) ? text : std::string();
}

}  // namespace

TraceContext trace_context_of(const Headers& headers) {
  const auto parent = only(headers, base::HeaderName::traceparent);
  if (!parent || !is_traceparent(*parent)) return {};
  return {std::string(parent->substr(0, parent_bytes)), tracestate_of(headers)};
}

bool is_sampled(std::string_view traceparent) {
  return (flags_of(traceparent) & sampled_flag) != 0;
}

std::string new_traceparent(std::uint64_t high, std::uint64_t low, std::uint64_t span,
                            bool sampled) {
  if (high == 0 && low == 0) low = 1;
  return fmt::format("00-{:016x}{:016x}-{:016x}-{:02x}", high, low, span == 0 ? 1 : span,
                     (known_flags & ~sampled_flag) | (sampled ? sampled_flag : 0));
}

std::string child_traceparent(std::string_view traceparent, std::uint64_t span) {
  return fmt::format("00-{}-{:016x}-{:02x}", trace_id_of(traceparent), span == 0 ? 1 : span,
                     flags_of(traceparent) & known_flags);
}

}  // namespace ccrelay::http
