#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bench.hpp"
#include "check.hpp"
#include "dialects.hpp"
#include "json_splice.hpp"

// Bodies of requests, as bytes and as a whole.

namespace ccrelay::app::contract {
namespace {

Verdict unreached(Bench& bench, const Seen& seen) {
  return not_judged("nothing reached the provider; " + bench.told(*seen.client));
}

// What may have been mapped on the way is taken as it came.
std::string with_model_of(const std::string& sent, const std::string& came) {
  const Result<JsonObject> ours = read_root(sent);
  const Result<JsonObject> theirs = read_root(came);
  if (!ours || !theirs) return sent;
  const JsonMember* from = theirs->find("model");
  const JsonMember* to = ours->find("model");
  if (from == nullptr || to == nullptr) return sent;
  return with_value(sent, *to, raw_value(came, *from));
}

// All that JSON allows and a parser does not keep; only members that every gateway knows.
std::string odd_fields(Format format) {
  if ((format & claude_formats) == 0) return dialect_odd_fields(format);
  return "\"tools\" : [ {\"name\":\"t\", \"description\" :\"caf\\u00e9 \\/ \\ud83d\\ude00\",\n"
         "\t\"input_schema\":{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"number\","
         "\"minimum\":-0.0,\"maximum\":1E+2,\"default\":12345678901234567890123,"
         "\"multipleOf\":0.10}},\"Type\":1,\"typ\\u0065s\":2.50}} ] ,\"temperature\":1.0e0,"
         "\"stop_sequences\":[ ],";
}

Verdict judge_body_bytes(Bench& bench) {
  Ask ask;
  ask.fields = odd_fields(bench.format());
  const Seen seen = bench.ask(ask);
  if (!seen.reached()) return unreached(bench, seen);
  const std::string& came = seen.request().body;
  const std::string expected = with_model_of(seen.body, came);
  if (came == expected) return {};
  const auto at = static_cast<std::size_t>(
      std::mismatch(expected.begin(), expected.end(), came.begin(), came.end()).first -
      expected.begin());
  const auto near = [at](const std::string& text) {
    return std::string_view(text).substr(std::min(text.size(), at < 20 ? 0 : at - 20), 60);
  };
  return failed(fmt::format("a body of {} bytes", seen.body.size()),
                fmt::format("the same bytes, at byte {} {}", at, bench.quoted(near(expected))),
                bench.quoted(near(came)));
}

Verdict judge_body_size(Bench& bench) {
  constexpr std::size_t size = 30 << 20;
  Ask ask;
  ask.messages = said(bench.format(), "@MARK@ " + std::string(size, 'x') + " end");
  const Seen seen = bench.ask(ask);
  if (!seen.reached())
    return failed("a body of 30 MiB", "it at the provider", bench.told(*seen.client));
  const std::string& came = seen.request().body;
  const auto last = came.rfind(" end");
  if (came.size() >= size && last != came.npos && came.size() - last < 1000) return {};
  return failed("a body of 30 MiB", "all of it at the provider",
                fmt::format("{} bytes", came.size()));
}

// A tool without anything odd.
std::string_view tool_of(Format format) {
  if (format == chat)
    return R"("type":"function","function":{"name":"t","parameters":{"type":"object"}})";
  if (format == responses)
    return R"("type":"function","name":"t","parameters":{"type":"object"},"strict":false)";
  return format == gemini
             ? R"("functionDeclarations":[{"name":"t","parametersJsonSchema":{"type":"object"}}])"
             : R"("name":"t","input_schema":{"type":"object"})";
}

Verdict judge_body_unknown(Bench& bench) {
  Ask ask;
  ask.fields = fmt::format(
      R"("conformance_unknown":{{"a":[1,null,"x"]}},"tools":[{{{},"conformance_inner":[true]}}],)",
      tool_of(bench.format()));
  const Seen seen = bench.ask(ask);
  if (!seen.reached()) return unreached(bench, seen);
  for (const std::string_view name : {"conformance_unknown", "tools"}) {
    const std::string sent = canonical_member(seen.body, name);
    const std::string came = canonical_member(seen.request().body, name);
    if (came == sent) continue;
    return failed(fmt::format("{} {}", name, bench.quoted(sent)), "the same at the provider",
                  came.empty() ? "no such member" : bench.quoted(came));
  }
  return {};
}

// A beta and the member that it is about.
struct Pair {
  std::string_view beta;
  std::string_view member;
  std::string_view value;
};
constexpr Pair pairs[] = {
    {"context-management-2025-06-27", "context_management",
     R"({"edits":[{"type":"clear_thinking_20251015","keep":"all"}]})"},
    {"effort-2025-11-24", "output_config", R"({"effort":"medium"})"},
};

Verdict judge_body_pair(Bench& bench) {
  for (const Pair& each : pairs) {
    Ask ask;
    ask.headers = {fmt::format("anthropic-beta: {}", each.beta)};
    ask.fields = fmt::format(R"("{}":{},)", each.member, each.value);
    const Seen seen = bench.ask(ask);
    if (!seen.reached()) return unreached(bench, seen);
    const std::string betas = joined_values(seen.request().head.headers, "anthropic-beta");
    const bool has_beta =
        (", " + betas + ",").find(fmt::format(", {},", each.beta)) != std::string::npos;
    const bool has_member = !canonical_member(seen.request().body, each.member).empty();
    if (has_beta == has_member) continue;
    return failed(fmt::format("the beta {} and the member {}", each.beta, each.member),
                  "both or neither of them", has_beta ? "the beta alone" : "the member alone");
  }
  return {};
}

Verdict judge_body_safeguards(Bench& bench) {
  Ask ask;
  ask.headers = {"anthropic-beta: dangerous-tool-use-2026-09-03"};
  ask.fields = R"("safeguards":[{"type":"dangerous_tool_use","context":{"cwd":"/work"}}],)";
  const Seen seen = bench.ask(ask);
  if (seen.reached()) {
    const std::string came = canonical_member(seen.request().body, "safeguards");
    if (came == canonical_member(seen.body, "safeguards")) return {};
    return failed("safeguards", "them at the provider",
                  came.empty() ? "no such member" : bench.quoted(came));
  }
  const bool says_so =
      seen.client->status() == 400 && seen.client->body().find("safeguards") != std::string::npos;
  if (says_so) return {};
  return failed("safeguards", "them at the provider, or 400 that names them",
                bench.told(*seen.client));
}

}  // namespace

std::vector<Check> body_checks() {
  constexpr unsigned with_betas = messages | vertex;
  return {
      {"body.bytes", Level::must, any_format,
       "a body arrives byte for byte, but for the value of a mapped model", judge_body_bytes},
      {"body.size", Level::must, any_format, "a body of 30 MiB arrives", judge_body_size},
      {"body.unknown", Level::must, any_format, "members that nobody knows arrive",
       judge_body_unknown},
      {"body.pair", Level::must, with_betas, "a beta and its member arrive both, or neither",
       judge_body_pair},
      {"body.safeguards", Level::should, with_betas,
       "safeguards arrive, or are refused by a 400 that names them", judge_body_safeguards},
  };
}

}  // namespace ccrelay::app::contract
