#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::app::top {

/// What a colour means; the terminal's own theme says how it looks. Never alone: a word says it
/// too.
enum class Tint : unsigned char { plain, good, warn, bad, accent };

struct Style {
  Tint tint = Tint::plain;
  bool bold = false;
  bool dim = false;
  bool reverse = false;

  bool operator==(const Style& other) const = default;
};

struct Cell {
  std::string glyph =
      " ";  ///< a letter with what combines with it; empty: a wide one's second half
  Style style;

  bool operator==(const Cell& other) const = default;
};

/// A place that a mouse may click on: a screen's name, or a row.
struct Spot {
  int row = 0;
  int begin = 0;
  int end = 0;
  int screen = -1;  ///< go there, unless below 0
  std::string id;   ///< else choose this
};

/// A screen full of styled cells. What does not fit is cut; nothing outside is ever written.
class Grid {
 public:
  Grid(int rows, int columns);

  int rows() const { return rows_; }
  int columns() const { return columns_; }
  const Cell& at(int row, int column) const { return cells_[index(row, column)]; }

  /// Returns the column behind what was written.
  int put(int row, int column, std::string_view utf8, Style style = {});
  /// Ends before `end`.
  void put_right(int row, int end, std::string_view utf8, Style style = {});
  /// Reverses `columns` of a row; all of it when below 0.
  void reverse(int row, int column = 0, int columns = -1);
  void dim_all();
  /// Takes what stood there away.
  void clear(int row, int column, int rows, int columns);
  /// Only ASCII is left.
  void to_ascii();

  /// A row as text, without the spaces at its end.
  std::string line(int row) const;
  /// All of them, each with a line end.
  std::string text() const;

  std::vector<Spot> spots;

 private:
  std::size_t index(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) +
           static_cast<std::size_t>(column);
  }
  bool holds(int row, int column) const {
    return row >= 0 && row < rows_ && column >= 0 && column < columns_;
  }

  int rows_;
  int columns_;
  std::vector<Cell> cells_;
};

}  // namespace ccrelay::app::top
