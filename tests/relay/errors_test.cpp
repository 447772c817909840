#include "relay/errors.hpp"

#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::relay;

TEST_CASE("each status has Anthropic's word", "[relay]") {
  const std::vector<std::pair<int, std::string>> cases{
      {400, "invalid_request_error"},
      {401, "authentication_error"},
      {403, "permission_error"},
      {404, "not_found_error"},
      {405, "invalid_request_error"},
      {408, "timeout_error"},
      {413, "request_too_large"},
      {429, "rate_limit_error"},
      {431, "invalid_request_error"},
      {500, "api_error"},
      {502, "api_error"},
      {503, "overloaded_error"},
      {504, "timeout_error"},
      {505, "api_error"},
      {529, "overloaded_error"},
  };
  for (const auto& [status, type] : cases) {
    INFO(status);
    CHECK(error_type(status) == type);
  }
}

TEST_CASE("an error of the relay's is a whole sized answer", "[relay]") {
  const Answer answer = error_answer(429, "slow \"down\"", "req_1", {{"retry-after", "3"}});
  const std::string body =
      R"({"type":"error","error":{"type":"rate_limit_error","message":"slow \"down\""},)"
      R"("request_id":"req_1"})";
  CHECK(answer.head.status == 429);
  CHECK(answer.body == body);
  CHECK(answer.head.headers.get("content-type") == "application/json");
  CHECK(answer.head.headers.get("content-length") == std::to_string(body.size()));
  CHECK(answer.head.headers.get("x-request-id") == "req_1");
  CHECK(answer.head.headers.get("retry-after") == "3");
}
