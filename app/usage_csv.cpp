#include <fmt/format.h>

#include "usage_print.hpp"

namespace ccrelay::app {
namespace {

template <class Number>
std::string csv_number(const std::optional<Number>& value) {
  return value ? fmt::format("{}", *value) : std::string();
}

std::string csv_money(const std::optional<std::int64_t>& nano_usd) {
  return nano_usd ? usd(*nano_usd) : std::string();
}

std::string csv_figures(const UsageFigures& figures) {
  std::string out = fmt::format("{},{},{}", figures.requests, figures.errors, figures.attempts);
  for (const auto& count : figures.tokens.counts) out += "," + csv_number(count);
  return out + fmt::format(",{},{},{},{},{},{},{}\n", figures.web_searches,
                           csv_money(figures.cost_nano_usd),
                           csv_money(figures.client_paid_nano_usd), figures.unknown_cost,
                           figures.partial, figures.without_usage, figures.assumed_ttl);
}

}  // namespace

std::string csv_field(const std::string& text) {
  std::string out = text;
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
    out.insert(0, 1, '\'');
  }
  if (out.find_first_of(",\"\r\n") == std::string::npos) return out;
  std::string quoted = "\"";
  for (const char c : out) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string usage_csv(const UsageTable& table, const UsageQuery& query) {
  std::string out;
  for (const UsageKey key : query.by) out += key_name(key) + ",";
  out +=
      "requests,errors,attempts,input,output,cache_write_5m,cache_write_1h,cache_read,"
      "web_searches,cost_usd,client_paid_usd,unknown_cost,partial,without_usage,assumed_ttl\n";
  for (const UsageRow& row : table.rows) {
    for (const std::string& key : row.keys) out += csv_field(key) + ",";
    out += csv_figures(row.figures);
  }
  return out;
}

}  // namespace ccrelay::app
