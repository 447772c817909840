#include "usage_print.hpp"

#include <limits>

#include "catch.hpp"

namespace ccrelay::app {
namespace {

using namespace std::chrono_literals;

// Sunday 2026-11-29, 12:40 in Berlin.
const WallTime now{std::chrono::seconds(1'795'952'400)};

UsageFigures figures(std::uint64_t requests, std::uint64_t input, std::uint64_t output,
                     std::uint64_t write, std::uint64_t read, std::int64_t cents) {
  UsageFigures out;
  out.requests = out.attempts = requests;
  out.tokens.counts = {input, output, write, 0, read};
  out.cost_nano_usd = cents * 10'000'000;
  return out;
}

// That of the description of the command.
UsageTable sample_table() {
  UsageTable table;
  table.rows = {{{"2026-11-27"}, figures(214, 1'200'000, 310'400, 4'100'000, 88'000'000, 3122)},
                {{"2026-11-28"}, figures(3, 2'100, 900, 0, 12'000, 1)},
                {{"2026-11-29"}, figures(80, 402'000, 99'100, 1'000'000, 20'300'000, 987)}};
  table.rows[2].figures.unknown_cost = 4;
  table.totals = figures(297, 1'604'100, 410'400, 5'100'000, 108'312'000, 4110);
  table.totals.unknown_cost = 4;
  table.totals.partial = 1;
  table.unpriced = {{"qwen3-coder", 4}};
  table.saved_nano_usd = 171'200'000'000;
  table.broken_caches = 2;
  table.broken_nano_usd = 1'100'000'000;
  table.until = now;
  return table;
}

UsageQuery sample_query() {
  UsageQuery query;
  query.zone = *TimeZone::from_rule("Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3");
  query.since = now - 60h - 40min;
  return query;
}

UsagePage page_of(std::size_t width) {
  UsagePage page;
  page.width = width;
  page.bars = width >= 80;
  page.now = now;
  return page;
}

}  // namespace

TEST_CASE("a table on a terminal has bars in eighths, and what is not known is told") {
  CHECK(usage_text(sample_table(), sample_query(), page_of(120)) ==
        "Europe/Berlin · 27 Nov 00:00 – 29 Nov 12:40\n"
        "day         requests   input  output  cache write  cache read         cost\n"
        "2026-11-27       214    1.2M  310.4k         4.1M       88.0M  $ 31.22      ████████████\n"
        "2026-11-28         3    2.1k     900            0       12.0k  $  0.01      ▏\n"
        "2026-11-29        80  402.0k   99.1k         1.0M       20.3M  $  9.87 + ?  ███▊\n"
        "total            297    1.6M  410.4k         5.1M      108.3M  $ 41.10 + ?\n"
        "Prompt caching saved $ 171.20. 2 broken caches cost $ 1.10 (see --by session).\n"
        "?  4 requests of qwen3-coder have no price: add [[prices]].\n"
        "≥  1 request was cut off; its output is a lower bound.\n");
}

TEST_CASE("costs that their providers told are said to be kept") {
  UsageTable table = sample_table();
  UsageQuery query = sample_query();
  query.reprice = true;
  const auto text = [&] { return usage_text(table, query, page_of(120)); };
  CHECK(text().find("keep") == std::string::npos);
  table.told_costs = 1;
  CHECK(text().ends_with("\n1 request keeps the cost that its provider told.\n"));
  table.told_costs = 1200;
  CHECK(text().ends_with("\n1200 requests keep the cost that their provider told.\n"));
  CHECK(usage_json(table, query)
            .ends_with(R"("truncated":false,"told_costs":1200})"
                       "\n"));
}

TEST_CASE("where it is narrow, the bar goes first, then cache writes") {
  const std::string without_bar = usage_text(sample_table(), sample_query(), page_of(80));
  CHECK(without_bar.find("█") == std::string::npos);
  CHECK(without_bar.find("cache write") != std::string::npos);
  const std::string narrow = usage_text(sample_table(), sample_query(), page_of(60));
  CHECK(narrow.find("cache write") == std::string::npos);
  CHECK(narrow.find("cache read") != std::string::npos);
}

TEST_CASE("without UTF-8 all is ASCII") {
  UsagePage page = page_of(120);
  page.utf8 = false;
  const std::string text = usage_text(sample_table(), sample_query(), page);
  for (const char c : text) CHECK(static_cast<unsigned char>(c) < 0x80);
  CHECK(text.find("Europe/Berlin, 27 Nov 00:00 - 29 Nov 12:40\n") == 0);
  CHECK(text.find("  ############\n") != std::string::npos);
  CHECK(text.find(">=  1 request was cut off") != std::string::npos);
}

TEST_CASE("all digits are there when they are asked for") {
  UsagePage page;
  page.full = true;
  page.now = now;
  const std::string text = usage_text(sample_table(), sample_query(), page);
  CHECK(text.find("108312000") != std::string::npos);
  CHECK(text.find("$ 31.220000000") != std::string::npos);
}

TEST_CASE("an empty result has its head and zero totals") {
  UsageTable table;
  table.until = now;
  CHECK(usage_text(table, sample_query(), page_of(0)) ==
        "Europe/Berlin · 27 Nov 00:00 – 29 Nov 12:40\n"
        "day    requests  input  output  cache write  cache read  cost\n"
        "total         0      -       -            -           -     -\n");
  CHECK(usage_csv(table, sample_query()) ==
        "day,requests,errors,attempts,input,output,cache_write_5m,cache_write_1h,cache_read,"
        "web_searches,cost_usd,client_paid_usd,unknown_cost,partial,without_usage,"
        "assumed_ttl\n");
}

TEST_CASE("what no price is known for is no zero, and clients' own money stands apart") {
  UsageTable table;
  table.until = now;
  UsageFigures unknown;
  unknown.requests = 1;
  unknown.unknown_cost = unknown.without_usage = 1;
  unknown.client_paid_nano_usd = 1'500'000'000;
  table.rows = {{{""}, unknown}};
  table.totals = unknown;
  UsageQuery query = sample_query();
  query.by = {UsageKey::session};
  CHECK(usage_text(table, query, page_of(0))
            .find("session  requests  input  output  cache write  cache read  clients' own  cost\n"
                  "-               1      -       -            -           -        $ 1.50     ?\n"
                  "total           1      -       -            -           -        $ 1.50     ?\n"
                  "?  Of 1 request no provider told the tokens.\n") != std::string::npos);
}

TEST_CASE("names that clients wrote do nothing to a terminal") {
  UsageTable table = sample_table();
  table.rows[0].keys[0] = "a\x1b[2J\nb\xE2\x80\xAE";
  table.unpriced[0].model = "m\x1b]0;x\x07";
  const std::string text = usage_text(table, sample_query(), page_of(0));
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\x07') == std::string::npos);
  CHECK(text.find("a\\x1b[2J\\x0ab\\u202e") != std::string::npos);
  CHECK(usage_json(table, sample_query()).find('\x1b') == std::string::npos);
}

TEST_CASE("JSON has the whole figures, and null for what is not known") {
  UsageTable table;
  table.until = now;
  UsageFigures row;
  row.requests = 2, row.errors = 1, row.attempts = 3;
  row.tokens[TokenClass::input] = 1200;
  row.tokens[TokenClass::cache_write_1h] = 0;
  row.web_searches = 2;
  row.cost_nano_usd = 36'900'000;
  row.unknown_cost = 1, row.partial = 1, row.without_usage = 1, row.assumed_ttl = 1;
  table.rows = {{{"2026-11-29", "a \"b\"\n"}, row}};
  table.totals = UsageFigures{};
  table.broken_caches = 2;
  UsageQuery query = sample_query();
  query.by = {UsageKey::day, UsageKey::client};
  CHECK(usage_json(table, query) ==
        R"({"schema":1,"timezone":"Europe/Berlin","since":"2026-11-27T00:00:00+01:00",)"
        R"("until":"2026-11-29T12:40:00+01:00","by":["day","client"],"rows":[)"
        R"({"key":{"day":"2026-11-29","client":"a \"b\"\u000a"},"requests":2,"errors":1,)"
        R"("attempts":3,"tokens":{"input":1200,"output":null,"cache_write_5m":null,)"
        R"("cache_write_1h":0,"cache_read":null},"web_searches":2,"cost_usd":0.036900000,)"
        R"("cost_nano_usd":36900000,"client_paid_usd":null,"unknown_cost":1,"partial":1,)"
        R"("without_usage":1,"assumed_ttl":1}],"totals":{"key":{},"requests":0,"errors":0,)"
        R"("attempts":0,"tokens":{"input":null,"output":null,"cache_write_5m":null,)"
        R"("cache_write_1h":null,"cache_read":null},"web_searches":0,"cost_usd":null,)"
        R"("cost_nano_usd":null,"client_paid_usd":null,"unknown_cost":0,"partial":0,)"
        R"("without_usage":0,"assumed_ttl":0},"cache":{"saved_usd":null,"broken_count":2,)"
        R"("broken_usd":null},"truncated":false})"
        "\n");
}

TEST_CASE("CSV has every figure, and nothing where it is not known") {
  UsageTable table = sample_table();
  table.rows.resize(1);
  table.rows[0].figures.client_paid_nano_usd = 1;
  table.rows[0].figures.tokens.counts[4].reset();
  table.rows[0].keys = {"=1+1", "x,\"y\""};
  UsageQuery query = sample_query();
  query.by = {UsageKey::session, UsageKey::model};
  CHECK(usage_csv(table, query) ==
        "session,model,requests,errors,attempts,input,output,cache_write_5m,cache_write_1h,"
        "cache_read,web_searches,cost_usd,client_paid_usd,unknown_cost,partial,without_usage,"
        "assumed_ttl\n"
        "'=1+1,\"x,\"\"y\"\"\",214,0,214,1200000,310400,4100000,0,,0,31.220000000,0.000000001,0,"
        "0,0,0\n");
}

TEST_CASE("a field of CSV is quoted where it must be, and is no formula") {
  CHECK(csv_field("plain") == "plain");
  CHECK(csv_field("") == "");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("a\"b") == "\"a\"\"b\"");
  CHECK(csv_field("a\nb") == "\"a\nb\"");
  for (const char* text : {"=x", "+x", "-x", "@x", "\tx"}) CHECK(csv_field(text).front() == '\'');
  CHECK(csv_field("\rx") == "\"'\rx\"");
}

TEST_CASE("amounts and counts are rounded, and never to nothing") {
  CHECK(usd(36'900'000) == "0.036900000");
  CHECK(usd(-1) == "-0.000000001");
  CHECK(usd(std::numeric_limits<std::int64_t>::max()) == "9223372036.854775807");
  CHECK(short_usd(0) == "0.00");
  CHECK(short_usd(1) == "<0.01");
  CHECK(short_usd(5'000'000) == "0.01");
  CHECK(short_usd(31'224'999'999) == "31.22");
  CHECK(short_usd(31'225'000'000) == "31.23");
  CHECK(short_count(999) == "999");
  CHECK(short_count(1'000) == "1.0k");
  CHECK(short_count(999'949) == "999.9k");
  CHECK(short_count(999'950) == "1.0M");
  CHECK(short_count(108'312'000) == "108.3M");
  CHECK(short_count(std::numeric_limits<std::uint64_t>::max()).back() == 'T');
}

}  // namespace ccrelay::app
