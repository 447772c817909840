#include "wire/bedrock_event.hpp"

#include <string>
#include <vector>

#include "base/base64.hpp"
#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::wire;

namespace {

std::vector<EventHeader> chunk_headers() {
  return {{":event-type", EventValue::text, "chunk"},
          {":content-type", EventValue::text, "application/json"},
          {":message-type", EventValue::text, "event"}};
}

struct Outcome {
  BedrockOutcome what;
  std::string sse;
};

Outcome outcome(const std::vector<EventHeader>& headers, std::string_view payload) {
  BedrockEvents events;
  std::string sse;
  const BedrockOutcome what = events.append(sse, {headers, payload});
  return {what, sse};
}

Outcome chunk(std::string_view json) {
  return outcome(chunk_headers(),
                 R"({"bytes":")" + base::base64_encoded(json) + R"(","p":"abcdefghij"})");
}

Outcome exception(std::string_view type, std::string_view payload) {
  return outcome({{":exception-type", EventValue::text, type},
                  {":content-type", EventValue::text, "application/json"},
                  {":message-type", EventValue::text, "exception"}},
                 payload);
}

std::string error_event(const std::string& type, const std::string& message) {
  return R"(event: error
data: {"type":"error","error":{"type":")" +
         type + R"(","message":")" + message + "\"}}\n\n";
}

const std::string unreadable =
    error_event("api_error", "the provider sent a chunk that can't be read");

}  // namespace

TEST_CASE("a chunk becomes the event that it holds, byte by byte", "[wire]") {
  const std::string json =
      R"({"type":"message_stop" , "amazon-bedrock-invocationMetrics":{"inputTokenCount":9,"type":"x"}})";
  const Outcome out = chunk(json);
  CHECK(out.what == BedrockOutcome::event);
  CHECK(out.sse == "event: message_stop\ndata: " + json + "\n\n");
}

TEST_CASE("the type is the one at the top, wherever it stands", "[wire]") {
  const std::string json =
      R"({"index":0,"delta":{"type":"text_delta","text":"\"type\":\"x\""},"type":"content_block_delta"})";
  CHECK(chunk(json).sse == "event: content_block_delta\ndata: " + json + "\n\n");
}

TEST_CASE("events are put one behind the other", "[wire]") {
  BedrockEvents events;
  std::string sse = "event: ping\ndata: {}\n\n";
  const auto headers = chunk_headers();
  for (int i = 0; i < 2; ++i) {
    const std::string payload = R"({"p":"a","bytes":")" +
                                base::base64_encoded(R"({"type":"t)" + std::to_string(i) + "\"}") +
                                "\"}";
    CHECK(events.append(sse, {headers, payload}) == BedrockOutcome::event);
  }
  CHECK(sse ==
        "event: ping\ndata: {}\n\nevent: t0\ndata: {\"type\":\"t0\"}\n\n"
        "event: t1\ndata: {\"type\":\"t1\"}\n\n");
}

TEST_CASE("line ends between the tokens of an event become blanks", "[wire]") {
  CHECK(chunk("{\n\"type\":\r\n\"ping\"\r}\n").sse ==
        "event: ping\ndata: { \"type\":  \"ping\" } \n\n");
}

TEST_CASE("what has no type, or is of an unknown kind, is dropped", "[wire]") {
  const auto is_dropped = [](const Outcome& out) {
    CHECK(out.sse.empty());
    return out.what == BedrockOutcome::dropped;
  };
  CHECK(is_dropped(chunk(R"({"completion":" Here","stop_reason":null,"stop":null})")));
  CHECK(is_dropped(chunk(R"({"type":null})")));
  CHECK(is_dropped(chunk(R"({"type":""})")));
  CHECK(is_dropped(chunk(R"({"type":"a\nevent: b"})")));
  CHECK(is_dropped(outcome(chunk_headers(), R"({"p":"abc"})")));
  CHECK(is_dropped(outcome(chunk_headers(), R"({"bytes":""})")));
  auto headers = chunk_headers();
  headers[0].value = "initial-response";
  CHECK(is_dropped(outcome(headers, R"({"bytes":"eyJ0eXBlIjoicGluZyJ9"})")));
  headers = chunk_headers();
  headers[2].value = "something";
  CHECK(is_dropped(outcome(headers, "{}")));
  CHECK(is_dropped(outcome({}, "{}")));
}

TEST_CASE("a chunk that can't be read is an error and not a gap", "[wire]") {
  for (const char* payload :
       {"", "[]", "nonsense", R"({"bytes")", R"({"bytes":"not base64"})",
        R"({"bytes":"bm8gSlNPTg=="})", R"({"bytes":"W10="})", R"({"bytes":"eyJ0eXBlIjoi/yJ9"})"}) {
    INFO(payload);
    const Outcome out = outcome(chunk_headers(), payload);
    CHECK(out.what == BedrockOutcome::error);
    CHECK(out.sse == unreadable);
  }
}

TEST_CASE("an error inside of a chunk is one", "[wire]") {
  const std::string json = R"({"type":"error","error":{"type":"overloaded_error","message":"m"}})";
  const Outcome out = chunk(json);
  CHECK(out.what == BedrockOutcome::error);
  CHECK(out.sse == "event: error\ndata: " + json + "\n\n");
}

TEST_CASE("an exception becomes an error event of the type that fits", "[wire]") {
  const std::vector<std::pair<const char*, const char*>> types{
      {"throttlingException", "rate_limit_error"},
      {"serviceUnavailableException", "overloaded_error"},
      {"validationException", "invalid_request_error"},
      {"modelStreamErrorException", "api_error"},
      {"internalServerException", "api_error"},
      {"modelTimeoutException", "api_error"},
      {"somethingNewException", "api_error"},
  };
  for (const auto& [name, type] : types) {
    INFO(name);
    const Outcome out = exception(name, R"({"originalStatusCode":1,"message":"it \"said\" so"})");
    CHECK(out.what == BedrockOutcome::error);
    CHECK(out.sse == error_event(type, R"(it \"said\" so)"));
  }
}

TEST_CASE("an exception without a message is named", "[wire]") {
  for (const char* payload : {"", "{}", "nonsense", R"({"message":""})", R"({"message":1})"}) {
    CHECK(exception("throttlingException", payload).sse ==
          error_event("rate_limit_error", "throttlingException"));
  }
}

TEST_CASE("an error message has its words in headers", "[wire]") {
  const Outcome out = outcome({{":message-type", EventValue::text, "error"},
                               {":error-code", EventValue::text, "InternalFailure"},
                               {":error-message", EventValue::text, "line\nbreak"}},
                              "");
  CHECK(out.what == BedrockOutcome::error);
  CHECK(out.sse == error_event("api_error", R"(line\nbreak)"));
  CHECK(outcome({{":message-type", EventValue::text, "error"},
                 {":error-code", EventValue::text, "ServiceUnavailableException"}},
                "")
            .sse == error_event("overloaded_error", "ServiceUnavailableException"));
}

TEST_CASE("an error type is found in every form that AWS writes it", "[wire]") {
  CHECK(bedrock_error_type("ThrottlingException:http://internal.amazon.com/coral/") ==
        "rate_limit_error");
  CHECK(bedrock_error_type("com.amazon.coral.service#ThrottlingException") == "rate_limit_error");
  CHECK(bedrock_error_type("ValidationException") == "invalid_request_error");
  CHECK(bedrock_error_type("") == "api_error");
}
