#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "bench.hpp"
#include "check.hpp"

// Parts of bodies whose order and place have a meaning.

namespace ccrelay::app::contract {
namespace {

// Whether these members arrive, whatever becomes of the blanks in them.
Verdict kept(Bench& bench, const Ask& ask, std::initializer_list<std::string_view> members) {
  const Seen seen = bench.ask(ask);
  if (!seen.reached())
    return not_judged("nothing reached the provider; " + bench.told(*seen.client));
  for (const std::string_view name : members) {
    const std::string sent = canonical_member(seen.body, name);
    const std::string came = canonical_member(seen.request().body, name);
    if (came == sent) continue;
    return failed(fmt::format("{} {}", name, bench.quoted(sent)), "the same at the provider",
                  came.empty() ? "no such member" : bench.quoted(came));
  }
  return {};
}

Verdict judge_system(Bench& bench) {
  Ask ask;
  ask.fields =
      R"("system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.330.c0f; )"
      R"(cc_entrypoint=cli;"},{"type":"text","text":"You are Claude Code."},)"
      R"({"type":"text","text":"Second.\n"},{"type":"text","text":"First."}],)";
  return kept(bench, ask, {"system"});
}

Verdict judge_cache_control(Bench& bench) {
  Ask ask;
  ask.fields =
      R"("system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}},)"
      R"({"type":"text","text":"b","cache_control":{"type":"ephemeral"}}],)"
      R"("tools":[{"name":"t","input_schema":{"type":"object"}},{"name":"u",)"
      R"("input_schema":{"type":"object"},"cache_control":{"type":"ephemeral","ttl":"1h"}}],)";
  ask.messages = R"([{"role":"user","content":[{"type":"text","text":"@MARK@"}]},)"
                 R"({"role":"system","content":[{"type":"text","text":"environment",)"
                 R"("cache_control":{"type":"ephemeral"}}]}])";
  return kept(bench, ask, {"tools", "messages"});
}

Verdict judge_thinking(Bench& bench) {
  Ask ask;
  ask.fields = R"("thinking":{"type":"adaptive","display":"omitted"},)";
  ask.messages = R"([{"role":"user","content":"@MARK@"},{"role":"assistant","content":[)"
                 R"({"type":"thinking","thinking":"","signature":"EqoBCkgIChABGAIiQL+/aB3d=="},)"
                 R"({"type":"redacted_thinking","data":"EmwKAhgBEgy3va3pzix/LafPsn4a+w=="},)"
                 R"({"type":"text","text":"so"},{"type":"thinking","thinking":"again\n",)"
                 R"("signature":"ErUBCkYIBxgCIkD+conformance/="},)"
                 R"({"type":"tool_use","id":"toolu_01","name":"t","input":{"b":1,"a":2}}]},)"
                 R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_01",)"
                 R"("content":"done"}]}])";
  return kept(bench, ask, {"thinking", "messages"});
}

}  // namespace

std::vector<Check> body_structure_checks() {
  return {
      {"body.system", Level::must, claude_formats,
       "system stays an array, with its entries in their order", judge_system},
      {"body.cache_control", Level::must, claude_formats, "cache_control stays where it stands",
       judge_cache_control},
      {"body.thinking", Level::must, claude_formats,
       "thinking, redacted_thinking and signatures arrive as they were", judge_thinking},
  };
}

}  // namespace ccrelay::app::contract
