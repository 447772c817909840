#include "front/trace_context.hpp"

#include <algorithm>
#include <string_view>

namespace ccrelay::front {
namespace {

// W3C Trace Context, section 3.3.1.1: as much as has to be passed on.
constexpr std::size_t state_bytes_max = 512;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

// Section 3.2.2: 00-{32 hex}-{16 hex}-{2 hex}. A later version may say more behind another dash.
bool is_traceparent(std::string_view text) {
  constexpr std::size_t size = 55;
  if (text.size() < size || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const std::string_view version = text.substr(0, 2);
  const std::string_view trace = text.substr(3, 32);
  const std::string_view parent = text.substr(36, 16);
  if (!is_hex(version) || version == "ff" || !is_hex(trace) || is_zero(trace)) return false;
  if (!is_hex(parent) || is_zero(parent) || !is_hex(text.substr(53, 2))) return false;
  return text.size() == size || (version != "00" && text[size] == '-');
}

}  // namespace

void read_trace_context(const Headers& headers, RequestSummary& summary) {
  const auto parent = headers.get("traceparent");
  if (!parent || !is_traceparent(*parent)) return;
  summary.traceparent = parent->substr(0, 55);
  const auto state = headers.get("tracestate");
  if (state && state->size() <= state_bytes_max) summary.tracestate = *state;
}

}  // namespace ccrelay::front
