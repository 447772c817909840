#include "wants.hpp"

#include "screens.hpp"
#include "table.hpp"

namespace ccrelay::app::top {

Wants wants_of(const View& view, const Model& model) {
  Wants wants;
  const bool is_overview = view.screen == Screen::overview;
  const bool wide = view.columns >= 120;
  wants.pace_ms = view.pace_ms;
  wants.keys =
      view.screen == Screen::keys || (wide && (is_overview || view.screen == Screen::providers));
  wants.clients = view.screen == Screen::clients;
  wants.requests = is_overview || view.screen == Screen::requests;
  wants.logs = view.screen == Screen::log || (is_overview && wide);
  wants.detail = view.detail;
  if (has_trace_beside(view) && view.detail.empty()) {
    const Table table = table_of(model, view);
    if (const auto chosen = chosen_row(table, view)) wants.detail = table.rows[*chosen].id;
  }
  return wants;
}

}  // namespace ccrelay::app::top
