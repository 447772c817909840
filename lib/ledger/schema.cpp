#include "ledger/schema.hpp"

#include <unistd.h>

#include <cstdio>
#include <string>

namespace ccrelay::ledger {
namespace {

// Times are UTC milliseconds of the request's beginning. Ids never come again, also when retention
// has emptied the table: whoever collects several ledgers counts on it, and the writer sees to it
// (meta's last_request). NULL = not told, not known. Each index is paid for by each request, and a
// report may look for longer: there is that of the time alone.
constexpr const char* tables = R"(
CREATE TABLE requests(
  id INTEGER PRIMARY KEY, time_ms INT NOT NULL, request_id TEXT, relay TEXT,
  client TEXT NOT NULL, session TEXT, agent TEXT, parent_agent TEXT, endpoint TEXT NOT NULL,
  model TEXT, stream INT, status INT, ending TEXT, error TEXT, bytes_in INT, bytes_out INT,
  pings INT, queue_us INT, first_byte_us INT, total_us INT) STRICT;
CREATE INDEX requests_time ON requests(time_ms);
CREATE TABLE attempts(
  request INT NOT NULL, n INT NOT NULL, provider TEXT, key TEXT, model TEXT, outcome TEXT,
  status INT, connect_us INT, first_byte_us INT, total_us INT,
  PRIMARY KEY(request, n)) STRICT, WITHOUT ROWID;
CREATE TABLE charges(
  request INT NOT NULL, attempt INT NOT NULL, n INT NOT NULL, kind TEXT, model TEXT, payer TEXT,
  billed INT, partial INT, assumed_ttl INT, input INT, output INT, cache_write_5m INT,
  cache_write_1h INT, cache_read INT, thinking INT, web_searches INT, est_input INT,
  est_output INT, tier TEXT, speed TEXT, geo TEXT, price TEXT, cost_nano_usd INT,
  PRIMARY KEY(request, attempt, n)) STRICT, WITHOUT ROWID;
CREATE TABLE spend(
  client TEXT NOT NULL, period TEXT NOT NULL, relay TEXT NOT NULL, nano_usd INT NOT NULL,
  PRIMARY KEY(client, period, relay)) STRICT, WITHOUT ROWID;
CREATE TABLE meta(key TEXT NOT NULL PRIMARY KEY, value TEXT) STRICT, WITHOUT ROWID;
CREATE VIEW usage AS SELECT
  strftime('%Y-%m-%dT%H:%M:%fZ', r.time_ms / 1000.0, 'unixepoch') AS time, r.time_ms, r.request_id,
  r.client, r.session, r.agent, r.parent_agent, r.endpoint, r.model AS asked, r.stream, r.status,
  r.ending, r.error, a.n AS attempt, a.provider, a.key, a.model AS sent, a.outcome, c.kind,
  c.model, c.payer, c.billed, c.partial, c.assumed_ttl, c.input, c.output, c.cache_write_5m,
  c.cache_write_1h, c.cache_read, c.thinking, c.web_searches, c.est_input, c.est_output, c.tier,
  c.speed, c.geo, c.price, c.cost_nano_usd, c.cost_nano_usd / 1e9 AS cost_usd, r.bytes_in,
  r.bytes_out, r.queue_us, r.first_byte_us, r.total_us
  FROM charges c JOIN attempts a ON a.request = c.request AND a.n = c.attempt
  JOIN requests r ON r.id = c.request;
)";

std::string pragma(const char* name, int value) {
  return std::string("PRAGMA ") + name + "=" + std::to_string(value);
}

void make_tables(Database& database, std::string_view ledger_id, int version) {
  database.run("BEGIN IMMEDIATE");
  // Another relay may have been faster.
  if (database.number("PRAGMA user_version") == 0) {
    database.run(tables);
    Statement(database, "INSERT INTO meta VALUES('ledger_id', ?)").put(ledger_id).run();
    database.run(pragma("application_id", application_id).c_str());
    database.run(pragma("user_version", version).c_str());
  }
  database.run("COMMIT");
  database.roll_back();
}

// A copy that is whole or not there: VACUUM INTO is no single step.
void copy_before(Database& database, const std::string& path, std::int64_t version) {
  const std::string copy = path + ".v" + std::to_string(version);
  if (::access(copy.c_str(), F_OK) == 0) return;  // of an attempt that failed later
  const std::string part = copy + ".part";
  ::unlink(part.c_str());
  Statement(database, "VACUUM INTO ?").put(part).run();
  if (!database.failed() && std::rename(part.c_str(), copy.c_str()) != 0) {
    database.fail(Fault::unwritable, copy + " can't be written");
  }
}

void migrate(Database& database, const std::string& path, std::int64_t from,
             std::span<const Migration> steps, int version) {
  copy_before(database, path, from);
  database.run("BEGIN IMMEDIATE");
  std::int64_t at = database.number("PRAGMA user_version");
  for (const Migration& step : steps) {
    if (step.version != at || at >= version) continue;
    database.run(step.sql);
    ++at;
  }
  if (at != version) database.fail(Fault::newer, path + ": nothing leads from its version to this");
  database.run(pragma("user_version", version).c_str());
  database.run("COMMIT");
  database.roll_back();
}

void newer(Database& database, const std::string& path, std::int64_t version) {
  database.fail(Fault::newer, path + " has the form " + std::to_string(version) +
                                  " of a later cc-relay; this one knows up to " +
                                  std::to_string(schema_version) +
                                  ": run that version, or name another file");
}

void foreign(Database& database, const std::string& path) {
  database.fail(Fault::foreign, path + " is a database, but no ledger of cc-relay's; name another");
}

}  // namespace

std::span<const Migration> migrations() {
  return {};
}

void prepare(Database& database, const std::string& path, bool network, std::string_view ledger_id,
             std::span<const Migration> steps, int version) {
  const std::int64_t owner = database.number("PRAGMA application_id");
  const bool empty = database.number("SELECT count(*) FROM sqlite_schema") == 0;
  if (database.failed()) return;
  if (owner != application_id && !(owner == 0 && empty)) return foreign(database, path);
  const std::int64_t found = database.number("PRAGMA user_version");
  if (found > version) return newer(database, path, found);
  // A relay that starts waits for its tables, and a busy disk may take long for each sync; an empty
  // file that a power cut has broken is set aside, and nothing is lost.
  if (empty) database.run("PRAGMA synchronous=OFF");
  // Both before the first table; the second writes the file's head.
  if (empty) database.run("PRAGMA auto_vacuum=INCREMENTAL");
  database.run(network ? "PRAGMA journal_mode=DELETE" : "PRAGMA journal_mode=WAL");
  database.run("PRAGMA mmap_size=0");  // a disk that fails would end the process by SIGBUS
  if (found == 0) make_tables(database, ledger_id, version);
  database.run("PRAGMA synchronous=FULL");  // one fsync a batch, on nobody's way
  if (found > 0 && found < version) migrate(database, path, found, steps, version);
}

void check_version(Database& database, const std::string& path) {
  const std::int64_t owner = database.number("PRAGMA application_id");
  const std::int64_t found = database.number("PRAGMA user_version");
  if (database.failed()) return;
  if (found > schema_version) return newer(database, path, found);
  if (owner != application_id || found == 0) foreign(database, path);
}

}  // namespace ccrelay::ledger
