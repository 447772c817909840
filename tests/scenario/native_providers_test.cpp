#include <string>

#include "catch.hpp"
#include "scenario/seen.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Clients of OpenAI's and Gemini's words at providers of the same: their bytes, our credential, and
// what the relay makes of errors and limits.

namespace {

const std::string chat_answer =
    R"({"id":"c1","object":"chat.completion","model":"gpt-5.5","choices":[{"index":0,)"
    R"("message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}})";
const std::string gemini_answer =
    R"({"candidates":[{"content":{"role":"model","parts":[{"text":"hi"}]},"finishReason":"STOP"}],)"
    R"("usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1,"totalTokenCount":4}})";

Script json(int status, const std::string& body, const Headers& more = {}) {
  return Script::reply(status, "application/json", body, more);
}

struct Vendor : F {
  Vendor(const std::string& type, const std::string& answer) {
    provider = &add_provider("v");
    config.providers[0].type = type;
    provider->respond_with([answer](const RecordedRequest&) { return json(200, answer); });
  }
  std::string sent_header(std::size_t request, std::string_view name) const {
    return std::string(provider->requests().at(request).head.headers.get(name).value_or("-"));
  }
  FakeProvider* provider;
};

const std::string chat_path = "/v1/chat/completions";
const std::string chat_body =
    R"({ "model":"gpt-5.5","reasoning_effort":"low","messages":[{"role":"user","content":"U"}] })";
const std::string gemini_path = "/v1beta/models/gemini-2.5-pro:generateContent";
const std::string gemini_body = R"({ "contents":[{"role":"user","parts":[{"text":"U"}]}] })";

}  // namespace

TEST_CASE("a chat client's bytes reach a provider of type openai, with the relay's key",
          "[scenario][dialects]") {
  Vendor f("openai", chat_answer);
  f.config.providers[0].model_mapping["gpt-5.5"] = GENERATE("gpt-5.5", "house-model");
  const std::string model = f.config.providers[0].model_mapping["gpt-5.5"];
  f.start();
  const Answer answer =
      f.ask(F::post(chat_body, "OpenAI-Organization: org-of-the-client\r\n", chat_path));
  CHECK(answer.status == 200);
  CHECK(answer.body == chat_answer);
  REQUIRE(f.provider->requests().size() == 1);
  const RecordedRequest& sent = f.provider->requests()[0];
  CHECK(sent.head.target == "/chat/completions");
  std::string expected = chat_body;
  expected.replace(expected.find("gpt-5.5"), 7, model);
  CHECK(sent.body == expected);
  CHECK(f.sent_header(0, "authorization") == "Bearer sk-test-v");
  CHECK(f.sent_header(0, "openai-organization") == "-");
  CHECK(usage_of(f.finished()).tokens[TokenClass::input] == 3u);
}

TEST_CASE("what OpenAI refuses by its parameter is left out, and remembered",
          "[scenario][healing]") {
  Vendor f("openai", chat_answer);
  f.provider->enqueue(json(400, R"({"error":{"message":"That is no good here.","type":)"
                                R"("invalid_request_error","param":"reasoning_effort",)"
                                R"("code":"unsupported_parameter"}})"));
  f.start();
  const std::string without = R"({"model":"gpt-5.5","messages":[{"role":"user","content":"U"}]})";
  CHECK(f.ask(F::post(chat_body, {}, chat_path)).status == 200);
  CHECK(tries(f.finished()) == "v:rejected v:success");
  REQUIRE(f.provider->requests().size() == 2);
  CHECK(f.provider->requests()[0].body == chat_body);
  CHECK(f.provider->requests()[1].body == without);
  CHECK(f.ask(F::post(chat_body, {}, chat_path)).status == 200);
  CHECK(f.provider->requests().at(2).body == without);
}

TEST_CASE("what was learnt touches no request that is without it", "[scenario][healing]") {
  Vendor f("openai", chat_answer);
  f.provider->enqueue(json(400, R"({"error":{"message":"no","type":"invalid_request_error",)"
                                R"("param":"reasoning_effort","code":"unsupported_parameter"}})"));
  f.start();
  const Answer healed = f.ask(F::post(chat_body, {}, chat_path));
  CHECK(healed.headers.get("x-cc-relay-dropped") == "reasoning_effort");
  const std::string plain = R"({ "model" : "gpt-5.5", "messages" : [ ] })";
  const Answer answer = f.ask(F::post(plain, {}, chat_path));
  CHECK(answer.status == 200);
  CHECK_FALSE(answer.headers.contains("x-cc-relay-dropped"));
  CHECK(f.provider->requests().at(2).body == plain);
}

TEST_CASE("what a client goes on from is never left out", "[scenario][healing]") {
  Vendor f("openai", chat_answer);
  f.config.providers[0].api = "responses";
  const std::string refusal =
      R"({"error":{"message":"Unsupported parameter: 'previous_response_id'","type":)"
      R"("invalid_request_error","param":"previous_response_id","code":"unsupported_parameter"}})";
  f.provider->enqueue(json(400, refusal));
  f.start();
  const Answer answer = f.ask(F::post(
      R"({"model":"gpt-5.5","input":"U","previous_response_id":"resp_1"})", {}, "/v1/responses"));
  CHECK(answer.status == 400);
  CHECK(answer.body == refusal);
  CHECK(f.provider->requests().size() == 1);
}

TEST_CASE("what is answered later is not for who has a budget to keep to", "[scenario][clients]") {
  Vendor f("openai", chat_answer);
  f.config.providers[0].api = "responses";
  ClientConfig ana;
  ana.name = "ana";
  ana.keys = {Secret("key-of-ana-0123456789")};
  ana.budget_day_nano_usd = 1'000'000'000;
  f.config.server.auth.clients.push_back(ana);
  f.start();
  const std::string body = R"({"model":"gpt-5.5","input":"U","background":true})";
  const std::string key = "authorization: Bearer key-of-ana-0123456789\r\n";
  const Answer refused = f.ask(F::post(body, key, "/v1/responses"));
  CHECK(refused.status == 403);
  CHECK(has(refused.body, R"("param":"background")"));
  CHECK(f.provider->requests().empty());
}

TEST_CASE("a chat stream that ends without an end ends with an error", "[scenario][dialects]") {
  Vendor f("openai", chat_answer);
  const std::string begun =
      R"(data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":)"
      R"({"content":"hi"},"finish_reason":null}]})"
      "\n\n";
  f.provider->enqueue(Script::reply(200, "text/event-stream", begun));
  f.start();
  const Answer answer =
      f.ask(F::post(R"({"model":"gpt-5.5","stream":true,"messages":[]})", {}, chat_path));
  CHECK(answer.body.starts_with(begun));
  CHECK(has(answer.body.substr(begun.size()), R"(data: {"error":)"));
  CHECK_FALSE(has(answer.body, "[DONE]"));
  CHECK(tries(f.finished()) == "v:stream_broken");
}

TEST_CASE("a stream that tells no usage is not free", "[scenario][dialects]") {
  Vendor f("openai", chat_answer);
  f.provider->enqueue(Script::reply(
      200, "text/event-stream",
      R"(data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":)"
      R"({"content":"hi"},"finish_reason":"stop"}]})"
      "\n\ndata: [DONE]\n\n"));
  f.start();
  CHECK(
      f.ask(F::post(R"({"model":"gpt-5.5","stream":true,"messages":[]})", {}, chat_path)).status ==
      200);
  const Charge& charge = f.finished().attempts.at(0).usage.charges.at(0);
  CHECK_FALSE(charge.tokens.told());
  CHECK(charge.est_input.value_or(0) > 0);
}

TEST_CASE("a key without quota is set aside, and the next one asked", "[scenario][dialects]") {
  Vendor f("openai", chat_answer);
  add_key(f, 0, "sk-test-v-b");
  f.provider->enqueue(
      json(429, R"({"error":{"message":"You exceeded your current quota, please check your plan )"
                R"(and billing details.","type":"insufficient_quota","param":null,)"
                R"("code":"insufficient_quota"}})"));
  f.start();
  CHECK(f.ask(F::post(chat_body, {}, chat_path)).status == 200);
  CHECK(tries(f.finished()) == "v:exhausted v:success");
  CHECK(f.sent_header(1, "authorization") == "Bearer sk-test-v-b");
  // For longer than a limit a minute.
  f.harness.advance(std::chrono::minutes(10));
  CHECK(f.ask(F::post(chat_body, {}, chat_path)).status == 200);
  CHECK(f.sent_header(2, "authorization") == "Bearer sk-test-v-b");
}

TEST_CASE("a key with nothing left by OpenAI's headers is passed over", "[scenario][dialects]") {
  Vendor f("openai", chat_answer);
  add_key(f, 0, "sk-test-v-b");
  f.provider->enqueue(json(200, chat_answer,
                           {{"x-ratelimit-limit-requests", "1"},
                            {"x-ratelimit-remaining-requests", "0"},
                            {"x-ratelimit-reset-requests", "6m0s"}}));
  f.start();
  CHECK(f.ask(F::post(chat_body, {}, chat_path)).status == 200);
  const std::string first = f.sent_header(0, "authorization");
  for (int i = 1; i < 3; ++i) {
    CHECK(f.ask(F::post(chat_body, {}, chat_path)).status == 200);
    CHECK(f.sent_header(static_cast<std::size_t>(i), "authorization") != first);
  }
}

TEST_CASE("Gemini's limit ends when its RetryInfo says, and its key is no client's to see",
          "[scenario][dialects]") {
  Vendor f("gemini", gemini_answer);
  f.provider->enqueue(
      json(429, R"({"error":{"code":429,"message":"Resource has been exhausted.","status":)"
                R"("RESOURCE_EXHAUSTED","details":[{"@type":)"
                R"("type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}})"));
  f.start();
  const Answer limited = f.ask(F::post(gemini_body, {}, gemini_path));
  CHECK(limited.status == 429);
  CHECK(tries(f.finished()) == "v:rate_limited");
  CHECK(f.sent_header(0, "x-goog-api-key") == "sk-test-v");
  CHECK(f.provider->requests()[0].head.target == gemini_path);
  CHECK(f.provider->requests()[0].body == gemini_body);
  f.harness.advance(seconds(34));
  CHECK(f.ask(F::post(gemini_body, {}, gemini_path)).status == 429);
  CHECK(f.provider->requests().size() == 1);
  f.harness.advance(seconds(1));
  const Answer answer = f.ask(F::post(gemini_body, {}, gemini_path));
  CHECK(answer.status == 200);
  CHECK(answer.body == gemini_answer);
}

TEST_CASE("a key that Gemini does not know is refused, whatever its status",
          "[scenario][dialects]") {
  Vendor f("gemini", gemini_answer);
  add_key(f, 0, "sk-test-v-b");
  f.provider->enqueue(
      json(400, R"({"error":{"code":400,"message":"API key not valid. Please pass a valid API )"
                R"(key.","status":"INVALID_ARGUMENT","details":[{"@type":)"
                R"("type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}})"));
  f.start();
  CHECK(f.ask(F::post(gemini_body, {}, gemini_path)).status == 200);
  CHECK(tries(f.finished()) == "v:key_refused v:success");
  CHECK(f.sent_header(1, "x-goog-api-key") == "sk-test-v-b");
}

TEST_CASE("an answer of Gemini's without content is for its own client to understand",
          "[scenario][dialects]") {
  const std::string usage = R"("usageMetadata":{"promptTokenCount":3}})";
  struct Row {
    std::string body;
    bool ends;  // also as the only event of a stream
  };
  const Row rows[] = {
      {R"({"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"print(",)"
       R"("index":0}],)" +
           usage,
       true},
      {R"({"promptFeedback":{"blockReason":"SAFETY"},)" + usage, true},
      {R"({"candidates":[{"content":{"role":"model"},"finishReason":"OTHER"}],)" + usage, true},
      {"{" + usage, false},
  };
  for (const Row& row : rows) {
    for (const bool stream : {false, true}) {
      if (stream && !row.ends) continue;
      INFO(row.body << stream);
      Vendor f("gemini", gemini_answer);
      FakeProvider& next = f.add_provider("next");
      f.config.providers[1].type = "gemini";
      const std::string told = stream ? "data: " + row.body + "\r\n\r\n" : row.body;
      f.provider->enqueue(
          Script::reply(200, stream ? "text/event-stream" : "application/json", told));
      f.start();
      const std::string path =
          stream ? "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse" : gemini_path;
      const Answer answer = f.ask(F::post(gemini_body, {}, path));
      CHECK(answer.status == 200);
      CHECK(answer.body == told);
      CHECK(tries(f.finished()) == "v:success");
      CHECK(usage_of(f.finished()).tokens[TokenClass::input] == 3u);
      CHECK(next.requests().empty());
    }
  }
}

TEST_CASE("reasoning that a provider of the client's own dialect refuses is left out once",
          "[scenario][healing]") {
  struct Row {
    const char* type;
    const char* profile;
    std::string path;
    std::string body;
    std::string refusal;
    std::string without;
  };
  const Row rows[] = {
      {"gemini", "gemini", "/v1beta/models/gemini-3-pro:generateContent",
       R"({ "contents":[{"role":"model","parts":[{"text":"t","thought":true},{"functionCall":{"name":"f"},"thoughtSignature":"b3du"}]}] })",
       R"({"error":{"code":400,"message":"Thought signature is not valid.","status":"INVALID_ARGUMENT"}})",
       R"({ "contents":[{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"skip_thought_signature_validator"}]}] })"},
      {"openai", "openai", "/v1/responses",
       R"({"model":"gpt-5.5","input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"},{"role":"user","content":"U"}]})",
       R"({"error":{"message":"The encrypted content gAAA could not be verified.","type":"invalid_request_error","param":null,"code":"invalid_encrypted_content"}})",
       R"({"model":"gpt-5.5","input":[{"role":"user","content":"U"}]})"},
      {"openai", "openrouter", chat_path,
       R"({"model":"gpt-5.5","messages":[{"role":"assistant","content":"x","reasoning_details":[{"type":"reasoning.text","text":"t","signature":"s"}]}]})",
       R"({"error":{"message":"messages.1.content.0: Invalid `signature` in `thinking` block","code":400}})",
       R"({"model":"gpt-5.5","messages":[{"role":"assistant","content":"x"}]})"},
  };
  for (const Row& row : rows) {
    INFO(row.body);
    const bool is_responses = row.path == "/v1/responses";
    Vendor f(row.type, is_responses ? R"({"id":"r","object":"response","status":"completed",)"
                                      R"("model":"m","output":[]})"
                       : row.path == chat_path ? chat_answer
                                               : gemini_answer);
    f.config.providers[0].profile = row.profile;
    if (is_responses) f.config.providers[0].api = "responses";
    if (row.path == chat_path) f.config.providers[0].api = "chat";
    f.provider->enqueue(json(400, row.refusal));
    f.start();
    CHECK(f.ask(F::post(row.body, {}, row.path)).status == 200);
    CHECK(tries(f.finished()) == "v:rejected v:success");
    REQUIRE(f.provider->requests().size() == 2);
    CHECK(f.provider->requests()[0].body == row.body);
    CHECK(f.provider->requests()[1].body == row.without);
  }
}

TEST_CASE("a provider of the client's own dialect is not asked the same once more",
          "[scenario][healing]") {
  // A call, but nothing sealed.
  const std::string body =
      R"({"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[)"
      R"({"functionCall":{"name":"f","args":{}}}]}]})";
  const std::string refusal = R"({"error":{"code":400,"message":"Thought signature is not valid.",)"
                              R"("status":"INVALID_ARGUMENT"}})";
  Vendor f("gemini", gemini_answer);
  f.provider->enqueue(json(400, refusal));
  f.start();
  const Answer answer = f.ask(F::post(body, {}, "/v1beta/models/gemini-2.5-pro:generateContent"));
  CHECK(answer.status == 400);
  CHECK(has(answer.body, "Thought signature is not valid."));
  CHECK(tries(f.finished()) == "v:rejected");
  CHECK(f.provider->requests().size() == 1);
}

TEST_CASE("a stream of responses that breaks off ends with all of the response so far",
          "[scenario][dialects]") {
  Vendor f("openai", chat_answer);
  f.config.providers[0].api = "responses";
  const auto event = [](const std::string& type, const std::string& rest) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + rest + "}\n\n";
  };
  const std::string item =
      R"({"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"hi"}]})";
  const std::string begun =
      event("response.created",
            R"("sequence_number":0,"response":{"id":"resp_7","status":"in_progress",)"
            R"("instructions":"be brief","output":[]})") +
      event("response.output_text.delta",
            R"("sequence_number":1,"output_index":0,"content_index":0,"delta":"hi")") +
      event("response.output_item.done", R"("sequence_number":2,"output_index":0,"item":)" + item) +
      event("response.output_text.delta",
            R"("sequence_number":3,"output_index":1,"content_index":0,"delta":"half")");
  f.provider->enqueue(Script::reply(200, "text/event-stream", begun));
  f.start();
  const Answer answer =
      f.ask(F::post(R"({"model":"gpt-5.5","stream":true,"input":"U"})", {}, "/v1/responses"));
  REQUIRE(answer.body.starts_with(begun));
  const std::string last = answer.body.substr(begun.size());
  INFO(last);
  CHECK(last.starts_with("event: response.failed\ndata: {"));
  CHECK(has(last, R"("sequence_number":4,"response":{"id":"resp_7","instructions":"be brief",)"
                  R"("status":"failed","error":{"code":"server_error","message":)"));
  CHECK(last.ends_with(R"("output":[)" + item + "]}}\n\n"));
  CHECK(tries(f.finished()) == "v:stream_broken");
}
