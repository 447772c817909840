#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "printable.hpp"
#include "usage_print.hpp"

namespace ccrelay::app {
namespace {

constexpr std::size_t bar_cells = 12;
constexpr std::size_t unpriced_max = 5;
constexpr std::size_t name_bytes_max = 64;

// Columns on a terminal: continuation bytes take none. (Wide characters take two; who names a
// model so has a table with a dent.)
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

struct Column {
  std::string name;
  bool left = false;
  std::vector<std::string> cells;  // of the rows, then of the total

  std::size_t width() const {
    std::size_t most = columns(name);
    for (const std::string& cell : cells) most = std::max(most, columns(cell));
    return most;
  }
};

std::string padded(std::string_view text, std::size_t width, bool left) {
  const std::size_t length = columns(text);
  const std::string space(width > length ? width - length : 0, ' ');
  return left ? std::string(text) + space : space + std::string(text);
}

// In eighths of a cell; what is there shows.
std::string bar(std::int64_t part, std::int64_t whole, bool utf8) {
  if (part <= 0 || whole <= 0) return {};
  const double share = static_cast<double>(part) / static_cast<double>(whole);
  const auto eighths =
      std::max<std::size_t>(1, static_cast<std::size_t>(share * bar_cells * 8 + 0.5));
  if (!utf8) return std::string((eighths + 7) / 8, '#');
  constexpr const char* parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  std::string out;
  for (std::size_t i = 0; i < eighths / 8; ++i) out += "█";
  return out + parts[eighths % 8];
}

std::string count_cell(const std::optional<std::uint64_t>& count, const UsagePage& page) {
  if (!count) return "-";
  return page.full ? fmt::format("{}", *count) : short_count(*count);
}

std::optional<std::uint64_t> writes(const UsageFigures& figures) {
  const auto& five = figures.tokens[TokenClass::cache_write_5m];
  const auto& hour = figures.tokens[TokenClass::cache_write_1h];
  if (!five && !hour) return std::nullopt;
  return five.value_or(0) + hour.value_or(0);
}

std::string amount(std::int64_t nano_usd, const UsagePage& page) {
  return page.full ? usd(nano_usd) : short_usd(nano_usd);
}

using Rows = std::vector<const UsageFigures*>;

// `$ 31.22`, the figures below each other; ` + ?` where there was more.
std::vector<std::string> cost_cells(const Rows& rows, const UsagePage& page) {
  std::size_t width = 1;
  bool any_more = false;
  for (const UsageFigures* row : rows) {
    if (row->cost_nano_usd) width = std::max(width, amount(*row->cost_nano_usd, page).size());
    any_more = any_more || (row->cost_nano_usd && row->unknown_cost > 0);
  }
  std::vector<std::string> cells;
  for (const UsageFigures* row : rows) {
    std::string cell = row->unknown_cost > 0 ? "?" : "-";
    if (row->cost_nano_usd) cell = "$ " + padded(amount(*row->cost_nano_usd, page), width, false);
    const bool more = row->cost_nano_usd && row->unknown_cost > 0;
    cells.push_back(cell + (more ? " + ?" : any_more ? "    " : ""));
  }
  return cells;
}

template <class Cell>
Column column(std::string name, const Rows& rows, Cell cell) {
  Column out{std::move(name), false, {}};
  for (const UsageFigures* row : rows) out.cells.push_back(cell(*row));
  return out;
}

// Names, then figures; the bar comes last, and is no column of its own here.
std::vector<Column> columns_of(const UsageTable& table, const UsageQuery& query,
                               const UsagePage& page) {
  std::vector<Column> out;
  for (std::size_t i = 0; i < query.by.size(); ++i) {
    Column names{key_name(query.by[i]), true, {}};
    for (const UsageRow& row : table.rows) {
      const std::string name = printable(row.keys[i], name_bytes_max);
      names.cells.push_back(name.empty() ? "-" : name);
    }
    names.cells.push_back(i == 0 ? "total" : "");
    out.push_back(std::move(names));
  }
  Rows rows;
  for (const UsageRow& row : table.rows) rows.push_back(&row.figures);
  rows.push_back(&table.totals);
  const auto tokens = [&](TokenClass which) {
    return [&page, which](const UsageFigures& row) { return count_cell(row.tokens[which], page); };
  };
  out.push_back(column("requests", rows,
                       [](const UsageFigures& row) { return fmt::format("{}", row.requests); }));
  out.push_back(column("input", rows, tokens(TokenClass::input)));
  out.push_back(column("output", rows, tokens(TokenClass::output)));
  out.push_back(column("cache write", rows,
                       [&](const UsageFigures& row) { return count_cell(writes(row), page); }));
  out.push_back(column("cache read", rows, tokens(TokenClass::cache_read)));
  if (table.totals.client_paid_nano_usd) {
    out.push_back(column("clients' own", rows, [&](const UsageFigures& row) {
      return row.client_paid_nano_usd ? "$ " + amount(*row.client_paid_nano_usd, page)
                                      : std::string("-");
    }));
  }
  out.push_back({"cost", false, cost_cells(rows, page)});
  return out;
}

std::size_t width_of(const std::vector<Column>& all) {
  std::size_t width = 0;
  for (const Column& each : all) width += each.width() + 2;
  return width;
}

std::vector<std::string> bars_of(const UsageTable& table, const UsagePage& page) {
  std::int64_t most = 0;
  for (const UsageRow& row : table.rows) {
    most = std::max(most, row.figures.cost_nano_usd.value_or(0));
  }
  std::vector<std::string> bars;
  for (const UsageRow& row : table.rows) {
    bars.push_back(bar(row.figures.cost_nano_usd.value_or(0), most, page.utf8));
  }
  return bars;
}

std::string line_of(const std::vector<Column>& all, std::size_t row, const std::string& bar) {
  std::string line;
  for (const Column& each : all) {
    const std::string& cell = row == std::string::npos ? each.name : each.cells[row];
    line += (line.empty() ? "" : "  ") + padded(cell, each.width(), each.left);
  }
  if (!bar.empty()) line += "  " + bar;
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

// `27 Nov 00:00`, with the year where it isn't this one.
std::string moment(const UsageQuery& query, const UsagePage& page, WallTime time) {
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const LocalTime local = query.zone.local(time);
  const bool other_year = local.year != query.zone.local(page.now).year;
  return fmt::format("{:02} {}{} {:02}:{:02}", local.day, months[local.month - 1],
                     other_year ? fmt::format(" {}", local.year) : "", local.hour, local.minute);
}

std::string requests(std::uint64_t count) {
  return fmt::format("{} {}", count, count == 1 ? "request" : "requests");
}

std::string about_caches(const UsageTable& table, const UsagePage& page) {
  std::string out;
  if (table.saved_nano_usd && *table.saved_nano_usd != 0) {
    out = *table.saved_nano_usd > 0
              ? fmt::format("Prompt caching saved $ {}.", amount(*table.saved_nano_usd, page))
              : fmt::format("Prompt caching cost $ {} more than it saved.",
                            amount(-*table.saved_nano_usd, page));
  }
  if (table.broken_caches > 0) {
    const bool one = table.broken_caches == 1;
    out += fmt::format("{}{} broken {}{} (see --by session).", out.empty() ? "" : " ",
                       table.broken_caches, one ? "cache" : "caches",
                       table.broken_nano_usd
                           ? fmt::format(" cost $ {}", amount(*table.broken_nano_usd, page))
                           : "");
  }
  return out.empty() ? out : out + "\n";
}

std::string remarks(const UsageTable& table, const UsagePage& page) {
  std::string out = about_caches(table, page);
  for (std::size_t i = 0; i < std::min(table.unpriced.size(), unpriced_max); ++i) {
    const UnpricedModel& each = table.unpriced[i];
    out += fmt::format("?  {} of {} {} no price: add [[prices]].\n", requests(each.requests),
                       printable(each.model, name_bytes_max), each.requests == 1 ? "has" : "have");
  }
  if (table.unpriced.size() > unpriced_max) {
    out += fmt::format("?  {} more models have no price.\n", table.unpriced.size() - unpriced_max);
  }
  if (const auto untold = table.totals.without_usage; untold > 0) {
    out += fmt::format("?  Of {} no provider told the tokens.\n", requests(untold));
  }
  if (const auto cut = table.totals.partial; cut > 0) {
    out += fmt::format("{}  {} {} cut off; {} output is a lower bound.\n",
                       page.utf8 ? "≥" : ">=", requests(cut), cut == 1 ? "was" : "were",
                       cut == 1 ? "its" : "their");
  }
  if (const auto told = table.told_costs; told > 0) {
    out += fmt::format("{} {} the cost that {} provider told.\n", requests(told),
                       told == 1 ? "keeps" : "keep", told == 1 ? "its" : "their");
  }
  if (table.truncated) out += "More rows than the limit; the total is of all.\n";
  return out;
}

}  // namespace

std::string usage_text(const UsageTable& table, const UsageQuery& query, const UsagePage& page) {
  std::string out = fmt::format("{}{}{}{}{}\n", query.zone.name(), page.utf8 ? " · " : ", ",
                                moment(query, page, query.since), page.utf8 ? " – " : " - ",
                                moment(query, page, table.until));
  std::vector<Column> all = columns_of(table, query, page);
  bool bars = page.bars;
  if (page.width > 0 && width_of(all) + bar_cells > page.width) bars = false;
  if (page.width > 0 && width_of(all) > page.width + 2) {
    std::erase_if(all, [](const Column& each) { return each.name == "cache write"; });
  }
  const std::vector<std::string> drawn =
      bars ? bars_of(table, page) : std::vector<std::string>(table.rows.size());
  out += line_of(all, std::string::npos, {});
  for (std::size_t i = 0; i < table.rows.size(); ++i) out += line_of(all, i, drawn[i]);
  out += line_of(all, table.rows.size(), {});
  return out + remarks(table, page);
}

}  // namespace ccrelay::app
