#include "ledger/walk_usage.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "ledger/open_ledger.hpp"

namespace ccrelay::ledger {
namespace {

// Words of the file that a later version may have more of.
template <class Word>
std::optional<Word> word_named(std::string_view name, Word last) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (to_string(static_cast<Word>(i)) == name) return static_cast<Word>(i);
  }
  return {};
}

std::int64_t in_ms(WallTime time) {
  return std::chrono::ceil<std::chrono::milliseconds>(time).time_since_epoch().count();
}

// What a client pays for stands beside what the operator does.
void add_charge(StoredRequest& request, StoredAttempt& attempt, const Statement& row, int& charges,
                int& untold) {
  if (row.number(21) == 0) return;  // not billed
  ++charges;
  bool told = false;
  const auto count = [&](int column) {
    const auto value = row.count(column);
    told = told || value;
    return value.value_or(0);
  };
  management::TokenUsage& used = attempt.usage;
  used.input_tokens += count(23);
  used.output_tokens += count(24);
  const std::uint64_t hour = count(26);
  used.cache_write_tokens += count(25) + hour;
  used.cache_write_1h_tokens += hour;
  used.cache_read_tokens += count(27);
  used.web_searches += row.count(28).value_or(0);
  if (!told) ++untold;
  request.partial = request.partial || row.number(22) != 0;
  if (row.is_null(29)) {
    request.unpriced = true;
  } else {
    (row.text(20) == "client" ? attempt.cost.client_paid_nano_usd : attempt.cost.nano_usd) +=
        row.number(29);
  }
}

void read_request(StoredRequest& out, const Statement& row) {
  out.id = row.number(0);
  out.began = WallTime(std::chrono::milliseconds(row.number(1)));
  out.request_id = row.text(2);
  out.client = row.text(3);
  out.session = row.text(4);
  out.agent = row.text(5);
  out.endpoint = row.text(6);
  out.model = row.text(7);
  out.stream = row.number(8) != 0;
  out.status = static_cast<int>(row.number(9));
  out.ending = word_named(row.text(10), Ending::by_operator);
  out.bytes_in = row.count(11).value_or(0);
  out.bytes_out = row.count(12).value_or(0);
  out.pings = row.count(13).value_or(0);
  out.first_byte_us = row.number(14);
  out.total_us = row.number(15);
  out.attempts.clear();
  out.partial = out.without_usage = out.unpriced = false;
}

StoredAttempt attempt_of(const Statement& row) {
  StoredAttempt out;
  out.provider = row.text(17);
  out.key = row.text(18);
  out.model = row.text(19);
  out.outcome = word_named(row.text(30), Outcome::cancelled);
  return out;
}

void add_one_of(std::string& sql, const char* column, std::size_t count) {
  if (count == 0) return;
  sql += std::string(" AND ") + column + " IN (?";
  for (std::size_t i = 1; i < count; ++i) sql += ",?";
  sql += ')';
}

std::string select_text(const WalkAsk& ask) {
  std::string sql =
      "SELECT r.id, r.time_ms, r.request_id, r.client, r.session, r.agent, r.endpoint, r.model, "
      "r.stream, r.status, r.ending, r.bytes_in, r.bytes_out, r.pings, r.first_byte_us, "
      "r.total_us, a.n, a.provider, a.key, a.model, c.payer, c.billed, c.partial, c.input, "
      "c.output, c.cache_write_5m, c.cache_write_1h, c.cache_read, c.web_searches, "
      "c.cost_nano_usd, a.outcome "
      "FROM requests r LEFT JOIN attempts a ON a.request = r.id "
      "LEFT JOIN charges c ON c.request = a.request AND c.attempt = a.n "
      // Lists and other pages of the relay's own ask nobody.
      "WHERE (a.n IS NOT NULL OR r.endpoint IN ('messages','count_tokens','passthrough',"
      "'bedrock','vertex','chat','responses','gemini'))";
  if (ask.since) sql += " AND r.time_ms >= ?";
  if (ask.until) sql += " AND r.time_ms < ?";
  if (ask.last_id > 0) sql += " AND r.id <= ?";
  if (ask.behind) sql += " AND (r.time_ms < ? OR (r.time_ms = ? AND r.id < ?))";
  add_one_of(sql, "r.client", ask.filter.clients.size());
  add_one_of(sql, "r.session", ask.filter.sessions.size());
  return sql + (ask.newest_first ? " ORDER BY r.time_ms DESC, r.id DESC, a.n, c.n"
                                 : " ORDER BY r.time_ms, r.id, a.n, c.n");
}

void put_conditions(Statement& statement, const WalkAsk& ask) {
  if (ask.since) statement.put(in_ms(*ask.since));
  if (ask.until) statement.put(in_ms(*ask.until));
  if (ask.last_id > 0) statement.put(ask.last_id);
  if (ask.behind) statement.put(ask.behind->first).put(ask.behind->first).put(ask.behind->second);
  for (const auto* names : {&ask.filter.clients, &ask.filter.sessions}) {
    for (const std::string& name : *names) statement.put(std::string_view(name));
  }
}

bool is_among(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

// By who answered: the last that was asked.
bool fits(const management::UsageFilter& filter, const StoredRequest& request) {
  const bool any = !request.attempts.empty();
  const auto serves = [&](const std::string& pattern) {
    return pattern.ends_with('*')
               ? request.model.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1))
               : request.model == pattern;
  };
  return is_among(filter.providers, any ? request.attempts.back().provider : "") &&
         is_among(filter.keys, any ? request.attempts.back().key : "") &&
         (filter.models.empty() || std::any_of(filter.models.begin(), filter.models.end(), serves));
}

// Joins the lines of each request; they stand together.
void walk(Statement& statement, const WalkAsk& ask,
          const std::function<bool(const StoredRequest&)>& see) {
  StoredRequest request;
  int charges = 0, untold = 0;
  std::int64_t attempt = 0;
  const auto settle = [&] {
    if (request.id == 0) return true;
    request.without_usage = charges > 0 && untold == charges;
    return !fits(ask.filter, request) || see(request);
  };
  while (statement.next()) {
    if (statement.number(0) != request.id) {
      if (!settle()) return;
      read_request(request, statement);
      charges = untold = 0;
      attempt = 0;
    }
    if (statement.is_null(16)) continue;
    if (statement.number(16) != attempt) {
      attempt = statement.number(16);
      request.attempts.push_back(attempt_of(statement));
    }
    if (!statement.is_null(21)) {
      add_charge(request, request.attempts.back(), statement, charges, untold);
    }
  }
  settle();
}

}  // namespace

Result<WalkEnd> walk_usage(const std::string& path, const WalkAsk& ask,
                           const std::function<bool(const StoredRequest&)>& see) {
  const auto opened = open_ledger(path);
  if (!opened) return opened.error();
  Database& database = **opened;
  WalkEnd end;
  if (ask.stops) {
    database.interrupt_when([&] { return end.stopped = end.stopped || ask.stops(); });
  }
  WalkAsk bounded = ask;
  if (bounded.last_id == 0) {
    bounded.last_id = database.number("SELECT ifnull(max(id), 0) FROM requests");
  }
  end.last_id = bounded.last_id;
  const std::int64_t first = database.number("SELECT ifnull(min(time_ms), -1) FROM requests");
  if (first >= 0) end.first = WallTime(std::chrono::milliseconds(first));
  if (bounded.last_id > 0) {
    Statement statement(database, select_text(bounded).c_str());
    put_conditions(statement, bounded);
    walk(statement, bounded, see);
  }
  if (end.stopped) return end;
  if (database.failed()) return reading_error(database, path);
  return end;
}

}  // namespace ccrelay::ledger
