#include "api/csv.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include "catch.hpp"

using namespace ccrelay;
using management::UsageDimension;

TEST_CASE("sums as CSV have a column for what they are split by and for each sum") {
  management::UsageReport report;
  management::UsageRow row;
  row.start_time = WallTime(std::chrono::seconds(1'769'850'000));
  row.group = {"a,b", "=1+1"};
  row.totals = {1, 2, 3, 4, 5, {6, 7, 8, 9, 10, 11}, {-12, 13, 14}, 15, 16};
  report.rows = {row, {{}, {"", "\"x\"\n"}, {}}};
  CHECK(api::csv_of(report, {UsageDimension::client, UsageDimension::model_sent}) ==
        "start_time,client,model_sent,requests,failed,client_gone,retried,attempts,"
        "usage.input_tokens,usage.output_tokens,usage.cache_write_tokens,usage.cache_read_tokens,"
        "usage.cache_write_1h_tokens,usage.web_searches,cost.nano_usd,cost.unpriced_requests,"
        "cost.client_paid_nano_usd,partial,without_usage\n"
        "2026-01-31T09:00:00Z,\"a,b\",'=1+1,1,2,3,4,5,6,7,8,9,10,11,-12,13,14,15,16\n"
        ",,\"\"\"x\"\"\n\",0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n");
  CHECK(api::csv_of(management::UsageReport{}, {}).substr(0, 20) == "start_time,requests,");
}

TEST_CASE("records as CSV have a line each, with the fields that are no lists") {
  management::UsageRecords records;
  management::Request request;
  request.id = "1f";
  request.stream = true;
  request.first_byte_us = 7;
  request.attempts.emplace_back();
  records.records = {request};
  const std::string csv = api::csv_of(records);
  CHECK(csv.substr(0, 39) == "id,request_id,session,client,client_add");
  CHECK(csv.find("attempts") == std::string::npos);
  CHECK(csv.find("\n1f,,,,,,,,,true,REQUEST_STATE_UNSPECIFIED,,,0,,0,7,0,0,0,0,") !=
        std::string::npos);
  const auto line = csv.find('\n');
  CHECK(std::count(csv.begin(), csv.begin() + static_cast<long>(line), ',') ==
        std::count(csv.begin() + static_cast<long>(line), csv.end(), ','));
}
