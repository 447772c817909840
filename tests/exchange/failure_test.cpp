#include "exchange/failure.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "exchange/dialect.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// What a provider answered.
Failure answered(Outcome outcome, int status, const std::string& body,
                 std::optional<Duration> retry_after = {}) {
  Failure failure;
  failure.outcome = outcome;
  failure.detail = "HTTP " + std::to_string(status);
  failure.head.emplace();
  failure.head->status = status;
  failure.head->headers.add("content-type", "application/json");
  failure.body = body;
  failure.retry_after = retry_after;
  if (retry_after) {
    failure.head->headers.add(
        "retry-after", std::to_string(std::chrono::duration_cast<seconds>(*retry_after).count()));
  }
  return failure;
}

Failure unanswered(Outcome outcome, const std::string& detail) {
  Failure failure;
  failure.outcome = outcome;
  failure.detail = detail;
  return failure;
}

Failure rejected(const std::string& body = "mine") {
  return answered(Outcome::rejected, 400, body);
}
Failure limited(const std::string& body = "limit", std::optional<Duration> retry_after = {}) {
  return answered(Outcome::rate_limited, 429, body, retry_after);
}
Failure failed(const std::string& body = "down") {
  return answered(Outcome::failed, 500, body);
}
Failure refused() {
  Failure failure = answered(Outcome::key_refused, 401, "secrets of the operator");
  failure.for_person = "provider \"p1\" refused the relay's key k1 (401): no; correct it";
  return failure;
}
Failure exhausted() {
  return answered(Outcome::exhausted, 400, "credit balance is too low");
}

/// What the client gets in the end, of failures in their order.
struct Told {
  explicit Told(std::vector<Failure> failures, const Failures::Keys& keys = {}) {
    Failures all;
    int number = 0;
    for (Failure& failure : failures) all.note(std::move(failure), "p" + std::to_string(++number));
    const Printed answer = print(all.answer(keys, error), Dialect::anthropic, "req");
    status = answer.head.status;
    body = answer.body;
    retry_after = std::string(answer.head.headers.get("retry-after").value_or("none"));
    not_again = answer.head.headers.get("x-should-retry") == "false";
  }
  bool says(std::string_view text) const { return body.find(text) != std::string::npos; }

  int status = 0;
  std::string body;
  std::string retry_after;
  std::string error;
  bool not_again = false;
};

}  // namespace

TEST_CASE("the word on the request itself goes before limits and errors", "[exchange]") {
  for (const bool first : {true, false}) {
    const Told told(first ? std::vector{rejected(), limited(), failed()}
                          : std::vector{limited(), failed(), rejected()});
    CHECK(told.status == 400);
    CHECK(told.body == "mine");
  }
}

TEST_CASE("a limit goes before other errors, and the last one of them counts", "[exchange]") {
  const Told told({limited("first"), limited("second"), failed()});
  CHECK(told.status == 429);
  CHECK(told.body == "second");
}

TEST_CASE("a provider's error goes on as it was, the last one", "[exchange]") {
  const Told told({failed("first"), answered(Outcome::overloaded, 529, "second"),
                   unanswered(Outcome::transport, "no connection")});
  CHECK(told.status == 529);
  CHECK(told.body == "second");
  CHECK(told.error == "no connection");
}

TEST_CASE("a rejection that is repeated is not the last word", "[exchange]") {
  Failure repeated = rejected("repaired");
  repeated.will_repeat = true;
  CHECK(Told({std::move(repeated), limited()}).status == 429);
}

TEST_CASE("that a key of the operator's was refused is told in words, and not to ask again",
          "[exchange]") {
  const Told told({refused()});
  CHECK(told.status == 403);
  CHECK(told.not_again);
  CHECK_FALSE(told.says("secrets"));
  CHECK(told.error == "provider \"p1\" refused the relay's key k1 (401): no; correct it");
  CHECK(Told({failed("down"), refused()}).body == "down");
}

TEST_CASE("an empty account is told in the provider's own words", "[exchange]") {
  const Told told({exhausted()});
  CHECK(told.status == 400);
  CHECK(told.body == "credit balance is too low");
  CHECK(told.not_again);
}

TEST_CASE("where something may pass by itself a client may ask again", "[exchange]") {
  CHECK_FALSE(Told({failed("down"), exhausted()}).not_again);
  CHECK_FALSE(Told({unanswered(Outcome::transport, "x"), exhausted()}).not_again);
  CHECK_FALSE(Told({exhausted()}, {seconds(5), false, false}).not_again);
}

TEST_CASE("no answer to the relay's own credential holds the header's name", "[exchange]") {
  CHECK(Told({failed("bad X-Api-Key, x-api-key")}).body == "bad API key, API key");
  Failures::Keys keys;
  keys.of_client = true;
  CHECK(Told({failed("invalid x-api-key")}, keys).body == "invalid x-api-key");
}

TEST_CASE("while a key is set aside its provider's last word is told again", "[exchange]") {
  auto said = std::make_shared<state::Told>();
  said->status = 429;
  said->content_type = "application/json";
  said->body = "theirs";
  Failures::Keys keys{seconds(12), false, false, said};
  const Told told({}, keys);
  CHECK(told.status == 429);
  CHECK(told.body == "theirs");
  CHECK(told.retry_after == "12");
  SECTION("not to a client that speaks another form") {
    keys.dialect = static_cast<int>(Dialect::bedrock);
    CHECK_FALSE(Told({}, keys).says("theirs"));
  }
  SECTION("to Bedrock's client with the name that a header has") {
    auto named = std::make_shared<state::Told>(*said);
    named->error_type = "ThrottlingException";
    keys.told = named;
    std::string error;
    CHECK(Failures().answer(keys, error).headers.get("x-amzn-errortype") == "ThrottlingException");
  }
  SECTION("of an account, without a wait") {
    auto empty = std::make_shared<state::Told>(*said);
    empty->status = 402;
    const Told again({}, {std::nullopt, false, true, empty, true});
    CHECK(again.status == 402);
    CHECK(again.body == "theirs");
    CHECK(again.not_again);
  }
  SECTION("of a refusal, in words") {
    auto words = std::make_shared<state::Told>();
    words->words = "refused";
    const Told again({}, {std::nullopt, false, true, words});
    CHECK(again.status == 403);
    CHECK(again.error == "refused");
    CHECK(again.not_again);
  }
}

TEST_CASE("a 429 about the request itself keeps its own head", "[exchange]") {
  Failure own = answered(Outcome::rejected, 429, "extra usage is required");
  const Told told({limited(), std::move(own)}, {seconds(50), false, false});
  CHECK(told.body == "extra usage is required");
  CHECK(told.retry_after == "none");
}

TEST_CASE("an endpoint that is not there is a 404, however a provider says it", "[exchange]") {
  CHECK(Told({answered(Outcome::not_here, 404, "theirs")}).body == "theirs");
  const Told told({answered(Outcome::not_here, 501, "theirs")});
  CHECK(told.status == 404);
  CHECK_FALSE(told.says("theirs"));
}

TEST_CASE("without an answer the relay says what happened", "[exchange]") {
  struct Case {
    Outcome outcome;
    int status;
  };
  const Case cases[] = {{Outcome::timed_out, 504},
                        {Outcome::overloaded, 529},
                        {Outcome::transport, 502},
                        {Outcome::failed, 502},
                        {Outcome::stream_broken, 502}};
  for (const auto& [outcome, status] : cases) {
    const Told told({unanswered(outcome, "what happened")});
    CHECK(told.status == status);
    CHECK(told.error == "provider \"p1\": what happened");
    CHECK(told.says("what happened"));
  }
}

// ---- how long to wait

TEST_CASE("a 429 tells the soonest true wait of all keys, in whole seconds", "[exchange]") {
  struct Case {
    Duration wait;
    const char* told;
  };
  const Case cases[] = {
      {seconds(7), "7"}, {milliseconds(7001), "8"}, {milliseconds(1), "1"}, {seconds(0), "1"}};
  for (const auto& [wait, expected] : cases) {
    CHECK(Told({limited("limit", seconds(99))}, {wait, false, false}).retry_after == expected);
  }
}

TEST_CASE("where no key tells more, a provider's own wait stays", "[exchange]") {
  CHECK(Told({limited("limit", seconds(99))}).retry_after == "99");
  CHECK(Told({limited()}).retry_after == "none");
  CHECK(Told({limited("limit", seconds(0))}).retry_after == "1");
}

TEST_CASE("a key that only waits for requests on their way is worth a second", "[exchange]") {
  CHECK(Told({limited("limit", seconds(99))}, {seconds(50), true, false}).retry_after == "1");
}

TEST_CASE("when no key could be asked the answer tells which of the reasons it was", "[exchange]") {
  const Told resting({}, {seconds(12), false, false});
  CHECK(resting.status == 429);
  CHECK(resting.retry_after == "12");
  CHECK(resting.error ==
        "every key for this model is at its limit or set aside; the first is free in 12 s");
  const Told bad({}, {std::nullopt, false, true});
  CHECK(bad.status == 403);
  CHECK(bad.not_again);
  CHECK(bad.error ==
        "every key for this model was refused by its provider a short while ago; correct "
        "providers.keys and reload (SIGHUP)");
  const Told busy({}, {std::nullopt, true, false});
  CHECK(busy.status == 503);
  CHECK(busy.retry_after == "1");
  CHECK(busy.error ==
        "every provider for this model has as many requests as it may (max_in_flight)");
  const Told full({}, {});
  CHECK(full.status == 503);
  CHECK(full.retry_after == "1");
}

TEST_CASE("a refused key does not hide that others are only resting or busy", "[exchange]") {
  CHECK(Told({refused()}, {seconds(5), false, false}).status == 429);
  CHECK(Told({refused()}, {std::nullopt, true, false}).status == 503);
  CHECK(Told({unanswered(Outcome::transport, "x")}, {seconds(5), false, false}).status == 502);
}

// ---- what can't be sent

TEST_CASE("a request that can't be built is the client's fault or nobody's", "[exchange]") {
  const Failure theirs = unsendable({ErrorCode::client, "messages is no array"});
  CHECK(is_last_word(theirs));
  CHECK(theirs.own->status == 400);
  CHECK(Told({theirs, failed()}).status == 400);
  CHECK(Told({theirs, failed()}).says("messages is no array"));
  CHECK(theirs.unsent);
  const Failure wordless = unsendable({ErrorCode::client, ""});
  CHECK(Told({wordless}).says("the request can't be sent as it is"));
  const Failure ours = unsendable({ErrorCode::config, "no identity"});
  CHECK_FALSE(is_last_word(ours));
  CHECK(ours.outcome == Outcome::failed);
  CHECK(ours.unsent);
  CHECK(Told({ours}).status == 403);
  CHECK(Told({ours}).not_again);
}
