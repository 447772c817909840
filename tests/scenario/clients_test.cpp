#include <chrono>
#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/still_ledger.hpp"
#include "scenario/stream_stage.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;
using std::chrono::hours;
using std::chrono::seconds;

// Clients with keys of their own: who they are, what they may ask for, how much, for how much.

namespace {

const std::string ana = "x-api-key: key-of-ana-0123456789\r\n";
const std::string bob = "Authorization: Bearer key-of-bob-0123456789\r\n";

ClientConfig client(const std::string& name) {
  ClientConfig out;
  out.name = name;
  out.keys = {Secret("key-of-" + name + "-0123456789")};
  return out;
}

std::string answer_of(std::uint64_t input, std::uint64_t output) {
  return R"({"type":"message","content":[],"usage":{"input_tokens":)" + std::to_string(input) +
         R"(,"output_tokens":)" + std::to_string(output) + "}}";
}

Script answering(std::uint64_t input, std::uint64_t output) {
  return Script::reply(200, "application/json", answer_of(input, output),
                       {{"anthropic-ratelimit-requests-remaining", "7"}});
}

struct Team : F {
  Team() {
    one = &add_provider("one");
    two = &add_provider("two");
    config.server.auth.clients = {client("ana"), client("bob")};
    // 1 USD a token, whichever way.
    PriceRow price;
    price.models = {"claude-test"};
    price.rates[TokenClass::input] = price.rates[TokenClass::output] = 1'000'000'000'000;
    config.prices = {price};
  }
  ClientConfig& of_ana() { return config.server.auth.clients[0]; }
  Answer message(const std::string& who = ana) { return ask(F::post(F::body(false), who)); }

  FakeProvider* one;
  FakeProvider* two;
};

}  // namespace

TEST_CASE("a client's key opens the relay and never reaches a provider", "[scenario][clients]") {
  Team f;
  f.config.routing.debug = true;
  f.start();
  const Answer answer = f.message();
  CHECK(answer.status == 200);
  CHECK(answer.headers.get("x-cc-relay-client") == "ana");
  CHECK(f.finished().client_name == "ana");
  f.ask(F::post(F::body(false), bob + "x-other: key-of-ana-0123456789\r\n",
                "/v1/messages?key=key-of-ana-0123456789"));
  CHECK(f.finished(2).client_name == "bob");
  REQUIRE(f.one->requests().size() == 2);
  for (const auto& request : f.one->requests()) {
    CHECK(request.head.headers.get("x-api-key") == "sk-test-one");
    CHECK_FALSE(has(request.head.target, "key-of"));
    for (const Header header : request.head.headers) CHECK_FALSE(has(header.value, "key-of-"));
  }
}

TEST_CASE("keys that open nothing are refused in words, at once", "[scenario][clients]") {
  Team f;
  f.of_ana().expires = std::chrono::floor<seconds>(f.harness.clock().wall()) + hours(1);
  f.config.server.auth.clients[1].enabled = false;
  f.start();
  CHECK(f.message().status == 200);
  f.harness.advance(hours(1));
  const Answer late = f.message();
  CHECK(late.status == 401);
  CHECK(late.headers.get("x-should-retry") == "false");
  CHECK(has(late.body, "authentication_error"));
  CHECK(has(late.body, "the key of ana expired on "));
  CHECK(has(f.message(bob).body, "the key of bob is switched off"));
  CHECK(f.message("x-api-key: nobody-knows-this-key\r\n").status == 401);
  CHECK(f.one->requests().size() == 1);
}

TEST_CASE("a client asks for its models alone, and sees no others", "[scenario][clients]") {
  Team f;
  f.of_ana().models = {"claude-b*"};
  f.config.providers[0].models = {"claude-test", "claude-b1"};
  f.start();
  const Answer refused = f.message();
  CHECK(refused.status == 403);
  CHECK(has(refused.body, "permission_error"));
  CHECK(has(refused.body, "it may ask for claude-b*"));
  CHECK(f.one->requests().empty());
  CHECK(f.ask(F::post(R"({"model":"claude-b1","max_tokens":1,"messages":[]})", ana)).status == 200);
  const std::string listed = f.ask(F::get("/v1/models", ana)).body;
  CHECK(has(listed, "claude-b1"));
  CHECK_FALSE(has(listed, "claude-test"));
  CHECK(f.ask(F::get("/v1/models/claude-test", ana)).status == 404);
  CHECK(has(f.ask(F::get("/v1/models", bob)).body, "claude-test"));
  // Counting is for the same models.
  CHECK(f.ask(F::post(F::body(false), ana, "/v1/messages/count_tokens")).status == 403);
}

TEST_CASE("what goes on unread is not for who has models or a budget to keep to",
          "[scenario][clients]") {
  Team f;
  f.start();
  const std::string batch = R"({"requests":[{"params":{"model":"claude-dear"}}]})";
  const auto send = [&] { return f.ask(F::post(batch, ana, "/v1/messages/batches")); };
  const auto change = [&](auto how) {
    Config next = f.config;
    how(next.server.auth.clients[0]);
    REQUIRE(f.relay->reload(next));
  };
  CHECK(send().status == 200);
  CHECK(f.one->requests().size() == 1);
  change([](ClientConfig& who) { who.models = {"claude-b*"}; });
  const Answer models = send();
  CHECK(models.status == 403);
  CHECK(has(models.body, "permission_error"));
  CHECK(has(models.body, R"(can't be held against models of the client \"ana\")"));
  CHECK(models.headers.get("x-should-retry") == "false");
  change([](ClientConfig& who) { who.budget_month_nano_usd = 1; });
  CHECK(has(send().body, "budget_usd_month of the client"));
  CHECK(f.one->requests().size() == 1);
  // To look costs nothing, and what the client pays for itself is its own affair.
  CHECK(f.ask(F::get("/v1/messages/batches", ana)).status == 200);
  CHECK(f.one->requests().size() == 2);
  const std::string both = ana + "Authorization: Bearer sk-ant-oat-own\r\n";
  CHECK(f.ask(F::post(batch, both, "/v1/messages/batches")).status == 200);
  REQUIRE(f.one->requests().size() == 3);
  CHECK(f.one->requests()[2].head.headers.get("authorization") == "Bearer sk-ant-oat-own");
}

TEST_CASE("who has a budget sends no body that can't be read", "[scenario][clients]") {
  Team f;
  f.config.providers[0].type = "gemini";
  StillLedger ledger;
  f.options.ledger = &ledger;
  f.of_ana().budget_month_nano_usd = 1'000'000'000'000;
  f.start();
  const auto send = [&](const std::string& key) {
    return f.ask(F::post("x", "Content-Encoding: zstd\r\nx-goog-api-key: " + key + "\r\n",
                         "/v1beta/models/gemini-asked:generateContent"));
  };
  const Answer refused = send("key-of-ana-0123456789");
  CHECK(refused.status == 415);
  CHECK(has(refused.body, "zstd is not understood"));
  CHECK(f.one->requests().empty());
  send("key-of-bob-0123456789");
  CHECK(f.one->requests().size() == 1);
}

TEST_CASE("a client is sent to its providers alone, and sees no others", "[scenario][clients]") {
  Team f;
  f.of_ana().providers = {"two"};
  f.start();
  CHECK(f.message().status == 200);
  CHECK(f.one->requests().empty());
  CHECK(f.two->requests().size() == 1);
  const std::string listed = f.ask(F::get("/v1/providers", ana)).body;
  CHECK(has(listed, R"("name":"two")"));
  CHECK_FALSE(has(listed, R"("name":"one")"));
  f.two->enqueue(Script::error(500, "api_error", "down"));
  CHECK(f.message().status == 500);
  CHECK(f.one->requests().empty());
}

TEST_CASE("where none of a client's providers serves it, that is said", "[scenario][clients]") {
  Team f;
  f.of_ana().providers = {"two"};
  f.config.providers[1].models = {"other"};
  f.start();
  const Answer refused = f.message();
  CHECK(refused.status == 403);
  CHECK(has(refused.body, "none of the providers that the key of ana may use"));
  CHECK(f.message(bob).status == 200);
  CHECK(f.two->requests().empty());
}

TEST_CASE("requests a minute are counted once, whatever is tried, and counting is free",
          "[scenario][clients]") {
  Team f;
  f.of_ana().rpm_limit = 2;
  f.one->enqueue(Script::error(500, "api_error", "down"));
  f.start();
  CHECK(f.message().status == 200);  // by two
  f.one->enqueue(Script::reply(200, "application/json", R"({"input_tokens":5})"));
  f.ask(F::post(F::body(false), ana, "/v1/messages/count_tokens"));
  CHECK(f.message().status == 200);
  const std::size_t asked = f.one->requests().size() + f.two->requests().size();
  const Answer refused = f.message();
  CHECK(refused.status == 429);
  CHECK(has(refused.body, "rate_limit_error"));
  CHECK(has(refused.body, "rpm_limit"));
  CHECK(refused.headers.get("retry-after") == "60");
  CHECK(f.message(bob).status == 200);
  CHECK(f.one->requests().size() + f.two->requests().size() == asked + 1);
  f.harness.advance(seconds(61));
  CHECK(f.message().status == 200);
}

TEST_CASE("a client that leaves has used what it was given", "[scenario][clients]") {
  Team f;
  f.of_ana().otpm_limit = 600;
  const std::string words =
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"text\":\"" +
      std::string(4000, 'w') + "\"}\n\n";
  f.one->enqueue(Script::stream_head().chunk(Script::events("x")[0]).chunk(words).hold());
  f.start();
  const auto gone = f.connect();
  gone->send(F::post(F::body(true), ana));
  f.until([&] { return has(gone->received(), "wwww"); });
  gone->close();
  f.finished();
  // About 1000 tokens went by, and were never told.
  const Answer refused = f.message();
  CHECK(refused.status == 429);
  CHECK(has(refused.body, "otpm_limit"));
  CHECK(f.one->requests().size() == 1);
}

TEST_CASE("who leaves before the figures come has spent what it was given", "[scenario][clients]") {
  Team f;
  f.of_ana().budget_day_nano_usd = 900'000'000'000;
  TokenRates& rates = f.config.prices[0].rates;
  rates[TokenClass::cache_write_5m] = rates[TokenClass::cache_read] = 0;
  f.one->enqueue(Script::stream_head()
                     .chunk(Script::events("x")[0])
                     .chunk("event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
                            "\"text\":\"" +
                            std::string(4000, 'w') + "\"}\n\n")
                     .hold());
  f.start();
  const auto gone = f.connect();
  gone->send(F::post(F::body(true), ana));
  f.until([&] { return has(gone->received(), "wwww"); });
  gone->close();
  const Charge charge = f.finished().attempts[0].usage.charges[0];
  // A report has what was told; about 1000 tokens went by, and were not.
  CHECK(charge.cost_nano_usd < 100'000'000'000);
  CHECK(charge.est_cost_nano_usd > 900'000'000'000);
  const Answer refused = f.message();
  CHECK(refused.status == 429);
  CHECK(has(refused.body, "billing_error"));
  CHECK(f.one->requests().size() == 1);
}

TEST_CASE("one that nobody could serve takes no tokens", "[scenario][clients]") {
  Team f;
  f.of_ana().itpm_limit = 100;
  f.one->enqueue(Script::error(400, "invalid_request_error", "no"));
  f.start();
  CHECK(f.message().status == 400);
  f.one->enqueue(answering(90, 1));
  CHECK(f.message().status == 200);
  CHECK(f.message().status == 429);
  CHECK(f.one->requests().size() == 2);
}

TEST_CASE("a budget ends with the words that Claude Code knows, and begins anew",
          "[scenario][clients]") {
  Team f;
  f.of_ana().budget_day_nano_usd = 10'000'000'000;
  f.one->enqueue(answering(3, 5));
  f.one->enqueue(answering(1, 1));
  f.start();
  const Answer first = f.message();
  CHECK(first.status == 200);
  CHECK(first.headers.get("anthropic-ratelimit-unified-status") == "allowed_warning");
  CHECK_FALSE(first.headers.contains("anthropic-ratelimit-requests-remaining"));
  CHECK(f.finished().attempts[0].usage.charges[0].cost_nano_usd == 8'000'000'000);
  const Answer second = f.message();
  CHECK(second.status == 200);
  const Answer refused = f.message();
  CHECK(refused.status == 429);
  CHECK(has(refused.body, "billing_error"));
  CHECK(has(refused.body, "10.00 USD (budget_usd_day of the client"));
  CHECK(refused.headers.get("x-should-retry") == "false");
  CHECK(refused.headers.get("anthropic-ratelimit-unified-status") == "rejected");
  CHECK(refused.headers.get("anthropic-ratelimit-unified-overage-period") == "daily");
  CHECK(refused.headers.get("anthropic-ratelimit-unified-overage-disabled-reason") ==
        "org_spend_cap_reached");
  const std::string wait(refused.headers.get("retry-after").value_or("0"));
  CHECK(std::stol(wait) > 0);
  CHECK(std::stol(wait) <= 86400);
  CHECK(f.one->requests().size() == 2);
  // Others have their own; theirs have no such headers, and the provider's.
  f.one->enqueue(answering(1, 1));
  const Answer other = f.message(bob);
  CHECK(other.status == 200);
  CHECK(other.headers.get("anthropic-ratelimit-requests-remaining") == "7");
  f.harness.advance(seconds(std::stol(wait) - 1));
  CHECK(f.message().status == 429);
  f.harness.advance(seconds(1));
  CHECK(f.message().status == 200);
}

TEST_CASE("what a client's own credential pays for is no part of its budget",
          "[scenario][clients]") {
  Team f;
  f.of_ana().budget_day_nano_usd = 1;
  f.config.providers[0].credentials = Credentials::passthrough;
  f.one->enqueue(answering(3, 5));
  f.one->enqueue(answering(3, 5));
  f.start();
  const std::string both = ana + "Authorization: Bearer sk-ant-oat-own\r\n";
  CHECK(f.message(both).status == 200);
  CHECK(f.message(both).status == 200);
  REQUIRE(f.one->requests().size() == 2);
  CHECK(f.one->requests()[0].head.headers.get("authorization") == "Bearer sk-ant-oat-own");
  CHECK_FALSE(f.one->requests()[0].head.headers.contains("x-api-key"));
}

TEST_CASE("what a client's own credential pays for is let in when its budget is used up",
          "[scenario][clients]") {
  Team f;
  f.of_ana().budget_day_nano_usd = 0;
  f.of_ana().providers = {"one"};
  f.config.providers[0].credentials = Credentials::passthrough;
  f.config.providers[1].credentials = Credentials::configured;
  f.one->enqueue(answering(3, 5));
  f.start();
  const std::string both = ana + "Authorization: Bearer sk-ant-oat-own\r\n";
  CHECK(f.message(both).status == 200);
  CHECK(f.one->requests().size() == 1);
  // Where another provider's key may be spent after it, the budget holds.
  Config next = f.config;
  next.server.auth.clients[0].providers = {};
  REQUIRE(f.relay->reload(next));
  CHECK(f.message(both).status == 429);
  CHECK(f.one->requests().size() == 1);
  CHECK(f.two->requests().empty());
}

TEST_CASE("a reload keeps what a client has used and takes its new limits", "[scenario][clients]") {
  Team f;
  f.of_ana().rpm_limit = 5;
  f.start();
  CHECK(f.message().status == 200);
  Config next = f.config;
  next.server.auth.clients[0].rpm_limit = 1;
  next.server.auth.clients[0].keys = {Secret("another-key-of-ana-01")};
  REQUIRE(f.relay->reload(next));
  CHECK(f.message().status == 401);
  const std::string renewed = "x-api-key: another-key-of-ana-01\r\n";
  CHECK(f.message(renewed).status == 429);
  f.harness.advance(seconds(61));
  CHECK(f.message(renewed).status == 200);
  CHECK(f.one->requests().size() == 2);
}

TEST_CASE("nothing is relayed that a ledger which is required can't take", "[scenario][clients]") {
  StillLedger ledger;
  ledger.serves = false;
  Team f;
  f.options.ledger = &ledger;
  f.start();
  const Answer refused = f.message();
  CHECK(refused.status == 503);
  CHECK(refused.headers.get("retry-after") == "30");
  CHECK(has(refused.body, "ledger.required"));
  CHECK(f.one->requests().empty());
  CHECK(f.ask(F::get("/health")).status == 200);
  // Nor is it told to a balancer, or a person, that it serves.
  CHECK(f.ask(F::get("/ready")).status == 503);
  const std::string said = f.ask(F::get("/v1/providers", ana)).body;
  CHECK(has(said, R"("status":"not serving")"));
  CHECK(has(said, "ledger.required"));
  ledger.serves = true;
  CHECK(f.ask(F::get("/ready")).status == 200);
  CHECK(f.message().status == 200);
  CHECK(f.one->requests().size() == 1);
}
