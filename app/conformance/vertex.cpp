#include <fmt/format.h>

#include <string>
#include <vector>

#include "bench.hpp"
#include "check.hpp"

// The form of Google Vertex AI's rawPredict.

namespace ccrelay::app::contract {
namespace {

using testing::Script;

Verdict judge_vertex_path(Bench& bench) {
  for (const Call call : {Call::whole, Call::stream, Call::count}) {
    Ask ask;
    ask.call = call;
    const Seen seen = bench.ask(ask);
    const std::string sent(path_end_of(vertex, call));
    const bool is_success = seen.client->status() >= 200 && seen.client->status() < 300;
    if (!seen.reached()) {
      // Counting is for who wants to.
      if (call == Call::count && seen.client->status() > 0 && !is_success) continue;
      return failed(sent, "it at the provider", bench.told(*seen.client));
    }
    if (seen.request().head.path().ends_with(sent)) continue;
    return failed(sent, "the same method at the provider",
                  bench.quoted(seen.request().head.target));
  }
  return {};
}

Verdict judge_vertex_stream(Bench& bench) {
  std::string sent;
  for (const std::string& event : events_of(vertex, 20)) sent += event;
  sent.insert(sent.find("event: content_block_stop"),
              "event:content_block_delta\ndata:{ \"type\" :\"content_block_delta\",\"index\":0,"
              "\"delta\":{\"type\":\"text_delta\",\"text\":\"\\u0041\\/\"} }\n\n");
  Script script = bench.stream_head();
  for (std::size_t at = 0; at < sent.size(); at += 97) script.chunk(sent.substr(at, 97));
  script.last_chunk();
  Ask ask;
  ask.call = Call::stream;
  ask.answering = [script](std::size_t) { return script; };
  const Seen seen = bench.ask(ask);
  if (seen.client->clean() && seen.client->body() == sent) return {};
  return failed(fmt::format("a stream of {} bytes, cut inside events", sent.size()),
                "the same bytes", bench.told(*seen.client));
}

Verdict judge_vertex_headers(Bench& bench) {
  Ask ask;
  ask.headers = {"anthropic-beta: conformance-never-seen-2099-01-01,conformance-second-2099-01-02",
                 "anthropic-version: 2099-12-31"};
  const Seen seen = bench.ask(ask);
  if (!seen.reached())
    return not_judged("nothing reached the provider; " + bench.told(*seen.client));
  const Headers& came = seen.request().head.headers;
  const std::string beta = joined_values(came, "anthropic-beta");
  if (beta != "conformance-never-seen-2099-01-01, conformance-second-2099-01-02")
    return failed(ask.headers.front(), "it at the provider", bench.quoted(beta));
  const std::string version = joined_values(came, "anthropic-version");
  if (version == "2099-12-31") return {};
  return failed(ask.headers.back(), "it at the provider", bench.quoted(version));
}

}  // namespace

std::vector<Check> vertex_checks() {
  return {
      {"vertex.path", Level::must, vertex,
       "rawPredict, streamRawPredict and count-tokens arrive as what they are", judge_vertex_path},
      {"vertex.stream", Level::must, vertex, "a stream arrives byte for byte", judge_vertex_stream},
      {"vertex.headers", Level::must, vertex, "anthropic-beta and anthropic-version arrive",
       judge_vertex_headers},
  };
}

}  // namespace ccrelay::app::contract
