#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "bench.hpp"
#include "check.hpp"
#include "dialects.hpp"
#include "envelope.hpp"
#include "framing.hpp"

// What requests and whole answers have in the words of OpenAI and Gemini.

namespace ccrelay::app::contract {
namespace {

using testing::Script;

// A gateway may undo it, or pass it on with its name.
Verdict judge_encoded(Bench& bench) {
  Ask ask;
  ask.encode = gzip;
  ask.headers = {"content-encoding: gzip"};
  const Seen seen = bench.ask(ask);
  const std::string_view sent = "a body in gzip";
  const std::string_view expected = "it with its content-encoding, or decoded without, or 415";
  if (!seen.reached()) {
    if (seen.client->status() == 415 && is_envelope(*seen.client, bench.format())) return {};
    return failed(sent, expected, bench.told(*seen.client));
  }
  const std::string& came = seen.request().body;
  const bool is_named = joined_values(seen.request().head.headers, "content-encoding") == "gzip";
  const bool is_json = !canonical(came).empty();
  if (is_named ? came == seen.body : is_json) return {};
  return failed(sent, expected,
                fmt::format("{} bytes {} content-encoding", came.size(),
                            is_named ? "with another body under this" : "of gzip without"));
}

// What must come back for the next turn, where the last one called a tool.
std::string_view reasoned(Format format) {
  // deepseek's and Kimi's `reasoning_content`, OpenRouter's `reasoning_details`.
  if (format == chat)
    return R"([{"role":"user","content":"@MARK@"},{"role":"assistant","content":null,)"
           R"("reasoning_content":"so\n","reasoning_details":[{"type":"reasoning.encrypted",)"
           R"("data":"EqoBCkgIChAB/+==","format":"conformance","index":0}],"tool_calls":)"
           R"([{"id":"call_1","type":"function","function":{"name":"t","arguments":)"
           R"("{\"b\": 1,\"a\":2}"}}]},{"role":"tool","tool_call_id":"call_1","content":"done"}])";
  if (format == responses)
    return R"([{"role":"user","content":"@MARK@"},{"type":"reasoning","id":"rs_1","summary":[],)"
           R"("encrypted_content":"gAAAAABconformance/+=="},{"type":"function_call","id":"fc_1",)"
           R"("call_id":"call_1","name":"t","arguments":"{\"b\": 1,\"a\":2}"},)"
           R"({"type":"function_call_output","call_id":"call_1","output":"done"}])";
  return R"([{"role":"user","parts":[{"text":"@MARK@"}]},{"role":"model","parts":)"
         R"([{"functionCall":{"name":"t","args":{"b":1,"a":2}},)"
         R"("thoughtSignature":"EqoBCkgIChABconformance/+=="}]},{"role":"user","parts":)"
         R"([{"functionResponse":{"name":"t","response":{"output":"done"}}}]}])";
}

Verdict judge_reasoning(Bench& bench) {
  Ask ask;
  ask.messages = reasoned(bench.format());
  const Seen seen = bench.ask(ask);
  if (!seen.reached())
    return not_judged("nothing reached the provider; " + bench.told(*seen.client));
  const std::string_view name = bench.format() == chat     ? "messages"
                                : bench.format() == gemini ? "contents"
                                                           : "input";
  const std::string sent = canonical_member(seen.body, name);
  const std::string came = canonical_member(seen.request().body, name);
  if (came == sent) return {};
  return failed(fmt::format("{} {}", name, bench.quoted(sent)), "the same at the provider",
                came.empty() ? "no such member" : bench.quoted(came));
}

Verdict judge_answer(Bench& bench) {
  std::string sent = dialect_answer(bench.format(), Call::whole);
  sent.insert(1, " \"conformance_unknown\" : [ 1.0e0,\"\\u0041\\/\" ],\n");
  Ask ask;
  ask.answering = [script = Script::reply(200, "application/json", sent)](std::size_t) {
    return script;
  };
  const Seen seen = bench.ask(ask);
  if (seen.client->status() == 200 && seen.client->body() == sent) return {};
  return failed(fmt::format("an answer of {} bytes, with its usage", sent.size()), "the same bytes",
                bench.told(*seen.client));
}

}  // namespace

std::vector<Check> native_body_checks() {
  return {
      // RFC 9110 section 8.4.
      {"body.encoded", Level::should, other_formats,
       "a body in gzip arrives under that name or decoded, or is refused by 415", judge_encoded},
      // https://ai.google.dev/gemini-api/docs/thought-signatures,
      // https://api-docs.deepseek.com/guides/thinking_mode, openai's `include`.
      {"body.reasoning", Level::must, other_formats,
       "reasoning that has to come back arrives as it was: encrypted_content, thoughtSignature, "
       "reasoning_content",
       judge_reasoning},
      {"answer.bytes", Level::must, other_formats,
       "an answer that is no stream arrives byte for byte, its usage with it", judge_answer},
  };
}

}  // namespace ccrelay::app::contract
