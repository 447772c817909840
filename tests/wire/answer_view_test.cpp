#include "wire/answer_view.hpp"

#include "catch.hpp"
#include "wire/usage_reader.hpp"

using namespace ccrelay;
using namespace ccrelay::wire;

TEST_CASE("usage stands in a message or in the event that brings one", "[wire]") {
  AnswerFacts reader;
  for (const char* json :
       {R"({"type":"message_start","message":{"model":"m","usage":{"input_tokens":4}}})",
        R"({"type":"message","model":"m","usage":{"input_tokens":4}})"}) {
    INFO(json);
    UsageReader usage;
    CHECK(reader.read_usage(json, usage));
    CHECK(usage.model() == "m");
    REQUIRE(usage.report().charges.size() == 1);
    CHECK(usage.report().charges[0].tokens[TokenClass::input] == 4u);
  }
  UsageReader usage;
  for (const char* json : {"", "{", "[]", "7", R"({"a":1})"}) {
    INFO(json);
    CHECK_FALSE(reader.read_usage(json, usage));
  }
  CHECK(reader.read_usage(R"({"usage":null})", usage));
  CHECK(usage.report().charges.empty());
}

TEST_CASE("a view of nothing is read as nothing", "[wire]") {
  AnswerFacts reader;
  ProviderError error;
  CHECK(reader.read_metrics({}).empty());
  CHECK_FALSE(reader.read_error({}, error));
  CHECK(reader.read_type({}).empty());
}

TEST_CASE("an error object tells its type and message", "[wire]") {
  AnswerFacts reader;
  ProviderError error;
  CHECK(reader.read_error(
      R"({"type":"error","error":{"type":"overloaded_error","message":"Over\"loaded"}})", error));
  CHECK(error.type == "overloaded_error");
  CHECK(error.message == "Over\"loaded");
  CHECK(error.code.empty());
}

TEST_CASE("an error's code may be a number or text", "[wire]") {
  AnswerFacts reader;
  ProviderError number, text;
  CHECK(reader.read_error(R"({"error":{"code":1302,"message":"m"}})", number));
  CHECK(number.code == "1302");
  CHECK(reader.read_error(R"({"error":{"code":"1302","message":"m"}})", text));
  CHECK(text.code == "1302");
}

TEST_CASE("text without an error object is no error", "[wire]") {
  AnswerFacts reader;
  for (const char* json : {"", "{", "[]", R"({"type":"message"})"}) {
    INFO(json);
    ProviderError error;
    CHECK_FALSE(reader.read_error(json, error));
  }
}

TEST_CASE("the type of an event's data is read", "[wire]") {
  AnswerFacts reader;
  CHECK(reader.read_type(R"({"a":{"type":"x"},"type":"ping"})") == "ping");
  for (const char* json : {"", "[DONE]", R"({"type":1})", R"({"a":1})"}) {
    INFO(json);
    CHECK(reader.read_type(json).empty());
  }
}

TEST_CASE("Bedrock's metrics are found in the event that ends a message", "[wire]") {
  AnswerFacts reader;
  const std::string metrics = R"({"inputTokenCount":9,"outputTokenCount":7})";
  CHECK(reader.read_metrics(R"({"type":"message_stop","amazon-bedrock-invocationMetrics": )" +
                            metrics + "}") == metrics);
  for (const char* json :
       {"", "{", R"({"type":"message_stop"})", R"({"text":"amazon-bedrock-invocationMetrics"})",
        R"({"amazon-bedrock-invocationMetrics":)"}) {
    INFO(json);
    CHECK(reader.read_metrics(json).empty());
  }
}
