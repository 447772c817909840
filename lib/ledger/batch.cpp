#include "ledger/batch.hpp"

#include <chrono>
#include <limits>
#include <map>
#include <utility>

namespace ccrelay::ledger {
namespace {

std::int64_t milliseconds(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

std::int64_t microseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

std::int64_t whole(std::uint64_t value) {
  return static_cast<std::int64_t>(value & 0x7FFF'FFFF'FFFF'FFFFull);
}

}  // namespace

Statement Insert::statement(std::size_t rows) const {
  std::string row = "(?";
  for (std::size_t i = 1; i < columns_; ++i) row += ",?";
  row += ')';
  std::string sql = "INSERT INTO " + into_ + " VALUES" + row;
  for (std::size_t i = 1; i < rows; ++i) sql += "," + row;
  return Statement(database_, sql.c_str());
}

BatchWriter::BatchWriter(Database& database, std::string relay)
    : database_(database),
      relay_(std::move(relay)),
      request_(database,
               "requests(id, time_ms, request_id, relay, client, session, agent, parent_agent, "
               "endpoint, model, stream, status, ending, error, bytes_in, bytes_out, pings, "
               "queue_us, first_byte_us, total_us)",
               20),
      attempt_(database,
               "attempts(request, n, provider, key, model, outcome, status, connect_us, "
               "first_byte_us, total_us)",
               10),
      charge_(database,
              "charges(request, attempt, n, kind, model, payer, billed, partial, assumed_ttl, "
              "input, output, cache_write_5m, cache_write_1h, cache_read, thinking, web_searches, "
              "est_input, est_output, tier, speed, geo, price, cost_nano_usd)",
              23),
      spend_(database,
             "INSERT INTO spend(client, period, relay, nano_usd) VALUES(?,?,?,?) "
             "ON CONFLICT DO UPDATE SET nano_usd = "
             "min(nano_usd, 9223372036854775807 - excluded.nano_usd) + excluded.nano_usd"),
      last_(database,
            "SELECT max(ifnull((SELECT max(id) FROM requests), 0), ifnull("
            "(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'last_request'), 0))"),
      keep_last_(database,
                 "INSERT INTO meta(key, value) VALUES('last_request', ?) "
                 "ON CONFLICT DO UPDATE SET value = excluded.value") {}

void BatchWriter::write(const std::vector<Entry>& entries) {
  database_.run("BEGIN IMMEDIATE");
  const std::int64_t before = last_id();
  collect(entries, before);
  request_.write(requests_, [this](Statement& to, const Request& each) { put(to, each); });
  attempt_.write(attempts_, [](Statement& to, const Attempt& each) { put(to, each); });
  charge_.write(charges_, [](Statement& to, const OneCharge& each) { put(to, each); });
  add_spend(entries);
  keep_last_.put(before + static_cast<std::int64_t>(entries.size())).run();
  database_.run("COMMIT");
  if (database_.failed()) database_.roll_back();
}

// Another relay may have written since. Of the ids that retention has taken away none comes again:
// AUTOINCREMENT does the same, at the price of two more looks and a write each row.
std::int64_t BatchWriter::last_id() {
  std::int64_t id = 0;
  while (last_.next()) id = last_.number(0);
  return id;
}

void BatchWriter::collect(const std::vector<Entry>& entries, std::int64_t last_id) {
  requests_.clear();
  attempts_.clear();
  charges_.clear();
  for (const Entry& entry : entries) {
    requests_.push_back({++last_id, &entry.row});
    std::int64_t n = 0;
    for (const Row::Attempt& attempt : entry.row.attempts) {
      attempts_.push_back({last_id, ++n, &attempt});
      std::int64_t each = 0;
      for (const Row::Charge& charge : attempt.charges) {
        charges_.push_back({last_id, n, ++each, &attempt, &charge});
      }
    }
  }
}

// Most columns are what they were in the row before: see Statement.
void BatchWriter::put(Statement& to, const Request& request) const {
  const Row& row = *request.row;
  to.put(request.id).put(milliseconds(row.began)).refer_some(row.request_id).refer(relay_);
  to.refer(row.client).refer_some(row.session).refer_some(row.agent).refer_some(row.parent_agent);
  to.refer(row.endpoint).refer_some(row.model).put(std::int64_t{row.stream}).put(row.status);
  to.refer(to_string(row.ending)).refer_some(error_word(row)).put(whole(row.bytes_in));
  to.put(whole(row.bytes_out)).put(whole(row.pings)).put(microseconds(row.queue));
  to.put(microseconds(row.first_byte)).put(microseconds(row.total));
}

void BatchWriter::put(Statement& to, const Attempt& each) {
  const Row::Attempt& attempt = *each.attempt;
  to.put(each.request).put(each.n).refer(attempt.provider).refer(attempt.key);
  to.refer(attempt.model).refer(to_string(attempt.outcome)).put(attempt.status);
  to.put(microseconds(attempt.connect)).put(microseconds(attempt.first_byte));
  to.put(microseconds(attempt.total));
}

void BatchWriter::put(Statement& to, const OneCharge& each) {
  const Row::Attempt& attempt = *each.of;
  const Row::Charge& charge = *each.charge;
  to.put(each.request).put(each.attempt).put(each.n).refer(to_string(charge.kind));
  to.refer_some(charge.model).refer(to_string(attempt.payer)).put(std::int64_t{charge.billed});
  to.put(std::int64_t{charge.partial}).put(std::int64_t{charge.assumed_ttl});
  for (const auto& count : charge.tokens.counts) to.put_some(count);
  to.put_some(charge.thinking).put_some(charge.web_searches);
  to.put_some(charge.est_input).put_some(charge.est_output);
  to.refer_some(attempt.service_tier).refer_some(attempt.speed).refer_some(attempt.geo);
  to.refer_some(charge.price).put_some(charge.cost_nano_usd);
}

// A line for each client and period, however many requests there were.
void BatchWriter::add_spend(const std::vector<Entry>& entries) {
  std::map<std::pair<std::string_view, std::string_view>, std::int64_t> sums;
  for (const Entry& entry : entries) {
    const Spending& spending = entry.spending;
    if (spending.spent == 0) continue;
    for (const PeriodName* period : {&spending.day, &spending.month}) {
      std::int64_t& sum = sums[{entry.row.client, period->view()}];
      if (__builtin_add_overflow(sum, spending.spent, &sum)) {
        sum = std::numeric_limits<std::int64_t>::max();
      }
    }
  }
  for (const auto& [where, sum] : sums) {
    spend_.refer(where.first).refer(where.second).refer(relay_).put(sum).run();
  }
}

}  // namespace ccrelay::ledger
