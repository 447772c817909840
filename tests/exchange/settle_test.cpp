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
  Authority authority = Authority::key;
  Operation operation = Operation::messages;
  bool will_repeat = false;
  bool unsent = false;
  bool a_key_is_free = true;

  Mark mark() const {
    Failure failure;
    failure.outcome = outcome;
    failure.will_repeat = will_repeat;
    failure.unsent = unsent;
    return mark_of({operation, authority, outcome, &failure, a_key_is_free});
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
      {"a limit, and other keys", {.outcome = Outcome::rate_limited}, Mark::neutral},
      {"a limit of the last key",
       {.outcome = Outcome::rate_limited, .a_key_is_free = false},
       Mark::failure},
      {"a limit in counting tokens",
       {.outcome = Outcome::rate_limited,
        .operation = Operation::count_tokens,
        .a_key_is_free = false},
       Mark::neutral},
      {"a limit of an identity",
       {.outcome = Outcome::rate_limited, .authority = Authority::identity},
       Mark::failure},
      {"a limit of the client's own",
       {.outcome = Outcome::rate_limited, .authority = Authority::client},
       Mark::neutral},
      {"a refused key", {.outcome = Outcome::key_refused}, Mark::neutral},
      {"a refused identity",
       {.outcome = Outcome::key_refused, .authority = Authority::identity},
       Mark::failure},
      {"a stale identity",
       {.outcome = Outcome::key_refused, .authority = Authority::identity, .will_repeat = true},
       Mark::neutral},
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
  CHECK(mark_of({Operation::messages, Authority::key, Outcome::success, nullptr, true}) ==
        Mark::success);
  CHECK(mark_of({Operation::messages, Authority::key, Outcome::cancelled, nullptr, true}) ==
        Mark::neutral);
  CHECK(mark_of({Operation::messages, Authority::key, Outcome::timed_out, nullptr, true}) ==
        Mark::failure);
}
