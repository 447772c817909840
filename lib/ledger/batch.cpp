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

BatchWriter::BatchWriter(Database& database, std::string relay)
    : database_(database),
      relay_(std::move(relay)),
      request_(database,
               "INSERT INTO requests(time_ms, request_id, relay, client, session, agent, "
               "parent_agent, endpoint, model, stream, status, ending, error, bytes_in, bytes_out, "
               "pings, queue_us, first_byte_us, total_us) "
               "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
      attempt_(database,
               "INSERT INTO attempts(request, n, provider, key, model, outcome, status, "
               "connect_us, first_byte_us, total_us) VALUES(?,?,?,?,?,?,?,?,?,?)"),
      charge_(database,
              "INSERT INTO charges(request, attempt, n, kind, model, payer, billed, partial, "
              "assumed_ttl, input, output, cache_write_5m, cache_write_1h, cache_read, thinking, "
              "web_searches, est_input, est_output, tier, speed, geo, price, cost_nano_usd) "
              "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
      spend_(database,
             "INSERT INTO spend(client, period, relay, nano_usd) VALUES(?,?,?,?) "
             "ON CONFLICT DO UPDATE SET nano_usd = "
             "min(nano_usd, 9223372036854775807 - excluded.nano_usd) + excluded.nano_usd"),
      last_(database, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'last_request'"),
      keep_last_(database,
                 "INSERT INTO meta(key, value) VALUES('last_request', ?) "
                 "ON CONFLICT DO UPDATE SET value = excluded.value") {}

void BatchWriter::write(const std::deque<Entry>& entries) {
  database_.run("BEGIN IMMEDIATE");
  // Another relay may have written since.
  last_id_ = 0;
  while (last_.next()) last_id_ = last_.number(0);
  for (const Entry& entry : entries) {
    if (database_.failed()) break;
    add(entry.row);
  }
  add_spend(entries);
  keep_last_.put(last_id_).run();
  database_.run("COMMIT");
  if (database_.failed()) database_.roll_back();
}

// SQLite's next id is the largest that there is, and one; of those that retention has taken away
// none comes again. AUTOINCREMENT does the same, at the price of two more looks and a write each
// row.
std::int64_t BatchWriter::number(std::int64_t id) {
  if (id > last_id_ || database_.failed()) return last_id_ = id;
  Statement(database_, "UPDATE requests SET id = ? WHERE id = ?").put(++last_id_).put(id).run();
  return last_id_;
}

// Most columns are what they were in the row before: see Statement.
void BatchWriter::add(const Row& row) {
  request_.put(milliseconds(row.began)).refer_some(row.request_id).refer(relay_);
  request_.refer(row.client).refer_some(row.session).refer_some(row.agent);
  request_.refer_some(row.parent_agent).refer(row.endpoint).refer_some(row.model);
  request_.put(std::int64_t{row.stream}).put(row.status).refer(to_string(row.ending));
  request_.refer_some(error_word(row)).put(whole(row.bytes_in)).put(whole(row.bytes_out));
  request_.put(whole(row.pings)).put(microseconds(row.queue)).put(microseconds(row.first_byte));
  request_.put(microseconds(row.total)).run();
  const std::int64_t id = number(database_.last_id());
  std::int64_t n = 0;
  for (const Row::Attempt& attempt : row.attempts) add_attempt(id, ++n, attempt);
}

void BatchWriter::add_attempt(std::int64_t request, std::int64_t n, const Row::Attempt& attempt) {
  attempt_.put(request).put(n).refer(attempt.provider).refer(attempt.key).refer(attempt.model);
  attempt_.refer(to_string(attempt.outcome)).put(attempt.status);
  attempt_.put(microseconds(attempt.connect)).put(microseconds(attempt.first_byte));
  attempt_.put(microseconds(attempt.total)).run();
  std::int64_t each = 0;
  for (const Charge& charge : attempt.usage.charges) {
    add_charge(request, n, ++each, attempt.usage, charge);
  }
}

void BatchWriter::add_charge(std::int64_t request, std::int64_t attempt, std::int64_t n,
                             const UsageReport& usage, const Charge& charge) {
  charge_.put(request).put(attempt).put(n).refer(to_string(charge.kind)).refer_some(charge.model);
  charge_.refer(to_string(usage.payer)).put(std::int64_t{charge.billed});
  charge_.put(std::int64_t{charge.partial}).put(std::int64_t{charge.assumed_ttl});
  for (const auto& count : charge.tokens.counts) charge_.put_some(count);
  charge_.put_some(charge.thinking).put_some(charge.web_searches);
  charge_.put_some(charge.est_input).put_some(charge.est_output);
  charge_.refer_some(usage.service_tier).refer_some(usage.speed).refer_some(usage.geo);
  charge_.refer_some(charge.price).put_some(charge.cost_nano_usd).run();
}

// A line for each client and period, however many requests there were.
void BatchWriter::add_spend(const std::deque<Entry>& entries) {
  std::map<std::pair<std::string_view, std::string_view>, std::int64_t> sums;
  for (const Entry& entry : entries) {
    if (entry.spent == 0) continue;
    for (const std::string* period : {&entry.day, &entry.month}) {
      std::int64_t& sum = sums[{entry.row.client, *period}];
      if (__builtin_add_overflow(sum, entry.spent, &sum)) {
        sum = std::numeric_limits<std::int64_t>::max();
      }
    }
  }
  for (const auto& [where, sum] : sums) {
    spend_.refer(where.first).refer(where.second).refer(relay_).put(sum).run();
  }
}

}  // namespace ccrelay::ledger
