#include <string>

#include "provider/asking.hpp"

using namespace ccrelay;
using namespace ccrelay::provider;

namespace {

ProviderConfig config_of(std::string type) {
  ProviderConfig config;
  config.name = "g";
  config.type = std::move(type);
  config.gcp_project_id = "my-project";
  config.gcp_region = "global";
  return config;
}

const Credential key = ApiKey{Secret("AIza")};
const Credential token = BearerToken{Secret("ya29")};

Asking asking_gemini(std::string body = R"({ "contents" : [] })") {
  Asking asking(std::move(body));
  asking.dialect = Dialect::gemini;
  asking.upstream_model = "gemini-2.5-flash";
  asking.head.target = "/v1beta/models/claude-x:generateContent";
  return asking;
}

}  // namespace

TEST_CASE("Gemini gets a client's own request as it is, the model in the path", "[provider]") {
  const auto config = config_of("gemini");
  const auto gemini = made(config);
  CHECK(gemini->speaks(Dialect::gemini));
  CHECK_FALSE(gemini->speaks(Dialect::anthropic));
  CHECK_FALSE(gemini->supports(Operation::other));
  Asking asking = asking_gemini();
  asking.forwardable.add("x-goog-user-project", "of-the-client");
  auto out = asking.ask(*gemini, key);
  CHECK(out.url ==
        "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent");
  CHECK(asking.sent_body == asking.body);
  CHECK(out.headers.get("x-goog-api-key") == "AIza");
  CHECK(out.headers.get("accept-encoding") == "identity");
  CHECK_FALSE(out.headers.contains("authorization"));
  CHECK_FALSE(out.headers.contains("x-goog-user-project"));
}

TEST_CASE("a stream comes in the form the client asked for, translated always as events",
          "[provider]") {
  const auto config = config_of("gemini");
  const auto gemini = made(config);
  Asking asking = asking_gemini();
  asking.stream = true;
  const std::string url =
      "https://generativelanguage.googleapis.com/v1beta/models/"
      "gemini-2.5-flash:streamGenerateContent";
  CHECK(asking.ask(*gemini, key).url == url);
  asking.head.target = "/v1beta/models/claude-x:streamGenerateContent?key=relay-secret&alt=sse";
  CHECK(asking.ask(*gemini, key).url == url + "?alt=sse");
  asking.head.target = "/v1/messages";
  asking.translated = true;
  CHECK(asking.ask(*gemini, key).url == url + "?alt=sse");
}

TEST_CASE("counting names the model that is asked, and Vertex gets what it knows", "[provider]") {
  Asking asking =
      asking_gemini(R"({"generateContentRequest": {"model":"models/claude-x","contents":[1]} })");
  asking.operation = Operation::count_tokens;
  const auto config = config_of("gemini");
  CHECK(asking.ask(*made(config), key).url.ends_with("/gemini-2.5-flash:countTokens"));
  CHECK(asking.sent_body ==
        R"({"generateContentRequest": {"model":"models/gemini-2.5-flash","contents":[1]} })");
  const auto at_vertex = config_of("gemini_vertex");
  CHECK(asking.ask(*made(at_vertex), token).url.ends_with("/gemini-2.5-flash:countTokens"));
  CHECK(asking.sent_body == R"({"contents":[1]})");
}

TEST_CASE("Vertex has Gemini in its own place, with an identity of Google's", "[provider]") {
  const auto config = config_of("gemini_vertex");
  const auto gemini = made(config);
  Asking asking = asking_gemini();
  asking.stream = true;
  asking.translated = true;
  const auto out = asking.ask(*gemini, token);
  CHECK(out.url ==
        "https://aiplatform.googleapis.com/v1/projects/my-project/locations/global/publishers/"
        "google/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
  CHECK(out.headers.get("authorization") == "Bearer ya29");
  CHECK_FALSE(gemini->build(asking.request(), {}));
  const auto check = gemini->health_check(token);
  REQUIRE(check);
  CHECK_FALSE(check->headers.contains("authorization"));
}

TEST_CASE("a model that would leave its place in Gemini's path is asked of nobody", "[provider]") {
  const auto config = config_of("gemini");
  Asking asking = asking_gemini();
  asking.upstream_model = "../../upload";
  CHECK_FALSE(made(config)->build(asking.request(), key));
}

TEST_CASE("a 400 of Gemini's that names a field of its configuration is learnt from",
          "[provider]") {
  const auto config = config_of("gemini");
  Asking asking = asking_gemini(R"({"contents":[],"generationConfig":{"topK":3}})");
  const std::string words =
      "Invalid JSON payload received. Unknown name \"topK\" at 'generation_config': Cannot find "
      "field.";
  CHECK(made(config)->refused_in(400, words, asking.request()).fields ==
        std::vector<std::string>{"generationConfig.topK"});
}

TEST_CASE("a check of Gemini's health lists one model with the key", "[provider]") {
  auto config = config_of("gemini");
  config.base_url = "http://127.0.0.1:1/v1beta";
  const auto check = made(config)->health_check(key);
  REQUIRE(check);
  CHECK(check->url == "http://127.0.0.1:1/v1beta/models?pageSize=1");
  CHECK(check->headers.get("x-goog-api-key") == "AIza");
}
