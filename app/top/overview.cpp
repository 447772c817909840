#include <fmt/format.h>

#include <algorithm>

#include "figures.hpp"
#include "screens.hpp"
#include "states.hpp"
#include "table.hpp"
#include "text.hpp"

namespace ccrelay::app::top {
namespace {

constexpr int figure_end = 19;
constexpr int spark_begin = 21;
constexpr std::size_t running_max = 10;
constexpr int troubles_wide_max = 6;

void draw_rate(Grid& grid, const Model& model, int row, const char* name, Real now,
               double Sample::*of, bool is_bad) {
  grid.put(row, 1, name);
  const bool counts = now && *now >= 100;
  const Style style{.tint = is_bad && now.value_or(0) > 0 ? Tint::bad : Tint::plain, .bold = true};
  grid.put_right(row, figure_end, counts ? brief(now) : rate(now), style);
  std::vector<double> values;
  // The second that runs is not whole yet.
  for (const Sample& sample : model.history) values.push_back(sample.*of);
  grid.put(row, spark_begin, sparkline(values, grid.columns() - 1 - spark_begin),
           {.tint = is_bad ? Tint::bad : Tint::accent});
}

int draw_rates(Grid& grid, const Model& model, int row, int end, bool wide) {
  const Status& status = model.status;
  if (row < end) {
    draw_rate(grid, model, row++, "Requests/s", status.requests_per_second, &Sample::requests,
              false);
  }
  if (row < end) {
    draw_rate(grid, model, row++, "Failed/s", status.failures_per_second, &Sample::failed, true);
  }
  if (row < end) {
    draw_rate(grid, model, row++, "Tokens out/s", status.output_tokens_per_second,
              &Sample::output_tokens, false);
  }
  if (wide && row < end) {
    draw_rate(grid, model, row++, "Tokens in/s", status.input_tokens_per_second,
              &Sample::input_tokens, false);
  }
  if (row >= end) return row;
  grid.put(row, 1, "In flight");
  grid.put_right(row, figure_end, grouped(status.in_flight), {.bold = true});
  const Latency& first = status.first_byte;
  const bool measured = first.count.value_or(0) > 0;
  const auto told = [&](Number us) { return measured && us ? took(*us) : std::string("-"); };
  return flow(grid, row, end, spark_begin, grid.columns() < 80 ? 9 : spark_begin,
              {{"streams " + grouped(status.streaming)},
               {"first byte p50 " + told(first.p50_us), {}, 3},
               {"p99 " + told(first.p99_us)},
               {"lag " + (status.loop_lag_max_us ? took(*status.loop_lag_max_us) : "n/a"), {}, 3}});
}

std::string cached_part(const Usage& usage) {
  const auto all =
      static_cast<double>(usage.input_tokens.value_or(0) + usage.cache_write_tokens.value_or(0) +
                          usage.cache_read_tokens.value_or(0));
  if (!usage.cache_read_tokens) return "n/a";
  return all > 0 ? whole_percent(static_cast<double>(*usage.cache_read_tokens) / all) : "-";
}

int draw_totals(Grid& grid, const Model& model, int row, int end) {
  const Status& status = model.status;
  // Without a ledger nobody knows of today.
  const Totals& sums = status.today ? *status.today : status.totals;
  if (row >= end) return row;
  grid.put(row, 1, status.today ? "Today" : "Total");
  row = flow(grid, row, end, 9, 9,
             {{grouped(sums.requests) + " requests"},
              {grouped(sums.failed) + " failed",
               {.tint = sums.failed.value_or(0) > 0 ? Tint::bad : Tint::plain},
               3},
              {grouped(sums.retried) + " retried", {}, 3},
              {"in " + brief(sums.usage.input_tokens), {}, 3},
              {"out " + brief(sums.usage.output_tokens)},
              {money(sums.nano_usd), {.bold = true}, 3}});
  row = flow(grid, row, end, 9, 9,
             {{"cache read " + cached_part(sums.usage)},
              {"unpriced " + grouped(sums.unpriced_requests), {}, 3}});
  if (row >= end) return row;
  grid.put(row, 1, "Process");
  const std::int64_t lost = status.events_dropped.value_or(0);
  return flow(
      grid, row, end, 9, 9,
      {{memory(status.rss_bytes)},
       {"CPU " + (model.cpu ? whole_percent(*model.cpu) : "n/a"), {}, 3},
       {grouped(status.client_connections) + " connections", {}, 3},
       {"bodies " + memory(status.buffered_body_bytes), {}, 3},
       {"readers " + grouped(status.subscribers), {}, 3},
       {"lost " + grouped(status.events_dropped), {.tint = lost > 0 ? Tint::warn : Tint::plain}}});
}

void draw_trouble(Grid& grid, const Model& model, int row, int end) {
  if (row >= end) return;
  grid.put(row++, 1, "Last trouble", {.bold = true});
  if (model.troubles.empty() && row < end) grid.put(row, 1, "none");
  for (const Trouble& each : model.troubles) {
    if (row >= end) return;
    grid.put(row, 1, clock(each.time));
    grid.put(row, 11, left(cut(shown(each.provider), 10), 11));
    grid.put(row, 22, left(lower_case(shown(each.outcome)), 12), {.tint = Tint::bad});
    grid.put(row, 36, cut(shown(each.text), grid.columns() - 37));
    ++row;
  }
}

int draw_providers(Grid& grid, const Model& model, const View& view, int row, int end) {
  const Table table = table_of(model, view);
  return draw_table(grid, row, std::max(end - row, 1), 0, grid.columns(), 1, table,
                    chosen_row(table, view), true);
}

// One part at a time, where not all have room.
void draw_section(Grid& grid, const Model& model, const View& view, int row, int end) {
  switch (view.section) {
    case 0:
      draw_rates(grid, model, row, end, false);
      return;
    case 1:
      draw_totals(grid, model, row, end);
      return;
    case 2:
      draw_providers(grid, model, view, row, end);
      return;
    default:
      draw_trouble(grid, model, row, end);
  }
}

int draw_running(Grid& grid, const Model& model, int row, int end) {
  Table table = running_table(model);
  if (table.rows.size() > running_max) table.rows.resize(running_max);
  return draw_table(grid, row, end - row, 0, grid.columns(), 1, table, {}, false);
}

}  // namespace

bool is_whole(const View& view) {
  return view.rows >= 24 && view.columns >= 80;
}

void draw_overview(Grid& grid, const Model& model, const View& view, int row, int end) {
  if (!is_whole(view)) return draw_section(grid, model, view, row, end);
  const bool wide = view.columns >= 120 && view.rows >= 36;
  row = draw_rates(grid, model, row, end, wide) + 1;
  row = draw_totals(grid, model, row, end) + 1;
  // The last trouble has room for two at least.
  row = draw_providers(grid, model, view, row, end - (wide ? 14 : 4)) + 1;
  if (!wide) return draw_trouble(grid, model, row, end);
  const int left = end - row;
  const int running =
      std::min(static_cast<int>(std::min(model.running.size(), running_max)) + 1, left - 5);
  row = draw_running(grid, model, row, row + std::max(running, 1)) + 1;
  const int troubles = std::min(static_cast<int>(model.troubles.size()), troubles_wide_max);
  draw_trouble(grid, model, row, std::min(end, row + 1 + std::max(troubles, 1)));
  row += 2 + std::max(troubles, 1);
  if (row + 2 < end) draw_log(grid, model, view, row, end);
}

}  // namespace ccrelay::app::top
