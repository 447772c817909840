#include "dialect/learning.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay::dialect;

TEST_CASE("a refusal names the field that is left out") {
  struct Row {
    Dialect provider;
    int status;
    const char* answer;
    const char* request;
    const char* field;
  };
  const char* const chat =
      R"({"model":"m","messages":[],"reasoning_effort":"low","max_tokens":5,"temperature":1,"prompt_cache_key":"k","parallel_tool_calls":false})";
  const char* const responses =
      R"({"model":"m","input":[],"reasoning":{"effort":"low","summary":"auto"},"text":{"format":{}},"max_output_tokens":5})";
  const char* const gemini =
      R"({"contents":[],"generationConfig":{"topK":5,"thinkingConfig":{"thinkingLevel":"LOW"}},"toolConfig":{}})";
  const Row rows[] = {
      {Dialect::chat, 400, R"({"error":{"message":"no","param":"reasoning_effort"}})", chat,
       "reasoning_effort"},
      {Dialect::chat, 400,
       R"({"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens"}})",
       chat, "max_tokens"},
      {Dialect::chat, 400, R"({"error":{"message":"temperature is not supported"}})", chat,
       "temperature"},
      {Dialect::chat, 422,
       R"({"detail":[{"type":"extra_forbidden","loc":["body","prompt_cache_key"],"msg":"Extra inputs are not permitted"}]})",
       chat, "prompt_cache_key"},
      {Dialect::chat, 400, R"({"error":"this model does not support parallel_tool_calls"})", chat,
       "parallel_tool_calls"},
      {Dialect::responses, 400, R"({"error":{"message":"no","param":"reasoning.summary"}})",
       responses, "reasoning.summary"},
      {Dialect::responses, 400, R"({"error":{"message":"no","param":"reasoning"}})", responses,
       "reasoning"},
      {Dialect::responses, 400, R"({"error":{"message":"no","param":"text.format.schema"}})",
       responses, "text.format"},
      {Dialect::gemini, 400,
       R"({"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"topK\" at 'generation_config'","status":"INVALID_ARGUMENT"}})",
       gemini, "generationConfig.topK"},
      {Dialect::gemini, 400,
       R"({"error":{"code":400,"message":"thinkingLevel is not supported for this model"}})",
       gemini, "generationConfig.thinkingConfig.thinkingLevel"},
      // None of them.
      {Dialect::chat, 400, R"({"error":{"message":"no","param":"messages[0].content"}})", chat, ""},
      {Dialect::chat, 400, R"({"error":{"message":"temperature must be below 2"}})", chat, ""},
      {Dialect::chat, 400, R"({"error":{"message":"max_tokens_to_sample is not supported"}})", chat,
       ""},
      {Dialect::chat, 400, R"({"error":{"message":"no","param":"model"}})", chat, ""},
      {Dialect::chat, 500, R"({"error":{"message":"no","param":"temperature"}})", chat, ""},
      {Dialect::anthropic, 400, R"({"error":{"message":"max_tokens is not supported"}})",
       R"({"model":"m","max_tokens":5})", ""},
  };
  for (const Row& row : rows) {
    INFO(row.answer);
    CHECK(refused_field(row.provider, row.status, row.answer, row.request) == row.field);
  }
}

TEST_CASE("whether a request has a field") {
  const char* const request = R"({"a":{"b":{"c":1}},"d":null})";
  for (const char* field : {"a", "a.b", "a.b.c", "d"}) CHECK(has_field(request, field));
  for (const char* field : {"b", "a.c", "a.b.c.d", "e"}) CHECK_FALSE(has_field(request, field));
  CHECK_FALSE(has_field("no JSON", "a"));
}

TEST_CASE("a request goes without the field, and with all else as it was") {
  struct Row {
    const char* request;
    const char* field;
    const char* without;
  };
  const Row rows[] = {
      {R"({"a":1.0,"temperature":1,"b":{"z":12345678901234567890}})", "temperature",
       R"({"a":1.0,"b":{"z":12345678901234567890}})"},
      {R"({"a":1,"max_tokens":5,"b":2})", "max_tokens",
       R"({"a":1,"max_completion_tokens":5,"b":2})"},
      {R"({"max_completion_tokens":5})", "max_completion_tokens", R"({"max_tokens":5})"},
      {R"({"generationConfig":{"topK":1,"topP":0.5},"contents":[]})", "generationConfig.topK",
       R"({"generationConfig":{"topP":0.5},"contents":[]})"},
      {R"({"generationConfig":{"thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":true}}})",
       "generationConfig.thinkingConfig.thinkingLevel",
       R"({"generationConfig":{"thinkingConfig":{"includeThoughts":true}}})"},
      {R"({"a":1})", "b", R"({"a":1})"},
  };
  for (const Row& row : rows) {
    INFO(row.request);
    CHECK(without_field(row.request, row.field) == row.without);
  }
}
