#pragma once

#include <optional>
#include <string>
#include <vector>

#include "grid.hpp"
#include "model.hpp"
#include "view.hpp"

namespace ccrelay::app::top {

/// A column of a table. Fields follow each other without a gap; `lead` spaces are part of one.
struct Column {
  std::string title;
  int width = 0;  ///< with `lead`
  bool right = false;
  int lead = 0;
  bool grows = false;  ///< takes what is left, as far as its texts need it
};

struct Field {
  std::string text;
  Style style = {};
  std::optional<double> order = {};  ///< to sort by; else by the text
};

struct Row {
  std::string id;
  std::vector<Field> fields;
  std::string more;   ///< the line that tells more of it
  std::string words;  ///< what a filter looks in beside the fields
};

struct Table {
  std::vector<Column> columns;
  std::vector<Row> rows;
};

// The tables of the screens, filtered and sorted as the view says. `wide` is for 120 columns and
// more, where there is another set of them.
Table overview_table(const Model& model, bool wide);
Table providers_table(const Model& model);
Table keys_table(const Model& model);
Table clients_table(const Model& model);
Table requests_table(const Model& model, const View& view);
/// Those that run, for the wide overview.
Table running_table(const Model& model);

/// The rows of the screen that is shown, as they are shown.
Table table_of(const Model& model, const View& view);

/// Index of the chosen row; the first where that one has gone. On the overview there is none before
/// somebody has chosen one.
std::optional<std::size_t> chosen_row(const Table& table, const View& view);

/// How many columns have room; those at the right fall away, the first two stay.
std::size_t columns_with_room(const Table& table, int width, int lead);

/// Draws the titles and as many rows as have room, among them the chosen one, which is marked.
/// `lead` columns are left free before it. Returns the row behind it.
int draw_table(Grid& grid, int row, int rows, int left, int width, int lead, const Table& table,
               std::optional<std::size_t> chosen, bool is_screen);

/// The same as lines of text, for --once.
std::string table_text(const Table& table);

}  // namespace ccrelay::app::top
