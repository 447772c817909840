#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/h2_stage.hpp"
#include "support/h2_frames.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

// However a client writes a path: the endpoint it may be taken for, with all that belongs to it, or
// none at all.

namespace {

struct Limited : F {
  Limited() {
    provider = &add_provider("one");
    config.providers[0].model_mapping = {{"claude-test", "mapped"}};
    config.providers[0].keys[0].rpm_limit = 1;
  }
  FakeProvider* provider;
};

// The same endpoint in other words.
const std::vector<std::string> spellings{
    "/v1/%6dessages",      "/v1/%6Dessages",       "//v1/messages",     "/v1//messages",
    "/v1/messages/",       "/v1/./messages",       "/v1/x/../messages", "/v1/%2E/messages",
    "/%76%31/messages///", "/v1/messages/x/%2e%2e"};

// What some server might take for it.
const std::vector<std::string> lookalikes{"/v1/messages;v=1",
                                          "/v1;x=y/messages",
                                          "/V1/messages",
                                          "/v1/Messages",
                                          "/v1%2Fmessages",
                                          "/v1/%2Fmessages",
                                          "/v1/messages%2f",
                                          "/v1/messages%3Fbeta=true",
                                          "/v1/messages%23",
                                          "/v1/%256dessages",
                                          "/v1/messages%20",
                                          "/v1/messages.",
                                          "/v1%5cmessages",
                                          "/v1/messages%5C",
                                          "/v1/messages/count_tokens;x",
                                          "/v1/messages%2Fcount_tokens",
                                          "/v1/models%2F",
                                          "/v1/MODELS",
                                          "/v1/providers;x"};

}  // namespace

TEST_CASE("other spellings of an endpoint have its limits and its mapping", "[scenario][paths]") {
  for (const std::string& path : spellings) {
    INFO(path);
    Limited f;
    f.start();
    CHECK(f.ask(F::post(F::body(false), {}, path + "?beta=true")).status == 200);
    CHECK(f.ask(F::post(F::body(false), {}, path)).status == 429);
    REQUIRE(f.provider->requests().size() == 1);
    CHECK(f.provider->requests()[0].head.target == "/v1/messages?beta=true");
    CHECK(has(f.provider->requests()[0].body, "\"mapped\""));
    CHECK(f.finished().path == "/v1/messages");
  }
}

TEST_CASE("over HTTP/2 and as an absolute URL as well", "[scenario][paths][h2]") {
  for (const std::string& path : spellings) {
    INFO(path);
    Limited f;
    f.start();
    const auto client = h2_connect(f);
    CHECK(ended(f, *client, client->post(F::body(false), {}, path)).answer.status == 200);
    const Answer again = f.ask(F::post(F::body(false), {}, "http://relay" + path));
    CHECK(again.status == 429);
    REQUIRE(f.provider->requests().size() == 1);
    CHECK(f.provider->requests()[0].head.target == "/v1/messages");
    CHECK(has(f.provider->requests()[0].body, "\"mapped\""));
  }
}

TEST_CASE("what a server might take for an endpoint goes to none", "[scenario][paths]") {
  Limited f;
  f.start();
  const auto client = h2_connect(f);
  for (const std::string& path : lookalikes) {
    INFO(path);
    CHECK(f.ask(F::post(F::body(false), {}, path)).status == 404);
    CHECK(f.ask(F::get(path)).status == 404);
    CHECK(ended(f, *client, client->post(F::body(false), {}, path)).answer.status == 404);
  }
  CHECK(f.provider->requests().empty());
}

TEST_CASE("the relay's own routes are read in the same way", "[scenario][paths]") {
  F f;
  f.add_provider("one");
  f.start();
  for (const char* path : {"/health", "/%68ealth", "//health", "/health/", "/x/../health"}) {
    INFO(path);
    CHECK(f.ask(F::get(path)).body == R"({"status":"ok"})");
  }
  CHECK(f.ask(F::get("/v1/models/")).body == f.ask(F::get("/v1/models")).body);
  CHECK(f.ask(F::get("/v1//%6dodels")).body == f.ask(F::get("/v1/models")).body);
  // With access asked for as well.
  f.config.server.auth.api_key = Secret("relay-key");
  F g;
  g.config = f.config;
  g.start();
  for (const char* path : {"/v1/models/", "/v1/%6dodels", "//v1/providers"}) {
    INFO(path);
    CHECK(g.ask(F::get(path)).status == 401);
  }
}

TEST_CASE("another endpoint reaches its provider in the one spelling", "[scenario][paths]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  f.ask(F::get("/v1//%66iles/a%2fb/?x=%2f"));
  REQUIRE(provider.requests().size() == 1);
  CHECK(provider.requests()[0].head.target == "/v1/files/a%2Fb?x=%2f");
  f.ask(F::get("/v1/messages/batches/b1/results"));
  REQUIRE(provider.requests().size() == 2);
  CHECK(provider.requests()[1].head.target == "/v1/messages/batches/b1/results");
}

TEST_CASE("methods that no API needs are not passed on", "[scenario][paths]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  for (const char* method :
       {"TRACE", "OPTIONS", "PROPFIND", "MKCOL", "BREW", "QUERY", "get", "LINK"}) {
    for (const char* path : {"/v1/files", "/v1/messages/batches", "/nowhere"}) {
      INFO(method << ' ' << path);
      const Answer by_h1 =
          f.ask(std::string(method) + ' ' + path + " HTTP/1.1\r\nHost: relay\r\n\r\n");
      CHECK(by_h1.status == 405);
      CHECK(by_h1.headers.get("allow") == "GET, HEAD, POST, PUT, PATCH, DELETE");
      const auto client = h2_connect(f);
      const auto id = client->next_stream();
      client->send(h2::head(id, h2::fields(method, path), true));
      const Answer by_h2 = ended(f, *client, id).answer;
      CHECK(by_h2.status == 405);
      CHECK(by_h2.headers.get("allow") == "GET, HEAD, POST, PUT, PATCH, DELETE");
    }
  }
  CHECK(f.ask("TRACE /v1/messages HTTP/1.1\r\nHost: relay\r\n\r\n").headers.get("allow") == "POST");
  CHECK(f.ask("OPTIONS * HTTP/1.1\r\nHost: relay\r\n\r\n").status == 405);
  CHECK(f.ask("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n").status == 405);
  CHECK(provider.requests().empty());
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    INFO(method);
    f.ask(std::string(method) + " /v1/files HTTP/1.1\r\nHost: relay\r\nContent-Length: 0\r\n\r\n");
    CHECK(provider.requests().back().head.method == method);
  }
}

TEST_CASE("every answer has a Date, the relay's own as the time it was made", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const std::string date = "Thu, 01 Jan 2026 01:00:00 GMT";
  const auto client = h2_connect(f);
  for (const char* path : {"/health", "/nowhere", "/v1/models", "/v1/files", "/v1/messages"}) {
    INFO(path);
    CHECK(f.ask(F::get(path)).headers.get("date") == date);
    CHECK(ended(f, *client, client->get(path)).answer.headers.get("date") == date);
  }
  CHECK(f.ask(F::post("{")).headers.get("date") == date);
  CHECK(f.ask("nonsense\r\n\r\n").headers.get("date") == date);
  // One that is passed on says when it came, unless its provider has said when it was made.
  CHECK(f.ask(F::post(F::body(false))).headers.get("date") == date);
  const std::string theirs = "Mon, 07 Nov 1994 00:00:00 GMT";
  provider.enqueue(Script::reply(200, "application/json", "{}", {{"date", theirs}}));
  CHECK(f.ask(F::get("/v1/files")).headers.get("date") == theirs);
}
