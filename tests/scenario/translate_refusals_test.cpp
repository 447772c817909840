#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/json_text.hpp"
#include "provider/error_cases.hpp"
#include "scenario/translate_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using dialect::Json;

// What vendors of OpenAI's and Gemini's APIs really answered (tests/data/provider-errors.jsonl), on
// its way through the relay: what the attempt was, what becomes of the key, and what a client of
// another dialect is told.

namespace {

// Who is reached as what.
std::string type_for(const ErrorCase& one) {
  if (one.provider == "gemini" || one.provider == "azure_openai") return one.provider;
  for (const char* vendor : {"openai", "openrouter", "groq", "mistral", "xai", "deepseek",
                             "moonshot", "ollama", "vllm", "llamacpp"}) {
    if (one.provider == vendor) return "openai";
  }
  return {};
}

Outcome outcome_for(const std::string& about) {
  if (about == "account") return Outcome::exhausted;
  if (about == "key") return Outcome::key_refused;
  if (about == "key_and_model") return Outcome::no_access;
  if (about == "model") return Outcome::not_here;
  if (about == "limit") return Outcome::rate_limited;
  if (about == "overload") return Outcome::overloaded;
  return about == "provider" ? Outcome::failed : Outcome::rejected;
}

// In Anthropic's words: what has no end but a person's doing comes first.
int hub_status(const ErrorCase& one) {
  if (one.about == "account") return 402;
  if (one.about.starts_with("key")) return 403;
  const auto code = Json::read(one.body)["error"]["code"].integer();
  const int status = one.in_band.empty() ? one.status : static_cast<int>(code.value_or(502));
  return status == 503 ? 529 : status;
}

int status_for(Speech client, int status) {
  if (client == Speech::anthropic) return status;
  return status == 402 ? 429 : status == 529 ? 503 : status;
}

std::string words_of(const ErrorCase& one) {
  const Json body = Json::read(one.body);
  const Json error = body["error"];
  const std::string text = error.is_string()              ? error.text()
                           : error["message"].is_string() ? error["message"].text()
                                                          : body["message"].text();
  return text.substr(0, std::min<std::size_t>(40, text.find('\n')));
}

// As the client's SDK reads an error.
std::string message_of(const Answer& answer) {
  return Json::read(answer.body)["error"]["message"].text();
}

/// Its answer whatever it takes of the clock, but never so long that a limit ends.
Answer asked(TranslateStage& f, const Agent& agent) {
  const auto client = f.connect();
  client->send(RelayFixture::post(agent.body(), {}, agent.target()));
  while (client->answers().empty() || !client->answers().back().complete)
    f.harness.advance(std::chrono::milliseconds(50));
  return client->answers().back();
}

}  // namespace

TEST_CASE("what vendors answered is understood, and told in each client's words",
          "[scenario][translate][errors]") {
  int lines = 0;
  for (const ErrorCase& one : read_error_cases("provider-errors.jsonl")) {
    const std::string type = type_for(one);
    if (type.empty() || one.debatable) continue;
    ++lines;
    const Speech provider = type == "gemini" ? Speech::gemini : Speech::chat;
    for (const Speech client : all_speeches) {
      if (client == provider) continue;
      INFO(one.id << " for " << to_string(client) << ": " << one.body);
      TranslateStage f;
      f.add_vendor(provider, "v");
      ProviderConfig& entry = f.config.providers[0];
      entry.type = type;
      entry.profile = "auto";
      f.providers[0]->respond_with([&one](const RecordedRequest&) {
        return Script::reply(one.status, "application/json", one.body, one.headers);
      });
      f.start();
      Agent agent(client, false);
      agent.ask("x");
      const Answer answer = asked(f, agent);
      INFO(answer.body);
      const AttemptSummary& first = f.finished().attempts.at(0);
      CHECK(first.outcome == outcome_for(one.about));
      CHECK(answer.status == status_for(client, hub_status(one)));
      const std::string message = message_of(answer);
      CHECK_FALSE(message.empty());
      CHECK(has(message, words_of(one)));
      const Json error = Json::read(answer.body)["error"];
      if (one.about == "account") {
        const bool is_openai = client == Speech::chat || client == Speech::responses;
        CHECK((is_openai                     ? error["code"].is("insufficient_quota")
               : client == Speech::anthropic ? error["type"].is("billing_error")
                                             : error["status"].is("RESOURCE_EXHAUSTED")));
        CHECK(answer.headers.get("x-should-retry") == "false");
      }
      if (one.about == "limit") CHECK(answer.headers.contains("retry-after"));
      // Such a key is not asked again soon.
      const std::size_t before = f.providers[0]->requests().size();
      if (one.about == "account" || one.about == "key" || one.about == "limit") {
        CHECK(before == 1);
        CHECK(asked(f, agent).status >= 400);
        CHECK(f.providers[0]->requests().size() == 1);
      }
    }
  }
  CHECK(lines >= 40);
}

// https://openrouter.ai/docs/api-reference/errors: a 200 whose error has the status as a number, in
// JSON and in a stream that has said nothing yet.
TEST_CASE("an error inside of a 200 is what its number says", "[scenario][translate][errors]") {
  struct Row {
    int code;
    Outcome outcome;
    bool goes_on;  // to the next provider
  };
  const Row rows[] = {{400, Outcome::rejected, false}, {401, Outcome::key_refused, true},
                      {402, Outcome::exhausted, true}, {429, Outcome::rate_limited, true},
                      {502, Outcome::failed, true},    {503, Outcome::overloaded, true}};
  for (const Row& row : rows) {
    for (const bool stream : {false, true}) {
      for (const Speech client : {Speech::anthropic, Speech::responses, Speech::gemini}) {
        INFO(row.code << (stream ? ", streamed, for " : " for ") << to_string(client));
        TranslateStage f;
        f.add_vendor(Speech::chat, "one");
        f.config.providers[0].profile = "openrouter";
        f.add_vendor(Speech::anthropic, "two").will_say(saying("found"));
        const std::string error =
            R"({"id":"gen-1","provider":"X","error":{"code":)" + std::to_string(row.code) +
            R"(,"message":"it is so"},"choices":[{"index":0,"delta":{"content":""},)"
            R"("finish_reason":"error"}],"user_id":"u"})";
        f.providers[0]->respond_with([&](const RecordedRequest&) {
          if (!stream) return Script::reply(200, "application/json", error);
          return Script::stream_head()
              .chunk(": OPENROUTER PROCESSING\n\n")
              .chunk("data: " + error + "\n\n")
              .last_chunk();
        });
        f.start();
        Agent agent(client, stream);
        // Between two of the same dialect the model's name in the answer is the provider's.
        agent.model = "claude-real";
        agent.ask("x");
        const Answer answer = asked(f, agent);
        INFO(answer.body);
        CHECK(f.finished().attempts.at(0).outcome == row.outcome);
        CHECK(f.finished().attempts.back().provider == (row.goes_on ? "two" : "one"));
        if (row.goes_on) {
          const auto type = answer.headers.get("content-type").value_or("");
          CHECK(line_of(agent.hear(answer.status, type, answer.body)) == line_of(saying("found")));
        } else {
          CHECK(has(answer.body, "it is so"));
          CHECK(answer.status == 400);
        }
      }
    }
  }
}

TEST_CASE("a prompt that Azure's filter refuses is a refusal to every client",
          "[scenario][translate][errors]") {
  for (const Speech client : {Speech::anthropic, Speech::responses, Speech::gemini}) {
    for (const bool stream : {false, true}) {
      INFO(to_string(client) << (stream ? ", streamed" : ""));
      TranslateStage f;
      f.add_vendor(Speech::chat, "v");
      f.config.providers[0].type = "azure_openai";
      f.config.providers[0].profile = "auto";
      f.providers[0]->respond_with([](const RecordedRequest&) {
        return Script::reply(
            400, "application/json",
            R"({"error":{"message":"The response was filtered due to the prompt triggering Azure )"
            R"(OpenAI's content management policy.","type":null,"param":"prompt","code":)"
            R"("content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation",)"
            R"("content_filter_result":{"jailbreak":{"filtered":true,"detected":true}}}}})");
      });
      f.add_vendor(Speech::anthropic, "never").will_say(saying("found"));
      f.start();
      Agent agent(client, stream);
      agent.ask("x");
      const Answer answer = asked(f, agent);
      INFO(answer.body);
      const auto type = answer.headers.get("content-type").value_or("");
      Said expected;
      expected.stop = "refusal";
      CHECK(line_of(agent.hear(answer.status, type, answer.body)) == line_of(expected));
      CHECK(tries(f.finished()) == "v:rejected");
      CHECK(f.finished().attempts[0].detail == "answered 400 with code content_filter");
      CHECK(f.providers[0]->requests().size() == 1);
    }
  }
}
