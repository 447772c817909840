#include "worker/tally.hpp"

#include <chrono>
#include <string>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::worker;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

TimePoint at(int s) {
  return TimePoint(seconds(s));
}

RequestSummary sample(Outcome outcome, int status = 200) {
  RequestSummary summary;
  summary.client_name = "ana";
  summary.status = status;
  summary.first_byte = milliseconds(100);
  summary.total = milliseconds(400);
  AttemptSummary attempt;
  attempt.provider = "one";
  attempt.key = "aaaa";
  attempt.outcome = outcome;
  attempt.status = status;
  attempt.detail = "why";
  Charge charge;
  charge.tokens[TokenClass::input] = 10;
  charge.tokens[TokenClass::output] = 3;
  charge.cost_nano_usd = 500;
  attempt.usage.charges = {charge};
  summary.attempts = {attempt};
  return summary;
}

Tallied of(const Tally& tally) {
  Tallied sum;
  tally.add_to(sum);
  return sum;
}

}  // namespace

TEST_CASE("a request is counted for all, its provider, its key and its client") {
  Tally tally;
  tally.begun("ana", at(10), {});
  CHECK(of(tally).in_flight == 1);
  CHECK(of(tally).clients["ana"].in_flight == 1);
  tally.passing();
  CHECK(of(tally).streaming == 1);
  tally.ended(sample(Outcome::success), 1, true, at(11));
  Tallied sum = of(tally);
  CHECK(sum.in_flight == 0);
  CHECK(sum.streaming == 0);
  for (const management::Totals* totals : {&sum.totals, &sum.providers["one"].totals,
                                           &sum.keys["aaaa"].totals, &sum.clients["ana"].totals}) {
    CHECK(totals->requests == 1);
    CHECK(totals->attempts == 1);
    CHECK(totals->failed == 0);
    CHECK(totals->usage.input_tokens == 10);
    CHECK(totals->usage.output_tokens == 3);
    CHECK(totals->cost.nano_usd == 500);
  }
  CHECK_FALSE(sum.providers["one"].last_error);
}

TEST_CASE("what a client pays itself is no cost of the operator's") {
  Tally tally;
  RequestSummary summary = sample(Outcome::success);
  summary.attempts[0].usage.payer = Payer::the_client;
  summary.attempts[0].key = "client";
  tally.begun("ana", at(1), {});
  tally.ended(summary, 1, false, at(1));
  const Tallied sum = of(tally);
  CHECK(sum.totals.cost.nano_usd == 0);
  CHECK(sum.totals.cost.client_paid_nano_usd == 500);
  CHECK(sum.keys.empty());
}

TEST_CASE("the last failure is kept with its request, and how many failed lately") {
  Tally tally;
  for (const Outcome outcome : {Outcome::failed, Outcome::success, Outcome::cancelled}) {
    tally.begun("ana", at(20), {});
    tally.ended(sample(outcome, outcome == Outcome::failed ? 500 : 200), 0x1f03a, false, at(20));
  }
  Tallied sum = of(tally);
  const NameTally& one = sum.providers["one"];
  REQUIRE(one.last_error);
  CHECK(one.last_error->id == "1f03a");
  CHECK(one.last_error->status == 500);
  CHECK(one.last_error->message == "why");
  CHECK(one.lately.of(at(20)).all == 2);
  CHECK(one.lately.of(at(20)).failed == 1);
  CHECK(one.lately.of(at(20 + 6 * 60)).all == 0);
  CHECK(sum.totals.failed == 1);
}

TEST_CASE("seconds are kept for five minutes, and those in which nothing was counted are none") {
  Tally tally;
  tally.begun("ana", at(100), {});
  tally.begun("ana", at(100), {});
  tally.ended(sample(Outcome::success), 1, false, at(102));
  Tallied sum = of(tally);
  const auto second = [&](int s) { return sum.seconds[s % Tallied::seconds_kept]; };
  CHECK(second(100).second == 100);
  CHECK(second(100).in_flight_max == 2);
  CHECK(second(100).requests == 0);
  CHECK(second(101).second != 101);
  CHECK(second(102).requests == 1);
  CHECK(second(102).in_flight_max == 2);
  CHECK(second(102).output_tokens == 3);
  tally.ended(sample(Outcome::success), 1, false, at(100 + 301));
  sum = of(tally);
  CHECK(second(100).second == 401);
}

TEST_CASE("the sum over two workers is of both, second by second") {
  Tally a, b;
  for (Tally* tally : {&a, &b}) {
    tally->begun("ana", at(7), {});
    tally->ended(sample(Outcome::success), 1, false, at(7));
  }
  b.begun("bob", at(9), {});
  Tallied sum;
  a.add_to(sum);
  b.add_to(sum);
  CHECK(sum.totals.requests == 2);
  CHECK(sum.in_flight == 1);
  CHECK(sum.clients["ana"].totals.requests == 2);
  CHECK(sum.seconds[7].requests == 2);
  CHECK(sum.first_byte.of(at(9)).told().count == 2);
}

TEST_CASE("percentiles are within five percent") {
  Durations durations;
  for (int i = 1; i <= 1000; ++i) durations.observe(microseconds(i * 997));
  const management::Latency told = durations.told();
  CHECK(told.count == 1000);
  CHECK(std::abs(told.p50_us / (500 * 997.0) - 1) < 0.05);
  CHECK(std::abs(told.p90_us / (900 * 997.0) - 1) < 0.05);
  CHECK(std::abs(told.p99_us / (990 * 997.0) - 1) < 0.05);
  Durations far;
  far.observe(std::chrono::hours(48));
  far.observe({});
  CHECK(far.told().count == 2);
}

TEST_CASE("names beyond the bound are counted in the sum alone") {
  Tally tally;
  for (std::size_t i = 0; i < Tallied::names_max + 10; ++i) {
    tally.begun("client-" + std::to_string(i), at(1), {});
  }
  const Tallied sum = of(tally);
  CHECK(sum.clients.size() == Tallied::names_max);
  CHECK(sum.in_flight == Tallied::names_max + 10);
}
