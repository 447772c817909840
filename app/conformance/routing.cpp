#include <fmt/format.h>
#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench.hpp"
#include "check.hpp"

// What a client asks before and beside messages.

namespace ccrelay::app::contract {
namespace {

using testing::Script;

constexpr milliseconds probe_limit{3'000};

Verdict judge_path_query(Bench& bench) {
  const Seen seen = bench.ask({});
  if (!seen.reached())
    return failed("POST /v1/messages?beta=true", "it at the provider", bench.told(*seen.client));
  const std::string_view query = seen.request().head.query();
  if (("&" + std::string(query) + "&").find("&beta=true&") != std::string::npos) return {};
  return failed("POST /v1/messages?beta=true", "beta=true in the query at the provider",
                bench.quoted(seen.request().head.target));
}

Verdict probe(Bench& bench, const std::string& method, const std::string& path) {
  const auto answer = bench.fetch(method, path, Credential::none, probe_limit);
  if (answer->clean() && answer->status() > 0 && answer->status() < 500) return {};
  return failed(method + " " + path, "a status under 500 within 3 s", bench.told(*answer));
}
Verdict judge_probe_root(Bench& bench) {
  return probe(bench, "HEAD", "/");
}
Verdict judge_probe_hello(Bench& bench) {
  return probe(bench, "HEAD", "/api/hello");
}

// -1 when the answer names none.
std::int64_t figure_in(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::int64_t figure = -1;
  if (parser.parse(simdjson::padded_string(body)).get(root) != simdjson::SUCCESS) return -1;
  for (const std::string_view name : {"input_tokens", "inputTokens", "totalTokens"}) {
    if (root[name].get(figure) == simdjson::SUCCESS) return figure;
  }
  return -1;
}

bool is_success(const Exchange& answer) {
  return answer.status() >= 200 && answer.status() < 300;
}

// Behind a real provider: more words have a larger figure.
Verdict count_live(Bench& bench) {
  std::int64_t last = 0;
  for (const int words : {5, 200}) {
    std::string text;
    for (int i = 0; i < words; ++i) text += fmt::format("{} ", i);
    Ask ask;
    ask.call = Call::count;
    ask.messages = said(bench.format(), text);
    const Seen seen = bench.ask(ask);
    if (!is_success(*seen.client)) return {};
    const std::int64_t figure = figure_in(seen.client->body());
    if (figure <= last)
      return failed(fmt::format("count_tokens of {} words", words),
                    fmt::format("a figure above {}, or a status that is no 2xx", last),
                    bench.told(*seen.client));
    last = figure;
  }
  return {};
}

Verdict judge_count_true(Bench& bench) {
  if (bench.subject().is_live) return count_live(bench);
  Ask ask;
  ask.call = Call::count;
  const Seen seen = bench.ask(ask);
  if (is_success(*seen.client) && figure_in(seen.client->body()) != 41'237)
    return failed("count_tokens, answered by the provider with 41237",
                  "that figure, or a status that is no 2xx", bench.told(*seen.client));
  ask.answering = [](std::size_t) {
    return Script::error(404, "not_found_error", "There is no count_tokens here.");
  };
  const Seen none = bench.ask(ask);
  if (none.client->status() == 0)
    return failed("count_tokens, which the provider does not have", "an answer",
                  bench.told(*none.client));
  if (!is_success(*none.client)) return {};
  return failed("count_tokens, which the provider does not have", "a status that is no 2xx",
                bench.told(*none.client));
}

bool lists_models(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array data;
  if (parser.parse(simdjson::padded_string(body)).get(root) != simdjson::SUCCESS) return false;
  if (root["data"].get(data) != simdjson::SUCCESS) return false;
  bool any = false;
  for (const simdjson::dom::element model : data) {
    std::string_view id;
    if (model["id"].get(id) != simdjson::SUCCESS || id.empty()) return false;
    any = true;
  }
  return any;
}

Verdict judge_models_list(Bench& bench) {
  for (const auto& [credential, name] :
       {std::pair(Credential::api_key, "x-api-key"), {Credential::bearer, "a Bearer token"}}) {
    const auto answer = bench.fetch("GET", "/v1/models?limit=1000", credential, probe_limit);
    if (answer->clean() && answer->status() == 200 && lists_models(answer->body())) continue;
    return failed(fmt::format("GET /v1/models?limit=1000 with {}", name),
                  "200 with data[].id within 3 s", bench.told(*answer));
  }
  return {};
}

}  // namespace

std::vector<Check> routing_checks() {
  return {
      {"path.query", Level::must, messages,
       "/v1/messages?beta=true is relayed, and the query arrives", judge_path_query},
      {"probe.root", Level::must, any_format, "HEAD / is answered under 500 within 3 s",
       judge_probe_root, false},
      {"probe.hello", Level::must, claude_formats,
       "HEAD /api/hello is answered under 500 within 3 s", judge_probe_hello, false},
      {"count_tokens.true", Level::must, claude_formats | responses | gemini,
       "count_tokens tells the provider's figure, or is no success when it has none",
       judge_count_true, false},
      {"models.list", Level::must, messages,
       "/v1/models?limit=1000 is answered within 3 s, without a redirect, by data[].id, to either "
       "credential",
       judge_models_list, false},
  };
}

}  // namespace ccrelay::app::contract
