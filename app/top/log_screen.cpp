#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "figures.hpp"
#include "screens.hpp"
#include "text.hpp"

namespace ccrelay::app::top {
namespace {

constexpr std::array<const char*, 4> levels = {"DEBUG", "INFO", "WARN", "ERROR"};

int rank_of(const std::string& level) {
  const auto found = std::find(levels.begin(), levels.end(), level);
  return found == levels.end() ? 1 : static_cast<int>(found - levels.begin());
}

Style style_of(const LogLine& line) {
  if (line.lost > 0 || line.level == "WARN") return {.tint = Tint::warn};
  if (line.level == "ERROR") return {.tint = Tint::bad, .bold = true};
  return {.dim = line.level == "DEBUG"};
}

// The lines on the screen that one of the log makes.
std::vector<std::string> laid_out(const std::string& text, int width, bool wrap) {
  if (!wrap) return {cut(text, width)};
  std::vector<std::string> out;
  std::string_view rest = text;
  constexpr int indent = 10;
  while (!rest.empty()) {
    const int in = out.empty() ? 0 : indent;
    const std::string_view part = first_line(rest, width - in);
    out.push_back(std::string(static_cast<std::size_t>(in), ' ') + std::string(part));
    rest.remove_prefix(part.size());
  }
  return out;
}

}  // namespace

std::string log_text(const LogLine& line) {
  if (line.lost > 0) return fmt::format("-- {} lines lost --", line.lost);
  return fmt::format("{} {} {} {}", clock(line.time), left(lower_case(shown(line.level)), 5),
                     left(shown(line.event), 9), shown(line.message));
}

std::vector<const LogLine*> log_lines(const Model& model, const View& view) {
  const std::string& part = view.per_screen[static_cast<std::size_t>(Screen::log)].filter;
  std::vector<const LogLine*> out;
  for (const LogLine& line : model.log) {
    const bool fits = line.lost > 0 ||
                      (rank_of(line.level) >= view.least_level && contains(log_text(line), part));
    if (fits) out.push_back(&line);
  }
  return out;
}

void draw_log(Grid& grid, const Model& model, const View& view, int row, int end) {
  const bool is_screen = view.screen == Screen::log;
  const std::vector<const LogLine*> lines = log_lines(model, view);
  if (is_screen && (view.least_level > 0 || !view.here().filter.empty() ||
                    (!model.log_level.empty() && model.log_level != model.configured_log_level))) {
    flow(grid, row, row + 1, 1, 1,
         {{"level " + lower_case(shown(model.log_level))},
          {fmt::format("shown from {}",
                       lower_case(levels[static_cast<std::size_t>(view.least_level)])),
           {},
           3},
          {view.here().filter.empty() ? "" : "contains: " + shown(view.here().filter),
           {.tint = Tint::warn},
           3}});
    ++row;
  }
  std::size_t last = lines.size();
  if (is_screen) last -= std::min(view.log_behind, last);
  // From the newest up, until there is no more room.
  int at = end;
  std::vector<std::pair<int, std::size_t>> places;
  for (std::size_t i = last; i > 0 && at > row; --i) {
    const auto parts =
        laid_out(log_text(*lines[i - 1]), grid.columns() - 2, is_screen && view.wrap);
    at -= static_cast<int>(parts.size());
    places.emplace_back(at, i - 1);
  }
  const int up = std::max(at - row, 0);  // few lines begin at the top
  for (const auto& [place, i] : places) {
    const auto parts = laid_out(log_text(*lines[i]), grid.columns() - 2, is_screen && view.wrap);
    for (std::size_t part = 0; part < parts.size(); ++part) {
      const int y = place + static_cast<int>(part) - up;
      if (y >= row && y < end) grid.put(y, 1, parts[part], style_of(*lines[i]));
    }
  }
  if (lines.empty() && row < end) grid.put(row, 1, is_screen ? "nothing was logged yet" : "");
}

}  // namespace ccrelay::app::top
