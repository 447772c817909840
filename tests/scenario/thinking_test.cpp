#include <string>

#include "catch.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::hours;

namespace {

const std::string question = R"({"role":"user","content":"hi"})";
const std::string more = R"({"role":"user","content":[{"type":"text","text":"go on"}]})";

std::string thought(const std::string& signature) {
  return R"({"type":"thinking","thinking":"hm","signature":")" + signature + R"("})";
}

// One assistant turn of these blocks, between two of the user's.
std::string turns(const std::string& blocks, bool stream = false) {
  return R"({"model":"claude-test","max_tokens":8,"messages":[)" + question +
         R"(,{"role":"assistant","content":[)" + blocks + "]}," + more + R"(],"stream":)" +
         (stream ? "true}" : "false}");
}

const std::string text_block = R"({"type":"text","text":"so it is"})";

Script thinks(const std::string& signature, bool stream) {
  if (!stream) {
    return Script::reply(200, "application/json",
                         R"({"type":"message","role":"assistant","content":[)" +
                             thought(signature) + "," + text_block +
                             R"(],"stop_reason":"end_turn"})");
  }
  const auto event = [](const std::string& name, const std::string& data) {
    return "event: " + name + "\ndata: {\"type\":\"" + name + "\"" + data + "}\n\n";
  };
  return Script::stream_head()
      .chunk(event("message_start", R"(,"message":{})"))
      .chunk(
          event("content_block_start",
                R"(,"index":0,"content_block":{"type":"thinking","thinking":"","signature":""})"))
      .chunk(event(
          "content_block_delta",
          R"(,"index":0,"delta":{"type":"signature_delta","signature":")" + signature + "\"}"))
      .chunk(event("content_block_stop", R"(,"index":0)"))
      .chunk(event("message_stop", ""))
      .last_chunk();
}

std::string session(const std::string& body) {
  return RelayFixture::post(body, "X-Claude-Code-Session-Id: s\r\n");
}

Script bad_signature() {
  return Script::error(400, "invalid_request_error",
                       "messages.1.content.0: Invalid `signature` in `thinking` block");
}

}  // namespace

TEST_CASE("a conversation that moves shows nobody a foreign signature, and finds its own again",
          "[scenario]") {
  // The older relay learned no signatures, and moved conversations at will.
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  one.enqueue(thinks("made-at-one", stream));
  one.enqueue(Script::error(500, "api_error", "down"));
  two.enqueue(thinks("made-at-two", stream));
  f.start();
  f.ask(session(turns(text_block, stream)));
  const std::string at_one = thought("made-at-one") + "," + text_block;
  f.ask(session(turns(at_one, stream)));
  CHECK(tries(f.finished(2)) == "one:failed two:success");
  CHECK(one.requests()[1].body == turns(at_one, stream));
  CHECK(two.requests()[0].body == turns(text_block, stream));
  const std::string both =
      thought("made-at-one") + "," + text_block + "," + thought("made-at-two") + "," + text_block;
  f.ask(session(turns(both, stream)));
  CHECK(tries(f.finished(3)) == "one:success");
  CHECK(one.requests()[2].body ==
        turns(thought("made-at-one") + "," + text_block + "," + text_block, stream));
}

TEST_CASE("redacted thinking is cut like any other", "[scenario]") {
  // The older relay took it for something else.
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  const std::string redacted = R"({"type":"redacted_thinking","data":"made-at-one"})";
  one.enqueue(
      Script::reply(200, "application/json",
                    R"({"type":"message","role":"assistant","content":[)" + redacted + "]}"));
  one.enqueue(Script::error(500, "api_error", "down"));
  f.start();
  f.ask(session(turns(text_block)));
  f.ask(session(turns(redacted + "," + text_block)));
  REQUIRE(two.requests().size() == 1);
  CHECK(two.requests()[0].body == turns(text_block));
}

TEST_CASE("a turn of nothing but foreign thinking keeps a word", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  one.enqueue(thinks("made-at-one", false));
  one.enqueue(Script::error(500, "api_error", "down"));
  f.start();
  f.ask(session(turns(text_block)));
  f.ask(session(turns(thought("made-at-one"))));
  REQUIRE(two.requests().size() == 1);
  const std::string& body = two.requests()[0].body;
  CHECK_FALSE(has(body, "made-at-one"));
  CHECK(has(body, R"({"role":"assistant","content":[{"type":"text","text":")"));
  CHECK_FALSE(has(body, R"("text":""})"));
}

TEST_CASE("a mapped model makes another family of the same name", "[scenario]") {
  // The older relay went by the model that was asked for.
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  f.config.providers[0].model_mapping["claude-test"] = "GLM-5";
  one.enqueue(thinks("made-by-glm", false));
  one.enqueue(Script::error(500, "api_error", "down"));
  f.start();
  f.ask(session(turns(text_block)));
  f.ask(session(turns(thought("made-by-glm") + "," + text_block)));
  REQUIRE(two.requests().size() == 1);
  CHECK(two.requests()[0].body == turns(text_block));
}

TEST_CASE("a signature nobody remembers goes along", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  f.start();
  const std::string body = turns(thought("from before the relay began") + "," + text_block);
  f.ask(session(body));
  CHECK(one.requests()[0].body == body);
}

TEST_CASE("signatures are forgotten after three hours without use", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  one.enqueue(thinks("made-at-one", false));
  one.enqueue(Script::error(500, "api_error", "down"));
  f.start();
  f.ask(session(turns(text_block)));
  f.harness.advance(hours(3));
  const std::string body = turns(thought("made-at-one") + "," + text_block);
  f.ask(session(body));
  REQUIRE(two.requests().size() == 1);
  CHECK(two.requests()[0].body == body);
}

TEST_CASE("a provider that rejects a signature gets the request once more without thinking",
          "[scenario]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  one.enqueue(bad_signature());
  f.start();
  const Answer answer = f.ask(session(turns(thought("unknown") + "," + text_block, stream)));
  CHECK(answer.status == 200);
  CHECK(tries(f.finished()) == "one:rejected one:success");
  CHECK(one.requests()[1].body == turns(text_block, stream));
  CHECK(two.requests().empty());
}

TEST_CASE("a signature rejected twice is the client's to know, byte for byte", "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(bad_signature());
  one.enqueue(bad_signature());
  f.start();
  const Answer answer = f.ask(session(turns(thought("unknown") + "," + text_block)));
  CHECK(answer.status == 400);
  CHECK(has(answer.body, "Invalid `signature` in `thinking` block"));
  CHECK(one.requests().size() == 2);
}

TEST_CASE("in a race a second provider that rejects a signature is asked again as well",
          "[scenario]") {
  RelayFixture f;
  f.config.routing.race = 2;
  f.add_provider("one").enqueue(Script::error(500, "api_error", "down"));
  FakeProvider& two = f.add_provider("two");
  FakeProvider& three = f.add_provider("three");
  two.enqueue(bad_signature());
  two.enqueue(Script().hold());
  three.enqueue(held(bad_signature()));
  f.start();
  const auto client = f.connect();
  client->send(session(turns(thought("unknown") + "," + text_block)));
  f.until([&] { return two.requests().size() == 2 && three.requests().size() == 1; });
  three.release();
  const RequestSummary& summary = f.finished();
  CHECK(summary.status == 200);
  CHECK(tries(summary) == "one:failed two:rejected three:rejected two:cancelled three:success");
  CHECK(three.requests()[1].body == turns(text_block));
}

TEST_CASE("any other 400 to a request with thinking is passed on at once, byte for byte",
          "[scenario]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  const std::string words = "prompt is too long: 210000 tokens > 200000 maximum";
  one.enqueue(Script::error(400, "invalid_request_error", words));
  f.start();
  const Answer answer = f.ask(session(turns(thought("unknown") + "," + text_block)));
  CHECK(answer.status == 400);
  CHECK(has(answer.body, words));
  CHECK(one.requests().size() == 1);
}

TEST_CASE("a thinking block without a word is left out as one with a bad signature is",
          "[scenario]") {
  RelayFixture f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(Script::error(400, "invalid_request_error",
                                 "messages.1.content.0.thinking: each thinking block must contain "
                                 "non-whitespace thinking"));
  f.start();
  const std::string blank = R"({"type":"thinking","thinking":" ","signature":"s"})";
  CHECK(f.ask(session(turns(blank + "," + text_block))).status == 200);
  REQUIRE(provider.requests().size() == 2);
  CHECK(provider.requests()[0].body == turns(blank + "," + text_block));
  CHECK(provider.requests()[1].body == turns(text_block));
}
