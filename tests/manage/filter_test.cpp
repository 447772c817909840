#include "manage/filter.hpp"

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::management;
using manage::matches;

namespace {

Request sample() {
  Request request;
  request.client = "ana";
  request.model = "claude-sonnet-5-5";
  request.session = "s1";
  request.state = RequestState::streaming;
  request.duration_us = 1'500'000;
  Attempt first;
  first.provider = "one";
  first.key = "aaaa";
  first.outcome = Outcome::success;
  Attempt second;
  second.provider = "two";
  second.key = "bbbb";
  request.attempts = {first, second};
  return request;
}

template <class Change>
bool fits(Change change, const Request& request = sample()) {
  RequestFilter filter;
  change(filter);
  return matches(filter, request);
}

}  // namespace

TEST_CASE("an empty filter lets every request through") {
  CHECK(fits([](RequestFilter&) {}));
  CHECK(fits([](RequestFilter&) {}, Request()));
}

TEST_CASE("of a list one must fit, of all attempts one") {
  CHECK(fits([](RequestFilter& f) { f.providers = {"zero", "two"}; }));
  CHECK(fits([](RequestFilter& f) { f.providers = {"one"}; }));
  CHECK_FALSE(fits([](RequestFilter& f) { f.providers = {"zero"}; }));
  CHECK(fits([](RequestFilter& f) { f.keys = {"bbbb"}; }));
  CHECK_FALSE(fits([](RequestFilter& f) { f.keys = {"cccc"}; }));
  CHECK(fits([](RequestFilter& f) { f.clients = {"ana"}; }));
  CHECK_FALSE(fits([](RequestFilter& f) { f.clients = {"bob"}; }));
  CHECK(fits([](RequestFilter& f) { f.sessions = {"s1"}; }));
  CHECK_FALSE(fits([](RequestFilter& f) { f.sessions = {"s"}; }));
}

TEST_CASE("models are exact or end in a star") {
  CHECK(fits([](RequestFilter& f) { f.models = {"claude-sonnet-5-5"}; }));
  CHECK(fits([](RequestFilter& f) { f.models = {"x", "claude-*"}; }));
  CHECK(fits([](RequestFilter& f) { f.models = {"*"}; }));
  CHECK_FALSE(fits([](RequestFilter& f) { f.models = {"claude"}; }));
}

TEST_CASE("all that is set must fit") {
  CHECK_FALSE(fits([](RequestFilter& f) {
    f.clients = {"ana"};
    f.sessions = {"s2"};
  }));
}

TEST_CASE("states and durations are looked at, and unspecified is any state") {
  CHECK(fits([](RequestFilter& f) { f.states = {RequestState::streaming}; }));
  CHECK_FALSE(fits([](RequestFilter& f) { f.states = {RequestState::waiting}; }));
  CHECK(fits([](RequestFilter& f) { f.states = {RequestState::unspecified}; }));
  CHECK(fits([](RequestFilter& f) { f.min_duration_ms = 1500; }));
  CHECK_FALSE(fits([](RequestFilter& f) { f.min_duration_ms = 1501; }));
}

TEST_CASE("trouble is a failed attempt or a bad ending") {
  const auto troubled = [](RequestFilter& f) { f.troubled_only = true; };
  Request request = sample();
  CHECK_FALSE(fits(troubled, request));
  request.attempts[0].outcome = Outcome::rejected;
  CHECK_FALSE(fits(troubled, request));
  request.attempts[0].outcome = Outcome::overloaded;
  CHECK(fits(troubled, request));
  request = sample();
  request.ending = Ending::complete;
  CHECK_FALSE(fits(troubled, request));
  request.ending = Ending::client_gone;
  CHECK(fits(troubled, request));
  request = sample();
  request.status = 502;
  CHECK(fits(troubled, request));
}

TEST_CASE("what can't be asked for is refused with its field") {
  const worker::Snapshot nothing{};
  const auto said = [&](auto change) {
    RequestFilter filter;
    change(filter);
    const auto refusal = manage::check(filter, nothing);
    return refusal ? refusal->message : std::string();
  };
  CHECK(said([](RequestFilter&) {}).empty());
  CHECK(said([](RequestFilter& f) { f.clients = {"whoever"}; }).empty());
  CHECK(said([](RequestFilter& f) { f.providers = {"x"}; }) ==
        "filter.providers: there is no provider \"x\"");
  CHECK(said([](RequestFilter& f) { f.keys = {"x"}; }) ==
        "filter.keys: there is no key with the fingerprint \"x\"");
  CHECK(said([](RequestFilter& f) { f.models = {"a*b"}; }) ==
        "filter.models: in \"a*b\" a * stands inside; it may end a name");
  CHECK(said([](RequestFilter& f) { f.min_duration_ms = -1; }) ==
        "filter.min_duration_ms: -1 is no time that a request can take");
  CHECK_FALSE(said([](RequestFilter& f) { f.min_duration_ms = INT64_MAX; }).empty());
  CHECK(said([](RequestFilter& f) { f.states = {static_cast<RequestState>(9)}; }) ==
        "filter.states: 9 is no state of a request");
  CHECK(said([](RequestFilter& f) { f.models = {"\xff*x"}; }) ==
        "filter.models: in \"\xEF\xBF\xBD*x\" a * stands inside; it may end a name");
}

TEST_CASE("the nearest name is told where a filter's is unknown") {
  worker::Snapshot snapshot{};
  ProviderConfig provider;
  provider.name = "anthropic";
  snapshot.config.providers.push_back(provider);
  RequestFilter filter;
  filter.providers = {"antropic"};
  const auto refusal = manage::check(filter, snapshot);
  REQUIRE(refusal);
  CHECK(refusal->code == Code::invalid_argument);
  CHECK(refusal->message ==
        "filter.providers: there is no provider \"antropic\"; did you mean \"anthropic\"?");
}
