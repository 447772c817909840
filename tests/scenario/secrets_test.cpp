#include <ccrelay/config_load.hpp>

#include <ccrelay/manage.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "config/scratch_directory.hpp"
#include "scenario/seen.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

using F = RelayFixture;

// Each is found in no other.
const std::string relay_key = "canary-relay-key-01";
const std::string relay_secret = "canary-relay-secret-02";
const std::string key_a = "canary-provider-a-03";
const std::string key_a2 = "canary-provider-a2-04";
const std::string key_b = "canary-provider-b-05";
const std::string header_a = "canary-header-a-06";
const std::string header_b = "canary-header-b-07";
const std::string own_token = "sk-ant-oat01-canary-own-08";
const std::string foreign = "canary-foreign-09";
const std::string cookie = "canary-cookie-10";
const std::string in_body = "canary-body-11";
const std::string trail = "canary-trail-12";
const std::string proxy_auth = "canary-proxy-13";

/// A relay with two providers whose every secret is a canary.
struct Stage {
  Stage() {
    a = &f.add_provider("a");
    b = &f.add_provider("b");
    ProviderConfig& config_a = f.config.providers[0];
    config_a.keys = {{Secret(key_a), 1, 1}, {Secret(key_a2), 1, 1}};
    config_a.headers = {{"x-extra", Secret(header_a)}};
    ProviderConfig& config_b = f.config.providers[1];
    config_b.type = "zai";
    config_b.keys = {{Secret(key_b), 1, 1}};
    config_b.headers = {{"x-extra", Secret(header_b)}};
    f.config.server.auth.api_key = Secret(relay_key);
    f.config.server.auth.bearer_secret = Secret(relay_secret);
    f.config.logging.log_request_body = true;
    f.config.routing.debug = true;
  }

  /// What all clients send beside their credential.
  std::string clutter() const {
    return "Cookie: c=" + cookie + "\r\nX-Forwarded-For: " + trail + "\r\nForwarded: for=" + trail +
           "\r\nVia: 1.1 " + trail + "\r\nX-Real-IP: " + trail + "\r\nProxy-Authorization: Basic " +
           proxy_auth + "\r\nSec-Fetch-Site: " + trail + "\r\nOrigin: http://" + trail +
           "\r\nReferer: http://" + trail + "/\r\n";
  }

  void ask(const std::string& request) { answers.push_back(f.ask(request)); }

  /// A mix of good and failing requests.
  void run() {
    f.start();
    const std::string body =
        R"({"model":"claude-test","metadata":{"api_key":")" + in_body + R"("},"messages":[]})";
    const std::string stream =
        R"({"model":"claude-test","stream":true,"password":")" + in_body + R"("})";
    const std::vector<std::string> credentials{
        "x-api-key: " + relay_key + "\r\n",
        "Authorization: Bearer " + relay_key + "\r\n",
        "Authorization: Bearer " + relay_secret + "\r\n",
        "x-api-key: " + relay_key + "\r\nAuthorization: Bearer " + own_token + "\r\n",
        "x-api-key: " + relay_secret + "\r\nAuthorization: Bearer " + relay_key + "\r\n",
        "x-api-key: " + relay_key + "\r\nAuthorization: Bearer " + foreign + "\r\n",
        "x-api-key: " + relay_secret + "\r\n",
        "x-api-key: " + foreign + "\r\n",
        "Authorization: Basic " + foreign + "\r\n",
        "",
    };
    for (const std::string& credential : credentials) {
      const std::string headers = credential + clutter();
      ask(F::post(body, headers));
      ask(F::post(stream, headers));
      ask(F::post(body, headers, "/v1/messages/count_tokens?beta=true"));
      ask(F::get("/v1/files", headers));
      for (const char* path : {"/v1/models", "/v1/providers", "/health", "/ready", "/nowhere"}) {
        ask(F::get(path, headers));
      }
      ask(F::post("{\"api_key\":\"" + in_body + "\",", headers));
      // Failing providers: every error class, then everything refused.
      for (const int status : {400, 404, 429, 500}) {
        ask_with(*a, Script::error(status, "api_error", "no"), F::post(body, headers));
      }
      ask_with(*a, Script().reset(), F::post(body, headers));
      ask_with(*a, Script::stream_head().chunk(Script::events("hi")[2]).close(),
               F::post(stream, headers));
    }
    for (FakeProvider* provider : {a, b}) {
      provider->respond_with(
          [](const RecordedRequest&) { return Script::error(401, "authentication_error", "no"); });
    }
    ask(F::post(body, credentials[0]));
    ask(F::get("/v1/providers", credentials[0]));
    ask(F::get("/ready"));
    f.relay->stop();
    f.harness.settle();
  }

  /// Asks while a provider answers like this, and lets keys be themselves again.
  void ask_with(FakeProvider& provider, const Script& script, const std::string& request) {
    provider.respond_with([&script](const RecordedRequest&) { return script; });
    ask(request);
    provider.respond_with({});
    f.harness.advance(std::chrono::minutes(10));
  }

  std::string told() const {
    std::string out;
    for (const Answer& answer : answers) {
      for (const Header field : answer.headers) {
        out.append(field.name).append(": ").append(field.value).append("\n");
      }
      out += answer.body + "\n";
    }
    return out;
  }

  F f;
  FakeProvider* a = nullptr;
  FakeProvider* b = nullptr;
  std::vector<Answer> answers;
};

std::string field(const FakeProvider& provider, const std::string& name) {
  return std::string(provider.requests().back().head.headers.get(name).value_or("(none)"));
}

}  // namespace

TEST_CASE("no secret is where it does not belong", "[scenario]") {
  Stage s;
  s.run();
  const std::string at_a = received(*s.a), at_b = received(*s.b);
  const std::string seen = observed(s.f.observer), told = s.told();
  const std::string logged = log_lines(s.f.observer), shown = show_config(s.f.config);
  REQUIRE(s.a->requests().size() > 20);
  REQUIRE(s.b->requests().size() > 5);

  SECTION("the canaries are really in play") {
    CHECK(has(at_a, key_a));
    CHECK(has(at_b, key_b));
    CHECK(has(at_a, header_a));
    CHECK(has(at_b, header_b));
    CHECK(has(at_a, own_token));
    CHECK(has(at_a, in_body));
  }
  SECTION("what may show them is really there") {
    for (const char* part : {"x-cc-relay-key: ", "x-cc-relay-provider: ", "server-timing: ",
                             R"("keys":[{"key":")", R"("state":"refused")"}) {
      INFO(part);
      CHECK(has(told, part));
    }
    for (const char* part : {R"("level":"debug")", R"("event":"request_body")", "\033["}) {
      INFO(part);
      CHECK(has(logged, part));
    }
    for (const char* part : {"[server.auth]", "api_key = ", "[[providers.keys]]", "\"x-extra\""}) {
      INFO(part);
      CHECK(has(shown, part));
    }
  }
  SECTION("the relay's own secrets reach no provider") {
    for (const std::string& secret : {relay_key, relay_secret}) {
      INFO(secret);
      CHECK_FALSE(has(at_a, secret));
      CHECK_FALSE(has(at_b, secret));
    }
  }
  SECTION("one provider's key and headers never reach the other") {
    for (const std::string& secret : {key_a, key_a2, header_a}) CHECK_FALSE(has(at_b, secret));
    for (const std::string& secret : {key_b, header_b}) CHECK_FALSE(has(at_a, secret));
  }
  SECTION("a client's own token reaches Anthropic's API alone") {
    CHECK_FALSE(has(at_b, own_token));
  }
  SECTION("a token that is nobody's reaches nobody") {
    CHECK_FALSE(has(at_a, foreign));
    CHECK_FALSE(has(at_b, foreign));
  }
  SECTION("cookies and trails stay here") {
    for (const std::string& canary : {cookie, trail, proxy_auth}) {
      INFO(canary);
      CHECK_FALSE(has(at_a, canary));
      CHECK_FALSE(has(at_b, canary));
    }
  }
  SECTION("no log, no answer and no listing shows a secret") {
    for (const std::string& secret : {relay_key, relay_secret, key_a, key_a2, key_b, header_a,
                                      header_b, own_token, foreign, cookie, in_body, proxy_auth}) {
      INFO(secret);
      CHECK_FALSE(has(seen, secret));
      CHECK_FALSE(has(told, secret));
      CHECK_FALSE(has(logged, secret));
      CHECK_FALSE(has(shown, secret));
    }
  }
}

TEST_CASE("a key is sent in the field that its provider reads", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  f.ask(F::post(F::body(false), "x-api-key: mine\r\nAuthorization: Bearer mine\r\n"));
  CHECK(field(provider, "x-api-key") == "sk-test-one");
  CHECK(field(provider, "authorization") == "(none)");
}

TEST_CASE("a client's own token goes on just as it came", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.auth.allow_subscription = true;
  f.start();
  f.ask(F::post(F::body(false), "Authorization: Bearer sk-ant-oat01-x\r\n"));
  CHECK(field(provider, "authorization") == "Bearer sk-ant-oat01-x");
  CHECK(field(provider, "x-api-key") == "(none)");
}

TEST_CASE("the placeholder of cc init goes nowhere", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  f.ask(F::post(F::body(false), "Authorization: Bearer managed-by-cc-relay\r\n"));
  CHECK(field(provider, "authorization") == "(none)");
  CHECK(field(provider, "x-api-key") == "sk-test-one");
}

TEST_CASE("the token that the management made for itself goes nowhere", "[scenario]") {
  const test::ScratchDirectory folder;
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.auth.allow_subscription = true;
  f.options.environment = [&](std::string_view name) -> std::optional<std::string> {
    return name == "XDG_RUNTIME_DIR" ? std::optional(folder.path()) : std::nullopt;
  };
  f.start();
  REQUIRE(f.relay->manager().access().make_token());
  std::ifstream file(f.relay->manager().access().token_file());
  std::string made;
  file >> made;
  REQUIRE(made.size() == 64);
  const std::string as_bearer = "Authorization: Bearer " + made + "\r\n";
  const Answer refused = f.ask(F::post(F::body(false), as_bearer));
  CHECK(refused.status == 401);
  CHECK(provider.requests().empty());
  // Beside a login of the client's own, wherever it stands.
  const std::string own = "Authorization: Bearer sk-ant-oat01-x\r\n";
  for (const std::string& beside : {"x-api-key: " + made + "\r\n", "x-other: " + made + "\r\n",
                                    "cookie2: a=b; token=" + made + "\r\n"}) {
    CHECK(f.ask(F::post(F::body(false), own + beside)).status == 200);
  }
  CHECK(f.ask(F::post(F::body(false), own, "/v1/messages?beta=true&token=" + made)).status == 200);
  REQUIRE(provider.requests().size() == 4);
  CHECK(field(provider, "authorization") == "Bearer sk-ant-oat01-x");
  CHECK_FALSE(has(received(provider), made));
}

TEST_CASE("a subscriber never spends the operator's keys, not in failover either", "[scenario]") {
  F f;
  FakeProvider& claude = f.add_provider("claude");
  FakeProvider& glm = f.add_provider("glm");
  f.config.providers[1].type = "zai";
  f.config.server.auth.allow_subscription = true;
  claude.enqueue(Script::error(500, "api_error", "no"));
  f.start();
  const Answer answer = f.ask(F::post(F::body(false), "Authorization: Bearer sk-ant-oat01-x\r\n"));
  CHECK(answer.status == 500);
  CHECK(glm.requests().empty());
}

TEST_CASE("what a client says to the API reaches the provider as it came", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  const Headers sent{{"anthropic-version", "2023-06-01"},
                     {"anthropic-beta", "a-1,b-2"},
                     {"anthropic-something-new", "x"},
                     {"x-stainless-lang", "js"},
                     {"user-agent", "claude-cli/2.0 (external, cli)"},
                     {"x-claude-code-session-id", "session"},
                     {"x-app", "cli"},
                     {"x-custom", "v; w=\"z\""},
                     {"accept", "application/json"}};
  std::string lines;
  for (const Header header : sent) {
    lines.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  f.ask(F::post(F::body(false), lines));
  REQUIRE(provider.requests().size() == 1);
  for (const Header header : sent) {
    INFO(header.name);
    CHECK(field(provider, std::string(header.name)) == header.value);
  }
}

TEST_CASE("what belongs to the client's connection does not reach the provider", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  f.ask(F::post(F::body(false),
                "Connection: keep-alive, x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n"
                "TE: trailers\r\nUpgrade: h2c\r\nX-CC-Relay-Debug: 1\r\nAccept-Encoding: br\r\n"
                "Sec-CH-UA: x\r\n"));
  REQUIRE(provider.requests().size() == 1);
  for (const char* name : {"x-hop", "keep-alive", "te", "upgrade", "x-cc-relay-debug", "sec-ch-ua",
                           "expect", "transfer-encoding"}) {
    INFO(name);
    CHECK(field(provider, name) == "(none)");
  }
  CHECK(field(provider, "accept-encoding") == "identity");
  CHECK(field(provider, "host") == "127.0.0.1:" + std::to_string(provider.port()));
}

TEST_CASE("nothing is added to a request but by which relay it comes", "[scenario]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  f.ask(
      "POST /v1/messages HTTP/1.1\r\nHost: relay\r\nContent-Length: 15\r\n\r\n{\"model\":\"m\"}  ");
  REQUIRE(provider.requests().size() == 1);
  std::vector<std::string> names;
  for (const Header header : provider.requests()[0].head.headers) {
    names.emplace_back(header.name);
    for (char& c : names.back()) c = static_cast<char>(std::tolower(c));
  }
  std::sort(names.begin(), names.end());
  CHECK(names ==
        std::vector<std::string>{"accept-encoding", "content-length", "host", "via", "x-api-key"});
}
