#include "exchange/dialect.hpp"

#include <vector>

#include "catch.hpp"
#include "exchange/cloud_form.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;

TEST_CASE("an error of the relay's is a whole sized answer", "[exchange]") {
  const Printed printed = print(error_answer(429, "slow \"down\"", {{"retry-after", "3"}}),
                                Dialect::anthropic, "req_1");
  const std::string body =
      R"({"type":"error","error":{"type":"rate_limit_error","message":"slow \"down\""},)"
      R"("request_id":"req_1"})";
  CHECK(printed.head.status == 429);
  CHECK(printed.body == body);
  CHECK(printed.head.headers.get("content-type") == "application/json");
  CHECK(printed.head.headers.get("content-length") == std::to_string(body.size()));
  CHECK(printed.head.headers.get("x-request-id") == "req_1");
  CHECK(printed.head.headers.get("retry-after") == "3");
}

TEST_CASE("an error of the relay's is in the words of the client's dialect", "[exchange]") {
  const Answer answer = error_answer(503, "full", {{"retry-after", "1"}});
  const Printed bedrock = print(answer, Dialect::bedrock, "req_1");
  CHECK(bedrock.body == R"({"message":"full"})");
  CHECK(bedrock.head.headers.get("content-length") == "18");
  CHECK(bedrock.head.headers.get("x-amzn-errortype") == "ServiceUnavailableException");
  CHECK(bedrock.head.headers.get("retry-after") == "1");
  const Printed vertex = print(answer, Dialect::vertex, "req_1");
  CHECK(vertex.body == R"({"type":"error","error":{"type":"overloaded_error","message":"full"},)"
                       R"("request_id":"req_1"})");
  CHECK_FALSE(vertex.head.headers.contains("x-amzn-errortype"));
}

TEST_CASE("a body that is complete is printed as it is in every dialect", "[exchange]") {
  for (const Dialect dialect : {Dialect::anthropic, Dialect::bedrock, Dialect::vertex}) {
    const Printed printed = print(json_answer(503, R"({"status":"draining"})"), dialect, "req_1");
    CHECK(printed.head.status == 503);
    CHECK(printed.body == R"({"status":"draining"})");
    CHECK(printed.head.headers.get("content-type") == "application/json");
    CHECK(printed.head.headers.get("content-length") == "21");
    CHECK_FALSE(printed.head.headers.contains("x-amzn-errortype"));
  }
}

TEST_CASE("a stream that breaks off ends with an error that its client can read", "[exchange]") {
  CHECK(stream_error(Dialect::anthropic, "cut", "req_1") ==
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":"
        "\"cut\"},\"request_id\":\"req_1\"}\n\n");
  CHECK(stream_error(Dialect::vertex, "cut", "req_1") ==
        stream_error(Dialect::anthropic, "cut", "req_1"));
  const std::string frame = stream_error(Dialect::bedrock, "cut", "req_1");
  CHECK(frame.find("modelStreamErrorException") != std::string::npos);
  CHECK(frame.find(R"({"message":"cut"})") != std::string::npos);
}

TEST_CASE("what can't be a frame of Bedrock's ends its stream by an exception", "[exchange]") {
  const std::string too_long(dialect::StreamTranslator::buffered_bytes_max, 'x');
  struct Row {
    std::string event;
    const char* told;
  };
  const Row rows[] = {
      {R"({"type":"content_)", "the provider's stream was cut within an event, or is not JSON"},
      {'"' + too_long + '"', "the provider's stream has too much in one event"},
  };
  for (const Row& row : rows) {
    INFO(row.told);
    const auto frames = bedrock_frames(nullptr);
    std::string out;
    frames->feed("data: {\"type\":\"content_block_delta\"}\n\n", out);
    const std::string before = out;
    CHECK(before.find("chunk") != std::string::npos);
    for (const std::string& data :
         {row.event, row.event, std::string(R"({"type":"message_stop"})")})
      frames->feed("data: " + data + "\n\n", out);
    frames->end(out);
    CHECK(out == before + stream_error(Dialect::bedrock, row.told, "req_1"));
    CHECK(frames->failed());
    CHECK_FALSE(frames->finished());
  }
}

TEST_CASE("only a dialect that has pings is kept alive by them", "[exchange]") {
  CHECK(ping(Dialect::anthropic) == "event: ping\ndata: {\"type\": \"ping\"}\n\n");
  CHECK(ping(Dialect::vertex) == ping(Dialect::anthropic));
  CHECK(ping(Dialect::bedrock).empty());
}

TEST_CASE("OpenAI's and Gemini's clients get their vendor's envelope and status", "[exchange]") {
  struct Case {
    int status;
    const char* type;
    const char* chat;
    int openai_status;
    const char* gemini;
    int gemini_status;
  };
  const Case cases[] = {
      {400, "",
       R"({"error":{"message":"no","type":"invalid_request_error","param":"input","code":null}})",
       400, R"({"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}})", 400},
      {401, "",
       R"({"error":{"message":"no","type":"invalid_request_error","param":"input","code":"invalid_api_key"}})",
       401, R"({"error":{"code":401,"message":"no","status":"UNAUTHENTICATED"}})", 401},
      {405, "",
       R"({"error":{"message":"no","type":"invalid_request_error","param":"input","code":null}})",
       405, R"({"error":{"code":405,"message":"no","status":"INVALID_ARGUMENT"}})", 405},
      {426, "",
       R"({"error":{"message":"no","type":"invalid_request_error","param":"input","code":null}})",
       426, R"({"error":{"code":426,"message":"no","status":"INVALID_ARGUMENT"}})", 426},
      {429, "billing_error",
       R"({"error":{"message":"no","type":"insufficient_quota","param":"input","code":"insufficient_quota"}})",
       429, R"({"error":{"code":429,"message":"no","status":"RESOURCE_EXHAUSTED"}})", 429},
      {529, "",
       R"({"error":{"message":"no","type":"server_error","param":"input","code":"server_is_overloaded"}})",
       503, R"({"error":{"code":503,"message":"no","status":"UNAVAILABLE"}})", 503},
      {508, "", R"({"error":{"message":"no","type":"server_error","param":"input","code":null}})",
       508, R"({"error":{"code":508,"message":"no","status":"INTERNAL"}})", 508},
  };
  for (const Case& one : cases) {
    INFO(one.status);
    Answer answer = error_answer(one.status, "no");
    answer.type = one.type;
    answer.param = "input";
    for (const Dialect dialect : {Dialect::chat, Dialect::responses}) {
      const Printed printed = print(answer, dialect, "req_1");
      CHECK(printed.body == one.chat);
      CHECK(printed.head.status == one.openai_status);
      CHECK(printed.head.headers.get("content-length") == std::to_string(printed.body.size()));
      CHECK(printed.head.headers.get("x-request-id") == "req_1");
    }
    const Printed printed = print(answer, Dialect::gemini, "req_1");
    CHECK(printed.body == one.gemini);
    CHECK(printed.head.status == one.gemini_status);
  }
}

TEST_CASE("how long to wait is said where each dialect's clients look", "[exchange]") {
  const Answer answer = error_answer(429, "Full.", {{"retry-after", "12"}});
  for (const Dialect dialect : {Dialect::chat, Dialect::responses}) {
    const Printed printed = print(answer, dialect, "req_1");
    CHECK(printed.head.headers.get("retry-after") == "12");
    CHECK(printed.body ==
          R"({"error":{"message":"Full. Please try again in 12s.","type":"rate_limit_error",)"
          R"("param":null,"code":"rate_limit_exceeded"}})");
  }
  CHECK(print(answer, Dialect::gemini, "req_1").body ==
        R"({"error":{"code":429,"message":"Full.","status":"RESOURCE_EXHAUSTED","details":)"
        R"([{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"12s"}]}})");
  Answer named = error_answer(404, "gone");
  named.code = "unknown_url";
  CHECK(print(named, Dialect::chat, "req_1").body ==
        R"({"error":{"message":"gone","type":"invalid_request_error","param":null,)"
        R"("code":"unknown_url"}})");
}

TEST_CASE("streams of the other dialects live and end in their own words", "[exchange]") {
  CHECK(ping(Dialect::chat) == ": ping\n\n");
  CHECK(ping(Dialect::responses) == ": ping\n\n");
  CHECK(ping(Dialect::gemini) == "\n\n");
  CHECK(stream_error(Dialect::chat, "cut", "req_1") ==
        "data: {\"error\":{\"message\":\"cut\",\"type\":\"server_error\",\"param\":null,"
        "\"code\":null}}\n\n");
  CHECK(stream_error(Dialect::gemini, "cut", "req_1") ==
        "data: {\"error\":{\"code\":500,\"message\":\"cut\",\"status\":\"INTERNAL\"}}\n\n");
  CHECK(stream_error(Dialect::responses, "cut", "req_1") ==
        "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":0,"
        "\"response\":{\"id\":"
        "\"req_1\",\"object\":\"response\",\"status\":\"failed\",\"error\":{\"code\":"
        "\"server_error\",\"message\":\"cut\"},\"output\":[]}}\n\n");
}
