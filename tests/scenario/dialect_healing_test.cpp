#include <string>

#include "catch.hpp"
#include "scenario/clouds.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// What a cloud refuses of a client that speaks its own form is healed as for any other, by proof
// alone: until then its bytes go on as they are.

namespace {

struct OwnForm : RelayFixture {
  explicit OwnForm(bool vertex) {
    provider = &add_provider("c");
    (vertex ? as_vertex(*this) : as_bedrock(*this)).keys.push_back({Secret("a-cloud-key"), 1, 1});
    path = vertex ? "/v1/projects/my-project/locations/global/publishers/anthropic/models/"
                    "claude-test:rawPredict"
                  : "/model/claude-test/invoke";
    is_vertex = vertex;
  }
  Script refusal(const std::string& words) const {
    return is_vertex ? Script::reply(400, "application/json",
                                     R"({"error":{"code":400,"status":"INVALID_ARGUMENT",)"
                                     R"("message":")" +
                                         words + "\"}}")
                     : aws_error(400, "ValidationException", words);
  }
  FakeProvider* provider;
  std::string path;
  bool is_vertex = false;
};

const std::string body =
    R"( {"anthropic_version":"v", "odd":{"x":1},"anthropic_beta":["one-1","two-2"],)"
    R"("max_tokens":8,"messages":[]} )";

}  // namespace

TEST_CASE("a field that a cloud refuses of its own client is left out, and remembered",
          "[scenario][healing]") {
  OwnForm f(GENERATE(false, true));
  f.provider->enqueue(f.refusal("odd: Extra inputs are not permitted"));
  f.start();
  const std::string without = R"( {"anthropic_version":"v", "anthropic_beta":["one-1","two-2"],)"
                              R"("max_tokens":8,"messages":[]} )";
  CHECK(f.ask(RelayFixture::post(body, {}, f.path)).status == 200);
  CHECK(tries(f.finished()) == "c:rejected c:success");
  REQUIRE(f.provider->requests().size() == 2);
  CHECK(f.provider->requests()[0].body == body);
  CHECK(f.provider->requests()[1].body == without);
  CHECK(noted(f.observer, "capability_refused", "field odd"));
  CHECK(f.ask(RelayFixture::post(body, {}, f.path)).status == 200);
  REQUIRE(f.provider->requests().size() == 3);
  CHECK(f.provider->requests()[2].body == without);
}

TEST_CASE("a beta that a cloud refuses of its own client leaves body and header",
          "[scenario][healing]") {
  OwnForm f(GENERATE(false, true));
  f.provider->enqueue(f.refusal("The beta two-2 is not supported: invalid beta flag"));
  f.start();
  CHECK(f.ask(RelayFixture::post(body, "anthropic-beta: two-2,three-3\r\n", f.path)).status == 200);
  REQUIRE(f.provider->requests().size() == 2);
  CHECK(f.provider->requests()[0].body == body);
  CHECK(f.provider->requests()[0].head.headers.get("anthropic-beta") == "two-2,three-3");
  CHECK(has(f.provider->requests()[1].body, R"("anthropic_beta":["one-1"])"));
  CHECK(f.provider->requests()[1].head.headers.get("anthropic-beta") == "three-3");
}

TEST_CASE("what proves nothing changes no byte of a cloud's own client", "[scenario][healing]") {
  OwnForm f(GENERATE(false, true));
  f.provider->enqueue(f.refusal("not_there: Extra inputs are not permitted"));
  f.provider->enqueue(f.refusal("odd: Extra inputs are not permitted"));
  f.provider->enqueue(f.refusal("messages: at least one message is required"));
  f.start();
  CHECK(f.ask(RelayFixture::post(body, {}, f.path)).status == 400);
  CHECK(f.provider->requests().size() == 1);
  // Left out, and refused all the same: nothing is learnt.
  const Answer answer = f.ask(RelayFixture::post(body, {}, f.path));
  CHECK(answer.status == 400);
  CHECK(has(answer.body, "at least one message"));
  CHECK(f.ask(RelayFixture::post(body, {}, f.path)).status == 200);
  CHECK(f.provider->requests().back().body == body);
}
