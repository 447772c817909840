#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench.hpp"
#include "check.hpp"
#include "envelope.hpp"

// Errors: the provider's, which are passed on, and the gateway's own.

namespace ccrelay::app::contract {
namespace {

using testing::Script;

struct Fault {
  int status;
  std::string_view type;
  std::string_view message;
  // A gateway may have tried elsewhere, and then tells what came of that.
  bool may_fail_over = false;
};

// What may set a gateway's only key aside comes last.
constexpr Fault faults[] = {
    {400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"},
    {404, "not_found_error", "model: claude-conformance"},
    {413, "request_too_large", "Request exceeds the maximum size"},
    {500, "api_error", "Internal server error"},
    {529, "overloaded_error", "Overloaded"},
    {429, "rate_limit_error", "This request would exceed your rate limit"},
    {403, "permission_error", "Your key has no permission for this", true},
    {401, "authentication_error", "invalid x-api-key", true},
};

// Blanks, an escape and a member that nobody knows: whoever writes it anew writes another.
std::string body_of_fault(const Fault& fault) {
  return fmt::format(
      R"({{"type": "error","error":{{"type":"{}","message":"{} \u00fc","n":1.0}},"request_id":"req_conformance"}} )",
      fault.type, fault.message);
}

Script script_of(const Fault& fault) {
  Headers headers{{"request-id", "req_conformance"}};
  if (fault.status == 429) {
    headers.add("retry-after", "1");
    headers.add("anthropic-ratelimit-requests-limit", "60");
    headers.add("anthropic-ratelimit-requests-remaining", "12");
    headers.add("anthropic-ratelimit-conformance", "kept");
  }
  return Script::reply(fault.status, "application/json", body_of_fault(fault), headers);
}

// Each is asked for once in a run, and judged by several checks.
const Exchange& answer_to(Bench& bench, const Fault& fault) {
  std::unique_ptr<Exchange>& kept = bench.errors()[fault.status];
  if (kept) return *kept;
  if (fault.status != 401) bench.recover();
  Ask ask;
  ask.answering = [script = script_of(fault)](std::size_t) { return script; };
  kept = std::move(bench.ask(ask).client);
  return *kept;
}

// The gateway's own errors have another shape in the forms of clouds.
bool is_failed_over(const Bench& bench, const Fault& fault, const Exchange& answer) {
  return fault.may_fail_over && answer.status() >= 400 && answer.body() != body_of_fault(fault) &&
         (bench.format() == messages ? is_envelope(answer) : answer.is_json());
}

Verdict judge_error_body(Bench& bench) {
  for (const Fault& fault : faults) {
    const Exchange& answer = answer_to(bench, fault);
    if (answer.body() == body_of_fault(fault) || is_failed_over(bench, fault, answer)) continue;
    return failed(fmt::format("{} {}", fault.status, bench.quoted(body_of_fault(fault))),
                  "the same bytes", bench.told(answer));
  }
  return {};
}

Verdict judge_error_status(Bench& bench) {
  for (const Fault& fault : faults) {
    const Exchange& answer = answer_to(bench, fault);
    if (answer.status() == fault.status || is_failed_over(bench, fault, answer)) continue;
    return failed(fmt::format("{} {}", fault.status, fault.message), "the same status",
                  bench.told(answer));
  }
  return {};
}

Verdict judge_error_headers(Bench& bench) {
  constexpr std::pair<std::string_view, std::string_view> expected[] = {
      {"anthropic-ratelimit-requests-limit", "60"},
      {"anthropic-ratelimit-requests-remaining", "12"},
      {"anthropic-ratelimit-conformance", "kept"},
      {"request-id", "req_conformance"},
  };
  for (const Fault& fault : faults) {
    if (fault.status != 429) continue;
    const Exchange& answer = answer_to(bench, fault);
    // What is left of it may be told instead.
    const std::string wait = answer.header("retry-after");
    if (wait != "1" && wait != "0")
      return failed("retry-after: 1 with a 429", "it", wait.empty() ? "none" : bench.quoted(wait));
    for (const auto& [name, value] : expected) {
      const std::string came = answer.header(name);
      if (came != value)
        return failed(fmt::format("{}: {} with a 429", name, value), "it",
                      came.empty() ? "none" : bench.quoted(came));
    }
  }
  return {};
}

Verdict in_envelope(Bench& bench, std::string_view sent, const Exchange& answer) {
  if (answer.status() >= 400 && is_envelope(answer)) return {};
  return failed(sent, "an error as JSON {\"type\":\"error\",\"error\":{\"type\",\"message\"}}",
                bench.told(answer) + " as " + bench.quoted(answer.header("content-type")));
}

// What the gateway has to answer by itself.
Verdict judge_error_envelope(Bench& bench) {
  if (!bench.subject().is_live) {
    bench.recover();
    Ask ask;
    ask.answering = [](std::size_t) { return Script().close(); };
    const Seen seen = bench.ask(ask);
    const Verdict verdict =
        in_envelope(bench, "a message, at which the provider closes the connection", *seen.client);
    if (verdict.outcome != Outcome::pass) return verdict;
    bench.recover();
  }
  Ask broken;
  broken.body = R"({"model":"conformance","messages":[{"role":"user","content":"@MARK@)";
  Ask unknown;
  unknown.target = "/v1/conformance-unknown";
  for (const auto& [ask, sent] : {std::pair(&broken, "a body that ends in the middle"),
                                  std::pair(&unknown, "POST /v1/conformance-unknown")}) {
    const Seen seen = bench.ask(*ask);
    if (seen.reached() || (seen.client->status() > 0 && seen.client->status() < 400)) continue;
    const Verdict verdict = in_envelope(bench, sent, *seen.client);
    if (verdict.outcome != Outcome::pass) return verdict;
  }
  return {};
}

Verdict judge_error_retryable(Bench& bench) {
  constexpr Fault once[] = {{529, "overloaded_error", "Overloaded"},
                            {503, "api_error", "Service unavailable"}};
  for (const Fault& fault : once) {
    bench.recover();
    Ask ask;
    ask.answering = [script = script_of(fault), well = bench.well(Call::whole)](std::size_t nth) {
      return nth == 0 ? script : well;
    };
    const Seen seen = bench.ask(ask);
    const bool is_hidden = seen.client->status() == 200 && seen.client->clean();
    if (is_hidden || seen.client->status() == fault.status) continue;
    return failed(fmt::format("a single {}", fault.status), "200 after a retry, or that status",
                  bench.told(*seen.client));
  }
  return {};
}

}  // namespace

std::vector<Check> error_checks() {
  return {
      {"error.retryable", Level::should, any_format,
       "a single 529 or 503 is hidden by a retry or passed on, never turned into another status",
       judge_error_retryable},
      {"error.envelope", Level::must, messages,
       "the gateway's own errors are JSON in the shape of Anthropic's", judge_error_envelope,
       false},
      {"error.status", Level::must, any_format, "the status of a provider's error arrives",
       judge_error_status},
      {"error.body", Level::must, any_format,
       "the body of a provider's error arrives byte for byte", judge_error_body},
      {"error.headers", Level::must, messages,
       "retry-after, anthropic-ratelimit-* and request-id arrive", judge_error_headers},
  };
}

}  // namespace ccrelay::app::contract
