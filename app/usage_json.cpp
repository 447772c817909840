#include <fmt/format.h>

#include "json_splice.hpp"
#include "printable.hpp"
#include "usage_print.hpp"

namespace ccrelay::app {
namespace {

std::string json_text(const std::string& text) {
  return printable_json(json_quoted(text));
}

template <class Number>
std::string json_number(const std::optional<Number>& value) {
  return value ? fmt::format("{}", *value) : std::string("null");
}

std::string json_money(const std::optional<std::int64_t>& nano_usd) {
  return nano_usd ? usd(*nano_usd) : std::string("null");
}

std::string json_figures(const UsageFigures& figures) {
  std::string tokens;
  for (std::size_t i = 0; i < token_classes; ++i) {
    tokens += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", token_class_names[i],
                          json_number(figures.tokens.counts[i]));
  }
  return fmt::format(
      "\"requests\":{},\"errors\":{},\"attempts\":{},\"tokens\":{{{}}},\"web_searches\":{},"
      "\"cost_usd\":{},\"cost_nano_usd\":{},\"client_paid_usd\":{},\"unknown_cost\":{},"
      "\"partial\":{},\"without_usage\":{},\"assumed_ttl\":{}}}",
      figures.requests, figures.errors, figures.attempts, tokens, figures.web_searches,
      json_money(figures.cost_nano_usd), json_number(figures.cost_nano_usd),
      json_money(figures.client_paid_nano_usd), figures.unknown_cost, figures.partial,
      figures.without_usage, figures.assumed_ttl);
}

std::string json_row(const UsageRow& row, const UsageQuery& query) {
  std::string keys;
  for (std::size_t i = 0; i < row.keys.size(); ++i) {
    keys += fmt::format("{}{}:{}", i == 0 ? "" : ",", json_text(key_name(query.by[i])),
                        json_text(row.keys[i]));
  }
  return fmt::format("{{\"key\":{{{}}},{}", keys, json_figures(row.figures));
}

}  // namespace

std::string usage_json(const UsageTable& table, const UsageQuery& query) {
  std::string by, rows;
  for (const UsageKey key : query.by) by += (by.empty() ? "" : ",") + json_text(key_name(key));
  for (const UsageRow& each : table.rows) rows += (rows.empty() ? "" : ",") + json_row(each, query);
  return fmt::format(
      "{{\"schema\":1,\"timezone\":{},\"since\":{},\"until\":{},\"by\":[{}],\"rows\":[{}],"
      "\"totals\":{{\"key\":{{}},{},\"cache\":{{\"saved_usd\":{},\"broken_count\":{},"
      "\"broken_usd\":{}}},\"truncated\":{}{}}}\n",
      json_text(query.zone.name()), json_text(rfc3339(query.zone, query.since)),
      json_text(rfc3339(query.zone, table.until)), by, rows, json_figures(table.totals),
      json_money(table.saved_nano_usd), table.broken_caches, json_money(table.broken_nano_usd),
      table.truncated,
      query.reprice ? fmt::format(",\"told_costs\":{}", table.told_costs) : std::string());
}

}  // namespace ccrelay::app
