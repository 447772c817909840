#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/front.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

TEST_CASE("a request that cannot be relayed is told why", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.providers[0].models = {"claude-*"};
  f.start();
  struct Case {
    std::string body;
    int status;
    std::string type, message;
  };
  const std::vector<Case> cases{
      {"{}", 400, "invalid_request_error", R"(the body names no \"model\")"},
      {R"({"model":7})", 400, "invalid_request_error",
       R"(the body must be a JSON object whose \"model\" is a string)"},
      {R"({"model":"gpt"})", 404, "not_found_error",
       R"(model: no provider serves \"gpt\"; GET /v1/models lists what there is, )"
       R"(providers.models and providers.model_mapping decide it)"},
  };
  for (const Case& one : cases) {
    const Answer answer = f.ask(F::post(one.body, with_id));
    INFO(one.body);
    CHECK(answer.status == one.status);
    CHECK(answer.body == envelope(one.type, one.message, "req-1"));
  }
  CHECK(provider.requests().empty());
}

TEST_CASE("a body that is no JSON is a bad request", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const Answer answer = f.ask(F::post("{\"model\":", with_id));
  CHECK(answer.status == 400);
  const std::string start = R"({"type":"error","error":{"type":"invalid_request_error","message":)"
                            R"("the body is not valid JSON: )";
  CHECK(answer.body.substr(0, start.size()) == start);
  CHECK(provider.requests().empty());
}

TEST_CASE("a client without the relay's key is not to try again", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  for (const std::string& request :
       {F::post(F::body(true), with_id), F::get("/v1/models", with_id),
        F::get("/v1/models/x", with_id), F::get("/v1/providers", with_id),
        F::get("/v1/files", with_id)}) {
    const Answer answer = f.ask(request);
    INFO(request);
    CHECK(answer.status == 401);
    CHECK(answer.headers.get("x-should-retry") == "false");
    CHECK(answer.body == envelope("authentication_error",
                                  "this relay asks for a credential: send its key as an API key "
                                  "or as \\\"Authorization: Bearer\\\"",
                                  "req-1"));
  }
  CHECK(provider.requests().empty());
}

TEST_CASE("a refused request leaves its connection usable", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const auto client = f.connect();
  client->send(F::post(F::body(false)));
  client->send(F::post(F::body(false), with_key));
  const auto all = answers(f, *client, 2);
  REQUIRE(all.size() == 2);
  CHECK(all[0].status == 401);
  CHECK(all[1].status == 200);
}

TEST_CASE("the log says why a client was refused that never sent its body", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const auto client = f.connect();
  client->send("POST /v1/messages HTTP/1.1\r\nHost: relay\r\nContent-Length: 1000\r\n\r\n");
  f.harness.settle();
  client->close();
  const RequestSummary& summary = f.finished();
  CHECK(summary.status == 401);
  CHECK(summary.error ==
        "this relay asks for a credential: send its key as an API key or as "
        "\"Authorization: Bearer\"");
  CHECK(provider.requests().empty());
}

TEST_CASE("a web page may not use a relay that asks for no credential", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const std::string page = "Origin: https://evil.example\r\n" + with_id;
  const Answer answer = f.ask(F::post(F::body(false), page));
  CHECK(answer.status == 403);
  CHECK(answer.body == envelope("permission_error",
                                "a web page in a browser may not use a relay that asks for no "
                                "credential; set server.auth.api_key and send it",
                                "req-1"));
  CHECK(f.ask(F::get("/v1/providers", page)).status == 403);
  CHECK(f.ask(F::get("/health", page)).status == 200);
  CHECK(provider.requests().empty());
}

TEST_CASE("a web page that knows the relay's key may use it", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  CHECK(f.ask(F::post(F::body(false), with_key + "Origin: https://ours.example\r\n")).status ==
        200);
}
