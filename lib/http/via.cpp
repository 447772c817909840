#include "http/via.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/header_name.hpp"

namespace ccrelay::http {
namespace {

// `1.1 cc-relay-0123456789abcdef`, perhaps with a comment behind it; empty if it is another's.
std::string_view relay_in(std::string_view entry) {
  const auto blank = entry.find_first_of(" \t");
  if (blank == entry.npos) return {};
  std::string_view name = base::trim(entry.substr(blank));
  name = name.substr(0, name.find_first_of(" \t("));
  constexpr std::size_t digits = 16;
  if (name.size() != relay_name_begin.size() + digits ||
      !base::istarts_with(name, relay_name_begin)) {
    return {};
  }
  const std::string_view id = name.substr(relay_name_begin.size());
  const bool is_id = std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'f');
  });
  return is_id ? name : std::string_view();
}

}  // namespace

Trail trail_of(const Headers& headers, std::string_view own) {
  Trail trail;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (headers.known_name(i) != base::HeaderName::via) continue;
    std::string_view rest = headers[i].value;
    while (!rest.empty() && trail.count <= relays_max) {
      const auto comma = std::min(rest.find(','), rest.size());
      const std::string_view name = relay_in(base::trim(rest.substr(0, comma)));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (name.empty()) continue;
      trail.has_own = trail.has_own || base::iequals(name, own);
      trail.relays.append(trail.count++ == 0 ? "" : ", ").append("1.1 ").append(name);
    }
  }
  return trail;
}

}  // namespace ccrelay::http
