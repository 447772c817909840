#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenario/books.hpp"
#include "scenario/stream_stage.hpp"
#include "support/deflated.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;
using std::chrono::milliseconds;
using std::chrono::seconds;

// What stands in the ledger after each shape in which providers tell what was used: the provider's
// own figures to the token, and by hand to the nano-dollar. Prices of the model asked for, in
// nano-USD a token: input 2000, output 10 000, written 2500 and 4000, read 100; a search 10 000
// 000.

namespace {

using Lines = std::vector<std::string>;

std::string event(const std::string& type, const std::string& more = {}) {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + more + "}\n\n";
}

std::string start_with(const std::string& usage, const std::string& model = "claude-real") {
  return event("message_start",
               R"(,"message":{"id":"m","model":")" + model + R"(","usage":)" + usage + "}");
}
std::string delta_with(const std::string& usage) {
  return event("message_delta", R"(,"delta":{"stop_reason":"end_turn"},"usage":)" + usage);
}
const std::string words =
    event("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"some words"})");
const std::string stop = event("message_stop");

std::string stream_of(const std::string& first, const std::string& last) {
  return start_with(first) + words + delta_with(last) + stop;
}
std::string message_of(const std::string& usage, const std::string& model = "claude-real") {
  return R"({"id":"m","type":"message","role":"assistant","model":")" + model +
         R"(","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":)" + usage +
         "}";
}

Script answering(const std::string& body, bool stream) {
  if (!stream) return Script::reply(200, "application/json", body);
  Script script = Script::stream_head();
  for (std::size_t at = 0; at < body.size(); at += 37) script.chunk(body.substr(at, 37));
  return script.last_chunk();
}

/// What the ledger has after this answer of the only provider's; the client has got it as it is.
Lines charges_of(const std::string& body, bool stream) {
  Books f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(answering(body, stream));
  f.start();
  CHECK(f.ask(request(stream)).body == body);
  CHECK(provider.requests().size() == 1);
  f.check_agreement();
  return f.charges();
}

}  // namespace

TEST_CASE("the example by hand comes out of the whole relay", "[scenario][account]") {
  const std::string usage =
      R"({"input_tokens":1200,"output_tokens":350,"cache_creation_input_tokens":2500,)"
      R"("cache_creation":{"ephemeral_5m_input_tokens":2000,"ephemeral_1h_input_tokens":500},)"
      R"("cache_read_input_tokens":40000,"server_tool_use":{"web_search_requests":2}})";
  // 2 400 000 + 3 500 000 + 5 000 000 + 2 000 000 + 4 000 000 + 20 000 000
  const Lines by_hand{"1.1 message claude-real 1200 350 2000 500 40000 = 36900000 2 searches"};
  CHECK(charges_of(message_of(usage), false) == by_hand);
  CHECK(charges_of(stream_of(R"({"input_tokens":1200,"output_tokens":1})", usage), true) ==
        by_hand);
  // With geo.us: 16 900 000 x 1.1 + 20 000 000
  std::string in_us = usage;
  in_us.insert(1, R"("inference_geo":"us",)");
  CHECK(charges_of(message_of(in_us), false) ==
        Lines{"1.1 message claude-real 1200 350 2000 500 40000 = 38590000 2 searches"});
}

TEST_CASE("a later figure of a stream replaces, a lower one and 0 too; null and absence keep",
          "[scenario][account]") {
  CHECK(charges_of(
            start_with(R"({"input_tokens":100,"cache_read_input_tokens":40,"output_tokens":9})") +
                words +
                delta_with(R"({"input_tokens":90,"cache_read_input_tokens":0,)"
                           R"("output_tokens":70})") +
                delta_with(R"({"output_tokens":50,"cache_read_input_tokens":null})") + stop,
            true) == Lines{"1.1 message claude-real 90 50 - - 0 = 680000"});
}

TEST_CASE("cache writes count by their lifetime, and as five minutes where none is told",
          "[scenario][account]") {
  const std::string split =
      R"({"input_tokens":1,"cache_creation_input_tokens":30,"cache_creation":)"
      R"({"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},"output_tokens":1})";
  // The total alone, as message_delta has it; 2000 + 20 000 + 25 000 + 80 000
  CHECK(charges_of(stream_of(split, R"({"output_tokens":2,"cache_creation_input_tokens":30})"),
                   true) == Lines{"1.1 message claude-real 1 2 10 20 - = 127000"});
  CHECK(charges_of(stream_of(split, R"({"output_tokens":2,"cache_creation_input_tokens":45})"),
                   true) == Lines{"1.1 message claude-real 1 2 25 20 - = 164500 assumed"});
  CHECK(charges_of(message_of(R"({"input_tokens":1,"cache_creation_input_tokens":30})"), false) ==
        Lines{"1.1 message claude-real 1 - 30 0 - = 77000 assumed"});
  CHECK(charges_of(message_of(R"({"cache_creation":{"ephemeral_5m_input_tokens":4,)"
                              R"("ephemeral_1h_input_tokens":3}})"),
                   false) == Lines{"1.1 message claude-real - - 4 3 - = 22000"});
}

TEST_CASE("what works beside the answer has charges of its own, by its own model",
          "[scenario][account]") {
  const std::string usage =
      R"({"input_tokens":10,"output_tokens":5,"iterations":[)"
      R"({"type":"message","input_tokens":10,"output_tokens":5},)"
      R"({"type":"compaction","input_tokens":1000,"output_tokens":100},)"
      R"({"type":"advisor_message","model":"claude-adviser","input_tokens":50,"output_tokens":20,)"
      R"("cache_read_input_tokens":3}]})";
  const Lines wanted{
      "1.1 message claude-real 10 5 - - - = 70000",
      "1.2 compaction claude-real 1000 100 - - - = 3000000",
      "1.3 advisor claude-adviser 50 20 - - 3 = 1052100",
  };
  CHECK(charges_of(message_of(usage), false) == wanted);
  CHECK(charges_of(stream_of(R"({"input_tokens":10,"output_tokens":1})", usage), true) == wanted);
}

TEST_CASE("parts of an answer count by their models where they add up, else it counts as one",
          "[scenario][account]") {
  const std::string parts =
      R"("iterations":[{"type":"message","input_tokens":4,"output_tokens":2},)"
      R"({"type":"fallback_message","model":"claude-stand-in",)"
      R"("input_tokens":6,"output_tokens":3}]})";
  CHECK(charges_of(message_of(R"({"input_tokens":10,"output_tokens":5,)" + parts), false) ==
        Lines{"1.1 message claude-real 4 2 - - - = 28000",
              "1.2 fallback claude-stand-in 6 3 - - - = 63000"});
  CHECK(charges_of(message_of(R"({"input_tokens":11,"output_tokens":5,)" + parts), false) ==
        Lines{"1.1 message claude-real 11 5 - - - = 72000"});
}

TEST_CASE("searches cost, fetches don't, and thinking is a part of the output",
          "[scenario][account]") {
  CHECK(charges_of(
            stream_of(R"({"input_tokens":5,"server_tool_use":{"web_search_requests":1}})",
                      R"({"output_tokens":90,"output_tokens_details":{"thinking_tokens":60},)"
                      R"("server_tool_use":{"web_search_requests":3,"web_fetch_requests":7}})"),
            true) == Lines{"1.1 message claude-real 5 90 - - - = 30910000 3 searches 60 thought"});
}

TEST_CASE("who sends zeros or nothing first and the truth at the end is taken at the end",
          "[scenario][account]") {
  for (const char* type : {"zai", "minimax", "ollama", "anthropic"}) {
    INFO(type);
    Books f;
    FakeProvider& provider = f.add_provider("one");
    f.config.providers[0].type = type;
    const std::string body =
        stream_of(R"({"input_tokens":0,"output_tokens":0,"cache_read_input_tokens":0})",
                  R"({"input_tokens":77,"output_tokens":5,"cache_read_input_tokens":1000})");
    const std::string whole_prompt =
        stream_of(R"({"input_tokens":1077,"output_tokens":0})",
                  R"({"input_tokens":77,"output_tokens":5,"cache_read_input_tokens":1000})");
    provider.enqueue(answering(body, true));
    provider.enqueue(answering(whole_prompt, true));
    f.start();
    CHECK(f.ask(request(true)).body == body);
    CHECK(f.ask(request(true)).body == whole_prompt);
    f.check_agreement();
    CHECK(f.charges() == Lines{"1.1 message claude-real 77 5 - - 1000 = 304000",
                               "1.1 message claude-real 77 5 - - 1000 = 304000"});
  }
}

TEST_CASE("the same counts at every cloud that speaks JSON and SSE", "[scenario][account]") {
  const std::string type = GENERATE("vertex", "azure", "anthropic_aws");
  INFO(type);
  Books f;
  FakeProvider& provider = f.add_provider("cloud");
  if (type == "vertex") as_vertex(f).keys.push_back({Secret("ya29.token"), 1, 1});
  ProviderConfig& config = f.config.providers[0];
  config.type = type;
  if (type == "anthropic_aws") {
    config.aws_region = "eu-west-1";
    config.workspace_id = "w";
  }
  const std::string usage = R"({"input_tokens":12,"output_tokens":3,"cache_read_input_tokens":400,)"
                            R"("cache_creation_input_tokens":7})";
  provider.enqueue(answering(message_of(usage), false));
  const std::string stream = stream_of(R"({"input_tokens":12,"output_tokens":1})", usage);
  provider.enqueue(answering(stream, true));
  f.start();
  CHECK(f.ask(request(false)).body == message_of(usage));
  CHECK(f.ask(request(true)).body == stream);
  CHECK(provider.requests().size() == 2);
  f.check_agreement();
  const std::string line = "1.1 message claude-real 12 3 7 0 400 = 111500 assumed";
  CHECK(f.charges() == Lines{line, line});
}

TEST_CASE("Bedrock's frames count as the events in them, and its metrics fill what those lack",
          "[scenario][account]") {
  const auto frames = [](const std::string& first, const std::string& last) {
    return bedrock_frame(R"({"type":"message_start","message":{"model":"claude-real","usage":)" +
                         first + "}}") +
           bedrock_frame(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta",)"
                         R"("text":"hi"}})") +
           bedrock_frame(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":)" +
                         last + "}") +
           bedrock_frame(
               R"({"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":99,)"
               R"("outputTokenCount":8,"cacheReadInputTokenCount":300,)"
               R"("cacheWriteInputTokenCount":6}})");
  };
  Books f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f);
  bedrock.enqueue(
      bedrock_head()
          .chunk(frames(R"({"input_tokens":10,"output_tokens":1})", R"({"output_tokens":7})"))
          .last_chunk());
  bedrock.enqueue(bedrock_head().chunk(frames("{}", "{}")).last_chunk());
  bedrock.enqueue(answering(message_of(R"({"input_tokens":10,"output_tokens":7})"), false));
  f.start();
  CHECK(has(f.ask(request(true)).body, "message_stop"));
  CHECK(has(f.ask(request(true)).body, "message_stop"));
  CHECK(f.ask(request(false)).status == 200);
  CHECK(bedrock.requests().size() == 3);
  f.check_agreement();
  CHECK(f.charges() == Lines{
                           // what usage did not tell: 20 000 + 70 000 + 15 000 + 30 000
                           "1.1 message claude-real 10 7 6 0 300 = 135000 assumed",
                           "1.1 message claude-real 99 8 6 0 300 = 323000 assumed",
                           "1.1 message claude-real 10 7 - - - = 90000",
                       });
}

TEST_CASE("what was cut off keeps what was seen, whoever cut it", "[scenario][account]") {
  const std::string begun_with =
      start_with(R"({"input_tokens":20,"cache_read_input_tokens":300,"output_tokens":1})") + words;
  // 40 000 + 10 000 + 30 000
  const Lines seen{"1.1 message claude-real 20 1 - - 300 = 80000 partial"};
  SECTION("the client leaves") {
    Books f;
    FakeProvider& provider = f.add_provider("one");
    provider.enqueue(Script::stream_head().chunk(begun_with).hold());
    f.start();
    const auto client = open_stream(f);
    f.until([&] { return has(client->received(), "some words"); });
    client->close();
    f.finished();
    f.until([&] { return provider.cancelled() == 1; });
    f.check_agreement();
    CHECK(f.charges() == seen);
  }
  SECTION("the provider breaks off") {
    Books f;
    f.add_provider("one").enqueue(Script::stream_head().chunk(begun_with).reset());
    f.start();
    CHECK(has(f.ask(request(true)).body, "event: error"));
    f.check_agreement();
    CHECK(f.charges() == seen);
  }
  SECTION("the provider falls silent") {
    Books f;
    f.add_provider("one").enqueue(Script::stream_head().chunk(begun_with).hold());
    f.start();
    const auto client = open_stream(f);
    f.until([&] { return has(client->received(), "some words"); });
    f.harness.advance(seconds(301));
    f.finished();
    CHECK(has(client->received(), "event: error"));
    f.check_agreement();
    CHECK(f.charges() == seen);
  }
  SECTION("the relay stops") {
    Books f;
    f.config.server.shutdown_timeout = milliseconds(100);
    f.add_provider("one").enqueue(Script::stream_head().chunk(begun_with).hold());
    f.start();
    const auto client = open_stream(f);
    f.until([&] { return has(client->received(), "some words"); });
    f.relay->stop();
    f.harness.settle();
    f.harness.advance(milliseconds(101));
    f.until([&] { return client->eof(); });
    CHECK(has(client->received(), "the relay is stopping"));
    client->close();
    f.finished();
    CHECK(f.charges() == seen);
  }
  SECTION("an error comes inside it") {
    Books f;
    f.add_provider("one").enqueue(answering(begun_with + in_band_error("overloaded_error"), true));
    f.start();
    CHECK(has(f.ask(request(true)).body, "overloaded_error"));
    f.check_agreement();
    CHECK(f.charges() == seen);
  }
}

TEST_CASE("each try keeps its own, and what was answered with an error is billed to nobody",
          "[scenario][account]") {
  Books f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  FakeProvider& three = f.add_provider("three");
  one.enqueue(Script::error(500, "api_error", "down"));
  two.enqueue(answering(
      start_with(R"({"input_tokens":20,"output_tokens":1})") + in_band_error("api_error"), true));
  const std::string good =
      stream_of(R"({"input_tokens":30,"output_tokens":1})", R"({"output_tokens":4})");
  three.enqueue(answering(good, true));
  f.start();
  CHECK(f.ask(request(true)).body == good);
  f.check_agreement();
  CHECK(f.charges() == Lines{"2.1 message claude-real 20 1 - - - = - partial unbilled",
                             "3.1 message claude-real 30 4 - - - = 100000"});
  CHECK(f.number("SELECT count(*) FROM attempts") == 3);
}

TEST_CASE("a repeat in place, and one without what was refused, are tries of their own",
          "[scenario][account]") {
  Books f;
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].type = "azure";
  one.enqueue(Script::error(529, "overloaded_error", "busy"));
  one.enqueue(Script::error(400, "invalid_request_error",
                            "context_management: Extra inputs are not permitted"));
  one.enqueue(answering(message_of(R"({"input_tokens":3,"output_tokens":2})"), false));
  f.start();
  const auto client = f.connect();
  client->send(F::post(R"({"model":"claude-test","max_tokens":8,"context_management":{},)"
                       R"("messages":[{"role":"user","content":"hi"}]})"));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(seconds(2));
  f.finished();
  CHECK(one.requests().size() == 3);
  CHECK(client->answers().at(0).status == 200);
  f.check_agreement();
  CHECK(f.number("SELECT count(*) FROM attempts") == 3);
  CHECK(f.charges() == Lines{"3.1 message claude-real 3 2 - - - = 26000"});
}

TEST_CASE("the losers of a race are charged with what they had told", "[scenario][account]") {
  Books f;
  f.config.routing.race = 3;
  f.add_provider("one").enqueue(Script::error(500, "api_error", "down"));
  FakeProvider& two = f.add_provider("two");
  FakeProvider& three = f.add_provider("three");
  FakeProvider& four = f.add_provider("four");
  two.enqueue(
      Script::stream_head().chunk(start_with(R"({"input_tokens":20,"output_tokens":1})")).hold());
  three.enqueue(Script().hold());
  const std::string good =
      stream_of(R"({"input_tokens":30,"output_tokens":1})", R"({"output_tokens":4})");
  four.enqueue(held(answering(good, true)));
  f.start();
  const auto client = f.connect();
  client->send(request(true));
  f.until([&] {
    return two.requests().size() + three.requests().size() + four.requests().size() == 3;
  });
  f.harness.settle();
  four.release();
  f.finished();
  CHECK(client->answers().at(0).body == good);
  f.check_agreement();
  Lines found = f.charges();
  for (std::string& line : found) line.erase(0, 4);
  std::sort(found.begin(), found.end());
  CHECK(found == Lines{"message - - - - - - = - partial",
                       "message claude-real 20 1 - - - = 50000 partial",
                       "message claude-real 30 4 - - - = 100000"});
}

TEST_CASE("counting, lists, what is passed through and errors make rows and no charge",
          "[scenario][account]") {
  Books f;
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
  CHECK(f.ask(F::get("/v1/models")).status == 200);
  f.check_agreement();
  CHECK(f.charges() == Lines{});
  CHECK(f.number("SELECT count(*) FROM requests") == 4);
  CHECK(f.number("SELECT count(*) FROM spend") == 0);
}

TEST_CASE("an answer that tells nothing, or can't be read, is a charge of unknown cost",
          "[scenario][account]") {
  Books f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script::reply(200, "application/json", R"({"type":"message","content":[]})"));
  provider.enqueue(Script::reply(200, "application/json", "\x28\xb5\x2f\xfd unreadable",
                                 {{"content-encoding", "zstd"}}));
  const std::string told = message_of(R"({"input_tokens":3,"output_tokens":2})");
  provider.enqueue(Script::reply(200, "application/json", deflated(told, Form::gzip),
                                 {{"content-encoding", "gzip"}}));
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(f.ask(request(false, "Accept-Encoding: zstd\r\n")).status == 200);
  CHECK(f.ask(request(false, "Accept-Encoding: gzip\r\n")).status == 200);
  f.check_agreement();
  // What the client asked for in a coding of its own is not read.
  CHECK(f.charges() == Lines{"1.1 message - - - - - - = -", "1.1 message - - - - - - = - partial",
                             "1.1 message - - - - - - = - partial"});
  CHECK(f.number("SELECT count(*) FROM charges WHERE est_input > 0") == 3);
}

TEST_CASE("an answer of any length, and an event beyond the limit, tell what they used",
          "[scenario][account]") {
  const std::string long_text(400'000, 'x');
  std::string body = message_of(R"({"input_tokens":3,"output_tokens":2})");
  body.replace(body.find("\"hi\""), 4, '"' + long_text + '"');
  CHECK(charges_of(body, false) == Lines{"1.1 message claude-real 3 2 - - - = 26000"});
  const std::string stream =
      start_with(R"({"input_tokens":3,"output_tokens":1})") +
      event("content_block_delta",
            R"(,"index":0,"delta":{"type":"text_delta","text":")" + long_text + "\"}") +
      event("message_delta",
            R"(,"delta":{"x":")" + long_text + R"("},"usage":{"output_tokens":2})") +
      stop;
  Books f;
  f.add_provider("one").enqueue(Script::stream_head().chunk(stream).last_chunk());
  f.start();
  CHECK((f.ask(request(true)).body == stream));
  f.check_agreement();
  CHECK(f.charges() == Lines{"1.1 message claude-real 3 2 - - - = 26000"});
}

TEST_CASE("whose money it is is told apart, and budgets know the operator's alone",
          "[scenario][account]") {
  Books f;
  f.config.server.auth.api_key = Secret("relay-key");
  FakeProvider& provider = f.add_provider("one");
  f.config.providers[0].credentials = Credentials::passthrough;
  f.config.metrics.allow_without_auth = true;
  provider.enqueue(answering(message_of(R"({"input_tokens":3,"output_tokens":2})"), false));
  f.start();
  CHECK(f.ask(F::post(F::body(false),
                      "x-api-key: relay-key\r\nAuthorization: Bearer sk-ant-oat-own\r\n"))
            .status == 200);
  CHECK(provider.requests().at(0).head.headers.get("authorization") == "Bearer sk-ant-oat-own");
  f.check_agreement();
  CHECK(f.charges() == Lines{"1.1 message claude-real 3 2 - - - = 26000 by client"});
  CHECK(f.number("SELECT count(*) FROM spend") == 0);
}

TEST_CASE("who hangs up before the figures come has spent what they are estimated to cost",
          "[scenario][account][clients]") {
  const bool has_ledger = GENERATE(true, false);
  INFO("with a ledger: " << has_ledger);
  Books f;
  if (!has_ledger) f.options.ledger = nullptr;
  ClientConfig ana;
  ana.name = "ana";
  ana.keys = {Secret("key-of-ana-0123456789")};
  ana.budget_day_nano_usd = 1'000'000;  // a hundred tokens of an answer
  f.config.server.auth.clients = {ana};
  const std::string who = "x-api-key: key-of-ana-0123456789\r\n";
  FakeProvider& provider = f.add_provider("one");
  const std::string long_words =
      event("content_block_delta",
            R"(,"index":0,"delta":{"type":"text_delta","text":")" + std::string(600, 'w') + "\"}");
  provider.enqueue(Script::stream_head()
                       .chunk(start_with(R"({"input_tokens":1,"output_tokens":1})") + long_words)
                       .hold());
  f.start();
  const auto client = f.connect();
  client->send(request(true, who));
  f.until([&] { return has(client->received(), "wwww"); });
  client->close();
  f.finished();
  f.until([&] { return provider.cancelled() == 1; });
  const Charge& charge = f.finished().attempts.at(0).usage.charges.at(0);
  CHECK(charge.cost_nano_usd == 12'000);
  REQUIRE(charge.est_output);
  CHECK(*charge.est_output >= 100u);
  CHECK(charge.est_cost_nano_usd == static_cast<std::int64_t>(*charge.est_output) * 10'000);
  const Answer refused = f.ask(request(false, who));
  CHECK(refused.status == 429);
  CHECK(has(refused.body, "billing_error"));
  CHECK(provider.requests().size() == 1);
  if (!has_ledger) return;
  // Figures stay figures.
  CHECK(f.number("SELECT cost_nano_usd FROM charges") == 12'000);
  CHECK(f.number("SELECT nano_usd FROM spend WHERE period LIKE 'd:%'") ==
        12'000 + *charge.est_cost_nano_usd);
}
