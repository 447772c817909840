#include <memory>
#include <string>

#include "base/ascii.hpp"
#include "catch.hpp"
#include "scenario/seen.hpp"
#include "scenario/tries.hpp"
#include "support/connect_proxy.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

namespace {

const std::string password = "canary-proxy-password";
const std::string login = "user:" + password;
const std::string basic = "dXNlcjpjYW5hcnktcHJveHktcGFzc3dvcmQ=";  // login in Base64

std::string with_login(const FakeProvider& proxy) {
  return "http://" + login + "@127.0.0.1:" + std::to_string(proxy.port());
}

std::string place(const FakeProvider& provider) {
  return "127.0.0.1:" + std::to_string(provider.port());
}

std::string address(const std::string& scheme, const std::string& host, std::uint16_t port) {
  return scheme + "://" + host + ":" + std::to_string(port);
}

/// Nothing that a person gets to see tells the proxy's login.
void check_login_unseen(F& f, const Answer& answer) {
  const std::string seen = answer.body + observed(f.observer) + log_lines(f.observer) +
                           f.ask(F::get("/v1/providers")).body;
  CHECK_FALSE(has(seen, password));
  CHECK_FALSE(has(seen, basic));
}

}  // namespace

TEST_CASE("an https provider is reached through a tunnel of its proxy", "[scenario]") {
  F f;
  ConnectProxy proxy(f.harness.loop());
  FakeProvider& one = f.add_tls_provider("one");
  proxy.map(place(one), one.port());
  proxy.require("Basic " + basic);
  f.config.providers[0].proxy = proxy.url(login);
  f.start();
  for (const bool stream : {false, true, false}) {
    const Answer answer = f.ask(request(stream));
    CHECK(answer.status == 200);
    CHECK(answer.complete);
  }
  // One tunnel for all, and the proxy sees neither key nor prompt.
  CHECK(proxy.tunnels_made() == 1);
  REQUIRE(proxy.heads().size() == 1);
  CHECK(has(proxy.heads()[0], "CONNECT " + place(one) + " HTTP/1.1\r\n"));
  CHECK_FALSE(has(proxy.heads()[0], "Proxy-Connection"));
  CHECK_FALSE(has(proxy.heads()[0] + proxy.carried(), "sk-test-one"));
  CHECK_FALSE(has(proxy.carried(), "claude-test"));
  // And the provider does not see the proxy's login.
  REQUIRE(one.requests().size() == 3);
  CHECK(one.requests()[0].head.target == "/v1/messages");
  CHECK(one.requests()[0].head.headers.get("host") == place(one));
  CHECK_FALSE(has(received(one), basic));
  CHECK_FALSE(has(received(one), "proxy-"));
  check_login_unseen(f, {});
}

TEST_CASE("a certificate is verified inside a tunnel too", "[scenario]") {
  F f;
  ConnectProxy proxy(f.harness.loop());
  FakeProvider& one = f.add_tls_provider("one", "wrong-host");
  proxy.map(place(one), one.port());
  proxy.map("example.invalid:443", one.port());
  f.config.providers[0].proxy = proxy.url();
  f.start();
  CHECK(f.ask(request(false)).status == 502);
  CHECK(tries(f.finished()) == "one:transport");
  CHECK(one.requests().empty());
  // Reached under the name that it is for. No name is looked up here: that is the proxy's.
  f.config.providers[0].base_url = "https://example.invalid";
  REQUIRE(f.relay->reload(f.config));
  CHECK(f.ask(request(false)).status == 200);
  CHECK(has(proxy.heads().back(), "CONNECT example.invalid:443 HTTP/1.1\r\n"));
  CHECK(one.requests().at(0).head.headers.get("host") == "example.invalid");
}

TEST_CASE("a proxy that refuses is an error that names it without its login", "[scenario]") {
  F f;
  ConnectProxy proxy(f.harness.loop());
  FakeProvider& one = f.add_tls_provider("one");
  proxy.require("Basic of somebody else");
  f.config.providers[0].proxy = proxy.url(login);
  f.start();
  const Answer answer = f.ask(request(false));
  CHECK(answer.status == 502);
  CHECK(has(answer.body, "the proxy 127.0.0.1:"));
  CHECK(has(answer.body, " answered 407 when asked for a tunnel to " + place(one) +
                             "; check that it allows this and its credentials"));
  CHECK(one.connections_accepted() == 0);
  check_login_unseen(f, answer);
}

TEST_CASE("a proxy that cannot be reached or found is named without its login", "[scenario]") {
  const bool unknown = GENERATE(false, true);
  F f;
  auto gone = std::make_unique<FakeProvider>(f.harness.loop());
  const std::string its_url = with_login(*gone);
  gone.reset();  // its port is free now, so nobody listens there
  f.add_provider("one");
  f.config.providers[0].proxy = unknown ? "http://" + login + "@proxy.invalid:3128" : its_url;
  f.harness.settle();
  f.start();
  const Answer answer = f.ask(request(false));
  CHECK(answer.status == 502);
  CHECK(has(answer.body, unknown ? "cannot resolve the proxy proxy.invalid:3128"
                                 : "Connection refused (configured proxy: 127.0.0.1:"));
  check_login_unseen(f, answer);
}

TEST_CASE("a provider's proxy is asked in absolute form for an http provider", "[scenario]") {
  F f;
  FakeProvider proxy(f.harness.loop());
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].proxy = with_login(proxy);
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(one.connections_accepted() == 0);
  REQUIRE(proxy.requests().size() == 1);
  const RequestHead& head = proxy.requests()[0].head;
  CHECK(head.target == one.url() + "/v1/messages");
  CHECK(head.headers.get("host") == place(one));
  CHECK(head.headers.get("proxy-authorization") == "Basic " + basic);
  check_login_unseen(f, {});
}

TEST_CASE("a 407 of the proxy for an http provider shows no login", "[scenario]") {
  F f;
  FakeProvider proxy(f.harness.loop());
  f.add_provider("one");
  f.config.providers[0].proxy = with_login(proxy);
  proxy.enqueue(Script::reply(407, "text/plain", "who are you?"));
  f.start();
  const Answer answer = f.ask(request(false));
  CHECK(answer.status == 407);  // as it came: nobody can tell whose it is
  CHECK(has(answer.body, "answered 407 without JSON: who are you?"));
  check_login_unseen(f, answer);
}

// 0.0.0.0 is this machine to the kernel, but no loopback address: those are exempt.
TEST_CASE("the environment's proxy is for providers elsewhere that name none", "[scenario]") {
  F f;
  FakeProvider proxy(f.harness.loop());
  FakeProvider& elsewhere = f.add_provider("elsewhere");
  FakeProvider& here = f.add_provider("here");
  FakeProvider& direct = f.add_provider("direct");
  const std::string url = address("http", "0.0.0.0", elsewhere.port());
  f.config.providers[0].base_url = url;
  f.config.providers[2].base_url = address("http", "0.0.0.0", direct.port());
  f.config.providers[2].proxy = "none";
  f.config.proxy.http = with_login(proxy);
  for (const char* failing : {"elsewhere", "here"}) {
    (failing == std::string("here") ? here : proxy).enqueue(Script::error(500, "api_error", "no"));
  }
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(tries(f.finished()) == "elsewhere:failed here:failed direct:success");
  REQUIRE(proxy.requests().size() == 1);
  CHECK(proxy.requests()[0].head.target == url + "/v1/messages");
  CHECK(elsewhere.connections_accepted() == 0);
  CHECK(here.requests().size() == 1);
  CHECK(direct.requests().size() == 1);
  check_login_unseen(f, {});
}

TEST_CASE("the environment's proxy for https makes a tunnel", "[scenario]") {
  F f;
  ConnectProxy proxy(f.harness.loop());
  FakeProvider& one = f.add_tls_provider("one", "wrong-host");
  proxy.map("example.invalid:8443", one.port());
  f.config.providers[0].base_url = "https://example.invalid:8443";
  f.config.proxy.http = "http://proxy.invalid:1";  // not for this one
  f.config.proxy.https = proxy.url(login);
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(proxy.tunnels_made() == 1);
  CHECK(one.requests().size() == 1);
  check_login_unseen(f, {});
}

TEST_CASE("providers in no_proxy are reached directly", "[scenario]") {
  const std::string no_proxy = GENERATE("0.0.0.0", "example.com, 0.0.0.0", "*");
  CAPTURE(no_proxy);
  F f;
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].base_url = address("http", "0.0.0.0", one.port());
  f.config.proxy.http = "http://proxy.invalid:3128";
  f.config.proxy.no_proxy = no_proxy;
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  CHECK(one.requests().at(0).head.target == "/v1/messages");
  // It is the environment's alone: a proxy of the provider's own is used all the same.
  FakeProvider proxy(f.harness.loop());
  f.config.providers[0].proxy = proxy.url();
  REQUIRE(f.relay->reload(f.config));
  CHECK(f.ask(request(false)).status == 200);
  CHECK(proxy.requests().size() == 1);
  CHECK(one.requests().size() == 1);
}

// As curl and Go read it.
TEST_CASE("a row of NO_PROXY decides who is asked, the provider or the proxy", "[scenario]") {
  struct Row {
    const char* list;  // PORT stands for the provider's
    const char* host;
    bool direct;
  };
  const Row row = GENERATE(
      Row{"0.0.0.0/8", "0.0.0.0", true}, Row{"10.0.0.0/8,0.0.0.0/32", "0.0.0.0", true},
      Row{"0.0.0.1", "0.0.0.0", false}, Row{"0.0.0.0:PORT", "0.0.0.0", true},
      Row{"0.0.0.0:1", "0.0.0.0", false}, Row{" a.test\t0.0.0.0 ", "0.0.0.0", true},
      Row{"", "0.0.0.0", false}, Row{"*.example.test", "api.example.test", true},
      Row{"*.example.test", "example.test", false}, Row{".example.test", "example.test", true},
      Row{"example.test", "API.Example.test", true}, Row{"example.test.", "api.example.test", true},
      Row{"ample.test", "example.test", false}, Row{"*.example.test:PORT", "a.example.test", true},
      Row{"*.example.test:1", "a.example.test", false}, Row{"*ample.test", "example.test", false});
  CAPTURE(row.list, row.host);
  F f;
  FakeProvider proxy(f.harness.loop());
  FakeProvider& one = f.add_provider("one");
  std::string list = row.list;
  if (const auto at = list.find("PORT"); at != std::string::npos) {
    list.replace(at, 4, std::to_string(one.port()));
  }
  const std::string url = address("http", row.host, one.port());
  f.config.providers[0].base_url = url;
  f.config.proxy.http = proxy.url();
  f.config.proxy.no_proxy = list;
  f.start();
  const bool is_name = std::string(row.host) != "0.0.0.0";
  const Answer answer = f.ask(request(false));
  if (!row.direct) {
    CHECK(answer.status == 200);
    REQUIRE(proxy.requests().size() == 1);
    CHECK(has(base::lower(proxy.requests()[0].head.target), base::lower(url) + "/v1/messages"));
    CHECK(one.connections_accepted() == 0);
    return;
  }
  // Nobody has that name (RFC 6761 section 6.2): that it was looked for here is what counts.
  CHECK(answer.status == (is_name ? 502 : 200));
  CHECK(one.requests().size() == (is_name ? 0 : 1));
  CHECK(proxy.connections_accepted() == 0);
  if (is_name) CHECK(has(answer.body, "resolve"));
}

TEST_CASE("one origin through different proxies is reached over different connections",
          "[scenario]") {
  F f;
  ConnectProxy first(f.harness.loop());
  ConnectProxy second(f.harness.loop());
  FakeProvider& one = f.add_tls_provider("one");
  first.map(place(one), one.port());
  second.map(place(one), one.port());
  f.config.providers[0].proxy = first.url();
  for (const auto& [name, proxy] :
       {std::pair{"two", second.url()}, {"three", second.url("other:login")}, {"four", ""}}) {
    ProviderConfig again = f.config.providers[0];
    again.name = name;
    again.proxy = proxy;
    again.keys = {{Secret("sk-test-" + again.name), 1, 1}};
    f.config.providers.push_back(again);
  }
  one.respond_with([](const RecordedRequest& asked) {
    const auto key = asked.head.headers.get("x-api-key").value_or("");
    return key == "sk-test-four" ? Script::message("hi") : Script::error(500, "api_error", "no");
  });
  f.config.health.failure_threshold = 100;
  f.start();
  for (int i = 0; i < 3; ++i) CHECK(f.ask(request(false)).status == 200);
  CHECK(tries(f.finished(3)) == "one:failed two:failed three:failed four:success");
  CHECK(first.tunnels_made() == 1);
  CHECK(second.tunnels_made() == 2);
  CHECK(one.connections_accepted() == 4);
  // Each request came on the connection of its provider.
  REQUIRE(one.requests().size() == 12);
  for (std::size_t i = 0; i < 12; ++i) CHECK(one.requests()[i].connection == i % 4);
}
