#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "bench.hpp"
#include "check.hpp"

// The form of Amazon Bedrock's InvokeModel.

namespace ccrelay::app::contract {
namespace {

using testing::Script;

Verdict judge_bedrock_stream(Bench& bench) {
  std::string sent;
  for (const std::string& event : events_of(bedrock, 20)) sent += event;
  Script script = bench.stream_head();
  for (std::size_t at = 0; at < sent.size(); at += 97) script.chunk(sent.substr(at, 97));
  script.last_chunk();
  Ask ask;
  ask.call = Call::stream;
  ask.answering = [script](std::size_t) { return script; };
  const Seen seen = bench.ask(ask);
  const std::string kind = seen.client->header("content-type");
  const std::string what =
      fmt::format("a stream of {} bytes in binary frames, cut inside them", sent.size());
  if (seen.client->clean() && seen.client->body() != sent && seen.client->status() == 200)
    return failed(what, "the same bytes", bench.quoted(seen.client->body()));
  if (!seen.client->clean() || seen.client->status() != 200)
    return failed(what, "it", bench.told(*seen.client));
  if (kind.rfind("application/vnd.amazon.eventstream", 0) == 0) return {};
  return failed(what, "content-type: application/vnd.amazon.eventstream", bench.quoted(kind));
}

Verdict judge_bedrock_body(Bench& bench) {
  Ask ask;
  ask.fields =
      R"("anthropic_beta":["conformance-never-seen-2099-01-01","conformance-second-2099-01-02"],)";
  for (const Call call : {Call::whole, Call::stream}) {
    ask.call = call;
    const Seen seen = bench.ask(ask);
    if (!seen.reached())
      return not_judged("nothing reached the provider; " + bench.told(*seen.client));
    if (!seen.request().head.path().ends_with(path_end_of(bedrock, call)))
      return failed(std::string(path_end_of(bedrock, call)), "the same at the provider",
                    bench.quoted(seen.request().head.target));
    for (const std::string_view name : {"anthropic_version", "anthropic_beta"}) {
      const std::string sent = canonical_member(seen.body, name);
      const std::string came = canonical_member(seen.request().body, name);
      if (came == sent) continue;
      return failed(fmt::format("{} {}", name, bench.quoted(sent)), "the same at the provider",
                    came.empty() ? "no such member" : bench.quoted(came));
    }
  }
  return {};
}

Verdict judge_bedrock_probe(Bench& bench) {
  const std::string path = "/inference-profiles?type=SYSTEM_DEFINED&maxResults=1000";
  const auto answer = bench.fetch("GET", path, Credential::both, milliseconds(3'000));
  if (answer->clean() && answer->status() > 0 && answer->status() < 500) return {};
  return failed("GET " + path, "a status under 500 within 3 s", bench.told(*answer));
}

}  // namespace

std::vector<Check> bedrock_checks() {
  return {
      {"bedrock.stream", Level::must, bedrock, "binary frames arrive unmodified",
       judge_bedrock_stream},
      {"bedrock.body", Level::must, bedrock,
       "anthropic_version and anthropic_beta of the body arrive", judge_bedrock_body},
      {"bedrock.probe", Level::must, bedrock,
       "GET /inference-profiles is answered under 500 within 3 s", judge_bedrock_probe, false},
  };
}

}  // namespace ccrelay::app::contract
