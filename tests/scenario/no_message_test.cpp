#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/clouds.hpp"
#include "scenario/h2_stage.hpp"
#include "scenario/stream_stage.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;

// A good status that is not yet an answer.

namespace {

Script json(const std::string& body, const std::string& type = "application/json") {
  return Script::reply(200, type, body);
}

std::string count_request() {
  return RelayFixture::post(RelayFixture::body(false), {}, "/v1/messages/count_tokens");
}

Script chunked(const Headers& more = {}) {
  Headers headers{{"transfer-encoding", "chunked"}};
  for (const Header field : more) headers.add(field.name, field.value);
  return Script().head(200, headers);
}

}  // namespace

TEST_CASE("an error with status 200 is the error it says, with the status it usually has",
          "[scenario][no-message]") {
  struct Case {
    const char* body;
    int status;
    const char* outcome;
  };
  const Case c = GENERATE(
      Case{R"({"type":"error","error":{"type":"api_error","message":"m"}})", 500, "failed"},
      Case{R"({"error":{"type":"server_error","message":"m"}})", 500, "failed"},
      Case{R"({"type":"error","error":{"type":"rate_limit_error","message":"m"}})", 429,
           "rate_limited"},
      Case{R"({"error":{"code":500,"message":"Internal Server Error"},"user_id":"u"})", 500,
           "failed"},
      Case{R"({"error":{"code":404,"message":"no such model","status":"NOT_FOUND"}})", 404,
           "not_here"},
      Case{R"({"error":"it broke"})", 500, "failed"},
      Case{R"({"code":500,"msg":"it broke","success":false})", 500, "failed"});
  const bool stream = GENERATE(false, true);
  CAPTURE(c.body, stream);
  CHECK(tries_after(json(c.body), stream) == "one:" + std::string(c.outcome) + " two:success");
  const Answer answer = alone(json(c.body), stream);
  CHECK(answer.status == c.status);
  CHECK(answer.body == c.body);
  CHECK(answer.headers.get("content-type") == "application/json");
}

TEST_CASE("an overload with status 200 is repeated in place", "[scenario][no-message]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(json(R"({"type":"error","error":{"type":"overloaded_error","message":"m"}})"));
  f.start();
  const auto client = f.connect();
  client->send(request(stream));
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  CHECK(client->received().empty());
  f.harness.advance(milliseconds(500));
  CHECK(tries(f.finished()) == "one:overloaded one:success");
}

TEST_CASE("the request's own fault with status 200 is told at once, with 400",
          "[scenario][no-message]") {
  const std::string body =
      R"({"error":{"code":400,"message":"the request exceeds the available context size",)"
      R"("type":"exceed_context_size_error"}})";
  RelayFixture f;
  f.add_provider("one").enqueue(json(body));
  FakeProvider& two = f.add_provider("two");
  f.start();
  const Answer answer = f.ask(request(GENERATE(false, true)));
  CHECK(answer.status == 400);
  CHECK(answer.body == body);
  CHECK(two.requests().empty());
}

TEST_CASE("a 200 that is no message goes to the next provider, and alone it is a 502",
          "[scenario][no-message]") {
  struct Case {
    const char* type;
    const char* body;
  };
  const Case c = GENERATE(Case{"application/json", ""}, Case{"application/json", "{}"},
                          Case{"application/json", R"({"choices":[{"message":{}}]})"},
                          Case{"text/plain", "OK"}, Case{"text/html", "<html>log in</html>"},
                          Case{"text/event-stream", ""}, Case{"application/json", "{\"type\":"});
  const bool stream = GENERATE(false, true);
  CAPTURE(c.type, c.body, stream);
  CHECK(tries_after(json(c.body, c.type), stream) == "one:failed two:success");
  const Answer answer = alone(json(c.body, c.type), stream);
  CHECK(answer.status == 502);
  CHECK(has(answer.body, R"({"type":"error","error":{"type":"api_error","message":)"
                         R"("provider \"one\": answered 200 with )"));
  CHECK_FALSE(has(answer.body, "log in"));
}

TEST_CASE("a count without input_tokens goes to the next provider, and alone it is a 502",
          "[scenario][no-message]") {
  const std::string body = GENERATE("", "{}", R"({"type":"message","content":[]})", "<p>hello");
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.respond_with([&](const RecordedRequest&) { return json(body); });
  f.start();
  CHECK(f.ask(count_request()).status == 502);
  CHECK(one.requests().size() == 1);
  RelayFixture g;
  g.add_provider("one").enqueue(json(body));
  g.add_provider("two").enqueue(json("{\"input_tokens\":42}"));
  g.start();
  CHECK(g.ask(count_request()).body == "{\"input_tokens\":42}");
  CHECK(tries(g.finished()) == "one:failed two:success");
}

TEST_CASE("what is passed through may be empty or a page", "[scenario][no-message]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(json(""));
  one.enqueue(json("<html>a page</html>", "text/html"));
  one.enqueue(Script().head(204, {}));
  f.start();
  CHECK(f.ask(RelayFixture::get("/v1/files")).status == 200);
  CHECK(f.ask(RelayFixture::get("/v1/files/x/content")).body == "<html>a page</html>");
  CHECK(f.ask(RelayFixture::get("/v1/files/y")).status == 204);
}

TEST_CASE("an error that begins a stream without saying so in a name is one",
          "[scenario][no-message]") {
  const std::string error = R"(data: {"error":{"message":"m","type":"api_error"}})";
  const std::string before =
      GENERATE(std::string(), Script::events("x")[0], ": hello\n\n" + Script::events("x")[1]);
  const Script script = Script::stream_head().chunk(before).chunk(error + "\n\n").last_chunk();
  CHECK(tries_after(script, true) == "one:failed two:success");
  const Answer answer = alone(script, true);
  CHECK(answer.body == before +
                           "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
                           "\"api_error\",\"message\":\"m\"}}\n\n");
  CHECK(answer.complete);
}

TEST_CASE("such an error after the commit is told in the form that clients look for",
          "[scenario][no-message]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(
      begun().chunk("data: {\"error\":{\"message\":\"m\"}}\n\ndata: [DONE]\n\n").last_chunk());
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  one.release();
  CHECK(tries(f.finished()) == "one:stream_broken");
  f.until([&] { return client->answers().back().complete; });
  CHECK(body_of(*client) == begun_bytes() +
                                "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
                                "\"api_error\",\"message\":\"m\"}}\n\n");
}

TEST_CASE("a stream is one by its first bytes, and ends as one", "[scenario][no-message]") {
  const std::string type = GENERATE("", "application/json", "text/plain");
  const bool cut = GENERATE(false, true);
  RelayFixture f;
  Headers head{{"connection", "close"}};
  if (!type.empty()) head.add("content-type", type);
  std::string events;
  for (const std::string& event : Script::events("hi")) events += event;
  const std::string sent =
      cut ? events.substr(0, events.find("event: content_block_stop")) : events;
  f.add_provider("one").enqueue(Script().head(200, head).send(sent).close());
  f.start();
  const Answer answer = f.ask(request(true));
  CHECK(answer.complete);
  CHECK(answer.headers.get("content-type") == "text/event-stream");
  CHECK(answer.headers.get("x-accel-buffering") == "no");
  CHECK(answer.body.substr(0, sent.size()) == sent);
  CHECK(has(answer.body.substr(sent.size()), "event: error\n") == cut);
  CHECK(tries(f.finished()) == (cut ? "one:stream_broken" : "one:success"));
  CHECK(usage_of(f.finished()).tokens[TokenClass::input] == 11u);
}

TEST_CASE("a JSON answer that is cut after its head fails over unseen", "[scenario][no-message]") {
  const std::string half = R"({"type":"message","content":[{"type":"text","text":"hal)";
  const int how = GENERATE(0, 1, 2);
  const bool stream = GENERATE(false, true);
  const Headers sized{{"content-type", "application/json"}, {"content-length", "1000"}};
  const Script script = how == 0 ? Script().head(200, sized).send(half).close()
                        : how == 1
                            ? Script().head(200, sized).send(half).reset()
                            : chunked({{"content-type", "application/json"}}).chunk(half).close();
  CHECK(tries_after(script, stream) == "one:failed two:success");
  const Answer answer = alone(script, stream);
  CHECK(answer.status == 502);
  CHECK(answer.complete);
  CHECK_FALSE(has(answer.body, "hal"));
}

TEST_CASE("a JSON answer longer than stream.inspect_bytes goes on as it comes",
          "[scenario][no-message]") {
  RelayFixture f;
  f.config.stream.inspect_bytes = 100;
  FakeProvider& one = f.add_provider("one");
  const std::string begin =
      R"({"type":"message","content":[{"type":"text","text":")" + std::string(100, 'x');
  one.enqueue(chunked({{"content-type", "application/json"}})
                  .chunk(begin)
                  .hold()
                  .chunk("\"}]}")
                  .last_chunk());
  f.start();
  const auto client = f.connect();
  client->send(request(false));
  f.until([&] { return body_of(*client) == begin; });
  one.release();
  f.until([&] { return client->answers().back().complete; });
  CHECK(body_of(*client) == begin + "\"}]}");
}

TEST_CASE("a provider that sends the head of a stream and then nothing", "[scenario][no-message]") {
  const std::string type = GENERATE("text/event-stream", "");
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  std::string events;
  for (const std::string& event : Script::events("late")) events += event;
  one.enqueue(chunked(type.empty() ? Headers{} : Headers{{"content-type", type}})
                  .hold()
                  .chunk(events)
                  .last_chunk());
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(milliseconds(999));
  CHECK(client->received().empty());
  f.harness.advance(milliseconds(1));
  f.until([&] { return !client->answers().empty(); });
  CHECK(client->answers().back().status == 200);
  CHECK(client->answers().back().headers.get("content-type") == "text/event-stream");
  CHECK(body_of(*client).empty());
  f.harness.advance(milliseconds(15'000));
  const std::string ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
  CHECK(body_of(*client) == ping);
  one.release();
  f.until([&] { return client->answers().back().complete; });
  CHECK(body_of(*client) == ping + events);
  CHECK(tries(f.finished()) == "one:success");
}

TEST_CASE("JSON that comes behind the commit of a silent stream is told as an error",
          "[scenario][no-message]") {
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(Script::stream_head()
                  .hold()
                  .chunk(R"({"error":{"type":"overloaded_error","message":"m"}})")
                  .last_chunk());
  f.start();
  const auto client = open_stream(f);
  f.until([&] { return one.requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(milliseconds(1000));
  f.until([&] { return !client->answers().empty(); });
  one.release();
  CHECK(tries(f.finished()) == "one:stream_broken");
  f.until([&] { return client->answers().back().complete; });
  CHECK(body_of(*client).find("event: error\ndata: {") == 0);
  CHECK(has(body_of(*client), "overloaded_error: m"));
}

TEST_CASE("a client with HTTP/2 sees nothing of an answer that was none",
          "[scenario][no-message]") {
  const bool stream = GENERATE(false, true);
  RelayFixture f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(json(R"({"error":"no"})"));
  f.add_provider("two");
  f.start();
  const auto client = h2_connect(f);
  const auto got = ended(f, *client, client->post(RelayFixture::body(stream)));
  CHECK(got.answer.status == 200);
  CHECK(has(got.answer.body, stream ? "message_stop" : "end_turn"));
  CHECK(tries(f.finished()) == "one:failed two:success");
}

TEST_CASE("clouds answer with what is none too", "[scenario][no-message]") {
  const std::string type = GENERATE("bedrock", "vertex", "azure", "anthropic_aws");
  const bool stream = GENERATE(false, true);
  CAPTURE(type, stream);
  FakeEnvironment environment;
  environment.set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  environment.set("AWS_SECRET_ACCESS_KEY", "not-a-real-secret");
  RelayFixture f;
  f.options.environment = environment.lookup();
  FakeProvider& cloud = f.add_provider("cloud");
  if (type == "vertex") as_vertex(f);
  if (type == "bedrock" || type == "anthropic_aws") as_bedrock(f);
  ProviderConfig& config = f.config.providers.back();
  config.type = type;
  if (type == "anthropic_aws") config.workspace_id = "wrkspc_mine";
  config.keys = {{Secret("a-key-of-the-cloud"), 1, 1}};
  f.add_provider("next");
  cloud.enqueue(json(R"({"Output":{"__type":"com.amazon.coral.service#UnknownOperation"}})"));
  f.start();
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == 200);
  CHECK(has(answer.body, stream ? "message_stop" : "end_turn"));
  CHECK_FALSE(has(answer.body, "UnknownOperation"));
  CHECK(tries(f.finished()) == "cloud:failed next:success");
  CHECK(cloud.requests().size() == 1);
}

TEST_CASE("frames of Bedrock's without a content type are known by their first checksum",
          "[scenario][no-message]") {
  const std::string type = GENERATE("", "application/json", "application/octet-stream");
  const std::size_t piece = GENERATE(1u, 11u, 13u, 100000u);
  const bool own_form = GENERATE(false, true);
  CAPTURE(type, piece, own_form);
  RelayFixture f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f).keys.push_back({Secret("bedrock-key"), 1, 1});
  const std::string frames = bedrock_frames("hello");
  Script script = type.empty() ? chunked() : chunked({{"content-type", type}});
  for (std::size_t at = 0; at < frames.size(); at += piece) script.chunk(frames.substr(at, piece));
  bedrock.enqueue(script.last_chunk());
  f.start();
  const Answer answer =
      own_form ? f.ask(RelayFixture::post(
                     R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":8,"messages":[]})",
                     {}, "/model/claude-test/invoke-with-response-stream"))
               : f.ask(request(true));
  CHECK(answer.status == 200);
  CHECK(answer.complete);
  if (own_form) {
    CHECK(answer.headers.get("content-type") == "application/vnd.amazon.eventstream");
    CHECK(answer.body == frames);
  } else {
    CHECK(has(std::string(answer.headers.get("content-type").value_or("")), "text/event-stream"));
    CHECK(has(answer.body, "event: message_stop"));
  }
  CHECK(tries(f.finished()) == "b:success");
  CHECK(usage_of(f.finished()).tokens[TokenClass::output] > 0u);
}

TEST_CASE("bytes that begin as a frame and have another checksum are no answer",
          "[scenario][no-message]") {
  std::string frames = bedrock_frames("hello");
  frames[8] = static_cast<char>(frames[8] ^ 1);
  RelayFixture f;
  FakeProvider& bedrock = f.add_provider("b");
  as_bedrock(f).keys.push_back({Secret("bedrock-key"), 1, 1});
  f.add_provider("next");
  bedrock.enqueue(chunked().chunk(frames).last_chunk());
  f.start();
  const Answer answer = f.ask(request(true));
  CHECK(answer.status == 200);
  CHECK(has(answer.body, "message_stop"));
  CHECK(tries(f.finished()) == "b:failed next:success");
  CHECK(bedrock.requests().size() == 1);
  // Known by that checksum, not when frames are read.
  CHECK(has(f.finished().attempts[0].detail, "answered 200 with text"));
}

TEST_CASE("only whole frames of Bedrock's go to a client that speaks its form",
          "[scenario][no-message]") {
  FakeEnvironment environment;
  environment.set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  environment.set("AWS_SECRET_ACCESS_KEY", "not-a-real-secret");
  const std::string frames = bedrock_frames("hello");
  const std::string beginning = bedrock_beginning();
  for (std::size_t cut = beginning.size() + 1; cut < frames.size(); cut += 97) {
    INFO("cut at " << cut);
    RelayFixture f;
    f.options.environment = environment.lookup();
    FakeProvider& bedrock = f.add_provider("b");
    as_bedrock(f);
    bedrock.enqueue(bedrock_head().chunk(frames.substr(0, cut)).reset());
    f.start();
    const Answer answer =
        f.ask(RelayFixture::post(R"({"anthropic_version":"bedrock-2023-05-31"})", {},
                                 "/model/claude-test/invoke-with-response-stream"));
    CHECK(answer.complete);
    const auto at = answer.body.find("modelStreamErrorException");
    REQUIRE(at != std::string::npos);
    // What stands before the exception's frame is whole frames of the provider's.
    const std::string exception = answer.body.substr(0, at);
    CHECK(exception.size() > beginning.size());
    CHECK(frames.starts_with(exception.substr(0, beginning.size())));
  }
}
