#include "otel/delivery.hpp"

#include <chrono>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::otel;
using namespace std::chrono_literals;
using Verdict = Delivery::Verdict;

namespace {

Reply answer(int status, std::optional<Duration> retry_after = {}) {
  return {status, status == 0 ? "Connection refused" : "", retry_after, ""};
}

}  // namespace

TEST_CASE("what OTLP lets be repeated is tried again, and only so often", "[otel]") {
  const int status = GENERATE(0, 429, 502, 503, 504);
  Delivery delivery;
  Duration last{};
  for (int i = 1; i < Delivery::tries_max; ++i) {
    CHECK(delivery.judge(answer(status), 0) == Verdict::again);
    CHECK(delivery.wait() > last);
    last = delivery.wait();
  }
  CHECK(last == 8s);
  CHECK(delivery.judge(answer(status), 0) == Verdict::lost);
  // The next one begins anew.
  CHECK(delivery.judge(answer(status), 0) == Verdict::again);
  CHECK(delivery.wait() == 500ms);
}

TEST_CASE("whatever else a collector answers is its last word", "[otel]") {
  for (const int status : {200, 202})
    CHECK(Delivery().judge(answer(status), 0) == Verdict::arrived);
  for (const int status : {301, 400, 401, 404, 413, 415, 500, 501}) {
    INFO(status);
    CHECK(Delivery().judge(answer(status), 0) == Verdict::lost);
    CHECK_FALSE(in_words(answer(status)).empty());
  }
}

TEST_CASE("who fails together does not come back together", "[otel]") {
  Delivery one, other;
  one.judge(answer(503), 0);
  other.judge(answer(503), 1023);
  CHECK(one.wait() == 500ms);
  CHECK(other.wait() > 900ms);
  CHECK(other.wait() <= 1s);
}

TEST_CASE("a collector's own time is kept, within reason", "[otel]") {
  Delivery delivery;
  CHECK(delivery.judge(answer(429, Duration(7s)), 5) == Verdict::again);
  CHECK(delivery.wait() == 7s);
  CHECK(delivery.judge(answer(503, Duration(0s)), 5) == Verdict::again);
  CHECK(delivery.wait() == 0s);
  CHECK(delivery.judge(answer(503, Duration(24h)), 5) == Verdict::again);
  CHECK(delivery.wait() == 120s);
  CHECK(retry_after_of(" 30 ") == Duration(30s));
  CHECK(retry_after_of("0") == Duration(0s));
  CHECK_FALSE(retry_after_of("-1"));
  CHECK_FALSE(retry_after_of("Wed, 21 Oct 2026 07:28:00 GMT"));
  CHECK_FALSE(retry_after_of(""));
}

TEST_CASE("a partial success tells how much was refused", "[otel]") {
  CHECK(rejected_in("") == 0);
  // partial_success { rejected_spans: 3 error_message: "no" }
  CHECK(rejected_in("\x0a\x06\x08\x03\x12\x02no") == 3);
  CHECK(rejected_in("\x0a\x04\x12\x02no") == 0);
  for (const char* odd : {"\x0a\xff", "\x0a", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "{}",
                          "\x0b\x01", "<html>"}) {
    CHECK(rejected_in(odd) == 0);
  }
}

TEST_CASE("what is wrong says what to do, and nothing of what the collector said", "[otel]") {
  CHECK(in_words(answer(0)) == "Connection refused (otel.endpoint)");
  CHECK(in_words(answer(401)) == "it answers 401: it wants another credential (otel.headers)");
  CHECK(in_words(answer(503)) == "it answers 503");
  Reply talkative = answer(400);
  talkative.body = "CANARY";
  CHECK(in_words(talkative).find("CANARY") == std::string::npos);
}
