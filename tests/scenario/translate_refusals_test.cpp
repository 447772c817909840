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
