#include "wire/answer_view.hpp"

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::wire;

TEST_CASE("the usage of a message is read in four classes", "[wire]") {
  AnswerFacts reader;
  Usage usage;
  CHECK(reader.read_usage(
      R"({"type":"message","usage":{"input_tokens":11,"cache_creation_input_tokens":3,)"
      R"("cache_read_input_tokens":5,"output_tokens":7,"service_tier":"standard"}})",
      usage));
  CHECK(usage.input == 11);
  CHECK(usage.cache_write == 3);
  CHECK(usage.cache_read == 5);
  CHECK(usage.output == 7);
}

TEST_CASE("the usage of message_start stands inside its message", "[wire]") {
  AnswerFacts reader;
  Usage usage;
  CHECK(reader.read_usage(
      R"({"type":"message_start","message":{"usage":{"input_tokens":4,"output_tokens":1}}})",
      usage));
  CHECK(usage.input == 4);
}

TEST_CASE("later figures replace earlier ones and silence keeps them", "[wire]") {
  AnswerFacts reader;
  Usage usage;
  usage.input = 4;
  usage.output = 1;
  CHECK(reader.read_usage(R"({"type":"message_delta","usage":{"output_tokens":9}})", usage));
  CHECK(usage.input == 4);
  CHECK(usage.output == 9);
}

TEST_CASE("figures that make no sense are passed over", "[wire]") {
  AnswerFacts reader;
  Usage usage;
  usage.input = 4;
  CHECK(reader.read_usage(
      R"({"usage":{"input_tokens":-1,"output_tokens":"7","cache_read_input_tokens":null}})",
      usage));
  CHECK(usage.input == 4);
  CHECK(usage.output == 0);
  CHECK(usage.cache_read == 0);
}

TEST_CASE("text without usage changes nothing", "[wire]") {
  AnswerFacts reader;
  for (const char* json : {"", "{", "[]", "7", R"({"usage":null})", R"({"a":1})"}) {
    INFO(json);
    Usage usage;
    usage.input = 4;
    reader.read_usage(json, usage);
    CHECK(usage.input == 4);
  }
}

TEST_CASE("a view of nothing is read as nothing", "[wire]") {
  AnswerFacts reader;
  Usage usage;
  ProviderError error;
  CHECK_FALSE(reader.read_usage({}, usage));
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

TEST_CASE("Bedrock's metrics tell what usage did not", "[wire]") {
  wire::AnswerFacts reader;
  const std::string stop =
      R"({"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":9,)"
      R"("outputTokenCount":7,"invocationLatency":5,"firstByteLatency":3,)"
      R"("cacheReadInputTokenCount":2,"cacheWriteInputTokenCount":1}})";
  Usage usage;
  CHECK(reader.read_metrics(stop, usage));
  CHECK(usage.input == 9);
  CHECK(usage.output == 7);
  CHECK(usage.cache_read == 2);
  CHECK(usage.cache_write == 1);
  Usage known;
  known.input = 100;
  known.output = 50;
  CHECK(reader.read_metrics(stop, known));
  CHECK(known.input == 100);
  CHECK(known.output == 50);
  CHECK_FALSE(reader.read_metrics(R"({"type":"message_stop"})", known));
  CHECK_FALSE(reader.read_metrics("{", known));
}
