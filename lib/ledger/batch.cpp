#include "ledger/batch.hpp"

#include <chrono>
#include <utility>

namespace ccrelay::ledger {
namespace {

std::int64_t milliseconds(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

std::int64_t microseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

std::int64_t number(std::uint64_t value) {
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
             "min(nano_usd, 9223372036854775807 - excluded.nano_usd) + excluded.nano_usd") {}

void BatchWriter::write(std::span<const Entry> entries) {
  database_.run("BEGIN IMMEDIATE");
  for (const Entry& entry : entries) {
    if (database_.failed()) break;
    add(entry);
  }
  database_.run("COMMIT");
  if (database_.failed()) database_.roll_back();
}

void BatchWriter::add(const Entry& entry) {
  const Row& row = entry.row;
  request_.put(milliseconds(row.began)).put_some(row.request_id).put(relay_).put(row.client);
  request_.put_some(row.session).put_some(row.agent).put_some(row.parent_agent);
  request_.put(row.endpoint).put_some(row.model).put(std::int64_t{row.stream}).put(row.status);
  request_.put(to_string(row.ending)).put_some(error_word(row)).put(number(row.bytes_in));
  request_.put(number(row.bytes_out)).put(number(row.pings)).put(microseconds(row.queue));
  request_.put(microseconds(row.first_byte)).put(microseconds(row.total)).run();
  const std::int64_t id = database_.last_id();
  std::int64_t n = 0;
  for (const Row::Attempt& attempt : row.attempts) add_attempt(id, ++n, attempt);
  if (entry.spent == 0) return;
  add_spend(entry, entry.day);
  add_spend(entry, entry.month);
}

void BatchWriter::add_attempt(std::int64_t request, std::int64_t n, const Row::Attempt& attempt) {
  attempt_.put(request).put(n).put(attempt.provider).put(attempt.key).put(attempt.model);
  attempt_.put(to_string(attempt.outcome)).put(attempt.status).put(microseconds(attempt.connect));
  attempt_.put(microseconds(attempt.first_byte)).put(microseconds(attempt.total)).run();
  std::int64_t each = 0;
  for (const Charge& charge : attempt.usage.charges) {
    add_charge(request, n, ++each, attempt.usage, charge);
  }
}

void BatchWriter::add_charge(std::int64_t request, std::int64_t attempt, std::int64_t n,
                             const UsageReport& usage, const Charge& charge) {
  charge_.put(request).put(attempt).put(n).put(to_string(charge.kind)).put_some(charge.model);
  charge_.put(to_string(usage.payer)).put(std::int64_t{charge.billed});
  charge_.put(std::int64_t{charge.partial}).put(std::int64_t{charge.assumed_ttl});
  for (const auto& count : charge.tokens.counts) charge_.put_some(count);
  charge_.put_some(charge.thinking).put_some(charge.web_searches);
  charge_.put_some(charge.est_input).put_some(charge.est_output);
  charge_.put_some(usage.service_tier).put_some(usage.speed).put_some(usage.geo);
  charge_.put_some(charge.price).put_some(charge.cost_nano_usd).run();
}

void BatchWriter::add_spend(const Entry& entry, const std::string& period) {
  spend_.put(entry.row.client).put(period).put(relay_).put(entry.spent).run();
}

}  // namespace ccrelay::ledger
