#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "figures.hpp"
#include "screens.hpp"
#include "states.hpp"
#include "table.hpp"
#include "text.hpp"

namespace ccrelay::app::top {
namespace {

constexpr std::array<const char*, screens> names = {"Overview", "Providers", "Keys",
                                                    "Clients",  "Requests",  "Log"};

struct Hint {
  const char* text;
  bool acts = false;  // not for a viewer
};
constexpr Hint quit{"q quit"}, help{"? help"};

std::vector<Hint> hints_of(const View& view) {
  if (view.confirm) {
    return {{"y yes"}, {"n no"}, {"Tab arrows choose"}, {"Enter take"}, {"Esc back"}};
  }
  if (view.typing_filter) return {{"Enter take"}, {"Esc clear"}};
  if (view.help) return {{"Esc back"}, quit};
  if (!view.detail.empty()) return {{"x cancel", true}, {"Esc back"}, quit, help};
  switch (view.screen) {
    case Screen::overview:
      return {quit, help, {"Enter provider"}, {"R reload", true}, {"p pause"}};
    case Screen::providers:
      return {{"e enable", true},
              {"d disable", true},
              {"D drain", true},
              {"b reset breaker", true},
              {"Enter requests"},
              quit,
              help};
    case Screen::keys:
      return {{"e enable", true},
              {"d disable", true},
              {"r reset", true},
              {"Enter requests"},
              quit,
              help};
    case Screen::clients:
      return {{"Enter requests of it"}, quit, help};
    case Screen::requests:
      return {{"Enter trace"},
              {"x cancel", true},
              {view.ended ? "f running" : "f ended"},
              {"t trouble only"},
              {"/ filter"},
              quit,
              help};
    case Screen::log:
      return {{"L log level", true},
              {"m least level shown"},
              {"/ contains"},
              {"w wrap"},
              {"p pause"},
              quit,
              help};
  }
  return {};
}

// What has no room falls away before `q quit`.
std::string hint_line(std::vector<Hint> hints, int width) {
  const auto joined = [&] {
    std::string out;
    for (const Hint& hint : hints) out += (out.empty() ? "" : "  ") + std::string(hint.text);
    return out;
  };
  const auto is_last = [](const Hint& hint) {
    return hint.text == std::string_view(quit.text) || hint.text == std::string_view(help.text);
  };
  while (columns_of(joined()) > width) {
    const auto spare = std::find_if(hints.rbegin(), hints.rend(),
                                    [&](const Hint& hint) { return !is_last(hint); });
    if (spare == hints.rend()) break;
    hints.erase(std::next(spare).base());
  }
  return joined();
}

void draw_first_line(Grid& grid, const Model& model, const View& view) {
  std::vector<Piece> right;
  if (model.link == Link::lost) {
    right.push_back({"RECONNECTING", {.tint = Tint::bad, .bold = true}});
    if (model.last_seen) right.push_back({"last seen " + clock(model.last_seen)});
  } else if (model.link == Link::connecting) {
    right.push_back({"connecting", {.tint = Tint::warn}});
  } else {
    if (model.restarted) right.push_back({"restarted", {.tint = Tint::warn, .bold = true}});
    right.push_back(view.paused ? Piece{"paused", {.tint = Tint::warn}}
                                : Piece{"live", {.tint = Tint::good}});
    right.push_back({clock(model.status.time)});
  }
  int end = grid.columns();
  for (auto piece = right.rbegin(); piece != right.rend(); ++piece) {
    grid.put_right(0, end, piece->text, piece->style);
    end -= columns_of(piece->text) + piece->gap;
  }
  const State state = server_state(model.link == Link::live ? model.status.state : "");
  const std::string version = model.info.version.empty() ? "" : " " + shown(model.info.version);
  const std::string address = model.info.listen_addresses.empty()
                                  ? shown(model.address)
                                  : shown(model.info.listen_addresses.front());
  // Those of least worth fall away first: uptime, address, version.
  std::vector<std::pair<int, Piece>> left = {{0, {"cc-relay" + version, {.bold = true}, 1}},
                                             {2, {address}}};
  if (model.status.uptime_ms) left.push_back({3, {"up " + uptime(*model.status.uptime_ms)}});
  if (!state.word.empty()) left.push_back({1, {state.word, {.tint = state.tint, .bold = true}}});
  for (int worth = 3; worth >= 0; --worth) {
    int used = 0;
    for (const auto& each : left) used += each.second.gap + columns_of(each.second.text);
    if (used <= end) break;
    left.erase(std::remove_if(left.begin(), left.end(),
                              [&](const auto& each) { return each.first == worth; }),
               left.end());
  }
  int column = 0;
  for (const auto& each : left) {
    column = grid.put(0, column + each.second.gap, each.second.text, each.second.style);
  }
}

void draw_names(Grid& grid, const View& view) {
  // Numbers alone where the names have no room.
  int needed = 0;
  for (const char* name : names) needed += 4 + static_cast<int>(std::string_view(name).size());
  const bool named = needed + 2 <= grid.columns() + 2;
  int column = 1;
  for (std::size_t i = 0; i < screens; ++i) {
    const bool here = view.screen == static_cast<Screen>(i);
    std::string text =
        named || here ? fmt::format("{} {}", i + 1, names[i]) : fmt::format("{}", i + 1);
    if (here) text = "[" + text + "]";
    const int begin = column;
    column = grid.put(1, column, text, {.reverse = here});
    grid.spots.push_back({1, begin, column, static_cast<int>(i), {}});
    column += here ? 1 : 2;
  }
}

// The line above the last: what a key did, or more of what is chosen.
void draw_more(Grid& grid, const Model& model, const View& view) {
  const int row = grid.rows() - 2;
  const int width = grid.columns() - 2;
  if (view.typing_filter) {
    grid.put(row, 1, cut("/" + shown(view.here().filter) + "_", width), {.bold = true});
  } else if (!view.message.empty()) {
    grid.put(row, 1, cut(shown(view.message), width),
             {.tint = view.message_is_bad ? Tint::bad : Tint::good, .bold = true});
  } else if (model.link == Link::lost && !model.why.empty()) {
    grid.put(row, 1, cut(model.why.front(), width), {.tint = Tint::bad});
  } else if (view.screen != Screen::overview && view.detail.empty() && !view.help) {
    const Table table = table_of(model, view);
    const auto chosen = chosen_row(table, view);
    if (chosen) grid.put(row, 1, cut(table.rows[*chosen].more, width));
  }
}

void draw_why(Grid& grid, const Model& model) {
  int row = 3;
  for (const std::string& line : model.why) {
    std::string_view rest = line;
    while (!rest.empty() && row < grid.rows() - 2) {
      const std::string_view part = first_line(rest, grid.columns() - 2);
      grid.put(row++, 1, part);
      rest.remove_prefix(part.size());
    }
  }
}

Grid too_small(const View& view) {
  Grid grid(view.rows, view.columns);
  grid.put(0, 0,
           fmt::format("{}x{} needed, {}x{} here", columns_min, rows_min, view.columns, view.rows));
  return grid;
}

void draw_body(Grid& grid, const Model& model, const View& view) {
  const int end = grid.rows() - 2;
  if (view.help) return draw_help(grid, 2, end);
  if (!view.detail.empty() && !has_trace_beside(view)) {
    return draw_detail(grid, model, 2, end, 0, grid.columns());
  }
  switch (view.screen) {
    case Screen::overview:
      return draw_overview(grid, model, view, 2, end);
    case Screen::providers:
    case Screen::keys:
    case Screen::clients:
      return draw_list(grid, model, view, 2, end);
    case Screen::requests:
      return draw_requests(grid, model, view, 2, end);
    case Screen::log:
      return draw_log(grid, model, view, 2, end);
  }
}

}  // namespace

std::string why_no_action(const Model& model, const Options& options) {
  if (options.read_only) return "read-only";
  if (model.info.role == "VIEWER") return "needs an operator's token";
  return {};
}

int flow(Grid& grid, int row, int end, int column, int indent, const std::vector<Piece>& pieces) {
  bool is_first = true;
  for (const Piece& piece : pieces) {
    const int gap = is_first ? 0 : piece.gap;
    if (!is_first && column + gap + columns_of(piece.text) > grid.columns()) {
      ++row;
      column = indent;
    } else {
      column += gap;
    }
    is_first = false;
    if (row >= end) return row;
    column = grid.put(row, column, piece.text, piece.style);
  }
  return row + 1;
}

Grid draw(const Model& model, const View& view, const Options& options) {
  if (view.rows < rows_min || view.columns < columns_min) return too_small(view);
  Grid grid(view.rows, view.columns);
  const bool was_seen = model.last_seen.has_value();
  if (was_seen || view.help) {
    draw_body(grid, model, view);
  } else {
    draw_why(grid, model);
  }
  if (model.link == Link::lost && was_seen) grid.dim_all();
  draw_first_line(grid, model, view);
  draw_names(grid, view);
  if (was_seen) draw_more(grid, model, view);
  std::vector<Hint> hints = hints_of(view);
  if (!why_no_action(model, options).empty()) {
    hints.erase(
        std::remove_if(hints.begin(), hints.end(), [](const Hint& hint) { return hint.acts; }),
        hints.end());
  }
  grid.put(grid.rows() - 1, 1, hint_line(std::move(hints), grid.columns() - 2));
  if (view.confirm) draw_confirm(grid, model, *view.confirm);
  if (options.ascii) grid.to_ascii();
  return grid;
}

}  // namespace ccrelay::app::top
