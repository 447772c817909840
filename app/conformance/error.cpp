#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench.hpp"
#include "check.hpp"
#include "envelope.hpp"
#include "faults.hpp"

// Errors: the provider's, which are passed on, and the gateway's own.

namespace ccrelay::app::contract {
namespace {

using testing::Script;

// Each is asked for once in a run, and judged by several checks.
const Exchange& answer_to(Bench& bench, const Fault& fault) {
  std::unique_ptr<Exchange>& kept = bench.errors()[fault.status];
  if (kept) return *kept;
  if (fault.status != 401) bench.recover();
  Ask ask;
  ask.answering = [script = fault_script(bench.format(), fault)](std::size_t) { return script; };
  kept = std::move(bench.ask(ask).client);
  return *kept;
}

// The gateway's own errors have another shape in the forms of clouds.
bool is_failed_over(const Bench& bench, const Fault& fault, const Exchange& answer) {
  const bool is_cloud = bench.format() == bedrock || bench.format() == vertex;
  return fault.may_fail_over && answer.status() >= 400 &&
         answer.body() != fault_body(bench.format(), fault) &&
         (is_cloud ? answer.is_json() : is_envelope(answer, bench.format()));
}

Verdict judge_error_body(Bench& bench) {
  for (const Fault& fault : faults_of(bench.format())) {
    const Exchange& answer = answer_to(bench, fault);
    if (answer.body() == fault_body(bench.format(), fault) || is_failed_over(bench, fault, answer))
      continue;
    return failed(
        fmt::format("{} {}", fault.status, bench.quoted(fault_body(bench.format(), fault))),
        "the same bytes", bench.told(answer));
  }
  return {};
}

Verdict judge_error_status(Bench& bench) {
  for (const Fault& fault : faults_of(bench.format())) {
    const Exchange& answer = answer_to(bench, fault);
    if (answer.status() == fault.status || is_failed_over(bench, fault, answer)) continue;
    return failed(fmt::format("{} {}", fault.status, fault.message), "the same status",
                  bench.told(answer));
  }
  return {};
}

Verdict judge_error_headers(Bench& bench) {
  for (const Fault& fault : faults_of(bench.format())) {
    if (fault.status != 429) continue;
    const Exchange& answer = answer_to(bench, fault);
    // What is left of it may be told instead.
    const std::string wait = answer.header("retry-after");
    if (wait != "1" && wait != "0")
      return failed("retry-after: 1 with a 429", "it", wait.empty() ? "none" : bench.quoted(wait));
    for (const Header sent : fault_headers(bench.format(), fault)) {
      if (sent.name == "retry-after") continue;
      const std::string came = answer.header(sent.name);
      if (came != sent.value)
        return failed(fmt::format("{}: {} with a 429", sent.name, sent.value), "it",
                      came.empty() ? "none" : bench.quoted(came));
    }
  }
  return {};
}

Verdict in_envelope(Bench& bench, std::string_view sent, const Exchange& answer) {
  if (answer.status() >= 400 && is_envelope(answer, bench.format())) return {};
  return failed(sent, fmt::format("an error as JSON {}", envelope_words(bench.format())),
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
  broken.body = fmt::format(R"({{"model":"conformance","{}":[{{"role":"user","content":"@MARK@)",
                            bench.format() == responses ? "input"
                            : bench.format() == gemini  ? "contents"
                                                        : "messages");
  Ask unknown;
  unknown.target = "/v1/conformance-unknown";
  std::vector<std::pair<const Ask*, std::string_view>> asks{
      {&broken, "a body that ends in the middle"}};
  if (bench.format() == messages) asks.emplace_back(&unknown, "POST /v1/conformance-unknown");
  for (const auto& [ask, sent] : asks) {
    const Seen seen = bench.ask(*ask);
    if (seen.reached() || (seen.client->status() > 0 && seen.client->status() < 400)) continue;
    const Verdict verdict = in_envelope(bench, sent, *seen.client);
    if (verdict.outcome != Outcome::pass) return verdict;
  }
  return {};
}

// Whose it is, its beginning tells.
Verdict judge_error_unknown(Bench& bench) {
  const std::string path =
      bench.format() == gemini ? "/v1beta/conformance-unknown" : "/v1/chat/conformance-unknown";
  const auto answer = bench.fetch("GET", path, Credential::both, milliseconds(10'000));
  if (answer->status() == 404 && is_envelope(*answer, bench.format())) return {};
  return failed("GET " + path, fmt::format("404 with {}", envelope_words(bench.format())),
                bench.told(*answer));
}

Verdict judge_error_retryable(Bench& bench) {
  constexpr Fault once[] = {{529, "overloaded_error", "Overloaded"},
                            {503, "api_error", "Service unavailable"}};
  for (const Fault& fault : once) {
    // 529 is a word of Anthropic's.
    if (fault.status == 529 && (bench.format() & claude_formats) == 0) continue;
    bench.recover();
    Ask ask;
    ask.answering = [script = fault_script(bench.format(), fault), well = bench.well(Call::whole)](
                        std::size_t nth) { return nth == 0 ? script : well; };
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
      {"error.envelope", Level::must, messages | other_formats,
       "the gateway's own errors are JSON in the shape of the format's", judge_error_envelope,
       false},
      {"error.unknown", Level::must, chat | gemini,
       "an unknown path below the format's gets 404 in the shape of its errors",
       judge_error_unknown, false},
      {"error.status", Level::must, any_format, "the status of a provider's error arrives",
       judge_error_status},
      {"error.body", Level::must, any_format,
       "the body of a provider's error arrives byte for byte", judge_error_body},
      // x-ratelimit-…: https://platform.openai.com/docs/guides/rate-limits
      {"error.headers", Level::must, messages | openai_formats,
       "retry-after, anthropic-ratelimit-* or x-ratelimit-*, and request-id arrive",
       judge_error_headers},
  };
}

}  // namespace ccrelay::app::contract
