#include "ledger/packed.hpp"
#include "ledger/row.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "bench.hpp"
#include "catch.hpp"

namespace ccrelay::ledger {
namespace {

using namespace std::chrono_literals;

// Everything that a summary can hold, with a mark in all that must not be kept.
RequestSummary full_request(const Clock& clock) {
  RequestSummary request = request_of(clock, "req_full", 36'900'000);
  request.client = "CANARY-address";
  request.forwarded_for = "CANARY-forwarded";
  request.user = "CANARY-user";
  request.user_agent = "CANARY-agent";
  request.method = "CANARY-method";
  request.path = "/CANARY-path";
  request.error = "CANARY-error";
  request.traceparent = "CANARY-parent";
  request.tracestate = "CANARY-state";
  request.agent = "a-1";
  request.parent_agent = "a-0";
  request.bytes_in = 12;
  request.bytes_out = 345;
  request.pings = 2;
  request.queue = 10us;
  request.first_byte = 25ms;
  AttemptSummary& attempt = request.attempts.front();
  attempt.detail = "CANARY-detail";
  attempt.key_name = "CANARY-name";
  attempt.connect = 1500us;
  attempt.first_byte = 20ms;
  attempt.usage.service_tier = "standard";
  attempt.usage.speed = "fast";
  attempt.usage.geo = "us";
  Charge& charge = attempt.usage.charges.front();
  charge.tokens[TokenClass::input] = 1200;
  charge.tokens[TokenClass::output] = 350;
  charge.tokens[TokenClass::cache_write_5m] = 2000;
  charge.tokens[TokenClass::cache_write_1h] = 500;
  charge.tokens[TokenClass::cache_read] = 40000;
  charge.thinking = 20;
  charge.web_searches = 2;
  charge.est_output = 7;
  charge.assumed_ttl = true;
  return request;
}

std::string whole(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("a request is written with every column of it, its attempts and charges") {
  Bench bench;
  REQUIRE(bench.try_open());
  RequestSummary request = full_request(bench.clock);
  AttemptSummary refused;
  refused.provider = "zai";
  refused.outcome = Outcome::rate_limited;
  refused.status = 429;
  request.attempts.insert(request.attempts.begin(), refused);
  bench.ledger->request_finished(request);
  CHECK(bench.ledger->flush());
  CHECK(bench.text("SELECT time_ms||'|'||request_id||'|'||client||'|'||session||'|'||agent||'|'||"
                   "parent_agent||'|'||endpoint||'|'||model||'|'||stream||'|'||status||'|'||"
                   "ending||'|'||ifnull(error,'-')||'|'||bytes_in||'|'||bytes_out||'|'||pings||"
                   "'|'||queue_us||'|'||first_byte_us||'|'||total_us FROM requests") ==
        "1767229198000|req_full|ana|s-1|a-1|a-0|messages|claude-x|1|200|complete|-|12|345|2|10|"
        "25000|2000000");
  CHECK(bench.text("SELECT group_concat(n||'|'||provider||'|'||key||'|'||model||'|'||outcome||'|'||"
                   "status||'|'||connect_us||'|'||first_byte_us||'|'||total_us, ' ') "
                   "FROM attempts") ==
        "1|zai|||rate_limited|429|0|0|0 2|anthropic|0a1b2c3d|claude-x|success|200|1500|20000|"
        "2000000");
  CHECK(bench.text("SELECT attempt||'|'||n||'|'||kind||'|'||model||'|'||payer||'|'||billed||'|'||"
                   "partial||'|'||assumed_ttl||'|'||input||'|'||output||'|'||cache_write_5m||'|'||"
                   "cache_write_1h||'|'||cache_read||'|'||thinking||'|'||web_searches||'|'||"
                   "ifnull(est_input,'-')||'|'||est_output||'|'||tier||'|'||speed||'|'||geo||'|'||"
                   "price||'|'||cost_nano_usd FROM charges") ==
        "2|1|message|claude-x|operator|1|0|1|1200|350|2000|500|40000|20|2|-|7|standard|fast|us|"
        "anthropic/claude-x|36900000");
  CHECK(bench.text("SELECT group_concat(client||' '||period||' '||nano_usd, ', ') FROM spend") ==
        "ana d:2026-01-01 36900000, ana m:2026-01 36900000");
  CHECK(bench.text("SELECT time||' '||sent||' '||cost_usd FROM usage") ==
        "2026-01-01T00:59:58.000Z claude-x 0.0369");
}

TEST_CASE("nothing is in the files but what the columns say") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.ledger->request_finished(full_request(bench.clock));
  REQUIRE(bench.ledger->flush());
  const std::string log = whole(bench.path() + "-wal");
  CHECK(log.find("req_full") != std::string::npos);
  CHECK(log.find("CANARY") == std::string::npos);
  bench.ledger.reset();
  const std::string file = whole(bench.path());
  CHECK(file.find("req_full") != std::string::npos);
  CHECK(file.find("CANARY") == std::string::npos);
}

// Sixteen rows are one statement, and what is left over is one each.
TEST_CASE("of a batch of many each row has its own values") {
  Bench bench;
  REQUIRE(bench.try_open());
  for (int i = 1; i <= 37; ++i) {
    RequestSummary request = request_of(bench.clock, "req_" + std::to_string(i), 10 * i);
    if (i % 3 == 0) request.session.clear();
    AttemptSummary failed;
    failed.provider = "p" + std::to_string(i);
    failed.outcome = Outcome::overloaded;
    if (i % 2 == 0) request.attempts.insert(request.attempts.begin(), failed);
    bench.ledger->request_finished(request);
  }
  REQUIRE(bench.ledger->flush());
  CHECK(bench.number("SELECT count(*) FROM requests WHERE request_id = 'req_' || id") == 37);
  CHECK(bench.number("SELECT count(*) FROM requests WHERE (session IS NULL) = (id % 3 = 0)") == 37);
  CHECK(bench.number("SELECT count(*) FROM attempts") == 37 + 18);
  CHECK(bench.number("SELECT count(*) FROM attempts WHERE provider = 'p' || request AND n = 1 AND "
                     "outcome = 'overloaded' AND request % 2 = 0") == 18);
  CHECK(bench.number("SELECT count(*) FROM charges WHERE cost_nano_usd = 10 * request AND "
                     "attempt = iif(request % 2 = 0, 2, 1) AND n = 1") == 37);
  CHECK(bench.number("SELECT count(*) FROM spend WHERE nano_usd = 7030") == 2);
  CHECK(bench.number("SELECT value FROM meta WHERE key = 'last_request'") == 37);
  bench.tell("req_38");
  REQUIRE(bench.ledger->flush());
  CHECK(bench.number("SELECT id FROM requests WHERE request_id = 'req_38'") == 38);
}

TEST_CASE("what was not told is NULL, which is not 0") {
  Bench bench;
  REQUIRE(bench.try_open());
  RequestSummary request = request_of(bench.clock, "req_1", std::nullopt);
  request.session.clear();
  request.attempts[0].usage.charges[0] = Charge{};
  bench.ledger->request_finished(request);
  REQUIRE(bench.ledger->flush());
  CHECK(bench.number("SELECT count(*) FROM charges WHERE input IS NULL AND output IS NULL AND "
                     "cache_read IS NULL AND cost_nano_usd IS NULL AND price IS NULL") == 1);
  CHECK(bench.number("SELECT count(*) FROM requests WHERE session IS NULL") == 1);
  CHECK(bench.number("SELECT count(*) FROM spend") == 0);
}

std::string word_for(const RequestSummary& request) {
  std::string packed;
  append_packed(packed, request, {});
  return std::string(error_word(unpacked(packed).row));
}

TEST_CASE("what a request failed of is a word, not a message") {
  const testing::ManualClock clock;
  RequestSummary request = request_of(clock, "req_1");
  CHECK(word_for(request).empty());
  request.status = 529;
  request.error = "a long message";
  CHECK(word_for(request) == "overloaded_error");
  request.status = 499;
  CHECK(word_for(request) == "client_gone");
  request.status = 200;
  request.ending = Ending::client_stalled;
  CHECK(word_for(request) == "client_stalled");
  request.ending = Ending::broken;
  request.attempts[0].outcome = Outcome::stream_broken;
  CHECK(word_for(request) == "stream_broken");
}

TEST_CASE("looks at the relay's health and strangers are not kept") {
  const testing::ManualClock clock;
  RequestSummary request = request_of(clock, "req_1");
  CHECK(is_kept(request));
  for (const char* endpoint : {"health", "ready", "metrics"}) {
    request.endpoint = endpoint;
    CHECK_FALSE(is_kept(request));
  }
  request = request_of(clock, "req_1");
  request.client_name = "unknown";
  request.attempts.clear();
  request.status = 401;
  CHECK_FALSE(is_kept(request));
  request.client_name = "ana";
  CHECK(is_kept(request));
}

TEST_CASE("names that clients made up are cut") {
  Bench bench;
  REQUIRE(bench.try_open());
  RequestSummary request = request_of(bench.clock, "req_1");
  request.model_asked = std::string(5000, 'm');
  request.session = std::string(5000, 's');
  request.attempts[0].usage.charges[0].model = std::string(5000, 'c');
  request.attempts[0].usage.service_tier = std::string(5000, 't');
  bench.ledger->request_finished(request);
  REQUIRE(bench.ledger->flush());
  CHECK(bench.number("SELECT max(octet) FROM (SELECT length(CAST(model AS BLOB)) AS octet FROM "
                     "requests UNION ALL SELECT length(CAST(session AS BLOB)) FROM requests UNION "
                     "ALL SELECT length(CAST(model AS BLOB)) FROM charges)") == 256);
  CHECK(bench.number("SELECT length(CAST(tier AS BLOB)) FROM charges") <= 64);
}

TEST_CASE("file and folders are the owner's alone") {
  LedgerOptions options;
  Bench bench;
  options.path = bench.scratch.path("state/cc-relay/usage.db");
  options.clock = &bench.clock;
  auto ledger = make_ledger(options);
  REQUIRE(ledger);
  struct stat info {};
  REQUIRE(::stat(bench.scratch.path("state").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  REQUIRE(::stat(bench.scratch.path("state/cc-relay").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  for (const char* beside : {"", "-wal", "-shm"}) {
    REQUIRE(::stat((options.path + beside).c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
  }
}

TEST_CASE("what waits is written when the ledger ends") {
  Bench bench;
  REQUIRE(bench.try_open());
  bench.tell("req_1");
  bench.ledger.reset();
  CHECK(bench.scratch.names() == std::vector<std::string>{"usage.db"});
  CHECK(bench.number("SELECT count(*) FROM requests") == 1);
}

TEST_CASE("the figures are those of what was written") {
  Bench bench;
  REQUIRE(bench.try_open());
  CHECK(bench.ledger->status().up);
  CHECK_FALSE(bench.ledger->status().last_commit);
  for (int i = 0; i < 3; ++i) bench.ledger->request_finished(request_of(bench.clock, "r"));
  CHECK(bench.ledger->status().queue == 3);
  REQUIRE(bench.ledger->flush());
  const LedgerStatus status = bench.ledger->status();
  CHECK(status.queue == 0);
  CHECK(status.written == 3);
  CHECK(status.dropped == 0);
  CHECK(status.size_bytes > 4096);
  CHECK(status.last_commit == bench.clock.wall());
  std::uint64_t commits = 0;
  for (const std::uint64_t count : status.commits) commits += count;
  CHECK(commits == 1);
  bench.clock.advance(7s);
  CHECK(in_words(status, bench.clock.wall()).find("usage.db: written 7 s ago, ") !=
        std::string::npos);
}

}  // namespace ccrelay::ledger
