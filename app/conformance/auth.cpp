#include <memory>
#include <string>
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
    return bench.fetch("GET", "/v1/models?limit=1000", credential, milliseconds(10'000));
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
  const auto answer = ask_with(bench, Credential::wrong);
  if (answer->status() == 401 && is_envelope(*answer)) return {};
  return failed("a key that is none",
                "401 with {\"type\":\"error\",\"error\":{\"type\",\"message\"}}",
                bench.told(*answer));
}

}  // namespace

std::vector<Check> auth_checks() {
  return {
      {"auth.either", Level::must, any_format,
       "the credential is taken as x-api-key, as Bearer, and as both", judge_either, false},
      {"auth.refused", Level::must, messages,
       "a wrong credential gets 401 in the shape of Anthropic's errors", judge_refused, false},
  };
}

}  // namespace ccrelay::app::contract
