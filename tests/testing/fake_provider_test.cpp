#include <ccrelay/testing/fake_provider.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"
#include "testing/provider_scene.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

TEST_CASE("a provider nobody told anything answers with a message", "[testing]") {
  ProviderScene scene;
  scene.client.send(messages());
  const Answer answer = scene.answers(1)[0];
  CHECK(answer.status == 200);
  CHECK(answer.headers.get("content-type") == "application/json");
  CHECK(answer.headers.get("request-id") == "req_fake");
  CHECK(answer.body ==
        R"({"id":"msg_fake","type":"message","role":"assistant","model":"claude-fake",)"
        R"("content":[{"type":"text","text":"Hello from the fake provider."}],)"
        R"("stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":11,)"
        R"("cache_creation_input_tokens":3,"cache_read_input_tokens":5,"output_tokens":7}})");
}

TEST_CASE("a provider nobody told anything streams when it is asked to", "[testing]") {
  ProviderScene scene;
  scene.client.send(messages("{\"stream\" :\n true}"));
  const Answer answer = scene.answers(1)[0];
  CHECK(answer.headers.get("content-type") == "text/event-stream; charset=utf-8");
  std::string expected;
  for (const std::string& event : Script::events("Hello from the fake provider."))
    expected += event;
  CHECK(answer.body == expected);
}

TEST_CASE("a provider nobody told anything counts tokens and lists models", "[testing]") {
  ProviderScene scene;
  scene.client.send(post("/v1/messages/count_tokens?beta=true", "{}"));
  scene.client.send("GET /v1/models HTTP/1.1\r\nhost: fake\r\n\r\n");
  const std::vector<Answer> answers = scene.answers(2);
  CHECK(answers[0].body == R"({"input_tokens":42})");
  CHECK(answers[1].body.find(R"("id":"claude-fake")") != std::string::npos);
}

TEST_CASE("scripts are used in the order they were given, then the responder", "[testing]") {
  ProviderScene scene;
  scene.provider.enqueue(Script::reply(200, "text/plain", "first"));
  scene.provider.enqueue(Script::reply(200, "text/plain", "second"));
  scene.provider.respond_with([](const RecordedRequest& request) {
    return Script::reply(200, "text/plain", request.head.target);
  });
  scene.client.send(messages() + messages() + messages());
  const std::vector<Answer> answers = scene.answers(3);
  CHECK(answers[0].body == "first");
  CHECK(answers[1].body == "second");
  CHECK(answers[2].body == "/v1/messages");
}

TEST_CASE("a request is recorded alike however it is cut", "[testing]") {
  const std::string request =
      "POST /v1/messages?beta=true HTTP/1.1\r\nHost: fake\r\nX-Empty:\r\nx-key:  v \r\n"
      "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\nx-trailer: t\r\n\r\n";
  ProviderScene scene;
  for (std::size_t cut = 1; cut <= request.size(); ++cut) {
    scene.client.send(request.substr(0, cut));
    // The next turn or two bring it over, together with the rest or not: both must do.
    if (cut % 8 == 0) scene.harness.settle();
    scene.client.send(request.substr(cut));
  }
  scene.answers(request.size());
  REQUIRE(scene.provider.requests().size() == request.size());
  for (const RecordedRequest& recorded : scene.provider.requests()) {
    CHECK(recorded.head.method == "POST");
    CHECK(recorded.head.target == "/v1/messages?beta=true");
    CHECK(recorded.head.version_minor == 1);
    REQUIRE(recorded.head.headers.size() == 4);
    CHECK(recorded.head.headers[0].name == "Host");
    CHECK(recorded.head.headers.get("x-empty") == "");
    CHECK(recorded.head.headers.get("x-key") == "v");
    CHECK(recorded.body == "{\"a\":1}");
    CHECK(recorded.connection == 0);
  }
}

TEST_CASE("nothing is recorded once that is switched off", "[testing]") {
  ProviderScene scene;
  scene.provider.record(false);
  scene.client.send(messages());
  scene.answers(1);
  CHECK(scene.provider.requests().empty());
}

TEST_CASE("a client that expects 100 gets it before the body", "[testing]") {
  ProviderScene scene;
  scene.client.send(
      "POST / HTTP/1.1\r\nhost: fake\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
  CHECK(scene.answers(1)[0].status == 100);
  scene.client.send("{}");
  CHECK(scene.answers(2)[1].status == 200);
  CHECK(scene.provider.requests()[0].body == "{}");
}

TEST_CASE("what is no HTTP is refused with the reason", "[testing]") {
  ProviderScene scene;
  scene.client.send("hello\r\n\r\n");
  CHECK(scene.answers(1)[0].status == 400);
  CHECK(scene.answers(1)[0].body == "Invalid method encountered");
  CHECK(scene.harness.run_until([&scene] { return scene.client.eof(); }));
}

TEST_CASE("a client that asks for it is left after the answer", "[testing]") {
  ProviderScene scene;
  scene.client.send("GET / HTTP/1.1\r\nhost: fake\r\nconnection: close\r\n\r\n");
  scene.answers(1);
  CHECK(scene.harness.run_until([&scene] { return scene.client.eof(); }));
}

TEST_CASE("a provider says where it is", "[testing]") {
  LoopHarness harness;
  const FakeProvider provider(harness.loop());
  CHECK(provider.url() == "http://127.0.0.1:" + std::to_string(provider.port()));
}

TEST_CASE("a provider that cannot listen throws", "[testing]") {
  LoopHarness harness;
  FakeProvider::Options options;
  options.address = "nowhere";
  CHECK_THROWS_WITH(FakeProvider(harness.loop(), options),
                    "FakeProvider: cannot listen on nowhere: invalid argument");
  options.address = "127.0.0.1";
  options.certificate_file = "/nonexistent.pem";
  CHECK_THROWS_AS(FakeProvider(harness.loop(), options), std::runtime_error);
}
