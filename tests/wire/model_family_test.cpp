#include "wire/model_family.hpp"

#include "catch.hpp"

using ccrelay::wire::model_family;

TEST_CASE("models whose name tells their family share it", "[wire]") {
  CHECK(model_family("claude-opus-5-5") == "claude");
  CHECK(model_family("us.anthropic.Claude-Sonnet-4-v1:0") == "claude");
  CHECK(model_family("openai/GPT-5.2") == "gpt");
  CHECK(model_family("gemini-3-pro") == "gemini");
}

TEST_CASE("any other model is a family of its own, as it is written", "[wire]") {
  CHECK(model_family("GLM-5") == "GLM-5");
  CHECK(model_family("glm-5") == "glm-5");
  CHECK(model_family("").empty());
}
