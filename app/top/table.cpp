#include "table.hpp"

#include <algorithm>
#include <numeric>

#include "text.hpp"

namespace ccrelay::app::top {
namespace {

constexpr std::size_t columns_kept = 2;

bool fits(const Row& row, const std::string& filter) {
  if (filter.empty() || contains(row.words, filter)) return true;
  return std::any_of(row.fields.begin(), row.fields.end(),
                     [&](const Field& field) { return contains(field.text, filter); });
}

bool before(const Field& one, const Field& other) {
  if (one.order || other.order) return one.order < other.order;  // what is unknown comes first
  return one.text < other.text;
}

void arrange(Table& table, const View::PerScreen& wish) {
  const auto gone = std::remove_if(table.rows.begin(), table.rows.end(),
                                   [&](const Row& row) { return !fits(row, wish.filter); });
  table.rows.erase(gone, table.rows.end());
  if (wish.sort > 0 && wish.sort <= table.columns.size()) {
    const std::size_t column = wish.sort - 1;
    std::stable_sort(table.rows.begin(), table.rows.end(), [&](const Row& one, const Row& other) {
      return before(one.fields[column], other.fields[column]);
    });
  }
  if (wish.reversed) std::reverse(table.rows.begin(), table.rows.end());
}

// What keeps a text at the left apart from the next field.
int gap_behind(const Table& table, std::size_t column, std::size_t count) {
  if (table.columns[column].right || column + 1 == count) return 0;
  const Column& next = table.columns[column + 1];
  return next.right || next.lead > 0 ? 0 : 1;
}

// Widths of the first `count` columns, the growing ones as wide as they need and can be.
std::vector<int> widths(const Table& table, std::size_t count, int room) {
  std::vector<int> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(table.columns[i].width);
  room -= std::accumulate(out.begin(), out.end(), 0);
  for (std::size_t i = 0; i < count && room > 0; ++i) {
    const Column& column = table.columns[i];
    if (!column.grows) continue;
    const int gap = gap_behind(table, i, count);
    int needed = column.width;
    for (const Row& row : table.rows) {
      needed = std::max(needed, columns_of(row.fields[i].text) + column.lead + 1 + gap);
    }
    const int more = std::min(room, needed - column.width);
    out[i] += more;
    room -= more;
  }
  return out;
}

std::string field_text(const Column& column, const std::string& text, int width, int gap) {
  const int room = width - column.lead;
  const std::string lead(static_cast<std::size_t>(column.lead), ' ');
  return lead + (column.right ? right(text, room) : left(cut(text, room - gap), room));
}

void draw_row(Grid& grid, int at, int x, const Table& table, const Row& row,
              const std::vector<int>& widths) {
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const Field& field = row.fields[i];
    const int gap = gap_behind(table, i, widths.size());
    grid.put(at, x, field_text(table.columns[i], field.text, widths[i], gap), field.style);
    x += widths[i];
  }
}

}  // namespace

Table table_of(const Model& model, const View& view) {
  Table table;
  switch (view.screen) {
    case Screen::overview:
      table = overview_table(model, view.columns >= 120);
      break;
    case Screen::providers:
      table = providers_table(model);
      break;
    case Screen::keys:
      table = keys_table(model);
      break;
    case Screen::clients:
      table = clients_table(model);
      break;
    case Screen::requests:
      table = requests_table(model, view);
      break;
    case Screen::log:
      return table;
  }
  arrange(table, view.here());
  return table;
}

std::optional<std::size_t> chosen_row(const Table& table, const View& view) {
  const std::string& chosen = view.here().chosen;
  if (table.rows.empty() || (chosen.empty() && view.screen == Screen::overview)) return {};
  const auto found = std::find_if(table.rows.begin(), table.rows.end(),
                                  [&](const Row& row) { return row.id == chosen; });
  return found == table.rows.end() ? 0 : static_cast<std::size_t>(found - table.rows.begin());
}

std::size_t columns_with_room(const Table& table, int width, int lead) {
  int used = lead;
  std::size_t count = 0;
  for (; count < table.columns.size(); ++count) {
    used += table.columns[count].width;
    if (used > width && count >= columns_kept) break;
  }
  return count;
}

int draw_table(Grid& grid, int row, int rows, int left, int width, int lead, const Table& table,
               std::optional<std::size_t> chosen, bool is_screen) {
  const std::size_t count = columns_with_room(table, width, lead);
  const std::vector<int> wide = widths(table, count, width - lead);
  int x = left + lead;
  for (std::size_t i = 0; i < count; ++i) {
    const Column& column = table.columns[i];
    const int gap = gap_behind(table, i, count);
    grid.put(row, x, field_text(column, column.title, wide[i], gap), {.bold = true});
    x += wide[i];
  }
  const auto shown = static_cast<std::size_t>(std::max(rows - 1, 0));
  std::size_t first = 0;
  if (table.rows.size() > shown && chosen) {
    // The chosen one in the middle, as far as there are rows around it.
    first = std::min(*chosen - std::min(*chosen, shown / 2), table.rows.size() - shown);
  }
  for (std::size_t i = first; i < table.rows.size() && i - first < shown; ++i) {
    const int at = row + 1 + static_cast<int>(i - first);
    draw_row(grid, at, left + lead, table, table.rows[i], wide);
    if (is_screen) grid.spots.push_back({at, left, left + width, -1, table.rows[i].id});
    if (chosen != i) continue;
    grid.put(at, left + std::max(lead - 2, 0), ">");
    grid.reverse(at, left, width);
  }
  const std::size_t drawn = std::min(shown, table.rows.size() - std::min(first, table.rows.size()));
  return row + 1 + static_cast<int>(drawn);
}

std::string table_text(const Table& table) {
  std::vector<int> wide;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    int needed = columns_of(table.columns[i].title);
    for (const Row& row : table.rows) needed = std::max(needed, columns_of(row.fields[i].text));
    wide.push_back(needed);
  }
  const auto line = [&](auto text_of) {
    std::string out;
    for (std::size_t i = 0; i < wide.size(); ++i) {
      if (i > 0) out += "  ";
      out += table.columns[i].right ? right(text_of(i), wide[i]) : left(text_of(i), wide[i]);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out + "\n";
  };
  std::string out = line([&](std::size_t i) { return table.columns[i].title; });
  for (const Row& row : table.rows) {
    out += line([&](std::size_t i) { return row.fields[i].text; });
  }
  return out;
}

}  // namespace ccrelay::app::top
