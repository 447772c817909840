#pragma once

#include <ccrelay/manage_usage.hpp>

#include <string>
#include <vector>

namespace ccrelay::api {

/// One page of sums as comma-separated values (RFC 4180), the first line names the columns:
/// `start_time`, what they are split by, then the fields of Totals, nested ones dotted
/// (`usage.input_tokens`). What is absent is empty. A text that a spreadsheet would take for a
/// formula begins with `'`.
std::string csv_of(const management::UsageReport& report,
                   const std::vector<management::UsageDimension>& group_by);
/// One page of records likewise: the fields of Request but its lists.
std::string csv_of(const management::UsageRecords& records);

}  // namespace ccrelay::api
