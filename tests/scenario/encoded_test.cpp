#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/h2_stage.hpp"
#include "support/deflated.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

// Bodies with a Content-Encoding.

namespace {

const std::string body = F::body(false);

std::string coding(const std::string& name) {
  return "Content-Encoding: " + name + "\r\n";
}

}  // namespace

TEST_CASE("an encoded body reaches the provider decoded", "[scenario][encoded]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  struct Row {
    std::string name;
    std::string bytes;
  };
  for (const Row& row :
       std::vector<Row>{{"gzip", deflated(body, Form::gzip)},
                        {"x-gzip", deflated(body, Form::gzip)},
                        {"deflate", deflated(body, Form::zlib)},
                        {"deflate", deflated(body, Form::raw)},
                        {"deflate, gzip", deflated(deflated(body, Form::zlib), Form::gzip)},
                        {"identity", body}}) {
    INFO(row.name);
    for (const char* path : {"/v1/messages", "/v1/messages/count_tokens"}) {
      f.ask(F::post(row.bytes, coding(row.name), path));
      const RecordedRequest& got = provider.requests().back();
      CHECK(got.head.target == path);
      CHECK(got.body == body);
      CHECK_FALSE(got.head.headers.contains("content-encoding"));
      CHECK(got.head.headers.get("content-length") == std::to_string(body.size()));
    }
  }
  const auto client = h2_connect(f);
  const auto id = client->post(deflated(body, Form::gzip), {{"content-encoding", "gzip"}});
  CHECK(ended(f, *client, id).answer.status == 200);
  CHECK(provider.requests().back().body == body);
}

TEST_CASE("a coding that is not understood is named", "[scenario][encoded]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  for (const std::string name : {"br", "zstd", "compress"}) {
    const Answer answer = f.ask(F::post("x", coding(name)));
    CHECK(answer.status == 415);
    CHECK(answer.headers.get("accept-encoding") == "gzip, deflate, identity");
    CHECK(has(answer.body, "Content-Encoding: " + name + " is not understood"));
    CHECK(has(answer.body, "invalid_request_error"));
  }
  CHECK(provider.requests().empty());
}

TEST_CASE("an encoded body may be broken, or too much", "[scenario][encoded]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.max_body_bytes = 1 << 20;
  f.start();
  const std::string good = deflated(body, Form::gzip);
  CHECK(f.ask(F::post(good.substr(0, good.size() - 3), coding("gzip"))).status == 400);
  CHECK(f.ask(F::post(good + "x", coding("gzip"))).status == 400);
  CHECK(f.ask(F::post("", coding("gzip"))).status == 400);
  CHECK(f.ask(F::post(body, coding("gzip"))).status == 400);
  const std::string bomb = deflated(std::string(30 << 20, ' ') + body, Form::gzip);
  REQUIRE(bomb.size() < 1 << 20);
  CHECK(f.ask(F::post(bomb, coding("gzip"))).status == 413);
  CHECK(f.ask(F::post(deflated(bomb, Form::gzip), coding("gzip, gzip"))).status == 413);
  CHECK(provider.requests().empty());
}

TEST_CASE("another endpoint's body goes on as it came", "[scenario][encoded]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  f.ask(F::post("what is this", coding("br"), "/v1/files"));
  REQUIRE(provider.requests().size() == 1);
  CHECK(provider.requests()[0].body == "what is this");
  CHECK(provider.requests()[0].head.headers.get("content-encoding") == "br");
}

TEST_CASE("a Gemini client's body in a coding nobody here knows goes untouched to who may know it",
          "[scenario][encoded]") {
  const std::string answer =
      R"({"candidates":[{"content":{"role":"model","parts":[{"text":"yes"}]},"index":0,)"
      R"("finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1}})";
  F f;
  f.add_provider("chat");
  f.config.providers[0].type = "openai";
  f.config.providers[0].api = "chat";
  FakeProvider& provider = f.add_provider("one");
  f.config.providers[1].type = "gemini";
  f.config.providers[1].models = {"gemini-asked"};
  f.config.providers[1].model_mapping = {{"gemini-asked", "gemini-real"}};
  for (int i = 0; i < 2; ++i) provider.enqueue(Script::reply(200, "application/json", answer));
  f.start();
  const std::string path = "/v1beta/models/gemini-asked:generateContent";
  const std::string bytes("\x28\xB5\x2F\xFD\0\"\"{[ccr1.thoughtSignature", 30);
  for (const std::string name : {"zstd", "br"}) {
    const Answer got = f.ask(F::post(bytes, coding(name) + "X-Session-Id: s\r\n", path));
    CHECK(got.status == 200);
    CHECK(got.body == answer);
    const RecordedRequest& sent = provider.requests().back();
    CHECK(sent.head.target == "/v1beta/models/gemini-real:generateContent");
    CHECK(sent.head.headers.get("content-encoding") == name);
    CHECK(sent.body == bytes);
  }
  CHECK(f.finished(2).attempts.at(0).usage.charges.at(0).tokens[TokenClass::input] == 3u);
  // What is asked for can't be told to anybody else, and what is counted may have a model in it.
  for (const std::string other :
       {"/v1beta/models/other:generateContent", "/v1beta/models/gemini-asked:countTokens"}) {
    const Answer refused = f.ask(F::post(bytes, coding("zstd"), other));
    CHECK(refused.status == 415);
    CHECK(refused.headers.get("accept-encoding") == "gzip, deflate, identity");
    CHECK(has(refused.body, "Content-Encoding: zstd is not understood"));
  }
  CHECK(provider.requests().size() == 2);
  CHECK(f.providers[0]->requests().empty());
  // What is understood is read, and sent as it was meant.
  const std::string plain = R"({"contents":[{"role":"user","parts":[{"text":"x"}]}]})";
  for (const Form form : {Form::gzip, Form::zlib}) {
    provider.enqueue(Script::reply(200, "application/json", answer));
    const std::string name = form == Form::gzip ? "gzip" : "deflate";
    CHECK(f.ask(F::post(deflated(plain, form), coding(name), path)).status == 200);
    CHECK(provider.requests().back().body == plain);
    CHECK_FALSE(provider.requests().back().head.headers.contains("content-encoding"));
  }
}
