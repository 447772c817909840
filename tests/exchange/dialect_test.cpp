#include "exchange/dialect.hpp"

#include <vector>

#include "catch.hpp"

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

TEST_CASE("only a dialect that has pings is kept alive by them", "[exchange]") {
  CHECK(ping(Dialect::anthropic) == "event: ping\ndata: {\"type\": \"ping\"}\n\n");
  CHECK(ping(Dialect::vertex) == ping(Dialect::anthropic));
  CHECK(ping(Dialect::bedrock).empty());
}
