#include <fmt/format.h>
#include <simdjson.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "bench.hpp"
#include "check.hpp"
#include "envelope.hpp"

// What clients of OpenAI's and Gemini's words ask for, and under which path.

namespace ccrelay::app::contract {
namespace {

constexpr milliseconds answer_limit{3'000};

Verdict judge_methods(Bench& bench) {
  const bool is_gemini = bench.format() == gemini;
  for (const Call call : {Call::whole, Call::stream, Call::count}) {
    if (call == Call::count && bench.format() == chat) continue;
    Ask ask;
    ask.call = call;
    const Seen seen = bench.ask(ask);
    const std::string sent(path_end_of(bench.format(), call));
    if (!seen.reached()) {
      // Counting is for who wants to; a figure that is made up is another check's affair.
      if (call == Call::count && seen.client->status() > 0) continue;
      return failed(sent, "it at the provider", bench.told(*seen.client));
    }
    const RequestHead& head = seen.request().head;
    const bool has_form = !is_gemini || call != Call::stream ||
                          head.query().find("alt=sse") != std::string_view::npos;
    if (head.path().ends_with(sent) && has_form) continue;
    return failed(target_of(bench.format(), call, bench.subject().model),
                  "the same method at the provider", bench.quoted(head.target));
  }
  return {};
}

Verdict judge_websocket(Bench& bench) {
  const auto answer =
      bench.fetch("GET", "/v1/responses", Credential::both, answer_limit,
                  {"connection: Upgrade", "upgrade: websocket", "sec-websocket-version: 13",
                   "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="});
  if (answer->status() == 426 || answer->status() == 101) return {};
  return failed("GET /v1/responses with Upgrade: websocket", "101, or 426 at once",
                bench.told(*answer));
}

bool is_text(simdjson::dom::element object, std::string_view name, std::string_view begin) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS && !text.empty() &&
         text.substr(0, begin.size()) == begin;
}

// By what npm openai's `Model` and @google/genai's are known.
bool has_shape(Format format, const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array list;
  if (parser.parse(simdjson::padded_string(body)).get(root) != simdjson::SUCCESS) return false;
  const bool is_gemini = format == gemini;
  if (!is_gemini && !is_text(root, "object", "list")) return false;
  if (root[is_gemini ? "models" : "data"].get(list) != simdjson::SUCCESS) return false;
  bool any = false;
  for (const simdjson::dom::element model : list) {
    any = is_gemini ? is_text(model, "name", "models/")
                    : is_text(model, "id", "") && is_text(model, "object", "model");
    if (!any) return false;
  }
  return any;
}

Verdict judge_models_shape(Bench& bench) {
  const std::string target(models_target(bench.format()));
  const auto answer = bench.fetch("GET", target, Credential::both, answer_limit);
  if (answer->clean() && answer->status() == 200 && has_shape(bench.format(), answer->body()))
    return {};
  return failed(
      "GET " + target,
      bench.format() == gemini
          ? "200 with models[].name, each models/…, within 3 s"
          : "200 with object \"list\" and data[], each id and object \"model\", within 3 s",
      bench.told(*answer));
}

Verdict judge_models_head(Bench& bench) {
  const std::string target(models_target(bench.format()));
  const auto answer = bench.fetch("HEAD", target, Credential::both, answer_limit);
  if (answer->clean() && answer->status() == 200) return {};
  return failed("HEAD " + target, "200 within 3 s", bench.told(*answer));
}

}  // namespace

std::vector<Check> surface_checks() {
  return {
      {"path.methods", Level::must, other_formats,
       "messages, streams and counts arrive as what they are, Gemini's alt=sse with them",
       judge_methods},
      // Codex 0.171 then takes HTTPS after one try; after 404, 405 or 501 it tries seven times.
      {"path.websocket", Level::should, responses,
       "GET /v1/responses for a websocket is upgraded, or refused by 426", judge_websocket, false},
      // npm openai's resources/models, https://ai.google.dev/api/models.
      {"models.shape", Level::must, other_formats,
       "the list of models is answered within 3 s in the shape that the format's SDK reads",
       judge_models_shape, false},
      // RFC 9110 section 9.3.2.
      {"models.head", Level::should, other_formats,
       "HEAD of the list of models is answered as a GET of it is", judge_models_head, false},
  };
}

}  // namespace ccrelay::app::contract
