#include <string>
#include <string_view>

#include "scenario/translate_stage.hpp"
#include "support/deflated.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// A good status with nothing behind it that a client of another dialect could use: the next
// provider is asked, and where there is none it is an error with a status of its own.

TEST_CASE("a 200 that cannot be used goes to the next provider, and alone it is a 502",
          "[scenario][translate]") {
  struct Row {
    const char* what;
    const char* type;
    std::string body;
  };
  const Row rows[] = {
      {"an error without a code", "application/json", R"({"error":{"message":"oh dear"}})"},
      {"nothing", "application/json", ""},
      {"a page", "text/html", "<html><title>Portal</title></html>"},
      {"other JSON", "application/json", R"({"hello":"you"})"},
  };
  const bool stream = GENERATE(false, true);
  for_each_translation([&](Speech client, Speech provider) {
    for (const Row& row : rows) {
      if (provider == Speech::anthropic && row.body.find("oh dear") != std::string::npos)
        continue;  // a 500, as for its own clients
      INFO(row.what << (stream ? ", streamed" : ""));
      for (const bool alone : {true, false}) {
        TranslateStage f;
        f.add_vendor(provider, "one");
        f.providers[0]->enqueue(Script::reply(200, row.type, row.body));
        if (!alone) f.add_vendor(other_than(client, provider), "two").will_say(saying("found"));
        f.start();
        Agent agent(client, stream);
        agent.ask("x");
        const Said said = f.ask(agent);
        CHECK(f.providers[0]->requests().size() == 1);
        if (alone) {
          CHECK(f.last.status == 502);
          CHECK(has(said.error, "502"));
        } else {
          CHECK(line_of(said) == line_of(saying("found")));
          CHECK(f.providers[1]->requests().size() == 1);
        }
        CHECK(f.complaints().empty());
      }
    }
  });
}

TEST_CASE("an answer that has not ended or has no choice is none", "[scenario][translate]") {
  struct Row {
    Speech provider;
    const char* body;
  };
  for (const Row& row : {Row{Speech::chat, R"({"object":"chat.completion","choices":[]})"},
                         Row{Speech::responses, R"({"status":"queued","output":[]})"},
                         Row{Speech::responses, R"({"status":"in_progress","output":[]})"}}) {
    for (const Speech client : {Speech::anthropic, Speech::gemini}) {
      INFO(to_string(client) << " > " << row.body);
      for (const bool alone : {true, false}) {
        TranslateStage f;
        f.add_vendor(row.provider, "one");
        f.providers[0]->enqueue(Script::reply(200, "application/json", row.body));
        if (!alone) f.add_vendor(other_than(client, row.provider), "two").will_say(saying("found"));
        f.start();
        Agent agent(client, false);
        agent.ask("x");
        const Said said = f.ask(agent);
        CHECK(f.providers[0]->requests().size() == 1);
        CHECK(f.last.status == (alone ? 502 : 200));
        if (!alone) CHECK(line_of(said) == line_of(saying("found")));
      }
    }
  }
}

TEST_CASE("a numeric code inside of a translated 200 is its status", "[scenario][translate]") {
  const bool stream = GENERATE(false, true);
  for (const int code : {500, 502}) {
    TranslateStage f;
    f.add_vendor(Speech::chat, "v");
    f.providers[0]->enqueue(
        Script::reply(200, "application/json",
                      R"({"error":{"message":"oh dear","code":)" + std::to_string(code) + "}}"));
    f.start();
    Agent agent(Speech::anthropic, stream);
    agent.ask("x");
    const Said said = f.ask(agent);
    CHECK(f.last.status == code);
    CHECK(has(said.error, "oh dear"));
  }
}

TEST_CASE("an answer that comes encoded and has to be read goes to the next provider",
          "[scenario][translate]") {
  const bool stream = GENERATE(false, true);
  for_each_translation([&](Speech client, Speech provider) {
    INFO((stream ? "streamed" : "whole"));
    for (const bool alone : {true, false}) {
      TranslateStage f;
      f.add_vendor(provider, "one");
      const Vendor::Answer good = sample(provider, saying("lost"), stream);
      const std::string body = deflated(good.body(), Form::gzip);
      f.providers[0]->enqueue(Script()
                                  .head(200, {{"content-type", good.content_type},
                                              {"content-encoding", "gzip"},
                                              {"content-length", std::to_string(body.size())}})
                                  .send(body));
      if (!alone) f.add_vendor(other_than(client, provider), "two").will_say(saying("found"));
      f.start();
      Agent agent(client, stream);
      agent.ask("x");
      const Said said = f.ask(agent);
      CHECK(f.providers[0]->requests().size() == 1);
      CHECK(f.providers[0]->requests()[0].head.headers.get("accept-encoding") == "identity");
      CHECK_FALSE(f.last.headers.contains("content-encoding"));
      if (alone) {
        CHECK(f.last.status == 502);
        CHECK(has(said.error, "gzip"));
        CHECK(tries(f.finished()) == "one:failed");
      } else {
        CHECK(f.last.status == 200);
        CHECK(line_of(said) == line_of(saying("found")));
        CHECK(f.providers[1]->requests().size() == 1);
      }
      CHECK(f.complaints().empty());
    }
  });
}

TEST_CASE("an encoded answer to a client of the same dialect is passed on as it came",
          "[scenario][translate]") {
  const bool stream = GENERATE(false, true);
  for (const Speech speech : all_speeches) {
    INFO(to_string(speech) << (stream ? ", streamed" : ", whole"));
    TranslateStage f;
    f.add_vendor(speech, "v");
    const Vendor::Answer good = sample(speech, saying("there"), stream);
    const std::string body = deflated(good.body(), Form::gzip);
    f.providers[0]->enqueue(Script()
                                .head(200, {{"content-type", good.content_type},
                                            {"content-encoding", "gzip"},
                                            {"content-length", std::to_string(body.size())}})
                                .send(body));
    f.start();
    Agent agent(speech, stream);
    agent.ask("x");
    f.ask(agent);
    CHECK(f.last.status == 200);
    CHECK(f.last.headers.get("content-encoding") == "gzip");
    CHECK(f.last.body == body);
    CHECK(f.providers[0]->requests().size() == 1);
  }
}
