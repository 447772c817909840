#include <algorithm>
#include <string>
#include <vector>

#include "base/base64.hpp"
#include "checks/stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string header(const RecordedRequest& request, std::string_view name) {
  return std::string(request.head.headers.get(name).value_or("-"));
}

Script json(const std::string& body, int status = 200, const Headers& more = {}) {
  return Script::reply(status, "application/json", body, more);
}

}  // namespace

TEST_CASE("each type is asked what costs nothing, with its key where it belongs", "[checks]") {
  struct Case {
    std::string type, method, target, header, value;
  };
  const std::string key = "sk-check-canary";
  const Case cases[] = {
      {"anthropic", "GET", "/v1/models?limit=1", "x-api-key", key},
      {"anthropic_aws", "GET", "/v1/models?limit=1", "x-api-key", key},
      {"zai", "POST", "/v1/messages/count_tokens", "x-api-key", key},
      {"minimax", "POST", "/v1/messages/count_tokens", "authorization", "Bearer " + key},
      {"ollama", "GET", "/api/version", "x-api-key", "-"},
      {"azure", "POST", "/v1/messages/count_tokens", "x-api-key", key},
      {"bedrock", "POST", "/model/claude-x/count-tokens", "authorization", "Bearer " + key},
      {"vertex", "POST",
       "/v1/projects/my-project/locations/global/publishers/anthropic/models/"
       "count-tokens:rawPredict",
       "authorization", "Bearer " + key},
      {"openai", "GET", "/models", "authorization", "Bearer " + key},
      {"azure_openai", "GET", "/models", "api-key", key},
      {"gemini", "GET", "/v1beta/models?pageSize=1", "x-goog-api-key", key},
      {"gemini_vertex", "POST",
       "/v1/projects/my-project/locations/global/publishers/google/models/"
       "gemini-2.5-pro:countTokens",
       "authorization", "Bearer " + key},
  };
  for (const Case& one : cases) {
    INFO(one.type);
    CheckStage stage(one.type, one.type == "ollama" ? "" : key);
    if (one.type == "bedrock" || one.type == "vertex") stage.entry.models = {"claude-x"};
    stage.provider.enqueue(json(R"({"input_tokens":8,"inputTokens":8,"data":[]})"));
    const ProviderCheck& found = stage.look();
    CHECK(found.dns.ok);
    CHECK(found.connect.ok);
    CHECK_FALSE(found.tls.looked_at);
    const RecordedRequest& request = stage.only_request();
    CHECK(request.head.method == one.method);
    CHECK(request.head.target == one.target);
    CHECK(header(request, one.header) == one.value);
    if (one.type == "ollama") {
      CHECK(found.keys.empty());
    } else {
      REQUIRE(found.keys.size() == 1);
      CHECK(found.keys[0].verdict == KeyVerdict::accepted);
      CHECK_FALSE(has(found.keys[0].label, key));
    }
  }
}

TEST_CASE("one word is counted, in the form that each cloud has for it", "[checks]") {
  CheckStage bedrock("bedrock");
  bedrock.entry.models = {"claude-x"};
  bedrock.provider.enqueue(json(R"({"inputTokens":8})"));
  bedrock.look();
  const std::string& body = bedrock.only_request().body;
  const std::string begin = R"({"input":{"invokeModel":{"body":")";
  REQUIRE(body.starts_with(begin));
  const std::string invoked = body.substr(begin.size(), body.rfind('"') - begin.size());
  CHECK(has(invoked, base::base64_encoded(R"({"anthropic_version":"bedr)").substr(0, 30)));

  CheckStage vertex("vertex");
  vertex.entry.models = {"claude-x@1"};
  vertex.provider.enqueue(json(R"({"input_tokens":8})"));
  vertex.look();
  CHECK(has(vertex.only_request().body, R"("model":"claude-x@1")"));
  CHECK(has(vertex.only_request().body, R"("anthropic_version":"vertex-2023-10-16")"));
  CHECK(has(vertex.only_request().body, R"("content":"hello")"));
}

TEST_CASE("models that the configuration names are looked for in each vendor's list", "[checks]") {
  CheckStage openai("openai");
  openai.entry.models = {"gpt-5.5", "gpt-*"};
  for (int i = 0; i < 2; ++i) openai.provider.enqueue(json(R"({"data":[{"id":"gpt-5.5"}]})"));
  CHECK(openai.look().models == std::vector<std::string>{"gpt-5.5"});

  CheckStage gemini("gemini");
  gemini.entry.models = {"gemini-2.5-pro"};
  const bool pages_end = GENERATE(true, false);
  gemini.provider.respond_with([&](const RecordedRequest& one) {
    const bool is_last = pages_end && has(one.head.target, "&pageToken=a%2Bb");
    return json(is_last ? R"({"models":[{"name":"models/gemini-3-pro"}]})"
                        : R"({"models":[{"name":"models/gemini-2.5-pro"}],"nextPageToken":"a+b"})");
  });
  const auto listed = gemini.look().models;
  REQUIRE(listed.has_value());
  const auto& asked = gemini.provider.requests();
  CHECK(std::any_of(asked.begin(), asked.end(), [](const RecordedRequest& one) {
    return one.head.target == "/v1beta/models?pageSize=1000";
  }));
  if (pages_end) {
    CHECK(*listed == std::vector<std::string>{"gemini-2.5-pro", "gemini-3-pro"});
  } else {
    CHECK(listed->size() == 10);
  }
}

TEST_CASE("an identity signs, and a session is told by its token", "[checks]") {
  CheckStage stage("anthropic_aws", "");
  stage.environment = {{"AWS_ACCESS_KEY_ID", "AKIDTEST"},
                       {"AWS_SECRET_ACCESS_KEY", "aws-secret-canary"},
                       {"AWS_SESSION_TOKEN", "session-canary"}};
  stage.provider.enqueue(json(R"({"data":[]})"));
  const ProviderCheck& found = stage.look();
  CHECK(found.identity.ok);
  CHECK(has(found.identity.words, "AWS_ACCESS_KEY_ID"));
  CHECK_FALSE(has(found.identity.words, "canary"));
  REQUIRE(found.keys.size() == 1);
  CHECK(found.keys[0].label == "identity");
  CHECK(found.keys[0].verdict == KeyVerdict::accepted);
  const RecordedRequest& request = stage.only_request();
  CHECK(has(header(request, "authorization"), "AWS4-HMAC-SHA256 Credential=AKIDTEST/"));
  CHECK(header(request, "x-amz-security-token") == "session-canary");
  CHECK(header(request, "anthropic-workspace-id") == "wrkspc_mine");
  CHECK(request.head.target == "/v1/models?limit=1");
}

TEST_CASE("an Entra identity is shown to Azure OpenAI, whose list of models it opens", "[checks]") {
  for (const bool is_good : {true, false}) {
    CheckStage stage("azure_openai", "");
    stage.environment = {{"AZURE_AUTHORITY_HOST", stage.provider.url()},
                         {"AZURE_TENANT_ID", "tenant"},
                         {"AZURE_CLIENT_ID", "client"},
                         {"AZURE_CLIENT_SECRET", "azure-secret-canary"}};
    stage.provider.enqueue(json(R"({"access_token":"token-canary","expires_in":3600})"));
    stage.provider.enqueue(is_good
                               ? json(R"({"data":[]})")
                               : json(R"({"error":{"code":"401","message":"no such role"}})", 401));
    const ProviderCheck& found = stage.look();
    CHECK(found.identity.ok);
    REQUIRE(found.keys.size() == 1);
    CHECK(found.keys[0].label == "identity");
    CHECK(found.keys[0].verdict == (is_good ? KeyVerdict::accepted : KeyVerdict::refused));
    REQUIRE(stage.provider.requests().size() == 2);
    const RecordedRequest& request = stage.provider.requests()[1];
    CHECK(request.head.target == "/models");
    CHECK(header(request, "authorization") == "Bearer token-canary");
  }
}

TEST_CASE(
    "without an identity it is said what is missing, and the provider is reached all the same",
    "[checks]") {
  CheckStage stage("bedrock", "");
  stage.entry.models = {"claude-x"};
  stage.environment = {{"AWS_EC2_METADATA_DISABLED", "true"}};
  const ProviderCheck& found = stage.look();
  CHECK(found.identity.looked_at);
  CHECK_FALSE(found.identity.ok);
  CHECK(has(found.identity.words, "no AWS credentials are configured"));
  CHECK(found.keys.empty());
  CHECK(found.dns.ok);
}

TEST_CASE("what a provider says to a key is judged, and quoted without the key", "[checks]") {
  struct Case {
    int status;
    std::string body;
    KeyVerdict verdict;
    std::string words;
  };
  const std::string error = R"({"type":"error","error":{"type":"e","message":"about it"}})";
  const Case cases[] = {
      {200, R"({"data":[]})", KeyVerdict::accepted, ""},
      {401, R"({"error":{"message":"invalid key sk-check-canary"}})", KeyVerdict::refused,
       "invalid key ***"},
      {403, error, KeyVerdict::refused, "about it"},
      {402, error, KeyVerdict::limited, "about it"},
      {429, error, KeyVerdict::limited, "about it"},
      {400, error, KeyVerdict::untold, "about it"},
      {404, "<html>", KeyVerdict::untold, "Not Found"},
      {500, error, KeyVerdict::troubled, "about it"},
      {529, error, KeyVerdict::troubled, "about it"},
  };
  for (const Case& one : cases) {
    INFO(one.status);
    CheckStage stage("anthropic");
    stage.provider.enqueue(json(one.body, one.status));
    const KeyCheck key = stage.look().keys.at(0);
    CHECK(key.verdict == one.verdict);
    CHECK(key.status == one.status);
    CHECK(key.words == one.words);
  }
}

TEST_CASE("a key that is refused with 400, or an account with 403, is known by the words",
          "[checks]") {
  CheckStage google("gemini");
  google.provider.enqueue(json(
      R"({"error":{"code":400,"message":"API key not valid. Please pass a valid API key.",)"
      R"("status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
      R"("reason":"API_KEY_INVALID"}]}})",
      400));
  CHECK(google.look().keys.at(0).verdict == KeyVerdict::refused);
  CheckStage xai("openai");
  xai.provider.enqueue(json(
      R"({"code":"invalid-argument","error":"Incorrect API key provided: xa***. You can obtain )"
      R"(an API key from https://console.x.ai."})",
      400));
  CHECK(xai.look().keys.at(0).verdict == KeyVerdict::refused);
  CheckStage poor("openai");
  poor.provider.enqueue(json(
      R"({"code":"personal-team-blocked:spending-limit","error":"You have run out of credits or )"
      R"(need a Grok subscription."})",
      403));
  CHECK(poor.look().keys.at(0).verdict == KeyVerdict::limited);
}

TEST_CASE("clouds refuse in words of their own", "[checks]") {
  CheckStage aws("bedrock");
  aws.provider.enqueue(json(R"({"message":"The security token is expired"})", 403,
                            {{"x-amzn-errortype", "ExpiredTokenException"}}));
  CHECK(aws.look().keys.at(0).words == "The security token is expired");
  CheckStage google("vertex");
  google.provider.enqueue(
      json(R"([{"error":{"code":403,"message":"Permission denied","status":"PERMISSION_DENIED"}}])",
           403));
  CHECK(google.look().keys.at(0).words == "Permission denied");
  CheckStage azure("azure");
  azure.provider.enqueue(json(R"({"error":{"code":"401","message":"Access denied"}})", 401));
  CHECK(azure.look().keys.at(0).words == "Access denied");
}

TEST_CASE("a gateway that can't count is asked for its list, a cloud is not", "[checks]") {
  CheckStage gateway("zai");
  gateway.provider.enqueue(json("{}", 404));
  gateway.provider.enqueue(json(R"({"data":[]})"));
  CHECK(gateway.look().keys.at(0).verdict == KeyVerdict::accepted);
  REQUIRE(gateway.provider.requests().size() == 2);
  CHECK(gateway.provider.requests()[1].head.target == "/v1/models?limit=1");
  CheckStage cloud("azure");
  cloud.provider.enqueue(json("{}", 404));
  CHECK(cloud.look().keys.at(0).verdict == KeyVerdict::untold);
  CHECK(cloud.provider.requests().size() == 1);
}

TEST_CASE("all keys are asked about at once, and each has its own answer", "[checks]") {
  CheckStage stage("anthropic");
  stage.entry.keys.push_back({Secret("sk-second-canary"), 1, 1});
  stage.provider.enqueue(json("{}", 401));
  stage.provider.enqueue(json("{}", 401));
  const ProviderCheck& found = stage.look();
  REQUIRE(found.keys.size() == 2);
  CHECK(found.keys[0].label != found.keys[1].label);
  std::vector<std::string> sent;
  for (const auto& request : stage.provider.requests())
    sent.push_back(header(request, "x-api-key"));
  std::sort(sent.begin(), sent.end());
  CHECK(sent == std::vector<std::string>{"sk-check-canary", "sk-second-canary"});
}

TEST_CASE("the list of models is asked for where the configuration names some", "[checks]") {
  const std::string list = R"({"data":[{"id":"a"},{"type":"model","id":"b"},{"no":1}],"more":1})";
  const auto listed = [&](const std::string& type, const std::string& body, int status) {
    CheckStage stage(type);
    stage.entry.models = {"a"};
    // Which of the two comes first is not told.
    stage.provider.enqueue(json(body, status));
    stage.provider.enqueue(json(body, status));
    const ProviderCheck found = stage.look();
    std::vector<std::string> targets;
    for (const auto& request : stage.provider.requests()) targets.push_back(request.head.target);
    std::sort(targets.begin(), targets.end());
    CHECK(targets == std::vector<std::string>{"/v1/models?limit=1", "/v1/models?limit=1000"});
    return found;
  };
  for (const char* type : {"anthropic", "anthropic_aws"}) {
    INFO(type);
    CHECK(listed(type, list, 200).models == std::vector<std::string>{"a", "b"});
  }
  CHECK(listed("anthropic", R"({"data":[]})", 200).models == std::vector<std::string>{});
  CHECK(listed("anthropic", R"({"data":7})", 200).models_words ==
        "what it answered is no list of models");
  CHECK(listed("anthropic", "[]", 200).models_words == "what it answered is no list of models");
  CHECK(listed("anthropic", list, 403).models_words == "asked for them it answered 403");
}

TEST_CASE("a clock is compared with what the provider says of the time", "[checks]") {
  CheckStage stage("anthropic");
  // The manual clock begins in the first hour of 2026.
  stage.provider.enqueue(json("{}", 200, {{"date", "Thu, 01 Jan 2026 00:58:20 GMT"}}));
  CHECK(stage.look().clock_ahead.value_or(seconds(0)).count() == 100);
}

TEST_CASE("who never answers is given up on, and what was under way is said to be so", "[checks]") {
  CheckStage stage("anthropic");
  stage.entry.models = {"a"};
  stage.provider.enqueue(Script().hold());
  stage.provider.enqueue(Script().hold());
  stage.begin();
  REQUIRE(stage.harness.run_until([&] { return stage.provider.requests().size() == 2; }));
  stage.probe->give_up(milliseconds(300));
  const ProviderCheck& found = stage.probe->result();
  CHECK(found.keys.at(0).verdict == KeyVerdict::unasked);
  CHECK(found.keys.at(0).words == "no answer within 300 ms");
  CHECK(found.models_words == "no answer within 300 ms");
  CHECK_FALSE(stage.done);
  REQUIRE(stage.harness.run_until([&] { return stage.provider.cancelled() == 2; }));
}

TEST_CASE("what breaks on the way is told where it broke", "[checks]") {
  CheckStage cut("anthropic");
  cut.provider.enqueue(Script().reset());
  const ProviderCheck found = cut.look();
  CHECK(found.keys.at(0).verdict == KeyVerdict::unasked);
  CHECK_FALSE(found.keys.at(0).words.empty());
  CheckStage wrong("anthropic");
  wrong.entry.base_url = "https" + wrong.provider.url().substr(4);  // speaks no TLS
  wrong.provider.enqueue(Script().close());
  const ProviderCheck& spoken = wrong.look();
  CHECK(spoken.connect.ok);
  CHECK(spoken.tls.looked_at);
  CHECK_FALSE(spoken.tls.ok);
  CHECK_FALSE(spoken.tls.words.empty());
}
