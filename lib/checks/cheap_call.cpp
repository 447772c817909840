#include "checks/cheap_call.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/percent.hpp"
#include "wire/spliced.hpp"

namespace ccrelay::checks {
namespace {

using Way = CheapCalls::Way;

// Counting is free at all of them. Where a gateway has no counting, its list of models is asked for
// (Probe). Bedrock and Vertex have no list at the host that takes messages, Azure none of what is
// deployed.
constexpr std::array<CheapCalls, 12> table{{
    {"anthropic", Way::models, true},
    {"anthropic_aws", Way::models, true},
    {"zai", Way::count_tokens, true},
    {"minimax", Way::count_tokens, true},
    {"ollama", Way::health, true},
    {"azure", Way::count_tokens, false},
    {"bedrock", Way::count_tokens, false},
    {"vertex", Way::count_tokens, false},
    {"openai", Way::models, true},
    {"azure_openai", Way::models, false},
    {"gemini", Way::models, true},
    {"gemini_vertex", Way::count_tokens, false},
}};

constexpr std::string_view gemini_body =
    R"({"contents":[{"role":"user","parts":[{"text":"hello"}]}]})";
constexpr std::string_view body_before_model = R"({"model":)";
constexpr std::string_view body_behind_model =
    R"(,"messages":[{"role":"user","content":"hello"}]})";

// A model that it has by all that is known; counting wants one.
std::string some_model(const worker::Entry& entry) {
  for (const std::string& model : entry.config->models) {
    if (!model.ends_with('*')) return model;
  }
  for (const auto& [pattern, model] : entry.config->model_mapping) {
    if (!model.empty()) return model;
  }
  const std::vector<std::string> known = entry.provider->default_models();
  return known.empty() ? "claude-sonnet-4-5" : known.front();
}

bool speaks_gemini(const worker::Entry& entry) {
  return entry.provider->speaks(Dialect::gemini);
}

bool speaks_openai(const worker::Entry& entry) {
  return entry.provider->speaks(Dialect::chat) || entry.provider->speaks(Dialect::responses);
}

// As an exchange does it: build, then finish with the body as it goes out.
Result<CheapCall> made(const worker::Entry& entry, const ProviderRequest& request,
                       const Credential& credential, WallTime now) {
  auto out = entry.provider->build(request, credential);
  if (!out) return out.error();
  // A cloud gets no client's query; this one is ours.
  const auto query = request.head.target.find('?');
  if (query != std::string::npos && out->url.find('?') == std::string::npos) {
    out->url += request.head.target.substr(query);
  }
  CheapCall call{std::move(*out), {}};
  call.body = wire::spliced(request.body, call.out.splices);
  const std::string_view pieces[] = {call.body};
  const std::size_t count = call.body.empty() ? 0 : 1;
  auto finished =
      entry.provider->finish(request, call.out, std::span(pieces, count), credential, now);
  if (!finished) return finished.error();
  if (call.out.body) call.body = std::move(*call.out.body);
  return call;
}

Headers usual_headers() {
  return {{"accept", "application/json"}, {"anthropic-version", "2023-06-01"}};
}

Result<CheapCall> count_call(const worker::Entry& entry, const Credential& credential,
                             WallTime now) {
  RequestHead head;
  head.method = "POST";
  head.target = "/v1/messages/count_tokens";
  head.headers = usual_headers();
  head.headers.add("content-type", "application/json");
  const std::string asked = some_model(entry);
  const std::string model = entry.upstream_model(asked);
  const std::string quoted = json_string(asked);
  const bool is_gemini = speaks_gemini(entry);
  const std::string body =
      is_gemini ? std::string(gemini_body)
                : std::string(body_before_model) + quoted + std::string(body_behind_model);
  std::vector<Splice> splices;
  if (!is_gemini) splices.push_back({body_before_model.size(), quoted.size(), {}});
  const Unsupported nothing;
  const ProviderRequest request{.operation = Operation::count_tokens,
                                .dialect = is_gemini ? Dialect::gemini : Dialect::anthropic,
                                .head = head,
                                .forwardable = head.headers,
                                .body = body,
                                .model = asked,
                                .upstream_model = model,
                                .model_splices = splices,
                                .unsupported = nothing};
  return made(entry, request, credential, now);
}

// Gemini's list is what its health check asks for, and OpenAI's has no pages.
Result<CheapCall> native_list(const worker::Entry& entry, const Credential& credential,
                              std::string_view page) {
  auto out = entry.provider->health_check(credential);
  if (!out) return Error{ErrorCode::config, "its type has no list of models"};
  constexpr std::string_view one = "pageSize=1";
  if (const auto at = out->url.find(one); at != std::string::npos) {
    out->url.replace(at, one.size(), page);
  }
  return CheapCall{std::move(*out), {}};
}

Result<CheapCall> list_call(const worker::Entry& entry, const Credential& credential,
                            std::string target, WallTime now) {
  RequestHead head;
  head.method = "GET";
  head.target = std::move(target);
  head.headers = usual_headers();
  const std::vector<Splice> no_splices;
  const Unsupported nothing;
  const ProviderRequest request{.operation = Operation::other,
                                .head = head,
                                .forwardable = head.headers,
                                .body = {},
                                .model = {},
                                .upstream_model = {},
                                .model_splices = no_splices,
                                .unsupported = nothing};
  return made(entry, request, credential, now);
}

}  // namespace

CheapCalls calls_of(std::string_view type) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.type == type; });
  return found == table.end() ? CheapCalls{type, Way::health, false} : *found;
}

Result<CheapCall> cheap_call(const worker::Entry& entry, const Credential& credential, Way way,
                             WallTime now) {
  if (way == Way::count_tokens) return count_call(entry, credential, now);
  const bool is_native = speaks_gemini(entry) || speaks_openai(entry);
  if (way == Way::models && is_native) return native_list(entry, credential, "pageSize=1");
  if (way == Way::models) return list_call(entry, credential, "/v1/models?limit=1", now);
  auto out = entry.provider->health_check(credential);
  if (!out) return Error{ErrorCode::config, "its type has no call that costs nothing"};
  return CheapCall{std::move(*out), {}};
}

// The most that one page may hold (https://docs.claude.com/en/api/models-list).
Result<CheapCall> models_call(const worker::Entry& entry, const Credential& credential,
                              std::string_view page, WallTime now) {
  if (speaks_gemini(entry) || speaks_openai(entry)) {
    std::string query = "pageSize=1000";  // https://ai.google.dev/api/models
    if (!page.empty()) query += "&pageToken=" + base::percent_encoded(page);
    return native_list(entry, credential, query);
  }
  return list_call(entry, credential, "/v1/models?limit=1000", now);
}

}  // namespace ccrelay::checks
