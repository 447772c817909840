#include "api/csv.hpp"

#include <string_view>

#include "api/enum_names.hpp"
#include "api/json.hpp"
#include "base/ascii.hpp"
#include "wire/json_members.hpp"
#include "wire/json_scan.hpp"

namespace ccrelay::api {
namespace {

using Cells = std::vector<std::string>;

// A table that is appended row by row.
struct Csv {
  Cells names;  // of the columns
  Cells cells;  // of one row
  std::string text;
};

std::string csv_cell(const std::string& text) {
  std::string out = text;
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
    out.insert(0, 1, '\'');
  }
  if (out.find_first_of(",\"\r\n") == std::string::npos) return out;
  std::string quoted = "\"";
  for (const char c : out) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

void append_line(std::string& text, const Cells& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) text += (i > 0 ? "," : "") + cells[i];
  text += '\n';
}

// The members of a message as columns; lists are none.
void add_columns(Csv& csv, std::string_view json, const std::string& prefix) {
  const auto members = wire::JsonMembers::read(json);
  if (!members) return;
  for (const wire::JsonMember& member : *members) {
    const std::string_view raw = members->raw(member);
    const std::string name = prefix + std::string(member.name);
    if (raw.front() == '[') continue;
    if (raw.front() == '{') {
      add_columns(csv, raw, name + '.');
      continue;
    }
    csv.names.push_back(name);
    if (raw.front() == '"') {
      csv.cells.push_back(csv_cell(wire::json_decoded(raw)));
    } else {
      csv.cells.emplace_back(raw == "null" ? std::string_view() : raw);
    }
  }
}

template <class Message>
void add_columns(Csv& csv, const Message& message) {
  std::string json;
  append_json(json, message);
  add_columns(csv, json, {});
}

// USAGE_DIMENSION_MODEL_SENT is the column model_sent.
std::string column_of(management::UsageDimension dimension) {
  constexpr std::string_view prefix = "USAGE_DIMENSION_";
  return base::lower(name_of(dimension).substr(prefix.size()));
}

void add_usage_row(Csv& csv, const management::UsageRow& row,
                   const std::vector<management::UsageDimension>& group_by) {
  csv.names = {"start_time"};
  std::string time;
  append_json(time, row.start_time);
  csv.cells = {wire::plain_string(time)};
  for (std::size_t i = 0; i < group_by.size(); ++i) {
    csv.names.push_back(column_of(group_by[i]));
    csv.cells.push_back(i < row.group.size() ? csv_cell(row.group[i]) : std::string());
  }
  add_columns(csv, row.totals);
}

}  // namespace

std::string csv_of(const management::UsageReport& report,
                   const std::vector<management::UsageDimension>& group_by) {
  Csv csv;
  add_usage_row(csv, {}, group_by);
  append_line(csv.text, csv.names);
  for (const auto& row : report.rows) {
    add_usage_row(csv, row, group_by);
    append_line(csv.text, csv.cells);
  }
  return csv.text;
}

std::string csv_of(const management::UsageRecords& records) {
  Csv csv;
  add_columns(csv, management::Request{});
  append_line(csv.text, csv.names);
  for (const auto& record : records.records) {
    csv.cells.clear();
    add_columns(csv, record);
    append_line(csv.text, csv.cells);
  }
  return csv.text;
}

}  // namespace ccrelay::api
