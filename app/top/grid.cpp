#include "grid.hpp"

#include <algorithm>

#include "text.hpp"

namespace ccrelay::app::top {

Grid::Grid(int rows, int columns)
    : rows_(std::max(rows, 0)),
      columns_(std::max(columns, 0)),
      cells_(static_cast<std::size_t>(rows_) * static_cast<std::size_t>(columns_)) {}

int Grid::put(int row, int column, std::string_view utf8, Style style) {
  int last = -1;  // where the letter stands that a mark combines with
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t begin = at;
    const int width = columns_of(next_point(utf8, at));
    const std::string_view glyph = utf8.substr(begin, at - begin);
    if (width == 0) {
      if (holds(row, last)) cells_[index(row, last)].glyph += glyph;
      continue;
    }
    if (holds(row, column) && holds(row, column + width - 1)) {
      cells_[index(row, column)] = {std::string(glyph), style};
      if (width == 2) cells_[index(row, column + 1)] = {std::string(), style};
      last = column;
    } else {
      last = -1;
    }
    column += width;
  }
  return column;
}

void Grid::put_right(int row, int end, std::string_view utf8, Style style) {
  put(row, end - columns_of(utf8), utf8, style);
}

void Grid::reverse(int row, int column, int columns) {
  const int end = columns < 0 ? columns_ : column + columns;
  for (int at = column; at < end; ++at) {
    if (holds(row, at)) cells_[index(row, at)].style.reverse = true;
  }
}

void Grid::dim_all() {
  for (Cell& cell : cells_) {
    cell.style.dim = true;
    cell.style.tint = Tint::plain;
  }
}

void Grid::clear(int row, int column, int rows, int columns) {
  for (int y = row; y < row + rows; ++y) {
    for (int x = column; x < column + columns; ++x) {
      if (holds(y, x)) cells_[index(y, x)] = {};
    }
    // Half of a wide letter can't stay.
    if (holds(y, column - 1) && holds(y, column)) {
      Cell& before = cells_[index(y, column - 1)];
      if (columns_of(before.glyph) == 2) before.glyph = " ";
    }
    if (holds(y, column + columns)) {
      Cell& behind = cells_[index(y, column + columns)];
      if (behind.glyph.empty()) behind.glyph = " ";
    }
  }
}

void Grid::to_ascii() {
  for (int row = 0; row < rows_; ++row) {
    for (int column = 0; column < columns_; ++column) {
      Cell& cell = cells_[index(row, column)];
      std::string ascii = in_ascii(cell.glyph);
      if (ascii.size() > 1 && holds(row, column + 1)) cells_[index(row, column + 1)].glyph = "?";
      cell.glyph = ascii.empty() ? " " : ascii.substr(0, 1);
    }
  }
}

std::string Grid::line(int row) const {
  std::string out;
  for (int column = 0; column < columns_; ++column) out += at(row, column).glyph;
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

std::string Grid::text() const {
  std::string out;
  for (int row = 0; row < rows_; ++row) out += line(row) + "\n";
  return out;
}

}  // namespace ccrelay::app::top
