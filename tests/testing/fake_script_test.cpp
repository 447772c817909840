#include <ccrelay/testing/fake_provider.hpp>

#include <chrono>
#include <string>
#include <vector>

#include "catch.hpp"
#include "testing/provider_scene.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("the events of a stream are Anthropic's", "[testing]") {
  const std::vector<std::string> events = Script::events("a \"b\"\n");
  REQUIRE(events.size() == 8);
  CHECK(events[0] ==
        "event: message_start\n"
        R"(data: {"type":"message_start","message":{"id":"msg_fake","type":"message",)"
        R"("role":"assistant","model":"claude-fake","content":[],"stop_reason":null,)"
        R"("stop_sequence":null,"usage":{"input_tokens":11,"cache_creation_input_tokens":3,)"
        R"("cache_read_input_tokens":5,"output_tokens":1}}})"
        "\n\n");
  CHECK(events[1] == "event: ping\ndata: {\"type\":\"ping\"}\n\n");
  CHECK(events[2] ==
        "event: content_block_start\n"
        R"(data: {"type":"content_block_start","index":0,)"
        R"("content_block":{"type":"text","text":""}})"
        "\n\n");
  CHECK(events[3] ==
        "event: content_block_delta\n"
        R"(data: {"type":"content_block_delta","index":0,)"
        R"("delta":{"type":"text_delta","text":"a"}})"
        "\n\n");
  CHECK(events[4] ==
        "event: content_block_delta\n"
        R"(data: {"type":"content_block_delta","index":0,)"
        R"("delta":{"type":"text_delta","text":" \"b\"\n"}})"
        "\n\n");
  CHECK(events[5] ==
        "event: content_block_stop\n"
        R"(data: {"type":"content_block_stop","index":0})"
        "\n\n");
  CHECK(events[6] ==
        "event: message_delta\n"
        R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn",)"
        R"("stop_sequence":null},"usage":{"output_tokens":7}})"
        "\n\n");
  CHECK(events[7] == "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
}

TEST_CASE("a reply is on the wire as it was scripted", "[testing]") {
  ProviderScene scene;
  scene.provider.enqueue(
      Script::error(429, "rate_limit_error", "slow \x01 down", {{"Retry-After", "7"}}));
  scene.client.send(messages());
  scene.answers(1);
  CHECK(scene.client.received() ==
        "HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\n"
        "content-length: 81\r\nRetry-After: 7\r\n\r\n"
        R"({"type":"error","error":{"type":"rate_limit_error","message":"slow \u0001 down"}})");
}

TEST_CASE("a script on hold goes on when it is released", "[testing]") {
  ProviderScene scene;
  Script script = Script::stream_head();
  scene.provider.enqueue(script.chunk("one").hold().chunk("two").hold().last_chunk());
  scene.client.send(messages() + messages());
  REQUIRE(scene.receives("one"));
  scene.harness.settle();
  CHECK(scene.client.received().find("two") == std::string::npos);
  scene.provider.release();
  REQUIRE(scene.receives("two"));
  CHECK(scene.provider.requests().size() == 1);  // the pipelined one waits
  scene.provider.release();
  CHECK(scene.answers(2)[0].body == "onetwo");
}

TEST_CASE("a pause lasts as long as the manual clock says", "[testing]") {
  ProviderScene scene;
  scene.provider.enqueue(Script().pause(seconds(30)).send("late"));
  scene.client.send(messages());
  REQUIRE(scene.harness.run_until([&scene] { return !scene.provider.requests().empty(); }));
  scene.harness.advance(seconds(29));
  CHECK(scene.client.received().empty());
  scene.harness.advance(seconds(1));
  CHECK(scene.client.received() == "late");
}

TEST_CASE("pauses of the real clock end by themselves", "[testing]") {
  FakeProvider::Options options;
  options.clock = &Clock::system();
  ProviderScene scene(options);
  RawClient other(scene.harness.loop(), scene.provider.port());
  scene.provider.enqueue(Script().pause(milliseconds(30)).send("late"));
  scene.provider.enqueue(Script().pause(milliseconds(2)).send("soon"));
  const auto start = std::chrono::steady_clock::now();
  scene.client.send(messages());
  REQUIRE(scene.harness.run_until([&scene] { return scene.provider.requests().size() == 1; }));
  other.send(messages());
  REQUIRE(scene.harness.run_until([&other] { return other.received() == "soon"; }));
  REQUIRE(scene.receives("late"));
  CHECK(std::chrono::steady_clock::now() - start >= milliseconds(30));
}

TEST_CASE("close() ends the connection after everything was sent", "[testing]") {
  ProviderScene scene;
  const std::string big(8 << 20, 'x');
  scene.provider.enqueue(Script().send(big).close());
  scene.client.send(messages());
  REQUIRE(scene.harness.run_until([&scene] { return scene.client.gone(); }));
  CHECK(scene.client.eof());
  CHECK(scene.client.received().size() == big.size());
  CHECK(scene.provider.cancelled() == 0);
}

TEST_CASE("close() is orderly even if the client has sent more", "[testing]") {
  ProviderScene scene;
  scene.provider.enqueue(Script().hold().send("bye").close());
  scene.client.send(messages());
  REQUIRE(scene.harness.run_until([&scene] { return !scene.provider.requests().empty(); }));
  scene.provider.pause_reading(true);
  scene.client.send(messages());
  scene.harness.settle();
  scene.provider.release();
  REQUIRE(scene.harness.run_until([&scene] { return scene.client.gone(); }));
  CHECK(scene.client.eof());
  CHECK_FALSE(scene.client.was_reset());
  CHECK(scene.client.received() == "bye");
}

TEST_CASE("reset() cuts the connection", "[testing]") {
  ProviderScene scene;
  scene.provider.enqueue(Script().send("half").hold().reset());
  scene.client.send(messages());
  REQUIRE(scene.receives("half"));
  scene.provider.release();
  REQUIRE(scene.harness.run_until([&scene] { return scene.client.gone(); }));
  CHECK(scene.client.was_reset());
  CHECK(scene.provider.connections_open() == 0);
  CHECK(scene.provider.cancelled() == 0);
}
