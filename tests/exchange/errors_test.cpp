#include "exchange/errors.hpp"

#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;

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
