#include "exchange/auth.hpp"

#include <string>
#include <vector>

#include "catch.hpp"
#include "provider/make_provider.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;

namespace {

const worker::ClientIndex no_clients;

const std::string relay_key = "relay-key-1";
const std::string relay_secret = "relay-secret-1";
const std::string oat = "sk-ant-oat01-own";
const std::string bad_credential = "the credential is not one that this relay accepts";
const std::string none_given =
    "this relay asks for a credential: send its key as an API key or as \"Authorization: Bearer\"";

/// What a client may present, by name.
Headers presented(const std::string& what) {
  const std::string bearer = "Bearer ";
  if (what == "key in x-api-key") return {{"x-api-key", relay_key}};
  if (what == "key as bearer") return {{"Authorization", bearer + relay_key}};
  if (what == "secret as bearer") return {{"authorization", "bearer  " + relay_secret}};
  if (what == "secret in x-api-key") return {{"x-api-key", relay_secret}};
  if (what == "oat") return {{"Authorization", bearer + oat}};
  if (what == "foreign bearer") return {{"Authorization", bearer + "somebody"}};
  if (what == "foreign key") return {{"x-api-key", "somebody"}};
  if (what == "placeholder") return {{"Authorization", bearer + "managed-by-cc-relay"}};
  if (what == "key in x-goog-api-key") return {{"X-Goog-Api-Key", relay_key}};
  if (what == "key in api-key") return {{"api-key", relay_key}};
  if (what == "secret in api-key") return {{"api-key", relay_secret}};
  if (what == "foreign in api-key") return {{"api-key", "somebody"}};
  if (what == "key in api-key and oat") {
    return {{"api-key", relay_key}, {"Authorization", bearer + oat}};
  }
  if (what == "basic") return {{"Authorization", "Basic cmVsYXkta2V5LTE="}};
  if (what == "key and oat") {
    return {{"x-api-key", relay_key}, {"Authorization", bearer + oat}};
  }
  if (what == "secret and own key") {
    return {{"Authorization", bearer + relay_secret}, {"x-api-key", "sk-ant-api03-own"}};
  }
  if (what == "key and secret in x-api-key") {
    return {{"Authorization", bearer + relay_key}, {"x-api-key", relay_secret}};
  }
  REQUIRE(what == "nothing");
  return {};
}

AuthConfig auth(const std::string& what) {
  AuthConfig config;
  if (what.find("key") != std::string::npos) config.api_key = Secret(relay_key);
  if (what.find("secret") != std::string::npos) config.bearer_secret = Secret(relay_secret);
  config.allow_subscription = what.find("any") != std::string::npos;
  return config;
}

std::string text(const Headers& headers) {
  std::string out;
  for (const Header field : headers) {
    if (!out.empty()) out += "; ";
    out.append(field.name).append("=").append(field.value);
  }
  return out;
}

/// "spends", "enters" (without the operator's keys) or "refused", and what is left to pass on.
std::string outcome(const Access& access) {
  const std::string may = !access.admitted        ? "refused"
                          : access.may_spend_keys ? "spends"
                                                  : "enters";
  return access.own.empty() ? may : may + " | " + text(access.own);
}

struct AccessCase {
  const char* relay;
  const char* client;
  std::string expected;
};

/// The provider type, whether it has a key, how its credentials are set.
ProviderConfig provider_config(const std::string& type, bool keys, Credentials credentials) {
  ProviderConfig config;
  config.name = "p";
  config.type = type;
  config.credentials = credentials;
  if (keys) config.keys.push_back({Secret("sk-provider"), 1, 1});
  return config;
}

std::string authority(const std::string& type, bool keys, Credentials credentials,
                      const std::string& relay, const std::string& client) {
  const ProviderConfig config = provider_config(type, keys, credentials);
  const auto provider = provider::make_provider(config, {});
  REQUIRE(provider.has_value());
  const Access access = check_access(auth(relay), no_clients, presented(client), {});
  REQUIRE(access.admitted);
  const auto chosen = choose_authority(config, **provider, keys, access);
  if (!chosen) return "no";
  switch (*chosen) {
    case Authority::none:
      return "none";
    case Authority::key:
      return "key";
    case Authority::client:
      return "client";
    case Authority::identity:
      return "identity";
  }
  return "?";
}

}  // namespace

TEST_CASE("who may come in and with what in hand", "[relay]") {
  const std::string own_oat = " | Authorization=Bearer " + oat;
  const std::string own_foreign = " | Authorization=Bearer somebody";
  const std::vector<AccessCase> cases{
      {"open", "nothing", "spends"},
      {"open", "key in x-api-key", "spends | x-api-key=" + relay_key},
      {"open", "oat", "spends" + own_oat},
      {"open", "foreign bearer", "spends" + own_foreign},
      {"open", "placeholder", "spends"},
      {"open", "basic", "spends"},

      {"key", "nothing", "refused"},
      {"key", "key in x-api-key", "spends"},
      {"key", "key as bearer", "spends"},
      {"key", "secret as bearer", "refused | authorization=bearer  " + relay_secret},
      {"key", "key in x-goog-api-key", "spends"},
      {"key", "key in api-key", "spends"},
      {"key", "foreign in api-key", "refused"},
      {"key", "key in api-key and oat", "spends" + own_oat},
      {"secret", "secret in api-key", "refused"},
      {"open", "foreign in api-key", "spends"},
      {"any", "foreign in api-key", "refused"},
      {"key", "oat", "refused" + own_oat},
      {"key", "foreign key", "refused | x-api-key=somebody"},
      {"key", "placeholder", "refused"},
      {"key", "basic", "refused"},
      {"key", "key and oat", "spends" + own_oat},

      {"secret", "nothing", "refused"},
      {"secret", "secret as bearer", "spends"},
      {"secret", "secret in x-api-key", "refused"},
      {"secret", "key in x-api-key", "refused | x-api-key=" + relay_key},
      {"secret", "placeholder", "refused"},
      {"secret", "secret and own key", "spends | x-api-key=sk-ant-api03-own"},

      {"any", "nothing", "refused"},
      {"any", "oat", "enters" + own_oat},
      {"any", "foreign bearer", "enters" + own_foreign},
      {"any", "foreign key", "refused | x-api-key=somebody"},
      {"any", "placeholder", "refused"},
      {"any", "basic", "refused"},

      {"key any", "key in x-api-key", "spends"},
      {"key any", "key as bearer", "spends"},
      {"key any", "oat", "enters" + own_oat},
      {"key any", "key and oat", "spends" + own_oat},
      {"key any", "placeholder", "refused"},

      {"key secret", "key in x-api-key", "spends"},
      {"key secret", "secret as bearer", "spends"},
      {"key secret", "secret in x-api-key", "refused"},
      {"key secret", "key and secret in x-api-key", "spends"},

      {"secret any", "secret as bearer", "spends"},
      {"secret any", "secret in x-api-key", "refused"},
      {"key secret any", "foreign bearer", "enters" + own_foreign},
  };
  for (const AccessCase& one : cases) {
    INFO("relay asks for " << one.relay << ", client presents " << one.client);
    CHECK(outcome(check_access(auth(one.relay), no_clients, presented(one.client), {})) ==
          one.expected);
  }
}

TEST_CASE("a client without a credential is told what to send", "[relay]") {
  CHECK(check_access(auth("key"), no_clients, {}, {}).refusal == none_given);
  CHECK(check_access(auth("key"), no_clients, presented("placeholder"), {}).refusal == none_given);
}

TEST_CASE("a client with a wrong credential is told so without repeating it", "[relay]") {
  CHECK(check_access(auth("key"), no_clients, presented("foreign key"), {}).refusal ==
        bad_credential);
}

TEST_CASE("a key with something before or behind it does not open", "[relay]") {
  for (const std::string& token : {relay_key + "1", "x" + relay_key, relay_key.substr(1),
                                   relay_key + " " + relay_key, std::string("RELAY-KEY-1")}) {
    INFO(token);
    CHECK_FALSE(check_access(auth("key"), no_clients, {{"x-api-key", token}}, {}).admitted);
  }
}

TEST_CASE("an empty credential never matches an empty setting", "[relay]") {
  CHECK_FALSE(check_access(auth("secret"), no_clients, {{"x-api-key", ""}}, {}).admitted);
  CHECK_FALSE(check_access(auth("key"), no_clients, {{"authorization", "Bearer "}}, {}).admitted);
}

TEST_CASE("an own credential is Anthropic's by its beginning", "[relay]") {
  CHECK(check_access(auth("any"), no_clients, presented("oat"), {}).own_is_anthropic);
  CHECK_FALSE(
      check_access(auth("any"), no_clients, presented("foreign bearer"), {}).own_is_anthropic);
}

TEST_CASE("whose credential a provider gets", "[relay]") {
  struct Case {
    const char* type;
    bool keys;
    Credentials credentials;
    const char* relay;
    const char* client;
    const char* expected;
  };
  constexpr auto automatic = Credentials::automatic;
  constexpr auto configured = Credentials::configured;
  constexpr auto passthrough = Credentials::passthrough;
  const std::vector<Case> cases{
      // automatic: the client's own when it looks like Anthropic's or there is no key
      {"anthropic", true, automatic, "open", "nothing", "key"},
      {"anthropic", true, automatic, "open", "placeholder", "key"},
      {"anthropic", true, automatic, "open", "oat", "client"},
      {"anthropic", true, automatic, "open", "foreign bearer", "key"},
      {"anthropic", true, automatic, "key", "key in x-api-key", "key"},
      {"anthropic", true, automatic, "key", "key as bearer", "key"},
      {"anthropic", true, automatic, "secret", "secret as bearer", "key"},
      {"anthropic", true, automatic, "key", "key and oat", "client"},
      {"anthropic", true, automatic, "any", "oat", "client"},
      {"anthropic", true, automatic, "any", "foreign bearer", "no"},
      {"anthropic", true, automatic, "key any", "key and oat", "client"},
      {"anthropic", true, automatic, "key any", "key as bearer", "key"},
      {"anthropic", false, automatic, "open", "nothing", "no"},
      {"anthropic", false, automatic, "open", "placeholder", "no"},
      {"anthropic", false, automatic, "open", "oat", "client"},
      {"anthropic", false, automatic, "open", "foreign bearer", "client"},
      {"anthropic", false, automatic, "open", "foreign key", "client"},
      {"anthropic", false, automatic, "key", "key in x-api-key", "no"},
      {"anthropic", false, automatic, "any", "foreign bearer", "client"},
      // configured: never the client's
      {"anthropic", true, configured, "open", "oat", "key"},
      {"anthropic", true, configured, "key", "key and oat", "key"},
      {"anthropic", true, configured, "any", "oat", "no"},
      {"anthropic", false, configured, "open", "oat", "no"},
      // passthrough: the client's own, whatever it looks like; else a key for who may spend it
      {"anthropic", true, passthrough, "open", "foreign bearer", "client"},
      {"anthropic", true, passthrough, "key", "key in x-api-key", "key"},
      {"anthropic", false, passthrough, "key", "key in x-api-key", "no"},
      {"anthropic", true, passthrough, "any", "foreign bearer", "client"},
      // other types never get a client's credential
      {"zai", true, automatic, "open", "oat", "key"},
      {"zai", true, passthrough, "open", "oat", "key"},
      {"zai", false, automatic, "open", "oat", "no"},
      {"zai", true, automatic, "any", "oat", "no"},
      {"zai", true, passthrough, "any", "oat", "no"},
      {"zai", true, automatic, "key", "key and oat", "key"},
      {"minimax", true, passthrough, "open", "oat", "key"},
      // a provider that needs none
      {"ollama", false, automatic, "open", "nothing", "none"},
      {"ollama", false, automatic, "open", "oat", "none"},
      {"ollama", false, passthrough, "open", "oat", "none"},
      {"ollama", true, automatic, "open", "nothing", "key"},
      {"ollama", false, automatic, "any", "oat", "no"},
      {"ollama", false, automatic, "key", "key in x-api-key", "none"},
  };
  for (const Case& one : cases) {
    INFO(one.type << (one.keys ? " with" : " without") << " keys, credentials "
                  << static_cast<int>(one.credentials) << ", relay asks for " << one.relay
                  << ", client presents " << one.client);
    CHECK(authority(one.type, one.keys, one.credentials, one.relay, one.client) == one.expected);
  }
}

namespace {

// `ana` may come until the second day, `bob` is switched off, `eve` has two keys.
AuthConfig three_clients() {
  AuthConfig auth;
  auth.api_key = Secret("relay-key");
  ClientConfig ana;
  ana.name = "ana";
  ana.keys = {Secret("key-of-ana-0123456789")};
  ana.expires = std::chrono::sys_days(std::chrono::days(2));
  ClientConfig bob;
  bob.name = "bob";
  bob.keys = {Secret("key-of-bob-0123456789")};
  bob.enabled = false;
  ClientConfig eve;
  eve.name = "eve";
  eve.keys = {Secret("key-of-eve-0123456789"), Secret("next-of-eve-0123456789")};
  auth.clients = {ana, bob, eve};
  return auth;
}

Access asked(const AuthConfig& auth, const Headers& headers, int day = 0) {
  return check_access(auth, worker::ClientIndex(auth.clients), headers,
                      WallTime(std::chrono::days(day)));
}

}  // namespace

TEST_CASE("a client's key opens the relay in either header, and goes no further", "[exchange]") {
  const AuthConfig auth = three_clients();
  for (const Headers& headers : {Headers{{"x-api-key", "key-of-eve-0123456789"}},
                                 Headers{{"authorization", "Bearer next-of-eve-0123456789"}},
                                 Headers{{"authorization", "Bearer key-of-eve-0123456789"},
                                         {"x-api-key", "key-of-eve-0123456789"}}}) {
    const Access access = asked(auth, headers);
    CHECK(access.admitted);
    CHECK(access.may_spend_keys);
    CHECK(access.client == "eve");
    REQUIRE(access.who);
    CHECK(access.who->name == "eve");
    CHECK(access.own.empty());
  }
}

TEST_CASE("beside a client's key another credential is the client's own", "[exchange]") {
  const AuthConfig auth = three_clients();
  const Access access = asked(
      auth, {{"x-api-key", "key-of-ana-0123456789"}, {"authorization", "Bearer sk-ant-oat-own"}});
  CHECK(access.client == "ana");
  CHECK(access.own.get("authorization") == "Bearer sk-ant-oat-own");
  CHECK_FALSE(access.own.contains("x-api-key"));
}

TEST_CASE("a key that has expired or is switched off opens nothing, and says so", "[exchange]") {
  const AuthConfig auth = three_clients();
  const Headers ana{{"x-api-key", "key-of-ana-0123456789"}};
  CHECK(asked(auth, ana, 1).admitted);
  const Access late = asked(auth, ana, 2);
  CHECK_FALSE(late.admitted);
  CHECK_FALSE(late.who);
  CHECK(late.client == "unknown");
  CHECK(late.refusal == "the key of ana expired on 1970-01-03; ask who runs this relay");
  CHECK(asked(auth, {{"authorization", "Bearer key-of-bob-0123456789"}}).refusal ==
        "the key of bob is switched off; ask who runs this relay");
  // The relay's own key beside it opens all the same, and without limits.
  const Access both =
      asked(auth, {{"x-api-key", "key-of-bob-0123456789"}, {"authorization", "Bearer relay-key"}});
  CHECK(both.admitted);
  CHECK(both.client == "default");
  CHECK(both.own.empty());
}

TEST_CASE("a key is found by its hash, and with clients the relay is not open", "[exchange]") {
  AuthConfig auth = three_clients();
  auth.api_key = {};
  auth.clients[2].keys.clear();
  auth.clients[2].key_hashes = {
      // echo -n key-of-eve-0123456789 | sha256sum
      Secret("2a3e9ff0d7008464febd4fb443ce8195df9f4b952826a0430f69aded21d25b6f")};
  CHECK_FALSE(is_open(auth));
  CHECK(asked(auth, {{"x-api-key", "key-of-eve-0123456789"}}).client == "eve");
  CHECK_FALSE(asked(auth, {{"x-api-key", "key-of-eve-012345678"}}).admitted);
  CHECK_FALSE(asked(auth, {}).admitted);
}

TEST_CASE("a token of the management opens nothing here, and goes nowhere", "[exchange]") {
  AuthConfig auth;
  auth.allow_subscription = true;
  const std::string token = "canary-manage-0123456";
  const std::vector<ManageToken> tokens{{"ana", Secret(token)}};
  const worker::ClientIndex nobody;
  const auto at = [&](const Headers& headers) {
    return check_access(auth, nobody, headers, WallTime{}, {}, tokens);
  };
  const Access alone = at({{"authorization", "Bearer " + token}});
  CHECK_FALSE(alone.admitted);
  CHECK(alone.presented);
  CHECK(alone.own.empty());
  const Access beside = at({{"x-api-key", token}, {"authorization", "Bearer sk-ant-oat-own"}});
  CHECK(beside.admitted);
  CHECK_FALSE(beside.own.contains("x-api-key"));
  const Access made = check_access(auth, nobody, {{"authorization", "Bearer made-0123456789"}}, {},
                                   {}, {}, "made-0123456789");
  CHECK_FALSE(made.admitted);
  CHECK(made.presented);
  CHECK(made.own.empty());
}

TEST_CASE("a key in the query opens as one in a field does, and is nobody's own", "[relay]") {
  const auto asked = [](const std::string& relay, const std::string& query_key,
                        const Headers& headers = {}) {
    return check_access(auth(relay), no_clients, headers, {}, {}, {}, {}, query_key);
  };
  CHECK(outcome(asked("key", relay_key)) == "spends");
  CHECK(outcome(asked("secret", relay_secret)) == "refused");
  CHECK(outcome(asked("key", "somebody")) == "refused");
  CHECK(asked("key", "somebody").refusal == bad_credential);
  CHECK(asked("key", "").refusal == none_given);
  CHECK(outcome(asked("key", relay_key, {{"x-api-key", "somebody"}})) ==
        "spends | x-api-key=somebody");
}

TEST_CASE("of a foreign dialect's client only a credential of Anthropic's is sent on", "[relay]") {
  const auto left = [](const Headers& headers) {
    Access access = check_access(AuthConfig{}, no_clients, headers, {});
    keep_own_of_anthropic(access);
    return text(access.own);
  };
  CHECK(left(presented("foreign bearer")).empty());
  CHECK(left(presented("foreign key")).empty());
  CHECK(left(presented("oat")) == "Authorization=Bearer " + oat);
  CHECK(left({{"x-api-key", "sk-ant-api03-own"}, {"authorization", "Bearer sk-proj-own"}}) ==
        "x-api-key=sk-ant-api03-own");
}
