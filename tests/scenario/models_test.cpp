#include <string>

#include "catch.hpp"
#include "scenario/front.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

TEST_CASE("the models of all providers are listed once, patterns are not", "[scenario]") {
  F f;
  f.add_provider("one");
  f.add_provider("two");
  f.config.providers[0].models = {"m1", "claude-*"};
  f.config.providers[0].model_mapping["alias"] = "m1";
  f.config.providers[1].models = {"m1", "m2"};
  f.start();
  const auto model = [](const std::string& id, const std::string& provider) {
    return R"({"type":"model","id":")" + id + R"(","display_name":")" + id +
           R"(","created_at":"2023-12-15T00:00:00Z","object":"model","created":1702598400,)" +
           R"("owned_by":"anthropic","provider":")" + provider + "\"}";
  };
  CHECK(f.ask(F::get("/v1/models")).body ==
        R"({"object":"list","data":[)" + model("m1", "one") + "," + model("alias", "one") + "," +
            model("m2", "two") + R"(],"has_more":false,"first_id":"m1","last_id":"m2"})");
  CHECK(f.ask(F::get("/v1/models/alias")).body == model("alias", "one"));
}

TEST_CASE("a list of models is cut at the limit asked for", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.providers[0].models = {"m1", "m2", "m3"};
  f.start();
  const std::string body = f.ask(F::get("/v1/models?beta=true&limit=2")).body;
  CHECK(body.find(R"("has_more":true,"first_id":"m1","last_id":"m2"})") != std::string::npos);
}

TEST_CASE("a limit that makes no sense is ignored", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.providers[0].models = {"m1", "m2"};
  f.start();
  for (const char* limit : {"0", "-1", "x", "", "99999999999999999999"}) {
    INFO(limit);
    const std::string body = f.ask(F::get(std::string("/v1/models?limit=") + limit)).body;
    CHECK(body.find(R"("has_more":false,"first_id":"m1","last_id":"m2"})") != std::string::npos);
  }
}

TEST_CASE("an empty list of models is a list", "[scenario]") {
  F f;
  f.start();
  CHECK(f.ask(F::get("/v1/models")).body ==
        R"({"object":"list","data":[],"has_more":false,"first_id":null,"last_id":null})");
}

TEST_CASE("an unknown model is not found by its id", "[scenario]") {
  F f;
  f.add_provider("one");
  f.start();
  const Answer answer = f.ask(F::get("/v1/models/gpt", with_id));
  CHECK(answer.status == 404);
  CHECK(answer.body == envelope("not_found_error", "model: gpt", "req-1"));
}

TEST_CASE("a list of models can be paged through to its end, both ways", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.providers[0].models = {"m1", "a/b", "m3"};
  f.start();
  const auto page = [&](const std::string& query) {
    const std::string body = f.ask(F::get("/v1/models?limit=2&" + query)).body;
    return body.substr(body.find(R"("has_more")"));
  };
  CHECK(page("") == R"("has_more":true,"first_id":"m1","last_id":"a/b"})");
  CHECK(page("after_id=a%2Fb") == R"("has_more":false,"first_id":"m3","last_id":"m3"})");
  CHECK(page("after_id=m3") == R"("has_more":false,"first_id":null,"last_id":null})");
  CHECK(page("after_id=nobody") == R"("has_more":false,"first_id":null,"last_id":null})");
  CHECK(page("before_id=m3") == R"("has_more":false,"first_id":"m1","last_id":"a/b"})");
  CHECK(f.ask(F::get("/v1/models?limit=1&before_id=m3"))
            .body.find(R"("has_more":true,"first_id":"a/b","last_id":"a/b"})") !=
        std::string::npos);
}

TEST_CASE("a model is found by its id however the path encodes it", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.providers[0].models = {"a/b"};
  f.start();
  CHECK(f.ask(F::get("/v1/models/a%2Fb")).status == 200);
  CHECK(f.ask(F::get("/v1/models/a/b")).status == 200);
}
