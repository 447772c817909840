#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/h2_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

namespace {

const std::vector<std::pair<std::string, std::string>> id_1{{"x-request-id", "req-1"}};

}  // namespace

TEST_CASE("every route answers over HTTP/2 as over HTTP/1.1", "[scenario][h2]") {
  F f;
  f.add_provider("one");
  f.config.providers[0].models = {"m1"};
  f.start();
  const auto client = h2_connect(f);
  for (const std::string path :
       {"/", "/api/hello", "/health", "/ready", "/v1/models?limit=1", "/v1/models/m1",
        "/v1/models/none", "/nowhere", "/v1/v1/messages", "/v1/messages", "/v1/x/../y"}) {
    INFO(path);
    const Answer by_h1 = f.ask(F::get(path, with_id));
    const Answer by_h2 = ended(f, *client, client->get(path, id_1)).answer;
    CHECK(by_h2.status == by_h1.status);
    CHECK(by_h2.body == by_h1.body);
    CHECK(by_h2.complete);
    CHECK(by_h2.headers.get("content-length") == by_h1.headers.get("content-length"));
    CHECK(by_h2.headers.get("content-type") == by_h1.headers.get("content-type"));
    CHECK(by_h2.headers.get("allow") == by_h1.headers.get("allow"));
    for (const Header header : by_h2.headers) {
      CHECK(std::none_of(header.name.begin(), header.name.end(),
                         [](char c) { return c >= 'A' && c <= 'Z'; }));
    }
    CHECK(by_h2.headers.get("x-request-id") == "req-1");
  }
}

TEST_CASE("HEAD over HTTP/2 has the head of GET and no body", "[scenario][h2]") {
  F f;
  f.start();
  const auto client = h2_connect(f);
  const std::uint32_t id = client->next_stream();
  client->get("/health");
  client->send(h2::head(id + 2, h2::fields("HEAD", "/health"), true));
  const Answer get = ended(f, *client, id).answer;
  const Answer head = ended(f, *client, id + 2).answer;
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(head.headers.get("content-length") == get.headers.get("content-length"));
}

TEST_CASE("a message over HTTP/2 reaches the provider as one over HTTP/1.1 would",
          "[scenario][h2]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.start();
  f.ask(request(false, "anthropic-version: 2023-06-01\r\nCookie: a=1; b=2\r\n"));
  const auto client = h2_connect(f);
  const auto id = client->post(F::body(false), {{"anthropic-version", "2023-06-01"},
                                                {"cookie", "a=1"},
                                                {"cookie", "b=2"},
                                                {"te", "trailers"}});
  const Answer answer = ended(f, *client, id).answer;
  CHECK(answer.status == 200);
  CHECK(has(answer.body, "end_turn"));
  REQUIRE(one.requests().size() == 2);
  CHECK(one.requests()[1].body == one.requests()[0].body);
  CHECK(one.requests()[1].head.target == one.requests()[0].head.target);
  const Headers& sent = one.requests()[1].head.headers;
  CHECK(sent.get("anthropic-version") == "2023-06-01");
  CHECK(sent.get("x-api-key") == "sk-test-one");
  CHECK_FALSE(sent.contains("cookie"));
  CHECK_FALSE(sent.contains("te"));
  CHECK(sent.get("content-length") == std::to_string(F::body(false).size()));
  CHECK(f.finished(2).method == "POST");
  CHECK(f.finished(2).ending == Ending::complete);
}

TEST_CASE("a provider's error comes through HTTP/2 byte for byte", "[scenario][h2]") {
  F f;
  f.add_provider("one").enqueue(Script::error(400, "invalid_request_error", "no such thing"));
  f.start();
  const auto client = h2_connect(f);
  const Answer answer = ended(f, *client, client->post(F::body(false))).answer;
  CHECK(answer.status == 400);
  CHECK(has(answer.body, "no such thing"));
}

TEST_CASE("credentials are asked for over HTTP/2 as well", "[scenario][h2]") {
  F f;
  f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const auto client = h2_connect(f);
  CHECK(ended(f, *client, client->post(F::body(false))).answer.status == 401);
  CHECK(
      ended(f, *client, client->post(F::body(false), {{"x-api-key", "relay-key"}})).answer.status ==
      200);
}

TEST_CASE("a client of HTTP/2 that waits for leave to send its body gets it", "[scenario][h2]") {
  F f;
  f.add_provider("one");
  f.start();
  const auto client = h2_connect(f);
  const auto id = client->begin(h2::fields("POST", "/v1/messages", {{"expect", "100-continue"}}));
  f.until([&] { return client->stream(id).interim == std::vector<int>{100}; });
  client->send(h2::frame(h2::data, h2::end_stream, id, F::body(false)));
  CHECK(ended(f, *client, id).answer.status == 200);
}

TEST_CASE("what begins like a preface of HTTP/2 and is none is HTTP/1.1", "[scenario][h2]") {
  F f;
  f.start();
  for (const std::string begun : {"P", "PRI", "PRI * HTTP/2.0\r\n"}) {
    INFO(begun);
    const auto client = f.connect();
    client->send(begun);
    f.until([&] { return client->connected() && client->unsent() == 0; });
    f.harness.settle();
    client->send("X-Y: z\r\n\r\n");
    // A request line, though of a version that is not spoken, or none.
    const int status = begun.ends_with("\n") ? 505 : 400;
    CHECK(answers(f, *client, 1).at(0).status == status);
  }
}

TEST_CASE("a preface that does not go on in time is answered like any head", "[scenario][h2]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send("PRI * HTTP");
  f.until([&] { return client->connected(); });
  f.harness.settle();
  f.harness.advance(std::chrono::seconds(11));
  CHECK(answers(f, *client, 1).at(0).status == 408);
  f.until([&] { return client->gone(); });
}

TEST_CASE("a preface may come byte by byte", "[scenario][h2]") {
  F f;
  f.start();
  const auto client = f.connect();
  for (const char& byte : h2::opening() + h2::get(1, "/health")) {
    client->send({&byte, 1});
    f.harness.settle();
  }
  f.until([&] { return has(client->received(), R"({"status":"ok"})"); });
}

TEST_CASE("without enable_http2 the preface is no request", "[scenario][h2]") {
  F f;
  f.config.server.enable_http2 = false;
  f.start();
  const auto client = f.connect();
  client->send(h2::opening() + h2::get(1, "/health"));
  const auto all = answers(f, *client, 1);
  REQUIRE(!all.empty());
  CHECK((all[0].status == 400 || all[0].status == 505));
  f.until([&] { return client->gone(); });
}
