#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "grid.hpp"
#include "model.hpp"
#include "view.hpp"

namespace ccrelay::app::top {

/// The whole screen, `view.rows` by `view.columns`. A pure function.
Grid draw(const Model& model, const View& view, const Options& options);

// What it is made of. Each draws into the rows from `row` on, before `end`.
void draw_overview(Grid& grid, const Model& model, const View& view, int row, int end);
void draw_list(Grid& grid, const Model& model, const View& view, int row, int end);
void draw_requests(Grid& grid, const Model& model, const View& view, int row, int end);
void draw_detail(Grid& grid, const Model& model, int row, int end, int left, int width);
/// Lines of the log, the newest at the end, `behind` of them further up.
void draw_log(Grid& grid, const Model& model, const View& view, int row, int end);
void draw_help(Grid& grid, int row, int end);
void draw_confirm(Grid& grid, const Model& model, const Confirm& confirm);

/// Whether the overview has room for its parts one below the other.
bool is_whole(const View& view);
constexpr std::size_t overview_sections = 4;
/// Whether the chosen request's decisions stand beside the list.
bool has_trace_beside(const View& view);

/// The lines a question says before it is answered: what it would do, with figures of now.
struct Question {
  std::string title;
  std::vector<std::string> lines;
};
Question question_of(const Model& model, const Confirm& confirm);

/// Whether the caller may act; else what to say to one who tries.
std::string why_no_action(const Model& model, const Options& options);

/// The log lines that the view lets through, oldest first.
std::vector<const LogLine*> log_lines(const Model& model, const View& view);
/// `12:04:31 info  request   200 anthropic`
std::string log_text(const LogLine& line);

/// Puts one piece behind the other, and in a new line, `indent` columns in, what does not fit.
/// Returns the row behind them.
struct Piece {
  std::string text;
  Style style = {};
  int gap = 2;  ///< before it
};
int flow(Grid& grid, int row, int end, int column, int indent, const std::vector<Piece>& pieces);

}  // namespace ccrelay::app::top
