#include <ccrelay/usage_table.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "ledger/cache_watch.hpp"
#include "ledger/open_ledger.hpp"
#include "ledger/sqlite.hpp"
#include "ledger/usage_groups.hpp"

namespace ccrelay {
namespace {

using ledger::Database;
using ledger::Statement;
using ledger::UsageLine;

std::int64_t first_millisecond(WallTime time) {
  return std::chrono::ceil<std::chrono::milliseconds>(time).time_since_epoch().count();
}

// `*` and `?` as they are; a bracket stands for itself.
std::string glob_of(const std::string& model) {
  std::string out;
  for (const char c : model) out += c == '[' ? "[[]" : std::string(1, c);
  return out;
}

std::string select_text(const UsageQuery& query) {
  std::string sql =
      "SELECT r.id, r.time_ms, r.total_us, r.request_id, r.client, r.session, r.agent, r.model, "
      "r.status, r.ending, a.n, a.provider, a.key, a.model, c.kind, c.model, c.payer, c.billed, "
      "c.partial, c.assumed_ttl, c.input, c.output, c.cache_write_5m, c.cache_write_1h, "
      "c.cache_read, c.web_searches, c.tier, c.speed, c.geo, c.cost_nano_usd, c.price "
      "FROM requests r JOIN attempts a ON a.request = r.id "
      "LEFT JOIN charges c ON c.request = a.request AND c.attempt = a.n "
      "WHERE r.time_ms >= ? AND r.time_ms < ?";
  if (!query.client.empty()) sql += " AND r.client = ?";
  if (!query.session.empty()) sql += " AND r.session = ?";
  if (!query.provider.empty()) sql += " AND a.provider = ?";
  if (!query.model.empty()) sql += " AND lower(a.model) GLOB lower(?)";
  return sql + " ORDER BY r.time_ms, r.id, a.n, c.n";
}

void put_conditions(Statement& statement, const UsageQuery& query) {
  statement.put(first_millisecond(query.since)).put(first_millisecond(query.until));
  for (const std::string* name : {&query.client, &query.session, &query.provider}) {
    if (!name->empty()) statement.put(*name);
  }
  if (!query.model.empty()) statement.put(glob_of(query.model));
}

ChargeKind kind_of(std::string_view word) {
  for (const ChargeKind kind :
       {ChargeKind::message, ChargeKind::compaction, ChargeKind::advisor, ChargeKind::fallback}) {
    if (word == to_string(kind)) return kind;
  }
  return ChargeKind::other;
}

UsageLine line_of(const Statement& row) {
  UsageLine line;
  line.request = row.number(0);
  line.began = WallTime(std::chrono::milliseconds(row.number(1)));
  line.total = std::chrono::microseconds(row.number(2));
  line.request_id = row.text(3);
  line.client = row.text(4);
  line.session = row.text(5);
  line.agent = row.text(6);
  line.asked = row.text(7);
  line.error = row.number(8) >= 400 || row.text(9) == "broken";
  line.attempt = row.number(10);
  line.key = row.text(12);
  PricedCharge& charge = line.charge;
  charge.time = line.began;
  charge.provider = row.text(11);
  charge.sent = row.text(13);
  line.has_charge = !row.is_null(14);
  if (!line.has_charge) return line;
  charge.kind = kind_of(row.text(14));
  charge.answered = row.text(15);
  line.client_pays = row.text(16) == "client";
  line.billed = row.number(17) != 0;
  line.partial = row.number(18) != 0;
  line.assumed_ttl = row.number(19) != 0;
  for (std::size_t i = 0; i < token_classes; ++i) {
    charge.tokens.counts[i] = row.count(20 + static_cast<int>(i));
  }
  charge.web_searches = row.count(25).value_or(0);
  charge.service_tier = row.text(26);
  charge.speed = row.text(27);
  charge.geo = row.text(28);
  if (!row.is_null(29)) line.cost = row.number(29);
  line.told_cost = line.cost && row.text(30) == told_price;
  return line;
}

}  // namespace

Result<UsageTable> read_usage(const std::string& path, const UsageQuery& query,
                              const Clock& clock) {
  const auto opened = ledger::open_ledger(path);
  if (!opened) return opened.error();
  const std::unique_ptr<Database>& database = *opened;
  UsageTable table;
  ledger::UsageGroups groups(query.by, query.zone);
  ledger::CacheWatch caches(query.prices);
  {
    Statement statement(*database, select_text(query).c_str());
    put_conditions(statement, query);
    std::int64_t told = 0;  // the last request whose cost was
    while (statement.next()) {
      UsageLine line = line_of(statement);
      if (query.reprice && query.prices != nullptr && line.has_charge) {
        // What a provider says that it took no list price can mend.
        if (!line.told_cost) {
          line.cost = query.prices->cost(line.charge);
        } else if (std::exchange(told, line.request) != line.request) {
          ++table.told_costs;
        }
      }
      groups.add(line);
      caches.add(line);
    }
  }
  if (database->failed()) return ledger::reading_error(*database, path);
  groups.put_into(table, query.order, query.limit);
  caches.put_into(table);
  table.until = std::min(query.until, clock.wall());
  return table;
}

}  // namespace ccrelay
