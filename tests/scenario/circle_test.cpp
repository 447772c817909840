// Requests that would come back to the relay, or to one that is open to all by mistake.

#include <string>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/h2_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

namespace {

ProviderConfig provider_at(const std::string& url, const std::string& name = "other") {
  ProviderConfig entry;
  entry.name = name;
  entry.type = "anthropic";
  entry.base_url = url;
  entry.keys.push_back({Secret("sk-test"), 1, 1});
  return entry;
}

std::string via_of(const RecordedRequest& request) {
  return std::string(request.head.headers.get("via").value_or(""));
}

bool is_own(const std::string& via) {
  return via.size() == 29 && via.starts_with("1.1 cc-relay-") &&
         via.find_first_not_of("0123456789abcdef", 13) == std::string::npos;
}

const std::string ours = "1.1 cc-relay-0123456789abcdef";

}  // namespace

TEST_CASE("a provider with an address of its own is told which relay a request came by",
          "[scenario][circle]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(is_own(via_of(one.requests()[0])));
  // By whom else the client's request has come is the client's affair.
  f.ask(request(false, "Via: 1.1 office.example, 1.0 fred\r\n"));
  CHECK(via_of(one.requests()[1]) == via_of(one.requests()[0]));
  f.ask(request(
      false, "Via: 1.1 office.example (squid), " + ours + " (v1), 1.1 x\r\nVia: " + ours + "\r\n"));
  CHECK(via_of(one.requests()[2]) == ours + ", " + ours + ", " + via_of(one.requests()[0]));
}

TEST_CASE("a request that has come by this relay already is refused, over both protocols",
          "[scenario][circle]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.start();
  f.ask(request(false));
  const std::string own = via_of(one.requests()[0]);
  for (const std::string& via :
       {own, "1.1 a, " + own + ", 1.1 b", "HTTP/1.1 " + own.substr(4) + " (x)"}) {
    INFO(via);
    const Answer answer = f.ask(request(false, with_id + "Via: " + via + "\r\n"));
    CHECK(answer.status == 508);
    CHECK(answer.headers.get("x-should-retry") == "false");
    CHECK(answer.body ==
          envelope("api_error",
                   "the request has come back to this relay: a base_url of a provider leads to the "
                   "relay itself, or to another one that names this one; write the provider's own "
                   "address",
                   "req-1"));
  }
  const auto client = h2_connect(f);
  CHECK(ended(f, *client, client->post(F::body(false), {{"via", own}})).answer.status == 508);
  // Another one that goes to a provider without this relay is not the relay's own.
  CHECK(f.ask(request(false, "Via: " + ours + "\r\n")).status == 200);
  CHECK(one.requests().size() == 2);
}

TEST_CASE("two relays that name each other ask each other once", "[scenario][circle]") {
  F f;
  f.start();
  F& g = f;
  Config second = f.config;
  second.providers = {provider_at("http://" + f.relay->addresses()[0])};
  auto other = Relay::attach(f.harness.loop(), second, f.options);
  REQUIRE(other);
  Config first = f.config;
  first.providers = {provider_at("http://" + (*other)->addresses()[0])};
  REQUIRE(f.relay->reload(first));
  const Answer answer = g.ask(request(false));
  CHECK(answer.status == 508);
  CHECK(answer.headers.get("x-should-retry") == "false");
  CHECK(has(answer.body, "the request has come back to this relay"));
  f.harness.settle();
  CHECK(f.observer.requests.size() == 3);
}

TEST_CASE("a request that has come through very many relays is refused", "[scenario][circle]") {
  F f;
  f.add_provider("one");
  f.start();
  std::string via = "Via: " + ours;
  for (int i = 1; i < 16; ++i) via += ", " + ours;
  const Answer answer = f.ask(request(false, via + "\r\n"));
  CHECK(answer.status == 508);
  CHECK(has(answer.body, "the request has come through too many relays"));
}

TEST_CASE("a relay is not its own provider, by whatever name, at the start and at a reload",
          "[scenario][circle]") {
  F f;
  f.start();
  const std::string port = std::to_string(f.relay->port());
  for (const std::string host : {"127.0.0.1", "localhost", "LOCALHOST.", "a.localhost", "0.0.0.0",
                                 "[::ffff:127.0.0.1]", "127.1", "0x7f000001", "ip6-localhost"}) {
    INFO(host);
    Config config = f.config;
    config.providers = {provider_at("http://" + host + ":" + port + "/v1")};
    const auto reloaded = f.relay->reload(config);
    REQUIRE_FALSE(reloaded);
    CHECK(reloaded.error().message ==
          "provider \"other\" has a base_url that leads to 127.0.0.1:" + port +
              ", where this relay listens: each request would come back to it; write the "
              "provider's own address");
    config.server.listen = "127.0.0.1:" + port;
    const auto started = Relay::attach(f.harness.loop(), config, f.options);
    REQUIRE_FALSE(started);
    CHECK(has(started.error().message, "providers[0].base_url"));
    CHECK(has(started.error().message, "the relay itself"));
  }
  Config config = f.config;
  for (const std::string& url : {"http://127.0.0.2:" + port, std::string("http://127.0.0.1:1"),
                                 "http://[::1]:" + port, "http://example.com:" + port}) {
    INFO(url);
    config.providers = {provider_at(url)};
    CHECK(f.relay->reload(config));
  }
}

TEST_CASE("a public relay stays closed when a file without a credential is read again",
          "[scenario][circle]") {
  F f;
  f.add_provider("one");
  f.config.server.listen = "0.0.0.0:0";
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  Config bare;
  bare.providers = f.config.providers;
  const auto reloaded = f.relay->reload(bare);
  REQUIRE_FALSE(reloaded);
  CHECK(reloaded.error().message ==
        "the relay listens on 0.0.0.0:" + std::to_string(f.relay->port()) +
            ", which other machines can reach, and nothing says who may use it; set "
            "server.auth.api_key (or another of server.auth), or server.allow_public_without_auth "
            "= true");
  CHECK(f.ask(request(false)).status == 401);
  CHECK(f.ask(request(false, with_key)).status == 200);
  bare.server.allow_public_without_auth = true;
  CHECK(f.relay->reload(bare));
  CHECK(f.ask(request(false)).status == 200);
  // Back again, and open once more: no.
  CHECK(f.relay->reload(f.config));
  bare.server.allow_public_without_auth = false;
  CHECK_FALSE(f.relay->reload(bare));
  CHECK(f.ask(request(false)).status == 401);
}

TEST_CASE("a relay on the loopback takes a file that names a public address with a credential",
          "[scenario][circle]") {
  F f;
  f.add_provider("one");
  f.start();
  Config config = f.config;
  config.server.listen = "0.0.0.0:8787";
  CHECK_FALSE(f.relay->reload(config));  // as a file it is wrong already
  config.server.auth.api_key = Secret("relay-key");
  CHECK(f.relay->reload(config));
  // And without again: it listens where it did.
  CHECK(f.relay->reload(f.config));
  CHECK(f.ask(request(false)).status == 200);
}

TEST_CASE("an open relay is called by a name that nobody else can point at it",
          "[scenario][circle]") {
  F f;
  f.add_provider("one");
  f.config.server.hosts = {"relay.lan"};
  f.start();
  const auto asked = [&](const std::string& line, const std::string& version = "1.1") {
    return f.ask("GET /v1/models HTTP/" + version + "\r\n" + line + "\r\n").status;
  };
  for (const std::string host : {"localhost", "localhost:8787", "LocalHost.", "127.0.0.1:8787",
                                 "127.0.0.2", "[::1]:8787", "[::1]", "a.localhost:1", "relay.lan",
                                 "RELAY.lan.:80", "10.0.0.7:8787", "relay", "cc-relay:8787"}) {
    INFO(host);
    CHECK(asked("Host: " + host + "\r\n") == 200);
  }
  for (const std::string host : {"evil.example", "evil.example:8787", "localhost.evil.example",
                                 "127.0.0.1.evil.example", "relay.lan.evil.example", "relay."}) {
    INFO(host);
    CHECK(asked("Host: " + host + "\r\n") == 403);
  }
  CHECK(asked("Host: \r\n") == 403);
  CHECK(asked("", "1.0") == 200);
  CHECK(asked("Host: evil.example\r\n", "1.0") == 403);
  CHECK(f.ask("GET http://evil.example/v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n").status ==
        403);
  for (const std::string path :
       {"/v1/files", "/v1/providers", "/v1/models", "/inference-profiles"}) {
    INFO(path);
    CHECK(f.ask("GET " + path + " HTTP/1.1\r\nHost: evil.example\r\n\r\n").status == 403);
  }
  const Answer answer = f.ask(
      "POST /v1/messages HTTP/1.1\r\nHost: evil.example\r\nX-Request-ID: req-1\r\n"
      "Content-Length: 0\r\n\r\n");
  CHECK(answer.status == 403);
  CHECK(answer.body ==
        envelope("permission_error",
                 "a relay that asks for no credential is reached by localhost, an IP "
                 "address, a name without a dot, or one in server.hosts, and \\\"evil.example\\\" "
                 "is none of these; "
                 "add it there, or set server.auth.api_key",
                 "req-1"));
  CHECK(f.providers[0]->requests().empty());
  // What needs no access tells nobody anything.
  CHECK(f.ask("GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n").status == 200);
}

TEST_CASE("the name that an open relay is called by is looked at over HTTP/2 too",
          "[scenario][circle][h2]") {
  F f;
  f.add_provider("one");
  f.config.server.hosts = {};
  f.start();
  const auto client = h2_connect(f);
  const auto get = [&](const std::string& authority) {
    const auto id = client->begin({{":method", "GET"},
                                   {":path", "/v1/models"},
                                   {":scheme", "http"},
                                   {":authority", authority}});
    client->send(h2::frame(h2::data, h2::end_stream, id));
    return ended(f, *client, id).answer.status;
  };
  CHECK(get("evil.example:8787") == 403);
  CHECK(get("localhost:8787") == 200);
  CHECK(get("[::1]:8787") == 200);
}

TEST_CASE("a relay that asks for a credential may be called whatever one likes",
          "[scenario][circle]") {
  F f;
  f.add_provider("one");
  f.config.server.hosts = {};
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  CHECK(f.ask(request(false, with_key)).status == 200);
}
