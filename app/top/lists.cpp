#include <fmt/format.h>

#include <algorithm>

#include "figures.hpp"
#include "screens.hpp"
#include "states.hpp"
#include "table.hpp"
#include "text.hpp"

namespace ccrelay::app::top {
namespace {

constexpr int list_lead = 3;

void draw_filter(Grid& grid, const View& view, int row) {
  const View::PerScreen& wish = view.here();
  std::string text = "filter: " + shown(wish.filter);
  grid.put(row, 1, cut(text, grid.columns() - 2), {.tint = Tint::warn});
}

}  // namespace

bool has_trace_beside(const View& view) {
  return view.screen == Screen::requests && view.columns >= 120;
}

void draw_list(Grid& grid, const Model& model, const View& view, int row, int end) {
  const Table table = table_of(model, view);
  if (!view.here().filter.empty()) draw_filter(grid, view, row++);
  const int behind = draw_table(grid, row, end - row, 0, grid.columns(), list_lead, table,
                                chosen_row(table, view), true);
  if (!table.rows.empty() || behind >= end) return;
  grid.put(behind, list_lead, view.here().filter.empty() ? "none" : "none fits the filter");
}

void draw_requests(Grid& grid, const Model& model, const View& view, int row, int end) {
  const bool beside = has_trace_beside(view);
  const int width = beside ? grid.columns() * 3 / 5 : grid.columns();
  const std::string& filter = view.here().filter;
  flow(grid, row, row + 1, 1, 1,
       {{view.ended ? fmt::format("ended {}", model.ended.size())
                    : fmt::format("running {}", model.running.size())},
        {"filter: " + (filter.empty() ? "none" : shown(filter)),
         {.tint = filter.empty() ? Tint::plain : Tint::warn},
         3},
        {fmt::format("trouble only: {}", view.troubled ? "yes" : "no"),
         {.tint = view.troubled ? Tint::warn : Tint::plain},
         3},
        {model.requests_lost > 0 ? fmt::format("lost {}", model.requests_lost) : "",
         {.tint = Tint::warn},
         3}});
  ++row;
  const Table table = table_of(model, view);
  const auto chosen = chosen_row(table, view);
  const int behind = draw_table(grid, row, end - row, 0, width, list_lead, table, chosen, true);
  if (table.rows.empty() && behind < end) grid.put(behind, list_lead, "none");
  if (!beside || !chosen) return;
  for (int at = row; at < end; ++at) grid.put(at, width, "│", {.dim = true});
  draw_detail(grid, model, row, end, width + 1, grid.columns() - width - 1);
}

}  // namespace ccrelay::app::top
