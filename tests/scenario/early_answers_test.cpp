#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/h2_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using F = RelayFixture;

namespace {

// A head whose body is announced and does not come.
std::string head_alone(const std::string& path, std::size_t length, const std::string& more = {}) {
  return "POST " + path + " HTTP/1.1\r\nHost: relay\r\n" + more +
         "Content-Length: " + std::to_string(length) + "\r\n\r\n";
}

}  // namespace

TEST_CASE("who may not come in is told so before the body, however small it is", "[scenario]") {
  struct Row {
    const char* path;
    int status;
  };
  const Row row = GENERATE(Row{"/v1/messages", 401}, Row{"/v1/files", 401}, Row{"/nowhere", 404},
                           Row{"/health", 405}, Row{"/v1/../messages", 400});
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const auto client = f.connect();
  client->send(head_alone(row.path, 10));
  const auto all = answers(f, *client, 1);
  CAPTURE(row.path);
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == row.status);
  CHECK_FALSE(all[0].headers.contains("connection"));
  // What little is left is read away, and the connection serves the next request.
  client->send("0123456789" + F::post(F::body(false), with_key));
  const auto both = answers(f, *client, 2);
  REQUIRE(both.size() == 2);
  CHECK(both[1].status == 200);
  REQUIRE(provider.requests().size() == 1);
  CHECK(provider.requests()[0].body == F::body(false));
}

TEST_CASE("the rest of a refused request may come in any pieces", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const auto client = f.connect();
  client->send(head_alone("/v1/messages", 10) + "012");
  REQUIRE(answers(f, *client, 1).size() == 1);
  const std::string rest = "3456789" + F::post(F::body(false), with_key) + F::get("/health");
  for (const char& byte : rest) {
    client->send({&byte, 1});
    f.harness.settle();
  }
  const auto all = answers(f, *client, 3);
  REQUIRE(all.size() == 3);
  CHECK(all[1].status == 200);
  CHECK(all[2].status == 200);
  CHECK(provider.requests().size() == 1);
}

TEST_CASE("a refused request whose body never comes has its connection for a moment only",
          "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const auto client = f.connect();
  client->send(head_alone("/v1/messages", 10) + "012");
  REQUIRE(answers(f, *client, 1).size() == 1);
  f.harness.advance(f.config.timeouts.client_linger - milliseconds(1));
  CHECK_FALSE(client->gone());
  f.harness.advance(milliseconds(1));
  f.until([&] { return client->gone(); });
  CHECK(f.finished().status == 401);
}

TEST_CASE("what is too much to be read away ends the connection behind the answer", "[scenario]") {
  const std::string request = GENERATE(head_alone("/v1/messages", 70'000),
                                       head_alone("/v1/messages", 10, "Expect: 100-continue\r\n"),
                                       chunked_post("5\r\nhello\r\n"));
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const auto client = f.connect();
  client->send(request);
  f.until([&] { return client->gone(); });
  const auto all = client->answers();
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 401);
  CHECK(all[0].complete);
  CHECK(all[0].headers.get("connection") == "close");
  CHECK(client->eof());
  CHECK(provider.requests().empty());
}

TEST_CASE("a request that comes whole keeps its connection, refused or not", "[scenario]") {
  F f;
  f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const auto client = f.connect();
  client->send(F::post(F::body(false)) + F::post(F::body(false), with_key));
  const auto all = answers(f, *client, 2);
  REQUIRE(all.size() == 2);
  CHECK(all[0].status == 401);
  CHECK(all[1].status == 200);
}

TEST_CASE("heads of HTTP/2 whose bodies never end are answered, and nothing of them is kept",
          "[scenario][h2]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const auto client = h2_connect(f);
  std::vector<std::uint32_t> ids;
  for (int i = 0; i < 50; ++i) {
    ids.push_back(
        client->begin(h2::fields("POST", "/v1/messages", {{"x-long", std::string(10'000, 'h')}})));
  }
  for (const std::uint32_t id : ids) CHECK(ended(f, *client, id).answer.status == 401);
  CHECK(ended(f, *client, client->get("/health")).answer.status == 200);
  CHECK(provider.requests().empty());
}

TEST_CASE("heads whose bodies do not end fill the room for bodies", "[scenario]") {
  const bool http2 = GENERATE(false, true);
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.max_body_bytes = 10'000;
  f.config.server.max_buffered_body_bytes = 100'000;
  f.start();
  // Each counts as it came and as what of it goes on.
  const std::string long_value(12'000, 'h');
  const auto h1_refused = [&] {
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 6; ++i) {
      clients.push_back(f.connect());
      clients.back()->send(head_alone("/v1/messages", 100, "x-long: " + long_value + "\r\n"));
      f.harness.settle();
    }
    int refused = 0;
    for (const auto& client : clients) {
      const auto all = client->answers();
      if (all.empty()) continue;
      CHECK(all[0].status == 503);
      CHECK(has(all[0].body, "(server.max_buffered_body_bytes)"));
      ++refused;
    }
    return refused;
  };
  const auto h2_refused = [&] {
    const auto client = h2_connect(f);
    int refused = 0;
    std::vector<std::uint32_t> ids;
    for (int i = 0; i < 6; ++i) {
      ids.push_back(client->begin(h2::fields("POST", "/v1/messages", {{"x-long", long_value}})));
    }
    f.harness.settle();
    for (const std::uint32_t id : ids) {
      if (!client->over(id)) continue;
      CHECK(client->stream(id).answer.status == 503);
      ++refused;
    }
    return refused;
  };
  CHECK((http2 ? h2_refused() : h1_refused()) == 2);
  f.harness.settle();
  // And the room is given back when they leave.
  CHECK(f.ask(F::post(F::body(false), "x-long: " + long_value + "\r\n")).status == 200);
  CHECK(provider.requests().size() == 1);
}

TEST_CASE("a chunk that is announced too large is refused before it comes", "[scenario]") {
  const std::string chunks =
      GENERATE("fffffff\r\n", "ffffffffffffffff\r\n", "5\r\nhello\r\n6;a=b\r\n", "b\r\n");
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.max_body_bytes = 10;
  f.start();
  const auto client = f.connect();
  client->send(chunked_post(chunks));
  f.until([&] { return client->gone(); });
  const auto all = client->answers();
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 413);
  CHECK(all[0].headers.get("connection") == "close");
  CHECK(all[0].body == envelope("request_too_large",
                                "the request's body exceeds 10 bytes (server.max_body_bytes)",
                                "req-1"));
  CHECK(client->eof());
  CHECK(provider.requests().empty());
}

TEST_CASE("a request with chunk extensions of every form reaches the provider whole",
          "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const std::string body = F::body(false);
  const auto client = f.connect();
  client->send(chunked_post("5 ; a ;b = \"c\\\"; d\\\\\"\r\n" + body.substr(0, 5) + "\r\n" +
                            "a\t;x=y\r\n" + body.substr(5, 10) + "\r\n"));
  char size[20];
  std::snprintf(size, sizeof size, "%zx", body.size() - 15);
  client->send(size + std::string(";last\r\n") + body.substr(15) + "\r\n0;a=\"b\";c\r\n\r\n");
  const auto all = answers(f, *client, 1);
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == 200);
  REQUIRE(provider.requests().size() == 1);
  CHECK(provider.requests()[0].body == body);
}
