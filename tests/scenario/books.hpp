#pragma once

#include <ccrelay/ledger.hpp>

#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "config/scratch_directory.hpp"
#include "ledger/sqlite.hpp"
#include "price/rows.hpp"
#include "scenario/clouds.hpp"
#include "scenario/tries.hpp"
#include "support/exposition.hpp"

namespace ccrelay::testing {

/// A relay with a ledger of its own, and prices: Sonnet 5.5's of the specification for whatever was
/// asked for, other ones for the two models that work beside it.
class Books : public RelayFixture {
 public:
  Books() {
    environment.set("AWS_ACCESS_KEY_ID", "AKIDTEST");
    environment.set("AWS_SECRET_ACCESS_KEY", "aws-secret-canary");
    options.environment = environment.lookup();
    LedgerOptions kept;
    kept.path = path();
    kept.timezone = "UTC";
    kept.clock = &harness.clock();
    auto made = make_ledger(kept);
    REQUIRE(made);
    ledger = *std::move(made);
    options.ledger = ledger.get();
    config.prices = {row("", "claude-test", rates(2000, 10'000, 2500, 4000, 100)),
                     row("", "claude-adviser", rates(7000, 35'000, 8750, 14'000, 700)),
                     row("", "claude-stand-in", rates(3000, 15'000, 3750, 6000, 300))};
    for (PriceRow& price : config.prices) price.web_search = 10'000'000;
    config.prices[0].geo = {{"us", 1100}};
  }
  ~Books() { relay.reset(); }

  std::string path() const { return scratch.path() + "/usage.db"; }
  std::int64_t number(const std::string& sql) {
    ledger->flush();
    ccrelay::ledger::Database file(path(), ccrelay::ledger::Database::Access::read);
    const std::int64_t found = file.number(sql.c_str());
    CHECK_FALSE(file.failed());
    return found;
  }

  /// A line for each charge in the file: `1.1 message claude-real 20 1 10 20 300 = 123456 partial`:
  /// attempt and number, kind, the model that answered, tokens in the order of the table, nano-USD
  /// and what else is to be said of it. `-` is what was not told or is not known.
  std::vector<std::string> charges() {
    ledger->flush();
    ccrelay::ledger::Database file(path(), ccrelay::ledger::Database::Access::read);
    ccrelay::ledger::Statement lines(
        file,
        "SELECT attempt || '.' || n || ' ' || kind || ' ' || coalesce(model, '-') || ' ' || "
        "coalesce(input, '-') || ' ' || coalesce(output, '-') || ' ' || "
        "coalesce(cache_write_5m, '-') || ' ' || coalesce(cache_write_1h, '-') || ' ' || "
        "coalesce(cache_read, '-') || ' = ' || coalesce(cost_nano_usd, '-') || "
        "CASE WHEN web_searches > 0 THEN ' ' || web_searches || ' searches' ELSE '' END || "
        "CASE WHEN thinking > 0 THEN ' ' || thinking || ' thought' ELSE '' END || "
        "CASE WHEN partial THEN ' partial' ELSE '' END || "
        "CASE WHEN assumed_ttl THEN ' assumed' ELSE '' END || "
        "CASE WHEN billed THEN '' ELSE ' unbilled' END || "
        "CASE WHEN payer = 'operator' THEN '' ELSE ' by ' || payer END "
        "FROM charges ORDER BY request, attempt, n");
    std::vector<std::string> found;
    while (lines.next()) found.emplace_back(lines.text(0));
    CHECK_FALSE(file.failed());
    return found;
  }

  /// What metrics tell and what observers were told comes to what stands in the file.
  void check_agreement() {
    harness.settle();
    const Answer answer = ask(get("/metrics"));
    REQUIRE(answer.status == 200);
    const Metrics seen(answer.body);
    UsageTotal told;
    for (const RequestSummary& summary : observer.requests) {
      for (const AttemptSummary& attempt : summary.attempts) add(told, attempt.usage);
    }
    const char* const classes[] = {"input", "output", "cache_write_5m", "cache_write_1h",
                                   "cache_read"};
    for (std::size_t i = 0; i < token_classes; ++i) {
      INFO(classes[i]);
      const std::int64_t in_file = number(std::string("SELECT coalesce(sum(") + classes[i] +
                                          "), 0) FROM charges WHERE billed");
      double in_metrics = 0;
      for (const auto& [series, value] : seen.all()) {
        const bool is_one = series.starts_with("ccrelay_tokens_total{") &&
                            series.ends_with(std::string("type=\"") + classes[i] + "\"}");
        if (is_one) in_metrics += value;
      }
      CHECK(in_metrics == static_cast<double>(in_file));
      CHECK(static_cast<std::int64_t>(told.tokens.counts[i].value_or(0)) == in_file);
    }
    const std::int64_t cost =
        number("SELECT coalesce(sum(cost_nano_usd), 0) FROM charges WHERE billed");
    CHECK(told.cost_nano_usd.value_or(0) == cost);
    CHECK(seen.sum("ccrelay_cost_usd_total") ==
          Approx(static_cast<double>(number("SELECT coalesce(sum(cost_nano_usd), 0) FROM charges "
                                            "WHERE billed AND payer = 'operator'")) /
                 1e9)
              .epsilon(1e-12));
    CHECK(seen.sum("ccrelay_requests_without_usage_total") ==
          static_cast<double>(told.without_usage));
    CHECK(seen.sum("ccrelay_requests_without_price_total") ==
          static_cast<double>(told.unknown_cost));
  }

  test::ScratchDirectory scratch;
  FakeEnvironment environment;
  std::unique_ptr<Ledger> ledger;
};

}  // namespace ccrelay::testing
