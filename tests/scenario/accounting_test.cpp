#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/relay_fixture.hpp"
#include "scenario/stream_stage.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;
using std::chrono::milliseconds;

// What each attempt used: told, estimated, billed or not.

namespace {

std::string event(const std::string& type, const std::string& more = {}) {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + more + "}\n\n";
}

const std::string start = event(
    "message_start",
    R"(,"message":{"model":"claude-real","usage":{"input_tokens":20,"cache_read_input_tokens":300,)"
    R"("cache_creation_input_tokens":30,"cache_creation":{"ephemeral_5m_input_tokens":10,)"
    R"("ephemeral_1h_input_tokens":20},"output_tokens":1,"service_tier":"standard"}})");
const std::string words =
    event("content_block_delta", R"(,"text":")" + std::string(400, 'w') + '"');
const std::string end =
    event("message_delta",
          R"(,"usage":{"output_tokens":55,"server_tool_use":{"web_search_requests":2}})") +
    event("message_stop");

Script stream(const std::string& bytes) {
  return Script::stream_head().chunk(bytes);
}

const std::vector<Charge>& charges(const RequestSummary& summary, std::size_t attempt = 0) {
  return summary.attempts.at(attempt).usage.charges;
}

}  // namespace

TEST_CASE("a stream's later figures replace earlier ones, in every class", "[scenario][account]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(stream(start + words + end).last_chunk());
  f.start();
  CHECK(f.ask(request(true)).body == start + words + end);
  CHECK(provider.requests().size() == 1);
  const UsageReport& usage = f.finished().attempts.at(0).usage;
  REQUIRE(usage.charges.size() == 1);
  const Charge& charge = usage.charges[0];
  CHECK(charge.tokens == Tokens{{20, 55, 10, 20, 300}});
  CHECK(charge.web_searches == 2u);
  CHECK(charge.model == "claude-real");
  CHECK(charge.billed);
  CHECK_FALSE(charge.partial);
  CHECK_FALSE(charge.est_input);
  CHECK_FALSE(charge.est_output);
  CHECK(usage.service_tier == "standard");
  CHECK(usage.payer == Payer::the_operator);
}

TEST_CASE("of a client that leaves, what was seen is kept and what was not is estimated",
          "[scenario][account]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(stream(start + words).hold());
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return has(client->received(), "wwww"); });
  client->close();
  const auto& all = charges(f.finished());
  REQUIRE(all.size() == 1);
  CHECK(all[0].partial);
  CHECK(all[0].billed);
  CHECK(all[0].tokens == Tokens{{20, 1, 10, 20, 300}});
  // 440 bytes of data, less what stands around the text, at four a token; one was told.
  CHECK(all[0].est_output == (440u - 90) / 4 - 1);
  f.until([&] { return provider.cancelled() == 1; });
}

TEST_CASE("a client that leaves before the answer leaves a charge without figures",
          "[scenario][account]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script().hold());
  f.start();
  const auto client = f.connect();
  client->send(request(true));
  f.until([&] { return provider.requests().size() == 1; });
  client->close();
  const auto& all = charges(f.finished());
  REQUIRE(all.size() == 1);
  CHECK_FALSE(all[0].tokens.told());
  CHECK(all[0].partial);
  CHECK(all[0].est_input == F::body(true).size() / 4 + 1);
  CHECK(usage_of(f.finished()).without_usage == 1);
}

TEST_CASE("a stream that breaks after its begin is partial", "[scenario][account]") {
  F f;
  f.add_provider("one").enqueue(stream(start + words).reset());
  f.start();
  CHECK(has(f.ask(request(true)).body, "event: error"));
  CHECK(charges(f.finished()).at(0).partial);
  CHECK(charges(f.finished()).at(0).tokens[TokenClass::input] == 20u);
}

TEST_CASE("what was failed over keeps what it used, and an error is billed to nobody",
          "[scenario][account]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  FakeProvider& three = f.add_provider("three");
  one.enqueue(Script::error(500, "api_error", "down"));
  two.enqueue(stream(start + event("error", R"(,"error":{"type":"api_error","message":"m"})"))
                  .last_chunk());
  three.enqueue(stream(start + words + end).last_chunk());
  f.start();
  CHECK(f.ask(request(true)).body == start + words + end);
  CHECK(one.requests().size() + two.requests().size() + three.requests().size() == 3);
  const RequestSummary& summary = f.finished();
  REQUIRE(summary.attempts.size() == 3);
  CHECK(charges(summary, 0).empty());
  REQUIRE(charges(summary, 1).size() == 1);
  CHECK_FALSE(charges(summary, 1)[0].billed);
  CHECK(charges(summary, 1)[0].tokens[TokenClass::input] == 20u);
  CHECK(charges(summary, 2).at(0).billed);
  const UsageTotal total = usage_of(summary);
  CHECK(total.charges == 1);
  CHECK(total.tokens == Tokens{{20, 55, 10, 20, 300}});
}

TEST_CASE("the losers of a race have charges of their own", "[scenario][account]") {
  F f;
  f.config.routing.race = 3;
  f.config.stream.hold = milliseconds(1'000'000);
  f.add_provider("one").enqueue(Script::error(500, "api_error", "down"));
  FakeProvider& two = f.add_provider("two");
  FakeProvider& three = f.add_provider("three");
  two.enqueue(stream(start).hold());
  three.enqueue(Script().hold());
  f.add_provider("four");
  f.start();
  const auto client = f.connect();
  client->send(request(true));
  f.until([&] { return two.requests().size() == 1 && three.requests().size() == 1; });
  client->close();
  const RequestSummary& summary = f.finished();
  std::size_t told = 0;
  std::size_t silent = 0;
  for (const AttemptSummary& attempt : summary.attempts) {
    if (attempt.outcome != Outcome::cancelled) continue;
    REQUIRE(attempt.usage.charges.size() == 1);
    CHECK(attempt.usage.charges[0].partial);
    attempt.usage.charges[0].tokens.told() ? ++told : ++silent;
  }
  CHECK(told + silent >= 2);
  CHECK(silent >= 1);
}

TEST_CASE("a JSON answer of any length tells its usage", "[scenario][account]") {
  const std::size_t size = GENERATE(10u, 3'000'000u);
  const std::string body =
      R"({"type":"message","model":"claude-real","content":[{"type":"text","text":")" +
      std::string(size, 'x') + R"("}],"usage":{"input_tokens":4,"output_tokens":9}})";
  F f;
  f.add_provider("one").enqueue(Script::reply(200, "application/json", body));
  f.start();
  CHECK((f.ask(request(false)).body == body));
  const Charge& charge = charges(f.finished()).at(0);
  CHECK(charge.tokens == Tokens{{4, 9, std::nullopt, std::nullopt, std::nullopt}});
  CHECK_FALSE(charge.partial);
  CHECK(charge.model == "claude-real");
}

TEST_CASE("an answer that tells nothing is a charge without figures", "[scenario][account]") {
  F f;
  f.add_provider("one").enqueue(
      Script::reply(200, "application/json", R"({"type":"message","content":[]})"));
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  const Charge& charge = charges(f.finished()).at(0);
  CHECK_FALSE(charge.tokens.told());
  CHECK_FALSE(charge.partial);
  CHECK(charge.est_input);
  CHECK_FALSE(charge.cost_nano_usd);
}

TEST_CASE("only messages make charges", "[scenario][account]") {
  F f;
  f.config.server.passthrough = true;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script::reply(200, "application/json", R"({"input_tokens":5})"));
  provider.enqueue(
      Script::reply(200, "application/json", R"({"type":"message","usage":{"input_tokens":5}})"));
  provider.enqueue(Script::error(400, "invalid_request_error", "no"));
  f.start();
  CHECK(f.ask(F::post(F::body(false), {}, "/v1/messages/count_tokens")).status == 200);
  CHECK(f.ask(F::post(F::body(false), {}, "/v1/files")).status == 200);
  CHECK(f.ask(request(false)).status == 400);
  CHECK(provider.requests().size() == 3);
  f.finished(3);
  for (const RequestSummary& summary : f.observer.requests) CHECK(charges(summary).empty());
  CHECK(f.observer.requests[0].endpoint == "count_tokens");
  CHECK(f.observer.requests[1].endpoint == "passthrough");
  CHECK(f.observer.requests[2].endpoint == "messages");
}

TEST_CASE("what a client's own credential pays for is the client's", "[scenario][account]") {
  F f;
  f.config.server.auth.api_key = Secret("relay-key");
  FakeProvider& provider = f.add_provider("one");
  f.config.providers[0].credentials = Credentials::passthrough;
  f.start();
  CHECK(f.ask(F::post(F::body(false),
                      "x-api-key: relay-key\r\nAuthorization: Bearer sk-ant-oat-own\r\n"))
            .status == 200);
  CHECK(provider.requests().at(0).head.headers.get("authorization") == "Bearer sk-ant-oat-own");
  CHECK(f.finished().attempts.at(0).usage.payer == Payer::the_client);
  CHECK(f.finished().client_name == "default");
}

TEST_CASE("who asked is named, never by a credential", "[scenario][account]") {
  F f;
  f.config.server.auth.api_key = Secret("relay-key");
  f.config.server.auth.allow_subscription = true;
  f.add_provider("one");
  f.start();
  f.ask(F::post(F::body(false), "x-api-key: relay-key\r\n"));
  f.ask(F::post(F::body(false), "Authorization: Bearer sk-ant-oat-own\r\n"));
  f.ask(F::post(F::body(false)));
  f.ask(F::get("/health"));
  f.finished(4);
  CHECK(f.observer.requests[0].client_name == "default");
  CHECK(f.observer.requests[1].client_name == "subscription");
  CHECK(f.observer.requests[2].client_name == "unknown");
  CHECK(f.observer.requests[3].client_name == "anonymous");
}

TEST_CASE("agents and a well-formed trace are kept", "[scenario][account]") {
  const std::string parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  f.ask(F::post(F::body(false),
                "x-claude-code-agent-id: a1\r\nx-claude-code-parent-agent-id: a0\r\n"
                "traceparent: " +
                    parent + "\r\ntracestate: v=1\r\n"));
  CHECK(f.finished().agent == "a1");
  CHECK(f.finished().parent_agent == "a0");
  CHECK(f.finished().traceparent == parent);
  CHECK(f.finished().tracestate == "v=1");
  CHECK(provider.requests().at(0).head.headers.get("traceparent") == parent);
  std::size_t count = 1;
  for (const std::string& odd : std::vector<std::string>{
           parent + "0", "ff" + parent.substr(2), parent.substr(0, 54),
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
           "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", std::string("x")}) {
    INFO(odd);
    f.ask(F::post(F::body(false), "traceparent: " + odd + "\r\ntracestate: v=1\r\n"));
    CHECK(f.finished(++count).traceparent.empty());
    CHECK(f.finished(count).tracestate.empty());
  }
}
