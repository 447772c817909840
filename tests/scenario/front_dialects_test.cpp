#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/h2_stage.hpp"
#include "scenario/seen.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

// What the relay itself says to OpenAI's and Gemini's clients, whom it lets in, and what of their
// requests goes on to a provider that speaks their words.

namespace {

/// Speaks some dialects, and sends on what it gets.
class Native final : public Provider {
 public:
  Native(std::string url, std::vector<Dialect> spoken)
      : url_(std::move(url)), spoken_(std::move(spoken)) {}

  std::string_view owner() const override { return "house"; }
  std::string_view base_url() const override { return url_; }
  std::vector<std::string> default_models() const override { return {"m1", "a/b"}; }
  bool supports(Operation) const override { return true; }
  bool speaks(Dialect dialect) const override {
    return std::find(spoken_.begin(), spoken_.end(), dialect) != spoken_.end();
  }
  Result<OutboundRequest> build(const ProviderRequest& request, const Credential&) const override {
    OutboundRequest out;
    out.method = request.head.method;
    out.url = url_ + request.head.target;
    out.headers = request.forwardable;
    out.headers.set("x-provider-key", "sk-of-the-provider");
    return out;
  }

 private:
  std::string url_;
  std::vector<Dialect> spoken_;
};

struct House : F {
  explicit House(std::vector<Dialect> spoken = {Dialect::chat, Dialect::responses,
                                                Dialect::gemini}) {
    options.provider_types["house"] = [spoken](const ProviderConfig& entry) {
      return Result<std::unique_ptr<Provider>>(std::make_unique<Native>(entry.base_url, spoken));
    };
    house = &add_provider("house");
    config.providers[0].type = "house";
    house->respond_with([](const RecordedRequest&) {
      return Script::reply(200, "application/json", R"({"object":"response","id":"resp_1"})");
    });
  }
  FakeProvider* house;
};

struct Asked {
  const char* path;
  const char* body;
  const char* word;
  bool stream;
};
const Asked of_each[] = {
    {"/v1/chat/completions", R"({"model":"m1","messages":[{"role":"user","content":"U"}]})", "chat",
     false},
    {"/v1/responses", R"( {"model":"m1","input":"U","stream":true})", "responses", true},
    {"/v1beta/models/m1:generateContent", R"({"contents":[{"parts":[{"text":"U"}]}]})", "gemini",
     false},
    {"/v1beta/models/m1:streamGenerateContent?alt=sse", R"({"contents":[]})", "gemini", true},
    {"/v1/models/m1:countTokens", R"({"contents":[]})", "count_tokens", false},
    {"/v1/responses/input_tokens", R"({"model":"m1","input":"U"})", "count_tokens", false},
};

const std::string canary = "canary-of-the-relay-0123456789";

struct Closed : House {
  Closed() { config.server.auth.api_key = Secret(canary); }
};

}  // namespace

TEST_CASE("a request reaches a provider of its own dialect as it is", "[scenario][dialects]") {
  for (const Asked& one : of_each) {
    INFO(one.path);
    House f;
    f.start();
    f.ask(F::post(one.body, {}, one.path));
    REQUIRE_FALSE(f.house->requests().empty());
    CHECK(f.house->requests()[0].head.target == one.path);
    CHECK(f.house->requests()[0].body == one.body);
    const RequestSummary& summary = f.finished();
    CHECK(summary.endpoint == one.word);
    CHECK(summary.model_asked == "m1");
    CHECK(summary.stream == one.stream);
  }
}

TEST_CASE("a client is let in by the relay's key wherever its vendor puts one",
          "[scenario][dialects]") {
  struct Case {
    std::string header;
    std::string query;
  };
  const Case cases[] = {{"x-api-key: " + canary + "\r\n", ""},
                        {"Authorization: Bearer " + canary + "\r\n", ""},
                        {"x-goog-api-key: " + canary + "\r\n", ""},
                        {"Api-Key: " + canary + "\r\n", ""},
                        {"", "key=" + canary},
                        {"", "%6Bey=canary%2Dof-the-relay-0123456789&key=foreign-canary"}};
  for (const bool http2 : {false, true}) {
    for (const Case& one : cases) {
      INFO(one.header << one.query << (http2 ? " on HTTP/2" : " on HTTP/1.1"));
      Closed f;
      f.start();
      const std::string path = "/v1/conversations";
      const std::string query = one.query.empty() ? "" : "?a=1&" + one.query + "&b=2";
      Answer answer;
      if (http2) {
        const auto client = h2_connect(f);
        auto fields = h2::fields("POST", path + query);
        if (const auto colon = one.header.find(':'); colon != std::string::npos) {
          std::string name = one.header.substr(0, colon);
          std::transform(name.begin(), name.end(), name.begin(),
                         [](unsigned char c) { return std::tolower(c); });
          fields.push_back({name, one.header.substr(colon + 2, one.header.size() - colon - 4)});
        }
        const auto id = client->next_stream();
        client->send(h2::head(id, fields, true));
        answer = ended(f, *client, id).answer;
      } else {
        answer = f.ask(F::post("{}", one.header, path + query));
      }
      CHECK(answer.status == 200);
      REQUIRE(f.house->requests().size() == 1);
      CHECK(f.house->requests()[0].head.target == path + (query.empty() ? "" : "?a=1&b=2"));
      CHECK_FALSE(has(received(*f.house), "canary"));
      f.finished();
      CHECK_FALSE(has(observed(f.observer) + log_lines(f.observer), "canary"));
    }
  }
}

TEST_CASE("what opens nothing is told to nobody either", "[scenario][dialects]") {
  Closed f;
  f.start();
  for (const char* place : {"x-goog-api-key: ", "api-key: ", "Authorization: Bearer "}) {
    INFO(place);
    const Answer answer = f.ask(F::post("{}", std::string(place) + "foreign-canary\r\n",
                                        "/v1/chat/completions?key=other-canary"));
    CHECK(answer.status == 401);
    CHECK(answer.headers.get("x-should-retry") == "false");
    CHECK(answer.body ==
          R"({"error":{"message":"the credential is not one that this relay accepts",)"
          R"("type":"invalid_request_error","param":null,"code":"invalid_api_key"}})");
  }
  CHECK(f.house->requests().empty());
  CHECK_FALSE(has(observed(f.observer) + log_lines(f.observer), "canary"));
}

TEST_CASE("an open relay sends no client's credential on to others", "[scenario][dialects]") {
  House f;
  f.start();
  f.ask(F::post("{}",
                "x-api-key: canary-1\r\nAuthorization: Bearer canary-2\r\n"
                "x-goog-api-key: canary-3\r\napi-key: canary-4\r\n",
                "/v1/conversations?key=canary-5"));
  REQUIRE(f.house->requests().size() == 1);
  CHECK(f.house->requests()[0].head.target == "/v1/conversations");
  CHECK_FALSE(has(received(*f.house), "canary"));
  f.finished();
  CHECK_FALSE(has(observed(f.observer) + log_lines(f.observer), "canary"));
}

TEST_CASE("each dialect is refused in its vendor's words", "[scenario][dialects]") {
  House f;
  f.config.server.max_body_bytes = 64;
  f.start();
  const std::string openai = R"("type":"invalid_request_error","param":null,"code":)";
  struct Case {
    std::string request;
    int status;
    std::string said;
  };
  const std::string long_body(100, ' ');
  const Case cases[] = {
      {F::get("/v1/chat/nothing"), 404, openai + R"("unknown_url"}})"},
      {F::get("/v1beta/nothing"), 404, R"({"error":{"code":404,"message":"/v1beta/nothing is)"},
      {F::get("/v1/chat/completions"), 405, openai + "null}}"},
      {F::get("/v1beta/models/m:generateContent"), 405, R"("status":"INVALID_ARGUMENT"}})"},
      {F::post(long_body, {}, "/v1/responses"), 413, openai + "null}}"},
      {F::post(long_body, {}, "/v1beta/models/m:generateContent"), 413, R"({"error":{"code":413,)"},
      {F::post("{}", "content-encoding: zstd\r\n", "/v1/chat/completions"), 415, openai},
      {F::post("{", {}, "/v1/chat/completions"), 400, openai + "null}}"},
      {F::post("{}", {}, "/v1/responses"), 400,
       R"(no \"model\"","type":"invalid_request_error","param":"model","code":null}})"},
  };
  for (const Case& one : cases) {
    INFO(one.request);
    const Answer answer = f.ask(one.request);
    CHECK(answer.status == one.status);
    CHECK(answer.headers.get("content-type") == "application/json");
    INFO(answer.body);
    CHECK(has(answer.body, one.said));
  }
  CHECK(f.house->requests().empty());
}

TEST_CASE("a head that is refused is refused in the words of its path", "[scenario][dialects]") {
  House f;
  f.config.server.max_header_bytes = 1024;
  f.config.server.max_headers = 16;
  f.start();
  std::string many;
  for (int i = 0; i < 20; ++i) many += "x-" + std::to_string(i) + ": y\r\n";
  const std::string large = "x-large: " + std::string(2000, 'x') + "\r\n";
  const std::string long_query(2000, 'x');
  const std::string openai = R"("type":"invalid_request_error","param":null,"code":null}})";
  struct Case {
    std::string request;
    int status;
    std::string said;
  };
  const Case cases[] = {
      {F::post("{}", large, "/v1/chat/completions?key=canary"), 431, openai},
      {F::post("{}", many, "/v1/responses"), 431, openai},
      {F::get("/v1beta/models?key=canary" + long_query), 414, R"({"error":{"code":414,)"},
      {F::get("/v1beta/models", large), 431, R"("status":"INVALID_ARGUMENT"}})"},
      {F::post("{}", large), 431, R"({"type":"error","error":{"type":"invalid_request_error")"},
      {"nonsense\r\n\r\n", 400, R"({"type":"error","error":{)"},
  };
  for (const Case& one : cases) {
    INFO(one.request);
    const Answer answer = f.ask(one.request);
    CHECK(answer.status == one.status);
    INFO(answer.body);
    CHECK(has(answer.body, one.said));
  }
  const auto client = h2_connect(f);
  const auto id = client->next_stream();
  client->send(h2::head(
      id, h2::fields("POST", "/v1/responses", {{"x-large", std::string(1500, 'x')}}), true));
  const Answer by_h2 = ended(f, *client, id).answer;
  CHECK(by_h2.status == 431);
  CHECK(has(by_h2.body, openai));
  CHECK(f.house->requests().empty());
  CHECK_FALSE(has(observed(f.observer) + log_lines(f.observer), "canary"));
}

TEST_CASE("whoever asks for a websocket is told to ask otherwise, and does on the same connection",
          "[scenario][dialects]") {
  House f;
  f.start();
  const auto client = f.connect();
  client->send(F::get("/v1/responses",
                      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  REQUIRE(answers(f, *client, 1).size() == 1);
  const Answer refused = client->answers()[0];
  CHECK(refused.status == 426);
  CHECK(refused.headers.get("upgrade") == "HTTP/1.1");
  CHECK(has(refused.body, R"("type":"invalid_request_error")"));
  client->send(F::post("{}", {}, "/v1/conversations"));
  REQUIRE(answers(f, *client, 2).size() == 2);
  CHECK(client->answers()[1].status == 200);
  CHECK(f.house->requests().size() == 1);
  const auto h2 = h2_connect(f);
  const auto id = h2->next_stream();
  h2->send(h2::head(id, h2::fields("GET", "/v1/responses"), true));
  const Answer by_h2 = ended(f, *h2, id).answer;
  CHECK(by_h2.status == 426);
  CHECK_FALSE(by_h2.headers.contains("upgrade"));
}

TEST_CASE("what OpenAI keeps is asked for where it is kept, and nowhere else",
          "[scenario][dialects]") {
  House f;
  FakeProvider& anthropic = f.add_provider("anthropic");
  f.config.providers[1].priority = 9;
  f.start();
  const Answer stored = f.ask(F::get("/v1/responses/resp_1?include=x"));
  CHECK(stored.status == 200);
  CHECK(stored.body == R"({"object":"response","id":"resp_1"})");
  CHECK(f.ask(F::get("/v1/conversations/c1/items")).status == 200);
  REQUIRE(f.house->requests().size() == 2);
  CHECK(f.house->requests()[0].head.target == "/v1/responses/resp_1?include=x");
  CHECK(f.finished(1).endpoint == "passthrough");
  for (const auto& spoken : {std::vector<Dialect>{Dialect::chat}, std::vector<Dialect>{}}) {
    House none(spoken);
    none.start();
    const Answer answer = none.ask(F::get("/v1/responses/resp_1"));
    CHECK(answer.status == 404);
    CHECK(has(answer.body, R"("type":"invalid_request_error")"));
    CHECK(none.house->requests().empty());
  }
  CHECK(anthropic.requests().empty());
}

TEST_CASE("models are listed in the shape of whoever asks", "[scenario][dialects]") {
  House f;
  f.start();
  const std::string of_openai =
      R"({"id":"m1","object":"model","created":1702598400,"owned_by":"house"})";
  const std::string of_gemini =
      R"({"name":"models/a/b","displayName":"a/b","supportedGenerationMethods":)"
      R"(["generateContent","countTokens"]})";
  const std::string sdk = "User-Agent: AsyncOpenAI/Python 2.8.0\r\n";
  CHECK(has(f.ask(F::get("/v1/models", sdk)).body, R"({"object":"list","data":[)" + of_openai));
  CHECK_FALSE(has(f.ask(F::get("/v1/models", sdk)).body, "has_more"));
  CHECK(f.ask(F::get("/v1/models/m1", sdk)).body == of_openai);
  CHECK(
      has(f.ask(F::get("/v1/models", sdk + "anthropic-version: 2023-06-01\r\n")).body, "has_more"));
  CHECK(has(f.ask(F::get("/v1/models")).body, R"("object":"model")"));
  CHECK(has(f.ask(F::get("/v1beta/models?pageSize=1")).body, of_gemini + "]}"));
  CHECK(f.ask(F::get("/v1beta/models/a/b")).body == of_gemini);
  CHECK(f.ask(F::get("/v1beta/models/a%2Fb")).body == of_gemini);
  const Answer unknown = f.ask(F::get("/v1beta/models/x"));
  CHECK(unknown.status == 404);
  CHECK(unknown.body == R"({"error":{"code":404,"message":"model: x","status":"NOT_FOUND"}})");
  const Answer of_sdk = f.ask(F::get("/v1/models/x", sdk));
  CHECK(of_sdk.status == 404);
  CHECK(has(of_sdk.body, R"("code":"model_not_found")"));
}

TEST_CASE("a client at its limit is told how long to wait in its vendor's way",
          "[scenario][dialects]") {
  House f;
  ClientConfig ana;
  ana.name = "ana";
  ana.keys = {Secret("key-of-ana-0123456789")};
  ana.rpm_limit = 1;
  f.config.server.auth.clients = {ana};
  f.start();
  const std::string bearer = "Authorization: Bearer key-of-ana-0123456789\r\n";
  const std::string body = R"({"model":"m1","input":"U"})";
  f.ask(F::post(body, bearer, "/v1/responses"));
  const Answer answer = f.ask(F::post(body, bearer, "/v1/responses"));
  CHECK(answer.status == 429);
  const std::string wait(answer.headers.get("retry-after").value_or(""));
  REQUIRE_FALSE(wait.empty());
  CHECK(has(answer.body, "try again in " + wait + "s"));
  CHECK(has(answer.body, R"("code":"rate_limit_exceeded")"));
  const Answer gemini = f.ask(F::post(
      R"({"contents":[]})", {}, "/v1beta/models/m1:generateContent?key=key-of-ana-0123456789"));
  CHECK(gemini.status == 429);
  CHECK(has(gemini.body, R"("retryDelay":")"));
  CHECK(f.finished(3).client_name == "ana");
}
