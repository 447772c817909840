#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/front.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

TEST_CASE("the relay says that it is healthy", "[scenario]") {
  F f;
  f.start();
  const Answer answer = f.ask(F::get("/health?x=1"));
  CHECK(answer.status == 200);
  CHECK(answer.headers.get("content-type") == "application/json");
  CHECK(answer.body == R"({"status":"ok"})");
}

TEST_CASE("a relay with a provider is ready", "[scenario]") {
  F f;
  f.add_provider("one");
  f.start();
  const Answer answer = f.ask(F::get("/ready"));
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"status":"ready"})");
}

TEST_CASE("a relay without a provider is not ready", "[scenario]") {
  F f;
  f.start();
  const Answer answer = f.ask(F::get("/ready"));
  CHECK(answer.status == 503);
  CHECK(answer.body == R"({"status":"unavailable"})");
}

TEST_CASE("a relay whose only key was refused is not ready", "[scenario]") {
  F f;
  f.add_provider("one").enqueue(Script::error(401, "authentication_error", "no"));
  f.start();
  f.ask(F::post(F::body(false)));
  CHECK(f.ask(F::get("/ready")).status == 503);
}

TEST_CASE("hello tells name and version", "[scenario]") {
  F f;
  f.start();
  for (const char* path : {"/", "/api/hello"}) {
    INFO(path);
    const Answer answer = f.ask(F::get(path));
    CHECK(answer.status == 200);
    CHECK(answer.body == R"({"name":"cc-relay","version":")" + std::string(version()) + "\"}");
  }
}

TEST_CASE("hello shows who it is to whoever gives it something to sign", "[scenario]") {
  F f;
  f.options.proofs = [](std::string_view nonce) {
    return std::vector<std::string>{"one " + std::string(nonce), "two"};
  };
  f.start();
  const std::string plain = R"({"name":"cc-relay","version":")" + std::string(version()) + "\"";
  CHECK(f.ask(F::get("/?nonce=0123456789abcdef")).body ==
        plain + R"(,"proofs":["one 0123456789abcdef","two"]})");
  // Nothing else is signed: neither what is too short to be new each time nor what is no word.
  for (const char* query : {"", "?nonce=", "?nonce=0123456789abcde", "?nonce=0123456789%20abcdef",
                            "?nonce=0123456789abcdef&x", "?other=0123456789abcdef"}) {
    INFO(query);
    CHECK(f.ask(F::get(std::string("/") + query)).body == plain + "}");
  }
}

TEST_CASE("a relay that was given nothing to show itself by signs nothing", "[scenario]") {
  F f;
  f.start();
  CHECK(f.ask(F::get("/?nonce=0123456789abcdef")).body.find("proofs") == std::string::npos);
}

TEST_CASE("HEAD is answered like GET without the body", "[scenario]") {
  F f;
  f.add_provider("one");
  f.start();
  for (const std::string path : {"/", "/api/hello", "/health", "/ready", "/v1/models"}) {
    INFO(path);
    const auto length = f.ask(F::get(path)).body.size();
    const auto client = f.connect();
    client->send("HEAD " + path + " HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n");
    f.until([&] { return client->gone(); });
    const std::string& received = client->received();
    CHECK(received.substr(0, 17) == "HTTP/1.1 200 OK\r\n");
    CHECK(received.find("content-length: " + std::to_string(length) + "\r\n") != std::string::npos);
    CHECK(received.substr(received.size() - 4) == "\r\n\r\n");
  }
}

TEST_CASE("an unknown path is not found", "[scenario]") {
  F f;
  f.start();
  const Answer answer = f.ask(F::get("/nowhere", with_id));
  CHECK(answer.status == 404);
  CHECK(answer.body == envelope("not_found_error",
                                "/nowhere is not known here; the API is at POST /v1/messages",
                                "req-1"));
}

TEST_CASE("a doubled /v1 is explained", "[scenario]") {
  F f;
  f.add_provider("one");
  f.start();
  const Answer answer = f.ask(F::post(F::body(false), with_id, "/v1/v1/messages"));
  CHECK(answer.status == 404);
  CHECK(answer.body == envelope("not_found_error",
                                "/v1/v1/messages is not known here; leave the /v1 out of "
                                "ANTHROPIC_BASE_URL",
                                "req-1"));
}

TEST_CASE("a wrong method is told the right one", "[scenario]") {
  F f;
  f.add_provider("one");
  f.start();
  const std::vector<std::pair<std::string, std::string>> cases{
      {"/v1/messages", "POST"}, {"/v1/messages/count_tokens", "POST"}};
  for (const auto& [path, allow] : cases) {
    const Answer answer = f.ask(F::get(path, with_id));
    INFO(path);
    CHECK(answer.status == 405);
    CHECK(answer.headers.get("allow") == allow);
    CHECK(answer.body ==
          envelope("invalid_request_error", "GET is not offered for " + path, "req-1"));
  }
  for (const std::string path :
       {"/health", "/ready", "/", "/api/hello", "/v1/models", "/v1/models/x", "/v1/providers"}) {
    const Answer answer = f.ask(F::post("{}", with_id, path));
    INFO(path);
    CHECK(answer.status == 405);
    CHECK(answer.headers.get("allow") == "GET, HEAD");
  }
}

TEST_CASE("a sane request id of the client's is kept", "[scenario]") {
  F f;
  f.start();
  for (const std::string& id : {std::string("aZ0._-"), std::string(128, 'x'), std::string("1")}) {
    INFO(id);
    CHECK(f.ask(F::get("/health", "X-Request-ID: " + id + "\r\n")).headers.get("x-request-id") ==
          id);
  }
}

TEST_CASE("a request id that is not sane is replaced", "[scenario]") {
  F f;
  f.start();
  for (const std::string& id : {std::string(129, 'x'), std::string("a b"), std::string("a;b"),
                                std::string("\xC3\xBC"), std::string(), std::string("<x>")}) {
    INFO(id);
    const Answer answer = f.ask(F::get("/health", "X-Request-ID: " + id + "\r\n"));
    const std::string made(answer.headers.get("x-request-id").value_or(""));
    CHECK(made.substr(0, 4) == "req_");
  }
}

TEST_CASE("two requests get two ids", "[scenario]") {
  F f;
  f.start();
  const Answer one = f.ask(F::get("/health"));
  const Answer two = f.ask(F::get("/health"));
  CHECK(one.headers.get("x-request-id") != two.headers.get("x-request-id"));
}

TEST_CASE("a relayed answer has exactly one request id, the relay's", "[scenario]") {
  F f;
  f.add_provider("one").enqueue(
      Script::reply(200, "application/json", "{}", {{"x-request-id", "theirs"}}));
  f.start();
  const Answer answer = f.ask(F::post(F::body(false), with_id));
  Headers headers = answer.headers;
  CHECK(headers.get("x-request-id") == "req-1");
  CHECK(headers.remove("x-request-id") == 1);
}

TEST_CASE("other endpoints go to the first native provider untouched", "[scenario]") {
  F f;
  FakeProvider& glm = f.add_provider("glm");
  FakeProvider& claude = f.add_provider("claude");
  f.config.providers[0].type = "zai";
  claude.enqueue(Script::reply(201, "text/plain", "made"));
  f.start();
  const Answer answer = f.ask(
      "PUT /v1/files/a%20b?x=1&y HTTP/1.1\r\nHost: relay\r\nContent-Length: 8\r\n\r\nno json{");
  CHECK(answer.status == 201);
  CHECK(answer.body == "made");
  CHECK(glm.requests().empty());
  REQUIRE(claude.requests().size() == 1);
  CHECK(claude.requests()[0].head.method == "PUT");
  CHECK(claude.requests()[0].head.target == "/v1/files/a%20b?x=1&y");
  CHECK(claude.requests()[0].body == "no json{");
}

TEST_CASE("GET and DELETE of other endpoints have no body on the way", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  for (const std::string method : {"GET", "DELETE"}) {
    provider.enqueue(Script::reply(200, "application/json", "{}"));
    const Answer answer = f.ask(method + " /v1/files/1 HTTP/1.1\r\nHost: relay\r\n\r\n");
    INFO(method);
    CHECK(answer.status == 200);
    CHECK(provider.requests().back().head.method == method);
    CHECK(provider.requests().back().body.empty());
  }
}

TEST_CASE("a HEAD of another endpoint is answered without a body", "[scenario]") {
  F f;
  f.add_provider("one").enqueue(
      Script().head(200, {{"content-length", "7"}, {"request-id", "req_theirs"}}));
  f.start();
  const auto client = f.connect();
  client->send("HEAD /v1/files/1 HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n");
  f.until([&] { return client->gone(); });
  CHECK(client->received().substr(0, 17) == "HTTP/1.1 200 OK\r\n");
  CHECK(client->received().find("request-id: req_theirs\r\n") != std::string::npos);
  CHECK(client->received().substr(client->received().size() - 4) == "\r\n\r\n");
}

TEST_CASE("an error of another endpoint is passed on byte for byte", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  for (const int status : {400, 404, 429, 500, 529}) {
    provider.enqueue(Script::reply(status, "text/html", "<p>no</p>"));
    const Answer answer = f.ask(F::get("/v1/files"));
    INFO(status);
    CHECK(answer.status == status);
    CHECK(answer.body == "<p>no</p>");
  }
}

TEST_CASE("without passthrough other endpoints are not found", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.passthrough = false;
  f.start();
  CHECK(f.ask(F::get("/v1/files")).status == 404);
  CHECK(provider.requests().empty());
}

TEST_CASE("no other endpoint leads out of the provider's base URL", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.providers[0].base_url = provider.url() + "/team-a";
  f.start();
  // Some servers take a backslash for a slash.
  for (const char* path : {"/v1/../../team-b/x", "/v1/files/..", "/v1/%2e%2e/x", "/v1/./x",
                           "/v1/files/%5C..%5C..%5cteam-b", "/v1/files%5C%2e."}) {
    INFO(path);
    const Answer answer = f.ask(F::get(path, with_id));
    CHECK(answer.status == 400);
    CHECK(answer.body.find(R"( has a \".\" or \"..\" segment)") != std::string::npos);
    CHECK(answer.body.find("invalid_request_error") != std::string::npos);
  }
  for (const char* path : {R"(/v1/files/\..\..\team-b)", R"(/v1/files\%2e.)"}) {
    INFO(path);
    CHECK(f.ask(F::get(path)).status == 400);
  }
  CHECK(provider.requests().empty());
}

TEST_CASE("a refusal of another endpoint says nothing of the key", "[scenario]") {
  const int status = GENERATE(401, 403);
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script::error(status, "permission_error", "for administrators"));
  f.start();
  const Answer refused = f.ask(F::get("/v1/organizations/users"));
  CHECK(refused.status == status);
  CHECK(refused.body.find("for administrators") != std::string::npos);
  CHECK(f.ask(F::post(F::body(false))).status == 200);
}
