#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/tags.hpp"
#include "scenario/stream_stage.hpp"
#include "scenario/translate_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// What goes wrong on the way to a provider of another dialect: told to the client in its own words,
// or mended by the next provider before anything was told.

namespace {

struct Failure {
  int status;
  const char* openai;     // type or code as OpenAI has it
  const char* gemini;     // google.rpc.Code
  const char* anthropic;  // type
  const char* message;
  // What a client is told: status and words.
  const char* to_anthropic;
  const char* to_openai;
  const char* to_gemini;
};

constexpr Failure failures[] = {
    {400, "invalid_request_error", "INVALID_ARGUMENT", "invalid_request_error", "that is odd",
     "400 invalid_request_error: that is odd", "400 invalid_request_error: that is odd",
     "400 INVALID_ARGUMENT: that is odd"},
    {404, "model_not_found", "NOT_FOUND", "not_found_error", "no such model",
     "404 not_found_error: no such model", "404 invalid_request_error: no such model",
     "404 NOT_FOUND: no such model"},
    {413, "invalid_request_error", "INVALID_ARGUMENT", "request_too_large", "too large",
     "413 request_too_large: too large", "413 invalid_request_error: too large",
     "413 INVALID_ARGUMENT: too large"},
    {429, "rate_limit_exceeded", "RESOURCE_EXHAUSTED", "rate_limit_error", "slow down",
     "429 rate_limit_error: slow down", "429 rate_limit_error: slow down",
     "429 RESOURCE_EXHAUSTED: slow down"},
    {500, "server_error", "INTERNAL", "api_error", "oops", "500 api_error: oops",
     "500 server_error: oops", "500 INTERNAL: oops"},
    {504, "timeout", "DEADLINE_EXCEEDED", "timeout_error", "too slow",
     "504 timeout_error: too slow", "504 server_error: too slow",
     "504 DEADLINE_EXCEEDED: too slow"},
};

std::string begins_like(Speech client, const Failure& failure) {
  if (client == Speech::anthropic) return failure.to_anthropic;
  return client == Speech::gemini ? failure.to_gemini : failure.to_openai;
}

const char* type_of(Speech provider, const Failure& failure) {
  if (provider == Speech::anthropic) return failure.anthropic;
  return provider == Speech::gemini ? failure.gemini : failure.openai;
}

// A client that reads a stream as it comes.
struct Reader {
  Reader(TranslateStage& f, Agent& agent) : client(f.connect()) {
    client->send(RelayFixture::post(agent.body(), {}, agent.target()));
  }
  bool has_words(std::string_view words) const { return has(body_of(*client), words); }
  bool done() const {
    const auto all = client->answers();
    return client->gone() || (!all.empty() && all.back().complete);
  }
  std::unique_ptr<RawClient> client;
};

}  // namespace

TEST_CASE("a provider's error reaches a client of another dialect in its own words",
          "[scenario][translate]") {
  for_each_translation([](Speech client, Speech provider) {
    for (const Failure& failure : failures) {
      INFO(failure.status);
      TranslateStage f;
      const Vendor& vendor = f.add_vendor(provider, "v");
      f.start();
      f.providers[0]->respond_with([&](const RecordedRequest&) {
        return script_of(vendor.error(failure.status, type_of(provider, failure), failure.message));
      });
      Agent agent(client, true);
      agent.ask("x");
      const Said said = f.ask(agent);
      const std::string expected = begins_like(client, failure);
      CHECK(said.error.substr(0, expected.size()) == expected);
    }
  });
}

TEST_CASE("a prompt that is too long is told as each client knows it", "[scenario][translate]") {
  struct Row {
    Speech provider;
    const char* type;
    const char* message;
  };
  const Row rows[] = {
      {Speech::anthropic, "invalid_request_error",
       "prompt is too long: 200001 tokens > 200000 maximum"},
      {Speech::chat, "context_length_exceeded",
       "This model's maximum context length is 200000 tokens. However, your messages resulted in "
       "200001 tokens."},
      {Speech::gemini, "INVALID_ARGUMENT",
       "The input token count (200001) exceeds the maximum number of tokens allowed (200000)."},
  };
  for (const Row& row : rows) {
    for (const Speech client : all_speeches) {
      if (client == row.provider) continue;
      INFO(to_string(client) << " > " << to_string(row.provider));
      TranslateStage f;
      const Vendor& vendor = f.add_vendor(row.provider, "v");
      f.providers[0]->enqueue(script_of(vendor.error(400, row.type, row.message)));
      f.start();
      Agent agent(client, false);
      agent.ask("x");
      const Said said = f.ask(agent);
      CHECK(has(said.error, "prompt is too long: 200001 tokens > 200000 maximum"));
      if (client == Speech::chat || client == Speech::responses)
        CHECK(has(said.error, "[context_length_exceeded]"));
    }
  }
}

TEST_CASE("a provider that fails before the first byte is followed by one of another dialect",
          "[scenario][translate]") {
  for_each_translation([](Speech client, Speech provider) {
    const Speech next = other_than(client, provider);
    struct Row {
      const char* what;
      Script script;
    };
    const Vendor::Answer begun = sample(provider, saying("lost"));
    std::vector<Row> rows{
        {"500", Script::reply(500, "application/json", "{}")},
        {"529", Script::reply(529, "application/json", "{}")},
        {"reset before the head", Script().reset()},
        {"reset behind the head", Script::stream_head().reset()},
        {"an error within a 200 stream",
         begun_of(begun, silent_events(provider)).chunk(overloaded_event(provider)).last_chunk()}};
    if (silent_events(provider) > 0)
      rows.push_back(
          {"reset before anything was said", begun_of(begun, silent_events(provider)).reset()});
    for (Row& row : rows) {
      INFO(row.what);
      TranslateStage f;
      f.add_vendor(provider, "one");
      // In-band overload is asked again in place first.
      for (int i = 0; i < 3; ++i) f.providers[0]->enqueue(row.script);
      f.add_vendor(next, "two").will_say(saying("found"));
      f.start();
      Agent agent(client, true);
      agent.ask("x");
      Reader reader(f, agent);
      while (!reader.done()) f.harness.advance(std::chrono::milliseconds(200));
      const Answer answer = reader.client->answers().back();
      const Said said =
          agent.hear(answer.status, answer.headers.get("content-type").value_or(""), answer.body);
      CHECK(line_of(said) == line_of(saying("found")));
      CHECK_FALSE(has(answer.body, "lost"));
      CHECK(f.complaints().empty());
      CHECK(f.finished().attempts.back().provider == "two");
    }
  });
}

TEST_CASE("an error within a stream that has begun is told in the client's dialect",
          "[scenario][translate]") {
  for_each_translation([](Speech client, Speech provider) {
    TranslateStage f;
    f.add_vendor(provider, "v");
    const Vendor::Answer begun = sample(provider, saying("begun and more"));
    const std::size_t said_something = provider == Speech::responses ? 6
                                       : provider == Speech::gemini  ? 1
                                       : provider == Speech::chat    ? 2
                                                                     : 5;
    f.providers[0]->enqueue(
        begun_of(begun, said_something).chunk(overloaded_event(provider)).last_chunk());
    f.start();
    Agent agent(client, true);
    agent.ask("x");
    const Said said = f.ask(agent);
    CHECK(f.last.status == 200);
    CHECK(said.error.substr(0, 13) == "in the stream");
    CHECK(has(said.error, "from the provider"));
    CHECK(has(f.last.body, "begun"));
    if (client == Speech::chat || client == Speech::responses)
      CHECK(has(said.error, "[server_is_overloaded]"));
    CHECK(tries(f.finished()) == "v:stream_broken");
  });
}

TEST_CASE("a stream that breaks off is never ended as if it were whole", "[scenario][translate]") {
  enum class End { reset, close, silence };
  const End end = GENERATE(End::reset, End::close, End::silence);
  for_each_translation([&](Speech client, Speech provider) {
    TranslateStage f;
    f.add_vendor(provider, "v");
    const Vendor::Answer begun = sample(provider, saying("begun and more"));
    const std::size_t said_something = provider == Speech::gemini ? 1 : 6;
    Script script = begun_of(begun, std::min(said_something, begun.events.size() - 2)).hold();
    f.providers[0]->enqueue(end == End::close ? script.close() : script.reset());
    f.start();
    Agent agent(client, true);
    agent.ask("x");
    Reader reader(f, agent);
    f.until([&] { return reader.has_words("begun"); });
    if (end == End::silence) {
      f.harness.advance(f.config.timeouts.stream_idle * 2);
    } else {
      f.providers[0]->release();
    }
    f.until([&] { return reader.done(); });
    const Answer answer = reader.client->answers().back();
    const Said said = agent.hear(200, answer.headers.get("content-type").value_or(""), answer.body);
    CHECK(said.error.substr(0, 13) == "in the stream");
    CHECK(f.finished().ending == Ending::broken);
    CHECK(tries(f.finished()) == "v:stream_broken");
  });
}

TEST_CASE("a client that leaves cancels what is asked of another dialect's provider",
          "[scenario][translate]") {
  for_each_translation([](Speech client, Speech provider) {
    TranslateStage f;
    f.add_vendor(provider, "v");
    const Vendor::Answer begun = sample(provider, saying("begun and more"));
    f.providers[0]->enqueue(begun_of(begun, begun.events.size() - 2).hold());
    f.start();
    Agent agent(client, true);
    agent.ask("x");
    Reader reader(f, agent);
    f.until([&] { return reader.has_words("begun"); });
    reader.client->close();
    f.until([&] { return f.providers[0]->cancelled() == 1; });
    CHECK(f.finished().ending == Ending::client_gone);
    CHECK(tries(f.finished()) == "v:cancelled");
  });
}

TEST_CASE("each client's stream is kept alive in its own way", "[scenario][translate]") {
  for (const Speech client : all_speeches) {
    INFO(to_string(client));
    const Speech provider = client == Speech::chat ? Speech::gemini : Speech::chat;
    TranslateStage f;
    f.add_vendor(provider, "v");
    const Vendor::Answer whole = sample(provider, saying("begun and more"));
    Script script = begun_of(whole, whole.events.size() - 2).hold();
    for (std::size_t i = whole.events.size() - 2; i < whole.events.size(); ++i)
      script.chunk(whole.events[i]);
    f.providers[0]->enqueue(script.last_chunk());
    f.start();
    Agent agent(client, true);
    agent.ask("x");
    Reader reader(f, agent);
    f.until([&] { return reader.has_words("begun"); });
    const std::size_t before = body_of(*reader.client).size();
    f.harness.advance(f.config.stream.keepalive * 2);
    f.until([&] { return body_of(*reader.client).size() > before; });
    const std::string ping = body_of(*reader.client).substr(before);
    const std::string expected = client == Speech::anthropic
                                     ? "event: ping\ndata: {\"type\": \"ping\"}\n\n"
                                 : client == Speech::gemini ? "\n\n"
                                                            : ": ping\n\n";
    CHECK(ping.substr(0, expected.size()) == expected);
    f.providers[0]->release();
    f.until([&] { return reader.done(); });
    CHECK(has(body_of(*reader.client), "more"));
    CHECK(f.finished().ending == Ending::complete);
  }
}

TEST_CASE("an answer that breaks off before its end is asked of the next provider",
          "[scenario][translate]") {
  for_each_translation([](Speech client, Speech provider) {
    TranslateStage f;
    f.add_vendor(provider, "one");
    f.providers[0]->enqueue(
        Script()
            .head(200, {{"content-type", "application/json"}, {"content-length", "1000"}})
            .send("{\"id\":")
            .reset());
    f.add_vendor(other_than(client, provider), "two").will_say(saying("found"));
    f.start();
    Agent agent(client, false);
    agent.ask("x");
    CHECK(line_of(f.ask(agent)) == line_of(saying("found")));
    CHECK(f.finished().attempts.back().provider == "two");
  });
}

TEST_CASE("an answer of the other kind than asked for becomes what was asked for",
          "[scenario][translate]") {
  const bool stream = GENERATE(false, true);
  for_each_translation([&](Speech client, Speech provider) {
    TranslateStage f;
    f.add_vendor(provider, "v");
    Said said = calling();
    said.thinking.clear();
    f.providers[0]->enqueue(script_of(sample(provider, said, !stream)));
    f.start();
    Agent agent = agent_with_tools(client, stream);
    CHECK(line_of(f.ask(agent)) == line_of(said));
    CHECK(tries(f.finished()) == "v:success");
  });
}

TEST_CASE("an answer that is kept whole takes room like a request's body",
          "[scenario][translate]") {
  struct Row {
    Speech client;
    Speech provider;
    bool stream;  // asked for, and not got
  };
  const Row rows[] = {
      {Speech::anthropic, Speech::chat, false},  // read whole
      {Speech::chat, Speech::anthropic, false},  // said whole
      {Speech::responses, Speech::chat, true},   // both
  };
  for (const Row& row : rows) {
    INFO(to_string(row.client) << " > " << to_string(row.provider));
    TranslateStage f;
    f.config.server.max_body_bytes = 10'000;
    f.config.server.max_buffered_body_bytes = 1;  // room for one body at any rate
    f.add_vendor(row.provider, "v");
    f.add_vendor(row.provider, "next");
    const Said long_one = saying(std::string(12'000, 'x'));
    f.providers[0]->enqueue(script_of(sample(row.provider, long_one, false)));
    f.start();
    Agent agent(row.client, row.stream);
    agent.ask("x");
    CHECK(f.ask(agent).error.substr(0, 3) == "503");
    CHECK(f.last.headers.get("retry-after") == "1");
    CHECK(has(f.last.body, "(server.max_buffered_body_bytes)"));
    CHECK(f.providers[1]->requests().empty());
    // And it is given back.
    f.harness.settle();
    CHECK(has(f.RelayFixture::ask(RelayFixture::get("/v1/providers")).body, R"("body_bytes":0,)"));
  }
}

TEST_CASE("what is kept of a stream to be translated takes room like a request's body",
          "[scenario][translate]") {
  for (const Speech provider : {Speech::anthropic, Speech::chat, Speech::gemini}) {
    INFO(to_string(provider));
    TranslateStage f;
    f.config.server.max_body_bytes = 10'000;
    f.config.server.max_buffered_body_bytes = 1;  // room for one body at any rate
    f.add_vendor(provider, "v");
    const auto room = [&] { return f.RelayFixture::ask(RelayFixture::get("/v1/providers")).body; };
    // A client of responses gets all of its answer once more at the end.
    Agent agent(Speech::responses, true);
    agent.ask("x");
    const auto queue = [&](std::size_t length) {
      const Vendor::Answer answer = sample(provider, saying("begun" + std::string(length, 'x')));
      // Gemini's last chunk says how it ends, that of others is told by two events.
      const std::size_t said = answer.events.size() - (provider == Speech::gemini ? 1 : 2);
      Script script = begun_of(answer, said).hold();
      for (std::size_t i = said; i < answer.events.size(); ++i) script.chunk(answer.events[i]);
      f.providers[0]->enqueue(script.last_chunk());
    };
    queue(5000);
    f.start();
    Reader reader(f, agent);
    f.until([&] { return reader.has_words(std::string(5000, 'x').substr(0, 2000)); });
    f.harness.settle();
    CHECK_FALSE(has(room(), R"("body_bytes":0,)"));
    CHECK_FALSE(reader.done());
    f.providers[0]->release();
    f.until([&] { return reader.done(); });
    // Behind the question about room.
    CHECK(tries(f.finished(2)) == "v:success");
    CHECK(has(room(), R"("body_bytes":0,"bodies_refused":0)"));
    // More than there is room for.
    queue(12'000);
    const Said said = f.ask(agent);
    CHECK(f.last.status == 200);
    CHECK(said.error.substr(0, 13) == "in the stream");
    CHECK(has(said.error, "(server.max_buffered_body_bytes)"));
    CHECK(has(f.last.body, "begun"));
    CHECK_FALSE(has(f.last.body, "response.completed"));
    const RequestSummary summary = f.finished(4);
    CHECK(tries(summary) == "v:cancelled");
    CHECK(summary.ending == Ending::broken);
    CHECK(has(summary.error, "(server.max_buffered_body_bytes)"));
    f.until([&] { return f.providers[0]->cancelled() == 1; });
    f.harness.settle();
    CHECK(has(room(), R"("body_bytes":0,)"));
  }
}

TEST_CASE("a chunk of an array of Gemini's takes room while it is read", "[scenario][translate]") {
  // What comes too long: the first of all, or one behind others.
  for (const bool is_first : {true, false}) {
    TranslateStage f;
    f.config.server.max_body_bytes = 10'000;
    f.config.server.max_buffered_body_bytes = 1;  // room for one body at any rate
    f.add_vendor(Speech::gemini, "v");
    f.add_vendor(Speech::gemini, "next");
    const auto chunk = [](const std::string& text) {
      return R"({"candidates":[{"content":{"role":"model","parts":[{"text":")" + text +
             R"("}]},"index":0}]})";
    };
    Script script = Script().head(
        200, {{"content-type", "application/json"}, {"transfer-encoding", "chunked"}});
    script.chunk(is_first ? "[" : "[" + chunk("begun") + ",");
    const std::string long_one = chunk(std::string(12'000, 'x'));
    for (std::size_t at = 0; at < long_one.size(); at += 1000)
      script.chunk(long_one.substr(at, 1000));
    f.providers[0]->enqueue(script.hold());
    f.start();
    Agent agent(Speech::chat, true);
    agent.ask("x");
    const Said said = f.ask(agent);
    CHECK(has(said.error, "(server.max_buffered_body_bytes)"));
    CHECK_FALSE(has(f.last.body, "xxxx"));
    const RequestSummary& summary = f.finished();
    if (is_first) {
      CHECK(f.last.status == 503);
      CHECK(f.last.headers.get("retry-after") == "1");
    } else {
      CHECK(has(f.last.body, "begun"));
      CHECK(said.error.substr(0, 13) == "in the stream");
      CHECK(tries(summary) == "v:cancelled");
    }
    CHECK(f.providers[1]->requests().empty());
    f.until([&] { return f.providers[0]->cancelled() == 1; });
    f.harness.settle();
    CHECK(has(f.RelayFixture::ask(RelayFixture::get("/v1/providers")).body, R"("body_bytes":0,)"));
  }
}

TEST_CASE("a stream of Gemini's that is an array is passed on, whatever its length",
          "[scenario][translate]") {
  TranslateStage f;
  f.config.server.max_body_bytes = 10'000;
  f.config.server.max_buffered_body_bytes = 1;  // room for one body at any rate
  f.add_vendor(Speech::gemini, "v");
  const Said long_one = saying(std::string(12'000, 'x'));
  std::string array;
  for (const std::string& event : sample(Speech::gemini, long_one).events)
    array += (array.empty() ? "[" : ",") + event.substr(event.find('{'));
  Script script =
      Script().head(200, {{"content-type", "application/json"}, {"transfer-encoding", "chunked"}});
  for (std::size_t at = 0; at < array.size(); at += 1000) script.chunk(array.substr(at, 1000));
  f.providers[0]->enqueue(script.chunk("]").last_chunk());
  f.start();
  Agent agent(Speech::anthropic, true);
  agent.ask("x");
  CHECK(line_of(f.ask(agent)) == line_of(long_one));
  CHECK(tries(f.finished()) == "v:success");
  CHECK(has(f.RelayFixture::ask(RelayFixture::get("/v1/providers")).body,
            R"("body_bytes":0,"bodies_refused":0)"));
}

TEST_CASE("an answer that only the relay wants to understand takes no room from others",
          "[scenario][translate]") {
  TranslateStage f;
  f.config.server.max_body_bytes = 10'000;
  f.config.server.max_buffered_body_bytes = 1;  // room for one body at any rate
  f.add_vendor(Speech::chat, "v");
  const Said long_one = saying(std::string(12'000, 'x'));
  const std::string body = sample(Speech::chat, long_one, false).body();
  f.providers[0]->enqueue(Script()
                              .head(200, {{"content-type", "application/json"},
                                          {"content-length", std::to_string(body.size())}})
                              .send(body.substr(0, 6000))
                              .send(body.substr(6000, 5000))
                              .hold()
                              .send(body.substr(11'000)));
  f.start();
  Agent agent(Speech::chat, false);
  agent.ask("x");
  const auto client = f.connect();
  client->send(RelayFixture::post(agent.body(), {}, agent.target()));
  f.until([&] { return f.providers[0]->requests().size() == 1; });
  f.harness.settle();
  // The request's own alone.
  const std::string held = std::to_string(agent.body().size());
  CHECK(has(f.RelayFixture::ask(RelayFixture::get("/v1/providers")).body,
            R"("body_bytes":)" + held + R"(,"bodies_refused":0)"));
  f.providers[0]->release();
  f.until([&] { return client->answers().size() == 1 && client->answers()[0].complete; });
  CHECK(client->answers()[0].body == body);
}

TEST_CASE("a body that something was taken out of is held once", "[scenario][translate]") {
  TranslateStage f;
  f.add_vendor(Speech::chat, "v");
  f.config.providers[0].model_mapping.clear();
  f.providers[0]->enqueue(Script().hold());
  f.start();
  const std::string tag = dialect::make_tag(
      {Speech::anthropic, dialect::issuer_of("anthropic", "x"), R"({"signature":"s"})"});
  const std::string body =
      R"({"model":"gpt-real","messages":[{"role":"user","content":"x"},{"role":"assistant",)"
      R"("content":"a","reasoning_details":[{"type":"reasoning.encrypted","format":"ccr1","data":")" +
      tag + R"("}]},{"role":"user","content":"y"}]})";
  const auto client = f.connect();
  client->send(RelayFixture::post(body, {}, "/v1/chat/completions"));
  f.until([&] { return f.providers[0]->requests().size() == 1; });
  const std::string& sent = f.providers[0]->requests()[0].body;
  CHECK_FALSE(has(sent, tag));
  CHECK(has(f.RelayFixture::ask(RelayFixture::get("/v1/providers")).body,
            R"("body_bytes":)" + std::to_string(body.size() + sent.size()) + ","));
}

TEST_CASE("an error before a translated stream's first word is told by its status",
          "[scenario][translate]") {
  for_each_translation([](Speech client, Speech provider) {
    if (provider == Speech::anthropic) return;  // its own stream goes on as it is
    for (const std::size_t piece : {0, 1}) {
      TranslateStage f;
      f.add_vendor(provider, "v");
      const std::string limit = provider == Speech::gemini
                                    ? "data: {\"error\":{\"code\":429,\"message\":\"slow down\","
                                      "\"status\":\"RESOURCE_EXHAUSTED\"}}\r\n\r\n"
                                    : "data: {\"error\":{\"message\":\"slow "
                                      "down\",\"code\":\"rate_limit_exceeded\"}}\n\n";
      Script script = Script::stream_head();
      for (std::size_t at = 0; at < limit.size(); at += piece ? piece : limit.size())
        script.chunk(limit.substr(at, piece ? piece : limit.size()));
      f.providers[0]->enqueue(script.last_chunk());
      f.start();
      Agent agent(client, true);
      agent.ask("x");
      const Said said = f.ask(agent);
      CHECK(f.last.status == 429);
      CHECK(f.last.headers.get("retry-after").has_value());
      CHECK(f.last.headers.get("content-type") == "application/json");
      CHECK(has(said.error, "429"));
      CHECK(has(said.error, "slow down"));
      CHECK_FALSE(has(f.last.body, "event:"));
      CHECK(f.providers[0]->requests().size() == 1);
      CHECK(f.complaints().empty());
    }
  });
}

TEST_CASE("once a silent stream was begun for the client, its error is told in it",
          "[scenario][translate]") {
  TranslateStage f;
  f.add_vendor(Speech::chat, "v");
  f.providers[0]->enqueue(
      Script::stream_head()
          .hold()
          .chunk("data: {\"error\":{\"message\":\"slow down\",\"code\":429}}\n\n")
          .last_chunk());
  f.start();
  Agent agent(Speech::anthropic, true);
  agent.ask("x");
  Reader reader(f, agent);
  f.until([&] { return f.providers[0]->requests().size() == 1; });
  f.harness.settle();
  f.harness.advance(f.config.stream.hold);
  f.until([&] { return !reader.client->answers().empty(); });
  f.harness.advance(f.config.stream.keepalive);
  f.until([&] { return reader.has_words("event: ping"); });
  f.providers[0]->release();
  f.until([&] { return reader.done(); });
  const Answer answer = reader.client->answers().back();
  CHECK(answer.status == 200);
  CHECK(has(answer.body, "event: error"));
  CHECK(has(answer.body, "slow down"));
}
