#include "config/nearest_name.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace ccrelay::config {
namespace {

// The work grows with the product of both lengths; nobody means a name this long.
constexpr std::size_t name_bytes_max = 64;

char folded(char c) {
  if (c == '-') return '_';
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Insertions, deletions, replacements and swaps of neighbours that make one into the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = folded(a[i - 1]) == folded(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) &&
                           folded(a[i - 2]) == folded(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string_view nearest_name(std::string_view written,
                              const std::vector<std::string_view>& names) {
  if (written.empty() || written.size() > name_bytes_max) return {};
  std::string_view best;
  // A third of the letters may be wrong; with more than that any short word resembles any other.
  std::size_t allowed = std::max<std::size_t>(1, written.size() / 3);
  for (const auto name : names) {
    const auto found = distance(written, name);
    if (found > allowed || (found == allowed && !best.empty())) continue;
    if (found >= name.size()) continue;
    best = name;
    allowed = found;
  }
  return best;
}

}  // namespace ccrelay::config
