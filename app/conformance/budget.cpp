#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "bench.hpp"
#include "check.hpp"
#include "envelope.hpp"

// What a client hears whose budget is used up.

namespace ccrelay::app::contract {
namespace {

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char each) { return each >= '0' && each <= '9'; });
}

bool is_period(const std::string& text) {
  return text == "daily" || text == "monthly";
}

struct Wanted {
  std::string_view name;
  std::string_view value;  // empty = see `fits`
  bool (*fits)(const std::string& text) = nullptr;
};

constexpr Wanted wanted[] = {
    {"retry-after", "", is_number},
    {"x-should-retry", "false"},
    {"anthropic-ratelimit-unified-status", "rejected"},
    {"anthropic-ratelimit-unified-reset", "", is_number},
    {"anthropic-ratelimit-unified-overage-reset", "", is_number},
    {"anthropic-ratelimit-unified-overage-utilization", "1"},
    {"anthropic-ratelimit-unified-overage-surpassed-threshold", "1"},
    {"anthropic-ratelimit-unified-overage-period", "", is_period},
    {"anthropic-ratelimit-unified-overage-disabled-reason", "org_spend_cap_reached"},
};

Verdict judge_budget_shape(Bench& bench) {
  if (bench.subject().budget_key.empty())
    return skipped("needs --budget-key: the key of a client whose budget is used up");
  Ask ask;
  ask.credential = Credential::budget;
  const Seen seen = bench.ask(ask);
  const std::string_view sent = "a message of a client whose budget is used up";
  const Exchange& answer = *seen.client;
  if (answer.status() != 429 || !is_envelope(answer) || error_type_of(answer) != "billing_error")
    return failed(sent, "429 with a billing_error", bench.told(answer));
  for (const Wanted& each : wanted) {
    const std::string value = answer.header(each.name);
    if (each.fits != nullptr ? each.fits(value) : value == each.value) continue;
    const std::string expected = each.fits == nullptr     ? std::string(each.value)
                                 : each.fits == is_period ? "daily or monthly"
                                                          : "a number";
    return failed(sent, fmt::format("the header {}: {}", each.name, expected),
                  value.empty() ? "no such header" : bench.quoted(value));
  }
  return {};
}

// In a header, or in google.rpc.RetryInfo, where Gemini's clients look.
Verdict judge_budget_wait(Bench& bench) {
  if (bench.subject().budget_key.empty())
    return skipped("needs --budget-key: the key of a client whose budget is used up");
  Ask ask;
  ask.credential = Credential::budget;
  const Seen seen = bench.ask(ask);
  const Exchange& answer = *seen.client;
  const bool is_gemini = bench.format() == gemini;
  const std::string word = text_in(answer.body(), is_gemini ? "/error/status" : "/error/code");
  const std::string wait = is_gemini ? text_in(answer.body(), "/error/details/0/retryDelay")
                                     : answer.header("retry-after");
  const bool tells_wait = is_gemini ? wait.ends_with('s') : is_number(wait);
  const std::string_view expected = is_gemini ? "RESOURCE_EXHAUSTED" : "insufficient_quota";
  if (answer.status() == 429 && is_envelope(answer, bench.format()) && word == expected &&
      tells_wait)
    return {};
  return failed("a message of a client whose budget is used up",
                fmt::format("429 with {} and {}", expected,
                            is_gemini ? "a RetryInfo" : "the header retry-after"),
                bench.told(answer) + (wait.empty() ? " without it" : ""));
}

}  // namespace

std::vector<Check> budget_checks() {
  return {
      {"budget.shape", Level::should, messages,
       "a client whose budget is used up gets a 429 billing_error with the reset in its headers",
       judge_budget_shape, false},
      // Codex acts on insufficient_quota, Gemini's clients on RetryInfo.
      {"budget.wait", Level::should, other_formats,
       "a client whose budget is used up gets 429 in the format's words, with how long to wait",
       judge_budget_wait, false},
  };
}

}  // namespace ccrelay::app::contract
