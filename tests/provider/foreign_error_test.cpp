#include "provider/foreign_error.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::provider;

TEST_CASE("errors of the clouds become Anthropic's", "[provider]") {
  struct Case {
    int status;
    std::string word;  // x-amzn-errortype
    std::string body;
    int becomes;
    std::string type;
    std::string message;
  };
  const std::vector<Case> cases{
      {400, "ValidationException:http://internal.amazon.com/coral/", R"({"message":"bad"})", 400,
       "invalid_request_error", "bad"},
      {403, "AccessDeniedException", R"({"Message":"no access"})", 403, "permission_error",
       "no access"},
      {404, "ResourceNotFoundException", R"({"message":"no such model"})", 404, "not_found_error",
       "no such model"},
      {408, "ModelTimeoutException", R"({"message":"slow"})", 504, "timeout_error", "slow"},
      {424, "ModelErrorException", R"({"message":"broke"})", 500, "api_error", "broke"},
      {429, "ThrottlingException", R"({"message":"wait"})", 429, "rate_limit_error", "wait"},
      {429, "ModelNotReadyException", R"({"message":"cold"})", 529, "overloaded_error", "cold"},
      {400, "ServiceQuotaExceededException", R"({"message":"quota"})", 429, "rate_limit_error",
       "quota"},
      {503, "ServiceUnavailableException", R"({"message":"busy"})", 529, "overloaded_error",
       "busy"},
      {500, "", R"({"message":"oops"})", 500, "api_error", "oops"},
      {429, "", R"({"__type":"com.amazon.coral.service#ThrottlingException"})", 429,
       "rate_limit_error", "ThrottlingException"},
      {429, "", R"({"error":{"code":429,"message":"full","status":"RESOURCE_EXHAUSTED"}})", 429,
       "rate_limit_error", "full"},
      {503, "",
       "[{\n\"error\":{\"code\":503,\"message\":\"gone\",\"status\":\"UNAVAILABLE\"}}\n]\n", 529,
       "overloaded_error", "gone"},
      {400, "", R"({"error":{"code":400,"message":"odd","status":"INVALID_ARGUMENT"}})", 400,
       "invalid_request_error", "odd"},
      {502, "", "<html>Bad\nGateway</html>", 502, "api_error",
       "Bedrock answered 502: <html>Bad Gateway</html>"},
      {500, "", "", 500, "api_error", "Bedrock answered 500"},
  };
  for (const Case& one : cases) {
    INFO(one.status << " " << one.word << " " << one.body);
    ResponseHead head;
    head.status = one.status;
    head.headers = {{"content-length", "9"}, {"request-id", "r-1"}};
    if (!one.word.empty()) head.headers.add("x-amzn-errortype", one.word);
    std::string body = one.body;
    translate_foreign_error(head, body, "Bedrock");
    CHECK(head.status == one.becomes);
    CHECK(body == R"({"type":"error","error":{"type":")" + one.type + R"(","message":")" +
                      one.message + R"("},"request_id":"r-1"})");
    CHECK(head.headers.get("content-type") == "application/json");
    CHECK_FALSE(head.headers.contains("content-length"));
  }
}

TEST_CASE("a prompt that is too long is told in the words that clients know", "[provider]") {
  for (const std::string text : {"Input is too long for requested model.",
                                 "Too many input tokens: 300000", "The prompt was Too Long"}) {
    ResponseHead head;
    head.status = 400;
    std::string body = R"({"message":")" + text + R"("})";
    translate_foreign_error(head, body, "Bedrock");
    INFO(body);
    CHECK(body.find("prompt is too long: " + text) != std::string::npos);
    CHECK(body.find("capability_rejected: prompt_too_long") != std::string::npos);
  }
  ResponseHead head;
  head.status = 400;
  std::string body = R"({"message":"prompt is too long: 200001 tokens > 200000 maximum"})";
  translate_foreign_error(head, body, "Bedrock");
  CHECK(body.find("capability_rejected") == std::string::npos);
}

TEST_CASE("only a prompt is too long for a prompt", "[provider]") {
  const std::vector<std::pair<int, std::string>> others{
      {504, "The model took too long to respond to the input"}, {400, "tools.0.name: too long"}};
  for (const auto& [status, text] : others) {
    ResponseHead head;
    head.status = status;
    std::string body = R"({"message":")" + text + R"("})";
    translate_foreign_error(head, body, "Bedrock");
    CHECK(body.find("prompt is too long") == std::string::npos);
  }
}

TEST_CASE("an error that is Anthropic's already stays as it is", "[provider]") {
  const std::string own =
      R"({"type":"error","error":{"type":"invalid_request_error","message":"x too long"}})";
  ResponseHead head;
  head.status = 400;
  std::string body = own;
  translate_foreign_error(head, body, "Vertex");
  CHECK(body == own);
}

TEST_CASE("an error of Anthropic's in an array becomes one that stands alone", "[provider]") {
  ResponseHead head;
  head.status = 429;
  std::string body = R"([{"type":"error","error":{"type":"rate_limit_error","message":"m"}}])";
  translate_foreign_error(head, body, "Vertex");
  CHECK(
      body.starts_with(R"({"type":"error","error":{"type":"rate_limit_error","message":"Vertex)"));
}
