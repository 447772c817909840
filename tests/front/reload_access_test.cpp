#include <string>

#include "catch.hpp"
#include "front/reload_request.hpp"

using namespace ccrelay;

namespace {

const Headers asking{{"x-cc-relay-reload", "1"}};

Headers with(const char* name, const char* value) {
  Headers headers = asking;
  headers.add(name, value);
  return headers;
}

// What who has got in is told; empty: the configuration is read again.
std::string told(const AuthConfig& auth, std::string_view client, const Headers& headers,
                 std::string_view peer) {
  exchange::Access access;
  access.admitted = true;
  access.client = client;
  const auto refused = front::no_reload(auth, access, headers, peer);
  if (!refused) return {};
  CHECK(refused->status == 403);
  return refused->message;
}

}  // namespace

TEST_CASE("a relay that asks for nothing is told to reload from its own machine", "[front]") {
  for (const char* peer :
       {"unix", "127.0.0.1:4711", "127.9.9.9:1", "[::1]:4711", "[::ffff:127.0.0.1]:4711"}) {
    CAPTURE(peer);
    CHECK(told({}, "anonymous", asking, peer).empty());
  }
  for (const char* peer : {"192.0.2.1:80", "[2001:db8::1]:80", "10.0.0.1:127", "128.0.0.1:1"}) {
    CAPTURE(peer);
    CHECK(told({}, "anonymous", asking, peer) ==
          "a relay that asks for no credential is told to reload from its own machine only; set "
          "server.auth.api_key and send it");
  }
}

TEST_CASE("what came by a proxy on the same machine came from anywhere", "[front]") {
  for (const char* name : {"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"}) {
    CAPTURE(name);
    CHECK_FALSE(told({}, "anonymous", with(name, "203.0.113.9"), "127.0.0.1:1").empty());
  }
}

TEST_CASE("no page may ask for a reload, and the header must be there", "[front]") {
  AuthConfig keyed;
  keyed.api_key = Secret("canary-key");
  for (const AuthConfig& auth : {AuthConfig{}, keyed}) {
    CHECK(told(auth, "default", with("Origin", "http://localhost"), "127.0.0.1:1") ==
          "a web page may not reload the configuration");
    CHECK(told(auth, "default", {}, "127.0.0.1:1") ==
          "a reload is asked for with the header x-cc-relay-reload: 1");
    CHECK_FALSE(told(auth, "default", {{"x-cc-relay-reload", "0"}}, "unix").empty());
  }
}

TEST_CASE("where a credential is asked for only the relay's own key reloads", "[front]") {
  AuthConfig auth;
  auth.api_key = Secret("canary-key");
  auth.allow_subscription = true;
  CHECK(told(auth, "default", asking, "192.0.2.1:80").empty());
  for (const char* client : {"subscription", "ana", "anonymous"}) {
    CAPTURE(client);
    CHECK(told(auth, client, asking, "127.0.0.1:1") ==
          "a reload takes the relay's own key (server.auth.api_key or bearer_secret)");
  }
}
