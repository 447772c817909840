#include <fmt/format.h>

#include "json_splice.hpp"
#include "printable.hpp"
#include "usage_print.hpp"

namespace ccrelay::app {
namespace {

std::string quoted(const std::string& text) {
  return printable_json(json_quoted(text));
}

template <class Number>
std::string number(const std::optional<Number>& value) {
  return value ? fmt::format("{}", *value) : std::string("null");
}

std::string money(const std::optional<std::int64_t>& nano_usd) {
  return nano_usd ? usd(*nano_usd) : std::string("null");
}

std::string figures(const UsageFigures& figures) {
  std::string tokens;
  for (std::size_t i = 0; i < token_classes; ++i) {
    tokens += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", token_class_names[i],
                          number(figures.tokens.counts[i]));
  }
  return fmt::format(
      "\"requests\":{},\"errors\":{},\"attempts\":{},\"tokens\":{{{}}},\"web_searches\":{},"
      "\"cost_usd\":{},\"cost_nano_usd\":{},\"client_paid_usd\":{},\"unknown_cost\":{},"
      "\"partial\":{},\"without_usage\":{},\"assumed_ttl\":{}}}",
      figures.requests, figures.errors, figures.attempts, tokens, figures.web_searches,
      money(figures.cost_nano_usd), number(figures.cost_nano_usd),
      money(figures.client_paid_nano_usd), figures.unknown_cost, figures.partial,
      figures.without_usage, figures.assumed_ttl);
}

std::string row(const UsageRow& row, const UsageQuery& query) {
  std::string keys;
  for (std::size_t i = 0; i < row.keys.size(); ++i) {
    keys += fmt::format("{}{}:{}", i == 0 ? "" : ",", quoted(key_name(query.by[i])),
                        quoted(row.keys[i]));
  }
  return fmt::format("{{\"key\":{{{}}},{}", keys, figures(row.figures));
}

}  // namespace

std::string usage_json(const UsageTable& table, const UsageQuery& query) {
  std::string by, rows;
  for (const UsageKey key : query.by) by += (by.empty() ? "" : ",") + quoted(key_name(key));
  for (const UsageRow& each : table.rows) rows += (rows.empty() ? "" : ",") + row(each, query);
  return fmt::format(
      "{{\"schema\":1,\"timezone\":{},\"since\":{},\"until\":{},\"by\":[{}],\"rows\":[{}],"
      "\"totals\":{{\"key\":{{}},{},\"cache\":{{\"saved_usd\":{},\"broken_count\":{},"
      "\"broken_usd\":{}}},\"truncated\":{}}}\n",
      quoted(query.zone.name()), quoted(rfc3339(query.zone, query.since)),
      quoted(rfc3339(query.zone, table.until)), by, rows, figures(table.totals),
      money(table.saved_nano_usd), table.broken_caches, money(table.broken_nano_usd),
      table.truncated);
}

}  // namespace ccrelay::app
