#include <string>

#include "catch.hpp"
#include "upstream/client_scene.hpp"

using namespace ccrelay;
using namespace ccrelay::upstream;

TEST_CASE("an http provider is asked through the proxy in absolute form", "[upstream]") {
  Scene scene;  // its provider is the proxy
  scene.endpoint.proxy = "http://user:secret@127.0.0.1:" + std::to_string(scene.provider.port());
  scene.endpoint.origin = "http://provider.invalid:8080";
  Listener listener;
  scene.run(listener, "POST", {"{}"});
  CHECK(listener.result().end == End::complete);
  const RequestHead& head = scene.provider.requests().at(0).head;
  CHECK(head.target == "http://provider.invalid:8080/v1/messages");
  CHECK(head.headers.get("host") == "provider.invalid:8080");
  CHECK(head.headers.get("proxy-authorization") == "Basic dXNlcjpzZWNyZXQ=");
  CHECK_FALSE(head.headers.contains("proxy-connection"));
  Listener again;
  scene.run(again, "POST", {"{}"});
  CHECK(again.connected == std::vector<bool>{true});
}

TEST_CASE("hosts in no_proxy are reached directly", "[upstream]") {
  Scene scene;
  scene.endpoint.proxy = "http://proxy.invalid:3128";
  scene.endpoint.no_proxy = "example.com, 127.0.0.1";
  Listener listener;
  scene.run(listener);
  CHECK(listener.result().end == End::complete);
  CHECK(scene.provider.requests().at(0).head.target == "/v1/messages");
}

TEST_CASE("proxies of the environment are left alone", "[upstream]") {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("no_proxy", "*", 1);
  Scene scene;
  Listener direct;
  scene.run(direct);
  CHECK(direct.result().end == End::complete);
  scene.endpoint.proxy = scene.provider.url();
  scene.endpoint.origin = "http://provider.invalid";
  Listener proxied;
  scene.run(proxied);
  unsetenv("http_proxy");
  unsetenv("no_proxy");
  CHECK(proxied.result().end == End::complete);
}

TEST_CASE("the proxy's answer to CONNECT is not the provider's", "[upstream]") {
  Scene scene;
  scene.endpoint.proxy = "http://user:secret@127.0.0.1:" + std::to_string(scene.provider.port());
  scene.endpoint.origin = "https://provider.invalid:443";
  scene.provider.enqueue(Script::reply(403, "text/plain", "no", {{"x-proxy", "yes"}}));
  Listener listener;
  scene.run(listener, "POST", {"{}"});
  CHECK(listener.heads.empty());
  CHECK(listener.connected.empty());
  CHECK(listener.result().end == End::connect);
  CHECK_FALSE(listener.result().request_sent);
  CHECK(listener.result().detail ==
        "the proxy 127.0.0.1:" + std::to_string(scene.provider.port()) +
            " answered 403 when asked for a tunnel to provider.invalid:443; check that it allows "
            "this and its credentials");
}
