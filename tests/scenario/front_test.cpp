#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/relay_fixture.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

using F = RelayFixture;

std::string envelope(const std::string& type, const std::string& message, const std::string& id) {
  return R"({"type":"error","error":{"type":")" + type + R"(","message":")" + message +
         R"("},"request_id":")" + id + "\"}";
}

const std::string with_id = "X-Request-ID: req-1\r\n";
const std::string with_key = "x-api-key: relay-key\r\n";

std::string chunked_post(const std::string& chunks) {
  return "POST /v1/messages HTTP/1.1\r\nHost: relay\r\nX-Request-ID: req-1\r\n"
         "Transfer-Encoding: chunked\r\n\r\n" +
         chunks;
}

/// Waits until `client` has `count` whole answers, or is cut off.
std::vector<Answer> answers(F& f, RawClient& client, std::size_t count) {
  f.until([&] {
    const auto all = client.answers();
    const auto whole =
        std::count_if(all.begin(), all.end(), [](const Answer& a) { return a.complete; });
    return static_cast<std::size_t>(whole) >= count || client.gone();
  });
  return client.answers();
}

}  // namespace

// ---- routes
// --------------------------------------------------------------------------------------

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

TEST_CASE("the providers are listed without their keys", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.providers[0].models = {"m1"};
  f.start();
  CHECK(f.ask(F::get("/v1/providers")).body ==
        R"({"object":"list","data":[{"name":"one","type":"anthropic","owner":"anthropic",)"
        R"("base_url":")" +
            provider.url() + R"(","models":["m1"],"active":true,"health":"ok"}]})");
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

// ---- request ids
// ---------------------------------------------------------------------------------

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

// ---- passthrough
// ---------------------------------------------------------------------------------

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
      Script().head(200, {{"content-length", "7"}, {"x-from", "provider"}}));
  f.start();
  const auto client = f.connect();
  client->send("HEAD /v1/files/1 HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n");
  f.until([&] { return client->gone(); });
  CHECK(client->received().substr(0, 17) == "HTTP/1.1 200 OK\r\n");
  CHECK(client->received().find("x-from: provider\r\n") != std::string::npos);
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

// ---- connections
// ---------------------------------------------------------------------------------

TEST_CASE("requests of one connection are answered one after the other", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const auto client = f.connect();
  for (std::size_t i = 1; i <= 3; ++i) {
    client->send(F::post(F::body(i == 2)));
    const auto all = answers(f, *client, i);
    REQUIRE(all.size() == i);
    CHECK(all.back().status == 200);
  }
  CHECK(provider.requests().size() == 3);
}

TEST_CASE("pipelined requests are answered in order", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script::message("first"));
  provider.enqueue(Script::stream("second"));
  f.start();
  const auto client = f.connect();
  client->send(F::get("/health") + F::post(F::body(false)) + F::get("/nowhere") +
               F::post(F::body(true)) + F::get("/health"));
  const auto all = answers(f, *client, 5);
  REQUIRE(all.size() == 5);
  CHECK(all[0].body == R"({"status":"ok"})");
  CHECK(all[1].body.find("first") != std::string::npos);
  CHECK(all[2].status == 404);
  CHECK(all[3].body.find("second") != std::string::npos);
  CHECK(all[4].body == R"({"status":"ok"})");
}

TEST_CASE("pipelined requests beyond what is kept are served all the same", "[scenario]") {
  F f;
  f.config.server.max_header_bytes = 1024;
  f.start();
  const auto client = f.connect();
  std::string many;
  for (int i = 0; i < 300; ++i) many += F::get("/health");
  client->send(many);
  CHECK(answers(f, *client, 300).size() == 300);
}

TEST_CASE("a request is served however it is cut", "[scenario]") {
  F f;
  f.add_provider("one");
  f.start();
  const std::string request = F::post(F::body(false));
  const auto client = f.connect();
  for (const char& byte : request) {
    client->send({&byte, 1});
    f.until([&] { return client->connected() && client->unsent() == 0; });
  }
  const auto all = answers(f, *client, 1);
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 200);
}

TEST_CASE("a client that waits for leave to send its body gets it", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const auto client = f.connect();
  const std::string request = F::post(F::body(false), "Expect: 100-continue\r\n");
  const std::string body = F::body(false);
  client->send(request.substr(0, request.size() - body.size()));
  f.until([&] { return client->received() == "HTTP/1.1 100 Continue\r\n\r\n"; });
  client->send(body);
  const auto all = answers(f, *client, 2);
  REQUIRE(all.size() == 2);
  CHECK(all[1].status == 200);
  CHECK(provider.requests()[0].body == body);
  CHECK_FALSE(provider.requests()[0].head.headers.contains("expect"));
}

TEST_CASE("a client that waits for leave to send too much is refused at once", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.server.max_body_bytes = 10;
  f.start();
  const auto client = f.connect();
  client->send(
      "POST /v1/messages HTTP/1.1\r\nHost: relay\r\nExpect: 100-continue\r\n"
      "Content-Length: 11\r\n\r\n");
  const auto all = answers(f, *client, 1);
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 413);
}

TEST_CASE("HTTP/1.0 gets its answer and the end of the connection", "[scenario]") {
  F f;
  f.add_provider("one").enqueue(Script::stream("hello"));
  f.start();
  const auto client = f.connect();
  const std::string body = F::body(true);
  client->send("POST /v1/messages HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body);
  f.until([&] { return client->gone(); });
  const auto all = client->answers();
  REQUIRE(all.size() == 1);
  CHECK(all[0].complete);
  std::string expected;
  for (const auto& event : Script::events("hello")) expected += event;
  CHECK(all[0].body == expected);
}

TEST_CASE("a client that asks to close is closed after its answer", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send(F::get("/health", "Connection: close\r\n"));
  f.until([&] { return client->eof(); });
  REQUIRE(client->answers().size() == 1);
  CHECK(client->answers()[0].headers.get("connection") == "close");
}

TEST_CASE("a client that sends FIN with its request still gets a local answer", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send(F::get("/health"));
  client->shutdown_write();
  f.until([&] { return client->gone(); });
  REQUIRE(client->answers().size() == 1);
  CHECK(client->answers()[0].status == 200);
}

TEST_CASE("a client that sends FIN while it waits has left", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script().hold());
  f.start();
  const auto client = f.connect();
  client->send(F::post(F::body(true)));
  f.until([&] { return provider.requests().size() == 1; });
  client->shutdown_write();
  const RequestSummary& summary = f.finished();
  CHECK(summary.ending == Ending::client_gone);
  CHECK(summary.status == 499);
  f.until([&] { return provider.cancelled() == 1; });
}

TEST_CASE("bytes that are no HTTP get one answer and the end", "[scenario]") {
  F f;
  f.start();
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\x01", 5), std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        std::string("hello\r\n\r\n")}) {
    const auto client = f.connect();
    client->send(bytes);
    f.until([&] { return client->gone(); });
    INFO(bytes);
    const auto all = client->answers();
    REQUIRE(all.size() == 1);
    const bool refused = all[0].status == 400 || all[0].status == 505;
    CHECK(refused);
    CHECK(all[0].headers.get("connection") == "close");
  }
}

TEST_CASE("an answer given early and a broken rest of the request end cleanly", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const auto client = f.connect();
  client->send(chunked_post("zz\r\n"));
  f.until([&] { return client->gone(); });
  REQUIRE(client->answers().size() == 1);
  CHECK(client->answers()[0].status == 401);
}

// ---- limits
// --------------------------------------------------------------------------------------

TEST_CASE("a body announced too large is refused before it comes", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.max_body_bytes = 70'000;
  f.start();
  const auto client = f.connect();
  client->send("POST /v1/messages HTTP/1.1\r\nHost: relay\r\n" + with_id +
               "Content-Length: 70001\r\n\r\n");
  const auto all = answers(f, *client, 1);
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 413);
  CHECK(all[0].body == envelope("request_too_large",
                                "the request's body of 70001 bytes exceeds 70000 "
                                "(server.max_body_bytes)",
                                "req-1"));
  CHECK(provider.requests().empty());
}

TEST_CASE("a body that grows too large is refused when it does", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.max_body_bytes = 10;
  f.start();
  const auto client = f.connect();
  client->send(chunked_post("a\r\n0123456789\r\n"));
  f.harness.settle();
  CHECK(client->received().empty());
  client->send("1\r\nx\r\n");
  const auto all = answers(f, *client, 1);
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 413);
  CHECK(all[0].body == envelope("request_too_large",
                                "the request's body exceeds 10 bytes (server.max_body_bytes)",
                                "req-1"));
  CHECK(provider.requests().empty());
}

TEST_CASE("a body of just the limit is served", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.server.max_body_bytes = F::body(false).size();
  f.start();
  CHECK(f.ask(F::post(F::body(false))).status == 200);
}

TEST_CASE("a head that is too large is refused", "[scenario]") {
  F f;
  f.config.server.max_header_bytes = 1024;
  f.start();
  const Answer answer = f.ask(F::get("/health", "X: " + std::string(2000, 'x') + "\r\n"));
  CHECK(answer.status == 431);
  CHECK(answer.body == envelope("invalid_request_error",
                                "the request line and headers exceed 1024 bytes "
                                "(server.max_header_bytes)",
                                std::string(answer.headers.get("x-request-id").value_or(""))));
}

TEST_CASE("a head that comes too slowly is refused", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send("GET /health HTTP/1.1\r\n");
  f.until([&] { return client->connected(); });
  f.harness.settle();
  f.harness.advance(milliseconds(9'900));
  client->send("Host: relay\r\n");
  f.harness.settle();
  CHECK(client->received().empty());
  f.harness.advance(milliseconds(200));
  f.until([&] { return client->gone(); });
  const auto all = client->answers();
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 408);
  CHECK(all[0].body == envelope("timeout_error",
                                "the request's head did not arrive in time "
                                "(timeouts.client_header_ms)",
                                std::string(all[0].headers.get("x-request-id").value_or(""))));
}

TEST_CASE("a slow head after a HEAD is refused with words", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send("HEAD /health HTTP/1.1\r\nHost: relay\r\n\r\nGET /");
  f.until([&] { return client->received().find("\r\n\r\n") != std::string::npos; });
  f.harness.settle();
  f.harness.advance(seconds(11));
  f.until([&] { return client->gone(); });
  CHECK(client->received().find("timeouts.client_header_ms") != std::string::npos);
}

TEST_CASE("a body that stops coming is refused", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const auto client = f.connect();
  client->send("POST /v1/messages HTTP/1.1\r\nHost: relay\r\n" + with_id +
               "Content-Length: 9\r\n\r\n{");
  f.until([&] { return f.relay->in_flight() == 1; });
  f.harness.settle();
  f.harness.advance(seconds(31));
  const auto all = answers(f, *client, 1);
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 408);
  CHECK(all[0].body == envelope("timeout_error",
                                "the request's body stopped arriving (timeouts.client_body_ms)",
                                "req-1"));
  CHECK(provider.requests().empty());
}

TEST_CASE("a body that keeps moving may take its time", "[scenario]") {
  F f;
  f.add_provider("one");
  f.start();
  const auto client = f.connect();
  const std::string request = F::post(F::body(false));
  const std::size_t pieces = 10;
  client->send(request.substr(0, request.size() - pieces));
  f.until([&] { return f.relay->in_flight() == 1; });
  for (std::size_t i = pieces; i > 0; --i) {
    f.harness.settle();
    f.harness.advance(seconds(20));
    client->send(request.substr(request.size() - i, 1));
  }
  const auto all = answers(f, *client, 1);
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 200);
}

TEST_CASE("a connection that says nothing is closed without a word", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  f.until([&] { return client->connected(); });
  f.harness.settle();
  f.harness.advance(seconds(11));
  f.until([&] { return client->gone(); });
  CHECK(client->received().empty());
}

TEST_CASE("an idle connection is closed after its time", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send(F::get("/health"));
  answers(f, *client, 1);
  f.harness.settle();
  f.harness.advance(seconds(119));
  CHECK_FALSE(client->gone());
  f.harness.advance(seconds(2));
  f.until([&] { return client->gone(); });
  CHECK(client->answers().size() == 1);
}

TEST_CASE("more requests at once than allowed are told to come back", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script().hold());
  f.config.server.max_concurrent = 1;
  f.start();
  const auto running = f.connect();
  running->send(F::post(F::body(false)));
  f.until([&] { return provider.requests().size() == 1; });
  const Answer answer = f.ask(F::post(F::body(false), with_id));
  CHECK(answer.status == 503);
  CHECK(answer.headers.get("retry-after") == "1");
  CHECK(answer.body == envelope("overloaded_error",
                                "the relay already handles 1 requests (server.max_concurrent); "
                                "try again shortly",
                                "req-1"));
}

TEST_CASE("a place is free again when a request has ended", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.server.max_concurrent = 1;
  f.start();
  for (int i = 0; i < 3; ++i) CHECK(f.ask(F::post(F::body(false))).status == 200);
}

TEST_CASE("who may not come in is told so, not that the relay is full", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script().hold());
  f.config.server.max_concurrent = 1;
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const auto running = f.connect();
  running->send(F::post(F::body(false), with_key));
  f.until([&] { return provider.requests().size() == 1; });
  CHECK(f.ask(F::post(F::body(false))).status == 401);
  CHECK(f.ask(F::get("/health")).status == 200);
}

TEST_CASE("connections beyond the limit are closed at once", "[scenario]") {
  F f;
  f.config.server.max_connections = 1;
  f.start();
  const auto first = f.connect();
  first->send(F::get("/health"));
  answers(f, *first, 1);
  const auto second = f.connect();
  f.until([&] { return second->gone(); });
  CHECK(second->received().empty());
  first->close();
  f.harness.settle();
  CHECK(f.ask(F::get("/health")).status == 200);
}

// ---- what is wrong with a request
// ----------------------------------------------------------------

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
                                  "this relay asks for a credential: send its key as x-api-key "
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

// ---- listening
// -----------------------------------------------------------------------------------

TEST_CASE("the relay listens on IPv6", "[scenario]") {
  F f;
  f.config.server.listen = "[::1]:0";
  const int fd = ::socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const bool has_ipv6 =
      fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  if (fd >= 0) ::close(fd);
  if (!has_ipv6) {
    WARN("this machine has no IPv6");
    return;
  }
  f.start();
  REQUIRE(f.relay->addresses().size() == 1);
  CHECK(f.relay->addresses()[0] == "[::1]:" + std::to_string(f.relay->port()));
  const int client = ::socket(AF_INET6, SOCK_STREAM, 0);
  address.sin6_port = htons(f.relay->port());
  REQUIRE(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const std::string request = F::get("/health");
  REQUIRE(::send(client, request.data(), request.size(), 0) ==
          static_cast<ssize_t>(request.size()));
  char answer[17] = {};
  f.until([&] { return ::recv(client, answer, 16, MSG_DONTWAIT) == 16; });
  ::close(client);
  CHECK(std::string(answer) == "HTTP/1.1 200 OK\r");
}

TEST_CASE("a port in use is said plainly with who holds it", "[scenario]") {
  F f;
  f.start();
  Config second = f.config;
  second.server.listen = "127.0.0.1:" + std::to_string(f.relay->port());
  const auto relay = Relay::attach(f.harness.loop(), second, f.options);
  REQUIRE_FALSE(relay.has_value());
  CHECK(relay.error().code == ErrorCode::network);
  CHECK(relay.error().message ==
        "cannot listen on " + second.server.listen + ": the port is in use by test_scenario (pid " +
            std::to_string(::getpid()) +
            "); stop that program or choose another port with server.listen or --listen");
}

// ---- stopping
// ------------------------------------------------------------------------------------

TEST_CASE("stopping lets a running stream finish and closes what is idle", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  const auto events = Script::events("hello");
  Script script = Script::stream_head();
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i == 4) script.hold();
    script.chunk(events[i]);
  }
  provider.enqueue(script.last_chunk());
  f.start();
  const auto idle = f.connect();
  idle->send(F::get("/health"));
  answers(f, *idle, 1);
  const auto running = f.connect();
  running->send(F::post(F::body(true)));
  f.until([&] { return running->received().find(events[3]) != std::string::npos; });
  f.relay->stop();
  f.until([&] { return idle->eof(); });
  CHECK_FALSE(f.relay->stopped());
  CHECK_FALSE(running->gone());
  provider.release();
  f.until([&] { return running->gone(); });
  REQUIRE(running->answers().size() == 1);
  CHECK(running->answers()[0].complete);
  std::string expected;
  for (const auto& event : events) expected += event;
  CHECK(running->answers()[0].body == expected);
  running->close();
  f.until([&] { return f.relay->stopped(); });
}

TEST_CASE("a stopping relay takes no new connection", "[scenario]") {
  F f;
  f.start();
  f.relay->stop();
  f.until([&] { return f.relay->stopped(); });
  const auto client = f.connect();
  f.until([&] { return client->gone(); });
  CHECK(client->received().empty());
}

TEST_CASE("a request that was on its way when the relay began to stop hears of it", "[scenario]") {
  F f;
  f.start();
  const auto client = f.connect();
  client->send("GET /health HTTP/1.1\r\nHo");
  f.until([&] { return client->connected(); });
  f.harness.settle();
  f.relay->stop();
  f.harness.settle();
  client->send("st: relay\r\n\r\n");
  f.until([&] { return client->gone(); });
  REQUIRE(client->answers().size() == 1);
  CHECK(client->answers()[0].status == 503);
  CHECK(client->answers()[0].body == R"({"status":"draining"})");
  CHECK(client->answers()[0].headers.get("connection") == "close");
}

TEST_CASE("what does not finish in time is cut when the relay stops", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  const auto events = Script::events("hello");
  provider.enqueue(Script::stream_head().chunk(events[0]).chunk(events[2]).chunk(events[3]).hold());
  f.config.server.shutdown_timeout = milliseconds(5000);
  f.start();
  const auto client = f.connect();
  client->send(F::post(F::body(true)));
  f.until([&] { return client->received().find(events[3]) != std::string::npos; });
  f.relay->stop();
  f.harness.settle();
  f.harness.advance(milliseconds(4900));
  CHECK_FALSE(f.relay->stopped());
  f.harness.advance(milliseconds(200));
  f.until([&] { return f.relay->stopped(); });
  f.until([&] { return client->gone(); });
  CHECK(client->was_reset());
  CHECK(f.finished().ending == Ending::shutdown);
  CHECK(f.relay->in_flight() == 0);
  f.until([&] { return provider.cancelled() == 1; });
}

TEST_CASE("stopping twice is stopping once", "[scenario]") {
  F f;
  f.start();
  f.relay->stop();
  f.relay->stop();
  f.until([&] { return f.relay->stopped(); });
  f.relay->stop();
  CHECK(f.relay->stopped());
}
