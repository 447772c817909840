#include "exchange/settle.hpp"

#include <optional>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;
using Mark = state::Breaker::Mark;

namespace {

/// An attempt that ended like this, as its provider's breaker sees it.
struct End {
  Outcome outcome;
  bool will_repeat = false;
  bool unsent = false;

  Mark mark() const {
    Failure failure;
    failure.outcome = outcome;
    failure.will_repeat = will_repeat;
    failure.unsent = unsent;
    return mark_of({outcome, &failure});
  }
};

}  // namespace

TEST_CASE("what an attempt's end says of its provider", "[exchange]") {
  struct Case {
    const char* what;
    End end;
    Mark mark;
  };
  const Case cases[] = {
      {"an answer", {.outcome = Outcome::success}, Mark::success},
      {"no connection", {.outcome = Outcome::transport}, Mark::failure},
      {"no connection, tried again",
       {.outcome = Outcome::transport, .will_repeat = true},
       Mark::neutral},
      {"an error", {.outcome = Outcome::failed}, Mark::failure},
      {"not even asked", {.outcome = Outcome::failed, .unsent = true}, Mark::neutral},
      {"silence", {.outcome = Outcome::timed_out}, Mark::failure},
      {"a broken stream", {.outcome = Outcome::stream_broken}, Mark::failure},
      {"overload", {.outcome = Outcome::overloaded}, Mark::failure},
      {"overload, tried again",
       {.outcome = Outcome::overloaded, .will_repeat = true},
       Mark::neutral},
      {"a limit", {.outcome = Outcome::rate_limited}, Mark::neutral},
      {"a refused key", {.outcome = Outcome::key_refused}, Mark::neutral},
      {"a model that the key may not use", {.outcome = Outcome::no_access}, Mark::neutral},
      {"an empty account", {.outcome = Outcome::exhausted}, Mark::neutral},
      {"no such model", {.outcome = Outcome::not_here}, Mark::neutral},
      {"a fault of the request", {.outcome = Outcome::rejected}, Mark::neutral},
      {"a client that left", {.outcome = Outcome::cancelled}, Mark::neutral},
  };
  for (const Case& each : cases) {
    INFO(each.what);
    CHECK(each.end.mark() == each.mark);
  }
}

TEST_CASE("an attempt that nobody wanted any more tells nothing of failures", "[exchange]") {
  CHECK(mark_of({Outcome::success, nullptr}) == Mark::success);
  CHECK(mark_of({Outcome::cancelled, nullptr}) == Mark::neutral);
  CHECK(mark_of({Outcome::timed_out, nullptr}) == Mark::failure);
}
