#include <ccrelay/config_load.hpp>

#include <string>

#include "catch.hpp"
#include "scenario/h2_stage.hpp"
#include "scenario/seen.hpp"
#include "scenario/throwing.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

struct Thrown final : Router {
  Thrown(std::string at, std::string what) : where(std::move(at)), kind(std::move(what)) {}
  void at(const char* method) const {
    if (where == method) throw_one(kind);
  }
  std::string_view name() const override { return at("name"), "thrown"; }
  std::vector<std::size_t> order(const RouteRequest&,
                                 const std::vector<RouteCandidate>& candidates) override {
    at("order");
    std::vector<std::size_t> all;
    for (std::size_t i = candidates.size(); i-- > 0;) all.push_back(i);
    return all;
  }
  bool spreads() const override { return at("spreads"), false; }
  bool may_lead(const RouteRequest&, const RouteCandidate&, const RouteCandidate&) const override {
    return at("may_lead"), true;
  }
  bool may_follow(const RouteRequest&, const RouteCandidate&) const override {
    return at("may_follow"), true;
  }
  std::string where, kind;
};

}  // namespace

TEST_CASE("a router that throws fails that request alone, and nobody is asked against its will",
          "[scenario][own]") {
  const std::string kind = GENERATE("exception", "int", "bad_alloc");
  const bool http2 = GENERATE(false, true);
  RelayFixture f;
  auto router = std::make_shared<Thrown>("order", kind);
  f.options.router = router;
  FakeProvider& one = f.add_provider("one");
  f.start();
  const auto ask = [&]() -> std::pair<int, std::string> {
    if (!http2) {
      const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(false)));
      return {answer.status, answer.body};
    }
    auto client = h2_connect(f);
    const Answer answer = ended(f, *client, client->post(RelayFixture::body(false))).answer;
    return {answer.status, answer.body};
  };
  const auto [status, text] = ask();
  CHECK(status == 500);
  CHECK(text.find("the relay's strategy \\\"thrown\\\" has failed; its log says how") !=
        std::string::npos);
  CHECK(text.find(thrown_words) == std::string::npos);
  CHECK(one.requests().empty());
  CHECK((observed(f.observer).find(thrown_words) != std::string::npos) == (kind == "exception"));
  router->where = "nowhere";
  CHECK(ask().first == 200);
  CHECK(one.requests().size() == 1);
}

TEST_CASE("whatever a router is asked when it throws, that request fails", "[scenario][own]") {
  const std::string where = GENERATE("spreads", "may_lead", "may_follow");
  RelayFixture f;
  f.config.health.failure_threshold = 1;
  f.config.health.checks = false;
  auto router = std::make_shared<Thrown>("nowhere", "exception");
  f.options.router = router;
  f.add_provider("one");
  // Asked first, and shut out from then on where that matters; the conversation's home else.
  FakeProvider& two = f.add_provider("two");
  if (where == "may_follow") two.enqueue(Script::error(500, "api_error", "down"));
  f.start();
  const std::string going_on = RelayFixture::post(
      R"({"model":"claude-test","max_tokens":8,"messages":[{"role":"user","content":"hi"},)"
      R"({"role":"assistant","content":"so"},{"role":"user","content":"and?"}]})",
      "x-claude-code-session-id: s\r\n");
  CHECK(f.ask(going_on).status == 200);
  const std::size_t asked = two.requests().size() + f.providers[0]->requests().size();
  router->where = where;
  CHECK(f.ask(going_on).status == 500);
  CHECK(two.requests().size() + f.providers[0]->requests().size() == asked);
}

TEST_CASE("a router that throws while it is made or named is an error of the start",
          "[scenario][own]") {
  const std::string where = GENERATE("factory", "name", "null", "nothing", "error");
  RelayFixture f;
  f.add_provider("one");
  f.config.routing.strategy = "mine";
  f.options.strategies["mine"] =
      [where](const RoutingConfig& routing) -> Result<std::unique_ptr<Router>> {
    if (where == "factory") throw_one("exception");
    if (where == "null") return std::unique_ptr<Router>();
    if (where == "error") return mistake_in(routing, "team", "is missing");
    return std::unique_ptr<Router>(std::make_unique<Thrown>("name", "exception"));
  };
  if (where == "nothing") f.options.strategies["mine"] = RouterFactory();
  f.config.server.listen = "127.0.0.1:0";
  const auto started = Relay::attach(f.harness.loop(), f.config, f.options);
  REQUIRE_FALSE(started);
  const std::string said = started.error().message;
  const std::string about = "routing.strategy \"mine\" ";
  if (where == "null") CHECK(said == about + "has made no router");
  if (where == "nothing") CHECK(said == about + "has nothing that makes a router");
  if (where == "error") CHECK(said == "routing.team: is missing");
  if (where == "factory" || where == "name") {
    CHECK(said == about + "threw std::runtime_error: " + thrown_words);
  }
}

TEST_CASE(
    "a strategy of a program's own is named in the file, and stays over a reload that leaves "
    "it",
    "[scenario][own]") {
  RelayFixture f;
  f.add_provider("one");
  f.add_provider("two");
  int made = 0;
  f.options.strategies["mine"] = {
      [&made](const RoutingConfig& routing) -> Result<std::unique_ptr<Router>> {
        ++made;
        CHECK(routing.settings.text("team") == (made == 1 ? "blue" : "green"));
        return std::unique_ptr<Router>(std::make_unique<Thrown>("nowhere", "int"));
      },
      {{"team"}}};
  const auto routing = [&](const std::string& team) {
    const auto config =
        parse_config("[routing]\nstrategy = \"mine\"\ndebug = true\nteam = \"" + team + "\"\n",
                     "relay.toml", {{}, f.options.strategies, {}});
    REQUIRE(config);
    return config->routing;
  };
  f.config.routing = routing("blue");
  f.start();
  const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(false)));
  CHECK(answer.headers.get("x-cc-relay-strategy") == "thrown");
  CHECK(tries(f.finished()) == "two:success");
  CHECK(f.providers[0]->requests().empty());
  CHECK(made == 1);
  CHECK(f.relay->reload(f.config));
  CHECK(made == 1);
  f.config.routing = routing("green");
  CHECK(f.relay->reload(f.config));
  CHECK(made == 2);
}
