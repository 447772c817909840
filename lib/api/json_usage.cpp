#include "api/json.hpp"

namespace ccrelay::api {

void append_json(std::string& out, const management::UsageRow& row) {
  JsonObject object(out);
  object("start_time", row.start_time)("group", row.group)("totals", row.totals);
}

void append_json(std::string& out, const management::UsageReport& report) {
  JsonObject object(out);
  object("rows", report.rows)("total", report.total);
  object("next_page_token", report.next_page_token);
  object("ledger_start_time", report.ledger_start_time)("pending", report.pending);
}

void append_json(std::string& out, const management::UsageRecords& records) {
  JsonObject object(out);
  object("records", records.records)("next_page_token", records.next_page_token);
}

}  // namespace ccrelay::api
