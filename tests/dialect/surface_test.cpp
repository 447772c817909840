#include "dialect/surface.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "dialect/gemini_models.hpp"
#include "dialect/provider_paths.hpp"

using namespace ccrelay::dialect;

namespace {

std::string told(const std::optional<Asked>& asked) {
  if (!asked) return "nothing";
  constexpr std::string_view asks[] = {"message", "count",     "models",
                                       "model",   "websocket", "stored"};
  return std::string(to_string(asked->dialect)) + ' ' +
         std::string(asks[static_cast<std::size_t>(asked->ask)]) +
         (asked->model.empty() ? "" : ' ' + asked->model) + (asked->stream ? " stream" : "") +
         (asked->sse ? " sse" : "");
}

}  // namespace

TEST_CASE("each path of a dialect says what is asked") {
  struct Row {
    const char* method;
    const char* path;
    const char* query;
    const char* told;
    Dialect envelope;
  };
  const Row rows[] = {
      {"POST", "/v1/messages", "beta=true", "anthropic message", Dialect::anthropic},
      {"POST", "/v1/messages/count_tokens", "", "anthropic count", Dialect::anthropic},
      {"POST", "/v1/chat/completions", "", "chat message", Dialect::chat},
      {"POST", "/v1/responses", "", "responses message", Dialect::responses},
      {"GET", "/v1/responses", "", "responses websocket", Dialect::responses},
      {"POST", "/v1/responses/input_tokens", "", "responses count", Dialect::responses},
      {"GET", "/v1/responses/resp_1", "", "responses stored", Dialect::responses},
      {"DELETE", "/v1/responses/resp_1", "", "responses stored", Dialect::responses},
      {"GET", "/v1/responses/resp_1/input_items", "", "responses stored", Dialect::responses},
      {"POST", "/v1/conversations", "", "responses stored", Dialect::responses},
      {"GET", "/v1/conversations/c1", "", "responses stored", Dialect::responses},
      {"POST", "/v1beta/models/gemini-3-pro:generateContent", "", "gemini message gemini-3-pro",
       Dialect::gemini},
      {"POST", "/v1beta/models/gemini-3-pro:streamGenerateContent", "alt=sse",
       "gemini message gemini-3-pro stream sse", Dialect::gemini},
      {"POST", "/v1beta/models/gemini-3-pro:streamGenerateContent", "key=k",
       "gemini message gemini-3-pro stream", Dialect::gemini},
      {"POST", "/v1/models/gemini-3-pro:countTokens", "", "gemini count gemini-3-pro",
       Dialect::gemini},
      {"POST", "/v1beta/models/a/b%2Fc:free:generateContent", "", "gemini message a/b/c:free",
       Dialect::gemini},
      {"POST", "/v1beta/models/gemini-3-pro:embedContent", "", "nothing", Dialect::gemini},
      {"POST", "/v1beta/models/:generateContent", "", "nothing", Dialect::gemini},
      {"GET", "/v1beta/models", "pageSize=5", "gemini models", Dialect::gemini},
      {"GET", "/v1beta/models/gemini-3-pro", "", "gemini model gemini-3-pro", Dialect::gemini},
      {"POST", "/v1beta1/publishers/google/models/gemini-3-pro:generateContent", "",
       "gemini message gemini-3-pro", Dialect::gemini},
      {"POST",
       "/v1beta1/projects/p-1/locations/us-central1/publishers/google/models/"
       "m:streamGenerateContent",
       "alt=sse", "gemini message m stream sse", Dialect::gemini},
      {"POST", "/v1/projects/p-1/locations/global/publishers/google/models/m:countTokens", "",
       "gemini count m", Dialect::gemini},
      {"GET", "/v1beta1/publishers/google/models", "pageSize=5", "gemini models", Dialect::gemini},
      {"GET", "/v1beta1/publishers/google/models/m", "", "gemini model m", Dialect::gemini},
      {"POST", "/v1beta1/projects/p-1/publishers/google/models/m:generateContent", "", "nothing",
       Dialect::gemini},
      {"POST", "/v1beta1/projects//locations/l/publishers/google/models/m:generateContent", "",
       "nothing", Dialect::gemini},
      {"POST", "/v1/projects/p/locations/l/publishers/anthropic/models/m:rawPredict", "", "nothing",
       Dialect::anthropic},
      {"POST", "/v1beta1/publishers/moonshotai/models/kimi-k3:generateContent", "",
       "gemini message moonshotai/kimi-k3", Dialect::gemini},
      {"POST", "/v1beta1/projects/p/locations/l/models/m:generateContent", "", "gemini message m",
       Dialect::gemini},
      {"POST", "/v1beta1/publishers/google/m:generateContent", "", "nothing", Dialect::gemini},
      {"GET", "/v1/publishers/google/models/m", "", "nothing", Dialect::anthropic},
      {"GET", "/v1/models/claude-opus-5", "", "nothing", Dialect::anthropic},
      {"GET", "/v1/models", "", "nothing", Dialect::anthropic},
      {"GET", "/v1/chat/completions", "", "nothing", Dialect::chat},
      {"POST", "/v1/responsesx", "", "nothing", Dialect::anthropic},
      {"GET", "/", "", "nothing", Dialect::anthropic},
  };
  for (const Row& row : rows) {
    INFO(row.method << ' ' << row.path);
    CHECK(told(asked_by(row.method, row.path, row.query)) == row.told);
    CHECK(envelope_for(row.path) == row.envelope);
  }
}

TEST_CASE("a query's credential is found and taken out") {
  CHECK(query_value("alt=sse&key=a%2Bb", "key") == "a+b");
  CHECK(query_value("key", "key") == "");
  CHECK_FALSE(query_value("monkey=1", "key"));
  CHECK_FALSE(query_value("", "key"));
  CHECK(query_without("key=secret", "key").empty());
  CHECK(query_without("alt=sse&key=secret&a=b%20c&%6bey=other", "key") == "alt=sse&a=b%20c");
}

TEST_CASE("each dialect is kept alive in its own way") {
  CHECK(keep_alive(Dialect::anthropic) == "event: ping\ndata: {\"type\": \"ping\"}\n\n");
  CHECK(keep_alive(Dialect::chat) == ": ping\n\n");
  CHECK(keep_alive(Dialect::responses) == ": ping\n\n");
  CHECK(keep_alive(Dialect::gemini) == "\n\n");
}

TEST_CASE("a provider's API is asked where its vendor has it") {
  struct Row {
    ApiCall call;
    const char* url;
  };
  const char* const openai = "https://api.openai.com/v1";
  const char* const azure = "https://mine.openai.azure.com/openai/v1";
  const char* const google = "https://generativelanguage.googleapis.com/";
  const Row rows[] = {
      {{Dialect::chat, openai, "m", false, true, ""}, "https://api.openai.com/v1/chat/completions"},
      {{Dialect::chat, openai, "m", true, false, ""}, ""},
      {{Dialect::responses, openai, "m", false, true, ""}, "https://api.openai.com/v1/responses"},
      {{Dialect::responses, openai, "m", true, false, ""},
       "https://api.openai.com/v1/responses/input_tokens"},
      {{Dialect::chat, azure, "my model", false, false, ""},
       "https://mine.openai.azure.com/openai/v1/chat/completions"},
      {{Dialect::chat, azure, "my model", false, false, "2025-04-01-preview"},
       "https://mine.openai.azure.com/openai/deployments/my%20model/chat/completions"
       "?api-version=2025-04-01-preview"},
      {{Dialect::responses, "https://mine.openai.azure.com", "m", false, false, "2025-04-01"},
       "https://mine.openai.azure.com/openai/responses?api-version=2025-04-01"},
      {{Dialect::gemini, google, "gemini-3-pro", false, false, ""},
       "https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:generateContent"},
      {{Dialect::gemini, google, "a/b:c", false, true, ""},
       "https://generativelanguage.googleapis.com/v1beta/models/a/b%3Ac"
       ":streamGenerateContent?alt=sse"},
      // No name leads out of its folder.
      {{Dialect::gemini, google, "../files", false, false, ""},
       "https://generativelanguage.googleapis.com/v1beta/models/..%2Ffiles:generateContent"},
      {{Dialect::gemini, google, "gemini-3-pro", true, false, ""},
       "https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:countTokens"},
      {{Dialect::anthropic, "https://api.anthropic.com", "m", false, true, ""},
       "https://api.anthropic.com/v1/messages"},
      {{Dialect::anthropic, "https://api.anthropic.com", "m", true, false, ""},
       "https://api.anthropic.com/v1/messages/count_tokens"},
  };
  for (const Row& row : rows) CHECK(call_url(row.call) == row.url);
  CHECK(probe_url(Dialect::chat, openai) == "https://api.openai.com/v1/models");
  CHECK(probe_url(Dialect::gemini, google) ==
        "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1");
}

TEST_CASE("Gemini's list of models has its shape") {
  CHECK(gemini_model("claude-opus-5") ==
        R"({"name":"models/claude-opus-5","displayName":"claude-opus-5",)"
        R"("supportedGenerationMethods":["generateContent","countTokens"]})");
  const std::vector<std::string> names{"a", "b"};
  CHECK(gemini_models(names) ==
        "{\"models\":[" + gemini_model("a") + ',' + gemini_model("b") + "]}");
  CHECK(gemini_models({}) == R"({"models":[]})");
}
