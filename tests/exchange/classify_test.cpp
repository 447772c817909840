#include "exchange/classify.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;

namespace {

constexpr const char* json = "application/json";

std::string verdict(Operation operation, Authority authority, int status, const char* type = json) {
  const Meaning v = classify(operation, authority, status, type);
  return std::string(to_string(v.outcome)) + (v.pass_on ? ", passed on" : "");
}

std::string with_key(int status) {
  return verdict(Operation::messages, Authority::key, status);
}

}  // namespace

TEST_CASE("what a status means for a message", "[relay]") {
  const auto word = [](Outcome outcome) { return std::string(to_string(outcome)); };
  const std::string passed = ", passed on";
  const std::vector<std::pair<int, std::string>> cases{
      {200, word(Outcome::success) + passed},
      {201, word(Outcome::success) + passed},
      {301, word(Outcome::failed)},
      {304, word(Outcome::failed)},
      {307, word(Outcome::failed)},
      {400, word(Outcome::rejected) + passed},
      {401, word(Outcome::key_refused)},
      {402, word(Outcome::rejected) + passed},
      {403, word(Outcome::key_refused)},
      {404, word(Outcome::not_here)},
      {405, word(Outcome::rejected) + passed},
      {413, word(Outcome::rejected) + passed},
      {422, word(Outcome::rejected) + passed},
      {429, word(Outcome::rate_limited)},
      {500, word(Outcome::failed)},
      {501, word(Outcome::failed)},
      {502, word(Outcome::failed)},
      {503, word(Outcome::overloaded)},
      {504, word(Outcome::failed)},
      {529, word(Outcome::overloaded)},
      {599, word(Outcome::failed)},
  };
  for (const auto& [status, expected] : cases) {
    INFO(status);
    CHECK(with_key(status) == expected);
  }
}

TEST_CASE("a refused client's credential is the client's to know", "[relay]") {
  for (const int status : {401, 403}) {
    CHECK(verdict(Operation::messages, Authority::client, status) == "rejected, passed on");
    CHECK(verdict(Operation::messages, Authority::none, status) == "rejected, passed on");
  }
}

TEST_CASE("a page where a message was expected is a failure", "[relay]") {
  CHECK(verdict(Operation::messages, Authority::key, 200, "Text/HTML; charset=utf-8") == "failed");
}

TEST_CASE("a provider says in several ways that it counts no tokens", "[relay]") {
  for (const int status : {404, 405, 501}) {
    INFO(status);
    CHECK(verdict(Operation::count_tokens, Authority::key, status) == "not_here");
  }
}

TEST_CASE("other endpoints' answers are passed on as they are", "[relay]") {
  for (const int status : {200, 204, 400, 404, 429, 500, 503, 529}) {
    INFO(status);
    const std::string expected = status < 400 ? "success, passed on" : "rejected, passed on";
    CHECK(verdict(Operation::other, Authority::key, status, "text/html") == expected);
  }
  // Followed, it would take the client's key for the relay along.
  CHECK(verdict(Operation::other, Authority::key, 302, "text/html") == "failed");
}

TEST_CASE("what other endpoints refuse says nothing of the key", "[relay]") {
  for (const int status : {401, 403}) {
    CHECK(verdict(Operation::other, Authority::key, status) == "rejected, passed on");
  }
}

TEST_CASE("what an error is about says how its attempt ends", "[relay]") {
  const auto ours = [](ErrorAbout about, int status = 400) {
    return outcome_of(about, Operation::messages, Authority::key, status);
  };
  CHECK(ours(ErrorAbout::account) == Outcome::exhausted);
  CHECK(ours(ErrorAbout::key) == Outcome::key_refused);
  CHECK(ours(ErrorAbout::key_and_model) == Outcome::no_access);
  CHECK(ours(ErrorAbout::model) == Outcome::not_here);
  CHECK(ours(ErrorAbout::limit) == Outcome::rate_limited);
  CHECK(ours(ErrorAbout::request) == Outcome::rejected);
  CHECK(ours(ErrorAbout::request_healable) == Outcome::rejected);
  CHECK(ours(ErrorAbout::overload) == Outcome::overloaded);
  CHECK(ours(ErrorAbout::provider, 500) == Outcome::failed);
  CHECK(ours(ErrorAbout::provider, 404) == Outcome::not_here);
}

TEST_CASE("what a client's own credential is not good for is passed on", "[relay]") {
  for (const ErrorAbout about : {ErrorAbout::account, ErrorAbout::key, ErrorAbout::key_and_model}) {
    CHECK(outcome_of(about, Operation::messages, Authority::client, 403) == Outcome::rejected);
    CHECK(outcome_of(about, Operation::messages, Authority::identity, 403) != Outcome::rejected);
  }
}

TEST_CASE("an endpoint that is not offered is not here, whatever it is about", "[relay]") {
  for (const int status : {404, 405, 501}) {
    CHECK(outcome_of(ErrorAbout::request, Operation::count_tokens, Authority::key, status) ==
          Outcome::not_here);
  }
}
