#include <ccrelay/management/v1/management.pb.h>

#include "rpc/tell.hpp"

namespace ccrelay::rpc {

void tell(const management::UsageReport& report, messages::QueryUsageResponse& out) {
  for (const management::UsageRow& row : report.rows) {
    auto& told_row = *out.add_rows();
    if (row.start_time) tell(*row.start_time, *told_row.mutable_start_time());
    for (const std::string& value : row.group) told_row.add_group(value);
    tell(row.totals, *told_row.mutable_totals());
  }
  tell(report.total, *out.mutable_total());
  out.set_next_page_token(report.next_page_token);
  if (report.ledger_start_time) {
    tell(*report.ledger_start_time, *out.mutable_ledger_start_time());
  }
  out.set_pending(report.pending);
}

void tell(const management::UsageRecords& records, messages::ListUsageRecordsResponse& out) {
  for (const management::Request& record : records.records) tell(record, *out.add_records());
  out.set_next_page_token(records.next_page_token);
}

}  // namespace ccrelay::rpc
