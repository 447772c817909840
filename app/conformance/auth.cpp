#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench.hpp"
#include "check.hpp"
#include "envelope.hpp"

// Who may come in.

namespace ccrelay::app::contract {
namespace {

// With a real provider the list of models: it costs nothing.
std::unique_ptr<Exchange> ask_with(Bench& bench, Credential credential) {
  if (bench.subject().is_live)
    return bench.fetch("GET", std::string(models_target(bench.format())), credential,
                       milliseconds(10'000));
  Ask ask;
  ask.credential = credential;
  return std::move(bench.ask(ask).client);
}

Verdict judge_either(Bench& bench) {
  for (const auto& [credential, name] :
       {std::pair(Credential::api_key, "the key as x-api-key"),
        {Credential::bearer, "the key as Bearer"},
        {Credential::both, "the key as x-api-key and as Bearer"}}) {
    const auto answer = ask_with(bench, credential);
    if (answer->status() == 200) continue;
    return failed(name, "200", bench.told(*answer));
  }
  return {};
}

Verdict judge_refused(Bench& bench) {
  if (!bench.subject().has_key) return skipped("without --key the gateway may let everybody in");
  for (const auto& [credential, name] :
       {std::pair(Credential::wrong, "a key that is none"), {Credential::none, "no key"}}) {
    const auto answer = ask_with(bench, credential);
    if (answer->status() == 401 && is_envelope(*answer, bench.format())) continue;
    return failed(name, fmt::format("401 with {}", envelope_words(bench.format())),
                  bench.told(*answer));
  }
  return {};
}

Verdict taken(Bench& bench, Credential credential, std::string_view where) {
  const auto answer = ask_with(bench, credential);
  if (answer->status() == 200) return {};
  return failed(fmt::format("the key {}", where), "200", bench.told(*answer));
}

Verdict judge_own(Bench& bench) {
  return taken(bench, Credential::own,
               bench.format() == gemini ? "as x-goog-api-key" : "as Bearer");
}
Verdict judge_other(Bench& bench) {
  return taken(bench, Credential::other,
               bench.format() == gemini ? "as key of the query" : "as api-key");
}

}  // namespace

std::vector<Check> auth_checks() {
  return {
      {"auth.either", Level::must, claude_formats,
       "the credential is taken as x-api-key, as Bearer, and as both", judge_either, false},
      {"auth.refused", Level::must, messages | other_formats,
       "a wrong credential, or none, gets 401 in the shape of the format's errors", judge_refused,
       false},
  };
}

std::vector<Check> credential_checks() {
  return {
      // npm openai and @google/genai.
      {"auth.own", Level::must, other_formats,
       "the credential is taken where the format's SDK puts it: Bearer, or x-goog-api-key",
       judge_own, false},
      // Azure's clients of OpenAI; Gemini's API takes the query's key as well.
      {"auth.other", Level::should, other_formats,
       "the credential is taken where other clients put it: api-key, or the query's key",
       judge_other, false},
  };
}

}  // namespace ccrelay::app::contract
