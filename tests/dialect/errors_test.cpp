#include "dialect/errors.hpp"

#include <string>

#include "catch.hpp"
#include "dialect/error_words.hpp"

using namespace ccrelay::dialect;

namespace {

HubError error(int status, std::string type, std::string message = "words") {
  HubError out;
  out.status = status;
  out.type = std::move(type);
  out.message = std::move(message);
  return out;
}

std::string said(const HubError& error) {
  return std::to_string(error.status) + ' ' + error.type + ": " + error.message;
}

}  // namespace

TEST_CASE("each of the hub's errors has its status and words in every dialect") {
  struct Row {
    int status;
    const char* type;
    const char* message;
    int openai_status;
    const char* openai;  // type and code
    int gemini_status;
    const char* gemini;
  };
  const Row rows[] = {
      {400, "invalid_request_error", "words", 400,
       R"("type":"invalid_request_error","param":null,"code":null)", 400, "INVALID_ARGUMENT"},
      {400, "invalid_request_error", "prompt is too long: 3 tokens > 2 maximum", 400,
       R"("type":"invalid_request_error","param":null,"code":"context_length_exceeded")", 400,
       "INVALID_ARGUMENT"},
      {401, "authentication_error", "words", 401,
       R"("type":"invalid_request_error","param":null,"code":"invalid_api_key")", 401,
       "UNAUTHENTICATED"},
      {402, "billing_error", "words", 429,
       R"("type":"insufficient_quota","param":null,"code":"insufficient_quota")", 429,
       "RESOURCE_EXHAUSTED"},
      {403, "permission_error", "words", 403,
       R"("type":"invalid_request_error","param":null,"code":null)", 403, "PERMISSION_DENIED"},
      {404, "not_found_error", "words", 404,
       R"("type":"invalid_request_error","param":null,"code":"model_not_found")", 404, "NOT_FOUND"},
      {413, "request_too_large", "words", 413,
       R"("type":"invalid_request_error","param":null,"code":null)", 413, "INVALID_ARGUMENT"},
      {429, "rate_limit_error", "words", 429,
       R"("type":"rate_limit_error","param":null,"code":"rate_limit_exceeded")", 429,
       "RESOURCE_EXHAUSTED"},
      {500, "api_error", "words", 500, R"("type":"server_error","param":null,"code":null)", 500,
       "INTERNAL"},
      {502, "api_error", "words", 502, R"("type":"server_error","param":null,"code":null)", 502,
       "INTERNAL"},
      {504, "timeout_error", "words", 504, R"("type":"server_error","param":null,"code":"timeout")",
       504, "DEADLINE_EXCEEDED"},
      {529, "overloaded_error", "words", 503,
       R"("type":"server_error","param":null,"code":"server_is_overloaded")", 503, "UNAVAILABLE"},
      {503, "overloaded_error", "words", 503,
       R"("type":"server_error","param":null,"code":"server_is_overloaded")", 503, "UNAVAILABLE"},
      {431, "invalid_request_error", "words", 431,
       R"("type":"invalid_request_error","param":null,"code":null)", 431, "INVALID_ARGUMENT"},
  };
  for (const Row& row : rows) {
    INFO(row.status << ' ' << row.type);
    const HubError given = error(row.status, row.type, row.message);
    const std::string openai =
        "{\"error\":{\"message\":\"" + std::string(row.message) + "\"," + row.openai + "}}";
    for (const Dialect client : {Dialect::chat, Dialect::responses}) {
      CHECK(error_status(client, given) == row.openai_status);
      CHECK(error_body(client, given) == openai);
    }
    CHECK(error_status(Dialect::gemini, given) == row.gemini_status);
    CHECK(error_body(Dialect::gemini, given) ==
          "{\"error\":{\"code\":" + std::to_string(row.gemini_status) + ",\"message\":\"" +
              row.message + "\",\"status\":\"" + row.gemini + "\"}}");
    CHECK(error_status(Dialect::anthropic, given) == row.status);
    CHECK(error_body(Dialect::anthropic, given, "req_1") ==
          "{\"type\":\"error\",\"error\":{\"type\":\"" + std::string(row.type) +
              "\",\"message\":\"" + row.message + "\"},\"request_id\":\"req_1\"}");
  }
}

TEST_CASE("a refusal's code and field reach an OpenAI client") {
  Refused refusal = refused("previous_response_id", "the relay stores nothing");
  refusal.code = "previous_response_not_found";
  CHECK(error_body(Dialect::responses, error_of(refusal)) ==
        R"({"error":{"message":"the relay stores nothing","type":"invalid_request_error",)"
        R"("param":"previous_response_id","code":"previous_response_not_found"}})");
}

TEST_CASE("providers' errors become the hub's by status, then by their words") {
  struct Row {
    Dialect from;
    int status;
    const char* body;
    const char* said;
  };
  const Row rows[] = {
      {Dialect::chat, 400, R"({"error":{"message":"m","type":"invalid_request_error"}})",
       "400 invalid_request_error: m"},
      {Dialect::chat, 401, R"({"error":{"message":"m","code":"invalid_api_key"}})",
       "401 authentication_error: m"},
      {Dialect::chat, 402, R"({"error":{"message":"m"}})", "402 billing_error: m"},
      {Dialect::chat, 403, R"({"error":{"message":"m"}})", "403 permission_error: m"},
      {Dialect::chat, 404, R"({"error":{"message":"m"}})", "404 not_found_error: m"},
      {Dialect::chat, 408, R"({"error":{"message":"m"}})", "504 timeout_error: m"},
      {Dialect::chat, 413, R"({"error":{"message":"m"}})", "413 request_too_large: m"},
      {Dialect::chat, 422, R"({"error":{"message":"m"}})", "400 invalid_request_error: m"},
      {Dialect::chat, 429, R"({"error":{"message":"m","code":"rate_limit_exceeded"}})",
       "429 rate_limit_error: m"},
      {Dialect::chat, 429, R"({"error":{"message":"m","code":"insufficient_quota"}})",
       "402 billing_error: m"},
      {Dialect::chat, 429, R"({"error":{"message":"m","type":"insufficient_quota","code":null}})",
       "402 billing_error: m"},
      {Dialect::chat, 500, R"({"error":{"message":"m"}})", "500 api_error: m"},
      {Dialect::chat, 502, R"({"error":{"message":"m"}})", "502 api_error: m"},
      {Dialect::chat, 503, R"({"error":{"message":"m"}})", "529 overloaded_error: m"},
      {Dialect::chat, 504, R"({"error":{"message":"m"}})", "504 timeout_error: m"},
      {Dialect::chat, 529, R"({"error":{"message":"m"}})", "529 overloaded_error: m"},
      {Dialect::chat, 409, R"({"error":{"message":"m"}})", "409 invalid_request_error: m"},
      {Dialect::chat, 524, R"({"error":{"message":"m"}})", "524 api_error: m"},
      // Shapes.
      {Dialect::chat, 400, R"({"error":"m"})", "400 invalid_request_error: m"},
      {Dialect::chat, 400, R"({"object":"error","message":"m","type":"x"})",
       "400 invalid_request_error: m"},
      {Dialect::chat, 422, R"({"detail":[{"msg":"m"}]})",
       R"(400 invalid_request_error: [{"msg":"m"}])"},
      {Dialect::chat, 400, R"({"unknown":1})", R"(400 invalid_request_error: {"unknown":1})"},
      {Dialect::gemini, 429,
       R"([{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}])",
       "429 rate_limit_error: m"},
      {Dialect::gemini, 400,
       R"({"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}})",
       "401 authentication_error: m"},
      {Dialect::gemini, 400, R"({"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}})",
       "400 invalid_request_error: m"},
      {Dialect::gemini, 503, R"({"error":{"code":503,"message":"m","status":"UNAVAILABLE"}})",
       "529 overloaded_error: m"},
      // In an answer of success.
      {Dialect::chat, 200, R"({"error":{"message":"m","code":429}})", "429 rate_limit_error: m"},
      {Dialect::chat, 200, R"({"error":{"message":"m","code":"403"}})", "403 permission_error: m"},
      {Dialect::chat, 200, R"({"error":{"message":"m","code":"rate_limit_exceeded"}})",
       "429 rate_limit_error: m"},
      {Dialect::responses, 200, R"({"error":{"message":"m","code":"server_is_overloaded"}})",
       "529 overloaded_error: m"},
      {Dialect::responses, 200, R"({"error":{"message":"m","code":"insufficient_quota"}})",
       "402 billing_error: m"},
      {Dialect::responses, 200, R"({"error":{"message":"m","code":"invalid_prompt"}})",
       "400 invalid_request_error: m"},
      {Dialect::responses, 200, R"({"error":{"message":"m","code":"server_error"}})",
       "500 api_error: m"},
      {Dialect::chat, 200, R"({"error":{"message":"m","code":42}})", "502 api_error: m"},
      {Dialect::chat, 200, R"({"error":{"message":"m"}})", "502 api_error: m"},
      {Dialect::gemini, 200, R"({"error":{"message":"m","status":"UNAVAILABLE"}})",
       "529 overloaded_error: m"},
      // What is no JSON.
      {Dialect::chat, 502, "<html><head><title>502 Bad Gateway</title></head></html>",
       "502 api_error: 502 Bad Gateway"},
      {Dialect::chat, 429, "slow down", "429 rate_limit_error: slow down"},
      {Dialect::chat, 400, "no", "400 api_error: no"},
      {Dialect::chat, 500, "", "500 api_error: the provider answered with status 500 and no words"},
      {Dialect::chat, 500, R"({"error":{"message":""}})",
       "500 api_error: the provider told an error without words"},
  };
  for (const Row& row : rows) {
    INFO(row.status << ' ' << row.body);
    CHECK(said(read_error(row.from, row.status, row.body)) == row.said);
  }
}

TEST_CASE("a text that is no JSON is cut at 500 bytes") {
  CHECK(read_error(Dialect::chat, 500, std::string(2000, 'x')).message ==
        std::string(500, 'x') + "\u2026");
}

TEST_CASE("a prompt that is too long is told in the words that the hub's clients look for") {
  struct Row {
    const char* body;
    const char* message;
  };
  const Row rows[] = {
      {R"({"error":{"message":"This model's maximum context length is 128000 tokens. However, your messages resulted in 130,001 tokens.","code":"context_length_exceeded"}})",
       "prompt is too long: 130001 tokens > 128000 maximum: This model's maximum context length is "
       "128000 tokens. However, your messages resulted in 130,001 tokens."},
      {R"({"error":{"message":"maximum context length is 4096 tokens. However, you requested 5000 tokens (4500 in the messages, 500 in the completion)."}})",
       "prompt is too long: 5000 tokens > 4096 maximum: maximum context length is 4096 tokens. "
       "However, you requested 5000 tokens (4500 in the messages, 500 in the completion)."},
      {R"({"error":{"message":"Your input exceeds the context window of this model.","code":"context_length_exceeded"}})",
       "prompt is too long: Your input exceeds the context window of this model."},
      {R"({"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}})",
       "prompt is too long: 1200000 tokens > 1048576 maximum: The input token count (1200000) "
       "exceeds the maximum number of tokens allowed (1048576)."},
      {R"j({"error":{"code":400,"type":"exceed_context_size_error","message":"request (9000 tokens) exceeds the available context size (8192 tokens)"}})j",
       "prompt is too long: 9000 tokens > 8192 maximum: request (9000 tokens) exceeds the "
       "available context size (8192 tokens)"},
      {R"({"error":{"message":"gpt-4-0613 has a maximum context length of 8192"}})",
       "prompt is too long: gpt-4-0613 has a maximum context length of 8192"},
      {R"({"error":{"message":"prompt is too long: 5 tokens > 4 maximum"}})",
       "prompt is too long: 5 tokens > 4 maximum"},
      {R"({"error":{"message":"max_tokens is too large: 900000"}})",
       "max_tokens is too large: 900000"},
  };
  for (const Row& row : rows) {
    INFO(row.body);
    const HubError read = read_error(Dialect::chat, 400, row.body);
    CHECK(read.status == 400);
    CHECK(read.type == "invalid_request_error");
    CHECK(read.message == row.message);
  }
}

TEST_CASE("OpenAI's code and field survive, numbers and Google's words don't") {
  const HubError chat =
      read_error(Dialect::chat, 400,
                 R"({"error":{"message":"m","param":"temperature","code":"unsupported_value"}})");
  CHECK(chat.code == "unsupported_value");
  CHECK(chat.param == "temperature");
  CHECK(read_error(Dialect::chat, 200, R"({"error":{"message":"m","code":"429"}})").code.empty());
  CHECK(read_error(Dialect::gemini, 400, R"({"error":{"message":"m","code":"X"}})").code.empty());
}

TEST_CASE("how long to wait is read from Gemini's details and written into them") {
  const HubError read = read_error(
      Dialect::gemini, 429,
      R"({"error":{"code":429,"message":"m","details":[{"@type":"x"},{"retryDelay":"34.5s"}]}})");
  CHECK(read.retry_after_s == 35);
  CHECK(error_body(Dialect::gemini, read) ==
        R"({"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[)"
        R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"35s"}]}})");
  for (const char* delay : {"soon", "s", "-1s", "nans", "1e9s", "5"}) {
    INFO(delay);
    const std::string body =
        R"({"error":{"details":[{"retryDelay":")" + std::string(delay) + R"("}]}})";
    CHECK_FALSE(read_error(Dialect::gemini, 429, body).retry_after_s);
  }
}

TEST_CASE("a rate limit tells Codex how long to wait, once") {
  HubError limit = error(429, "rate_limit_error", "slow down.");
  limit.retry_after_s = 7;
  CHECK(stream_error(Dialect::responses, limit) ==
        R"({"code":"rate_limit_exceeded","message":"slow down. Please try again in 7s."})");
  limit.message = "slow down, try again in 9s";
  CHECK(stream_error(Dialect::responses, limit) ==
        R"({"code":"rate_limit_exceeded","message":"slow down, try again in 9s"})");
}

TEST_CASE("a stream that cannot end well ends as its client understands") {
  const HubError overloaded = error(529, "overloaded_error");
  CHECK(stream_error(Dialect::anthropic, overloaded) ==
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
        "\"message\":\"words\"}}\n\n");
  CHECK(stream_error(Dialect::chat, overloaded) ==
        "data: {\"error\":{\"message\":\"words\",\"type\":\"server_error\",\"param\":null,"
        "\"code\":\"server_is_overloaded\"}}\n\n");
  CHECK(stream_error(Dialect::gemini, overloaded) ==
        "data: {\"error\":{\"code\":503,\"message\":\"words\",\"status\":\"UNAVAILABLE\"}}\n\n");
}

TEST_CASE("a failed response has a code that Codex acts on") {
  struct Row {
    HubError error;
    const char* code;
  };
  const Row rows[] = {
      {error(429, "rate_limit_error"), "rate_limit_exceeded"},
      {error(529, "overloaded_error"), "server_is_overloaded"},
      {error(400, "invalid_request_error", "prompt is too long: x"), "context_length_exceeded"},
      {error(402, "billing_error"), "insufficient_quota"},
      {error(400, "invalid_request_error"), "invalid_prompt"},
      {error(401, "authentication_error"), "server_error"},
      {error(500, "api_error"), "server_error"},
      {error(504, "timeout_error"), "server_error"},
  };
  for (const Row& row : rows) {
    INFO(row.error.type);
    CHECK(response_failure_code(row.error) == row.code);
  }
}
