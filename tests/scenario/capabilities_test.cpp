#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "base/base64.hpp"
#include "catch.hpp"
#include "scenario/clouds.hpp"
#include "scenario/front.hpp"
#include "scenario/seen.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

struct Bedrock : RelayFixture {
  Bedrock() {
    provider = &add_provider("b");
    as_bedrock(*this).keys.push_back({Secret("bedrock-key"), 1, 1});
  }
  FakeProvider* provider;
};

const std::string betas = "anthropic-beta: context-management-2025-06-27,other-1\r\n";

std::string asking() {
  return RelayFixture::post(
      R"({"model":"claude-test","max_tokens":8,"context_management":{"edits":[]},)"
      R"("messages":[{"role":"user","content":"hi"}]})",
      betas);
}

const std::string refusal = "context_management: Extra inputs are not permitted";

}  // namespace

TEST_CASE("what a 400 names is left out with its other half, asked again, and remembered",
          "[scenario]") {
  Bedrock f;
  f.provider->enqueue(aws_error(400, "ValidationException", refusal));
  f.start();
  CHECK(f.ask(asking()).status == 200);
  CHECK(tries(f.finished()) == "b:rejected b:success");
  REQUIRE(f.provider->requests().size() == 2);
  CHECK(has(f.provider->requests()[0].body, "context_management"));
  const std::string without =
      R"({"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["other-1"],"max_tokens":8,)"
      R"("messages":[{"role":"user","content":"hi"}]})";
  CHECK(f.provider->requests()[1].body == without);
  CHECK(f.provider->requests()[1].head.headers.get("anthropic-beta") == "other-1");
  CHECK(noted(f.observer, "capability_refused", "context_management"));
  CHECK(fields_of(f.observer, "capability_refused") == "provider=b model=claude-test");
  CHECK(noted(f.observer, "trace", "b: left out beta context-management-2025-06-27, field "));
  // From now on it does not go along in the first place.
  CHECK(f.ask(asking()).status == 200);
  REQUIRE(f.provider->requests().size() == 3);
  CHECK(f.provider->requests()[2].body == without);
  // A day later the provider may have learnt it.
  f.harness.advance(std::chrono::hours(25));
  f.ask(asking());
  CHECK(has(f.provider->requests()[3].body, "context_management"));
}

TEST_CASE("more betas than anybody means are refused, not tried out", "[scenario]") {
  const int count = GENERATE(64, 65);
  std::string header = "anthropic-beta: b1";
  for (int i = 2; i <= count; ++i) header += ",b" + std::to_string(i);
  Bedrock f;
  f.provider->enqueue(aws_error(400, "ValidationException", "invalid beta flag"));
  f.start();
  const Answer answer =
      f.ask(RelayFixture::post(R"({"model":"claude-test","messages":[]})", header + "\r\n"));
  CHECK(answer.status == (count == 64 ? 200 : 400));
  CHECK(has(answer.body, "invalid beta flag") == (count == 65));
  CHECK(f.provider->requests().size() == (count == 64 ? 2 : 1));
}

TEST_CASE("a 400 that names nothing new is the client's", "[scenario]") {
  Bedrock f;
  // It refuses what did not even go along.
  f.provider->enqueue(aws_error(400, "ValidationException", refusal));
  f.provider->enqueue(aws_error(400, "ValidationException", refusal));
  f.start();
  const Answer answer = f.ask(asking());
  CHECK(answer.status == 400);
  CHECK(has(answer.body, refusal));
  CHECK(f.provider->requests().size() == 2);
}

TEST_CASE("a client is told that its safeguards can't be had", "[scenario]") {
  Bedrock f;
  f.provider->enqueue(
      aws_error(400, "ValidationException", "safeguards: Extra inputs are not permitted"));
  f.start();
  const Answer answer = f.ask(asking());
  CHECK(answer.status == 400);
  CHECK(has(answer.body, "safeguards"));
  CHECK(f.provider->requests().size() == 1);
}

TEST_CASE("one thing after the other is left out, but not for ever", "[scenario]") {
  Bedrock f;
  for (const std::string name : {"a1", "a2", "a3", "a4", "a5", "a6"}) {
    f.provider->enqueue(
        aws_error(400, "ValidationException", name + ": Extra inputs are not permitted"));
  }
  f.start();
  const std::string body =
      R"({"model":"claude-test","a1":1,"a2":1,"a3":1,"a4":1,"a5":1,"a6":1,"messages":[]})";
  const Answer answer = f.ask(RelayFixture::post(body));
  CHECK(answer.status == 400);
  CHECK(has(answer.body, "a5: Extra inputs are not permitted"));
  REQUIRE(f.provider->requests().size() == 5);
  CHECK(f.provider->requests()[4].body ==
        R"({"anthropic_version":"bedrock-2023-05-31","a5":1,"a6":1,"messages":[]})");
  // Nothing of it is proven: the next one goes out whole.
  CHECK(f.ask(RelayFixture::post(body)).status == 200);
  CHECK(has(f.provider->requests()[5].body, R"("a1":1)"));
}

TEST_CASE("the configuration knows before the provider has to say it", "[scenario]") {
  Bedrock f;
  UnsupportedConfig rule;
  rule.models = {"claude-t*"};
  rule.betas = {"context-management-2025-06-27"};
  f.config.providers.back().unsupported.push_back(rule);
  f.start();
  f.ask(asking());
  CHECK_FALSE(has(f.provider->requests()[0].body, "context_management"));
}

TEST_CASE("a rule for other models changes nothing", "[scenario]") {
  Bedrock f;
  UnsupportedConfig rule;
  rule.models = {"claude-u*"};
  rule.fields = {"context_management"};
  f.config.providers.back().unsupported.push_back(rule);
  f.start();
  f.ask(asking());
  CHECK(has(f.provider->requests()[0].body, "context_management"));
}

TEST_CASE("who was on the way when it was learnt is asked again as well", "[scenario]") {
  Bedrock f;
  f.provider->enqueue(
      Script().hold().send("HTTP/1.1 400 Bad Request\r\nx-amzn-errortype: ValidationException\r\n"
                           "content-length: 65\r\n\r\n{\"message\":\"context_management: Extra "
                           "inputs are not permitted\"} "));
  f.provider->enqueue(aws_error(400, "ValidationException", refusal));
  f.start();
  const auto slow = f.connect();
  slow->send(asking());
  f.until([&] { return f.provider->requests().size() == 1; });
  CHECK(f.ask(asking()).status == 200);
  f.provider->release();
  CHECK(answers(f, *slow, 1).front().status == 200);
}

TEST_CASE("half a pair is left out, and that is nobody else's loss", "[scenario]") {
  Bedrock f;
  f.provider->enqueue(aws_error(400, "ValidationException", refusal));
  f.start();
  const std::string half = RelayFixture::post(
      R"({"model":"claude-test","max_tokens":8,"context_management":{},"messages":[]})");
  CHECK(f.ask(half).status == 200);
  CHECK(f.provider->requests()[1].body ==
        R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":8,"messages":[]})");
  // Whoever sends its beta may well have it taken.
  f.ask(asking());
  CHECK(has(f.provider->requests().back().body, "context_management"));
  CHECK(f.ask(half).status == 200);
  CHECK(f.provider->requests().size() == 4);
  CHECK_FALSE(has(f.provider->requests().back().body, "context_management"));
}

TEST_CASE("what counting does not take says nothing of answering", "[scenario]") {
  Bedrock f;
  f.provider->enqueue(aws_error(400, "ValidationException", refusal));
  f.provider->enqueue(Script::reply(200, "application/json", R"({"inputTokens":3})"));
  f.start();
  const std::string body = R"({"model":"claude-test","context_management":{},"messages":[]})";
  const Answer answer = f.ask(RelayFixture::post(body, betas, "/v1/messages/count_tokens"));
  CHECK(answer.body == R"({"input_tokens":3})");
  CHECK(f.provider->requests().size() == 2);
  const std::string& sent = f.provider->requests()[1].body;
  const std::string before = R"({"input":{"invokeModel":{"body":")";
  REQUIRE(sent.size() > before.size() + 4);
  CHECK(base::base64_decoded(sent.substr(before.size(), sent.size() - before.size() - 4)) ==
        R"({"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["other-1"],)"
        R"("max_tokens":1,"messages":[]})");
  f.ask(asking());
  CHECK(has(f.provider->requests().back().body, "context_management"));
}

TEST_CASE("nothing is learnt from a refusal that leaving out does not mend", "[scenario]") {
  Bedrock f;
  f.provider->enqueue(aws_error(400, "ValidationException", refusal));
  f.provider->enqueue(aws_error(400, "ValidationException", "messages: at least one is needed"));
  f.start();
  const Answer answer = f.ask(asking());
  CHECK(answer.status == 400);
  CHECK(has(answer.body, "messages: at least one is needed"));
  CHECK_FALSE(noted(f.observer, "capability_refused", ""));
  f.ask(asking());
  CHECK(has(f.provider->requests().back().body, "context_management"));
}

namespace {

const std::string three = "anthropic-beta: one-1,two-2,three-3\r\n";

// Takes these betas alone, as Bedrock says it: without a word on which it means.
std::function<Script(const RecordedRequest&)> taking(std::vector<std::string> taken) {
  return [taken](const RecordedRequest& request) {
    const std::string sent(request.head.headers.get("anthropic-beta").value_or(""));
    for (const std::string beta : {"one-1", "two-2", "three-3", "evil-9"}) {
      const bool is_taken = std::find(taken.begin(), taken.end(), beta) != taken.end();
      if (has(sent, beta) && !is_taken) {
        return aws_error(400, "ValidationException", "invalid beta flag");
      }
    }
    return Script::message("hi");
  };
}

std::string last_betas(const FakeProvider& provider) {
  return std::string(provider.requests().back().head.headers.get("anthropic-beta").value_or("-"));
}

}  // namespace

TEST_CASE("of betas that are refused without a name those stay that are taken", "[scenario]") {
  for (const std::string taken : {"one-1", "two-2", "three-3", ""}) {
    INFO(taken);
    Bedrock f;
    f.provider->respond_with(taking({taken}));
    f.start();
    CHECK(f.ask(request(false, three)).status == 200);
    CHECK(last_betas(*f.provider) == (taken.empty() ? "-" : taken));
    const std::size_t tries = f.provider->requests().size();
    CHECK(tries <= 5);
    // From then on at the first try.
    CHECK(f.ask(request(false, three)).status == 200);
    CHECK(last_betas(*f.provider) == (taken.empty() ? "-" : taken));
    CHECK(f.provider->requests().size() == tries + 1);
    // For another model nothing is known.
    f.provider->respond_with({});
    f.ask(RelayFixture::post(R"({"model":"other","messages":[]})", three));
    CHECK(last_betas(*f.provider) == "one-1,two-2,three-3");
    // Nor a day later.
    f.harness.advance(std::chrono::hours(25));
    f.ask(request(false, three));
    CHECK(last_betas(*f.provider) == "one-1,two-2,three-3");
  }
}

TEST_CASE("two refusals without a name, and the third try goes well", "[scenario]") {
  Bedrock f;
  for (int i = 0; i < 2; ++i) {
    f.provider->enqueue(aws_error(400, "ValidationException", "invalid beta flag"));
  }
  f.start();
  CHECK(f.ask(request(false, "anthropic-beta: context-1m-2025-08-07,foo-1,bar-2\r\n")).status ==
        200);
  CHECK(tries(f.finished()) == "b:rejected b:rejected b:success");
  CHECK(last_betas(*f.provider) == "-");
  f.ask(request(false, "anthropic-beta: context-1m-2025-08-07,foo-1,bar-2\r\n"));
  CHECK(f.provider->requests().size() == 4);
  CHECK(last_betas(*f.provider) == "-");
}

TEST_CASE("a client's unknown beta costs nobody else a good one", "[scenario]") {
  Bedrock f;
  f.provider->respond_with(taking({"one-1", "two-2", "three-3"}));
  f.start();
  for (const char* odd : {"anthropic-beta: evil-9\r\n", "anthropic-beta: one-1,evil-9\r\n",
                          "anthropic-beta: evil-9,one-1,two-2,three-3\r\n",
                          "anthropic-beta: two-2,three-3,evil-9\r\n"}) {
    INFO(odd);
    CHECK(f.ask(request(false, odd)).status == 200);
    const std::size_t before = f.provider->requests().size();
    CHECK(f.ask(request(false, three)).status == 200);
    CHECK(last_betas(*f.provider) == "one-1,two-2,three-3");
    CHECK(f.provider->requests().size() == before + 1);
  }
}

TEST_CASE("nor does one whose name begins as a good one's", "[scenario]") {
  Bedrock f;
  f.provider->enqueue(aws_error(400, "ValidationException",
                                "Unexpected value(s) `one-1-x` for the `anthropic-beta` header"));
  f.start();
  CHECK(f.ask(request(false, "anthropic-beta: one-1,one-1-x,two-2\r\n")).status == 200);
  CHECK(last_betas(*f.provider) == "one-1,two-2");
  f.ask(request(false, three));
  CHECK(last_betas(*f.provider) == "one-1,two-2,three-3");
}

TEST_CASE("a nested field is left out by its whole path, byte for byte", "[scenario]") {
  Bedrock f;
  f.provider->enqueue(
      aws_error(400, "ValidationException",
                "system.1.cache_control.ephemeral.scope: Extra inputs are not permitted"));
  f.start();
  const std::string system =
      R"("system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}, )"
      R"({"type":"text","text":"scope","cache_control":{"type":"ephemeral")";
  const std::string asked = R"({"model":"claude-test","max_tokens":8,)" + system +
                            R"(,"scope":"global"}}],"messages":[]})";
  const std::string beta = "anthropic-beta: prompt-caching-scope-2026-01-05\r\n";
  const std::string left =
      R"({"anthropic_version":"bedrock-2023-05-31",)"
      R"("anthropic_beta":["prompt-caching-scope-2026-01-05"],"max_tokens":8,)" +
      system + R"(}}],"messages":[]})";
  CHECK(f.ask(RelayFixture::post(asked, beta)).status == 200);
  REQUIRE(f.provider->requests().size() == 2);
  CHECK(f.provider->requests()[1].body == left);
  CHECK(f.ask(RelayFixture::post(asked, beta)).status == 200);
  REQUIRE(f.provider->requests().size() == 3);
  CHECK(f.provider->requests()[2].body == left);
}

TEST_CASE("an odd field of one client's takes nothing from others", "[scenario]") {
  struct Row {
    std::string odd;
    std::string message;
    std::string good;
  };
  for (const Row& row :
       std::vector<Row>{{R"("metadata":{"user_id":"u","odd":1})", "metadata.odd",
                         R"("metadata":{"user_id":"u"})"},
                        {R"("output_config":{"odd":1})", "output_config.odd",
                         R"("output_config":{"effort":"low"})"},
                        {R"("thinking":{"type":"adaptive","odd":1})", "thinking.adaptive.odd",
                         R"("thinking":{"type":"adaptive"})"},
                        {R"("tools":[{"name":"t","odd":1}])", "tools.0.custom.odd",
                         R"("tools":[{"name":"t"}])"}}) {
    INFO(row.message);
    Bedrock f;
    f.provider->enqueue(
        aws_error(400, "ValidationException", row.message + ": Extra inputs are not permitted"));
    f.start();
    const auto with = [](const std::string& member) {
      return RelayFixture::post(R"({"model":"claude-test",)" + member + R"(,"messages":[]})",
                                betas);
    };
    CHECK(f.ask(with(row.odd)).status == 200);
    CHECK(f.provider->requests().size() == 2);
    CHECK_FALSE(has(f.provider->requests()[1].body, "odd"));
    CHECK(f.ask(with(row.good)).status == 200);
    CHECK(has(f.provider->requests().back().body, row.good));
    CHECK(last_betas(*f.provider) == "context-management-2025-06-27,other-1");
  }
}

TEST_CASE("providers that speak Anthropic's form are healed as well", "[scenario]") {
  for (const char* type : {"azure", "anthropic_aws", "zai", "anthropic"}) {
    INFO(type);
    RelayFixture f;
    FakeProvider& provider = f.add_provider("p");
    ProviderConfig& config = f.config.providers.back();
    config.type = type;
    if (config.type == "anthropic_aws") config.aws_region = "eu-west-1";
    if (config.type == "anthropic_aws") config.workspace_id = "w";
    provider.enqueue(Script::error(400, "invalid_request_error", refusal));
    f.start();
    CHECK(f.ask(asking()).status == 200);
    REQUIRE(provider.requests().size() == 2);
    CHECK(provider.requests()[1].body ==
          R"({"model":"claude-test","max_tokens":8,"messages":[{"role":"user","content":"hi"}]})");
    CHECK(last_betas(provider) == "other-1");
    CHECK(f.ask(asking()).status == 200);
    CHECK(provider.requests().size() == 3);
    // What can't be mended reaches the client as it was said.
    const Script other = Script::error(400, "invalid_request_error", "max_tokens: Field required");
    provider.enqueue(other);
    CHECK(has(f.ask(asking()).body, "max_tokens: Field required"));
  }
}

TEST_CASE("Vertex counts without the betas that it refuses, and it is remembered", "[scenario]") {
  for (const char* said : {"Unexpected value(s) `one-1` for the `anthropic-beta` header",
                           "Unexpected value(s) `one-1`, `two-2`, `three-3` for the "
                           "`anthropic-beta` header. Please consult our documentation",
                           "Unexpected value(s) for the `anthropic-beta` header"}) {
    INFO(said);
    RelayFixture f;
    FakeProvider& provider = f.add_provider("v");
    as_vertex(f).keys.push_back({Secret("ya29.token"), 1, 1});
    provider.respond_with([said](const RecordedRequest& request) {
      if (has(request.head.target, "count-tokens") &&
          request.head.headers.contains("anthropic-beta")) {
        return Script::error(400, "invalid_request_error", said);
      }
      return Script::reply(200, "application/json", R"({"input_tokens":3})");
    });
    f.start();
    const std::string count = RelayFixture::post(R"({"model":"claude-test","messages":[]})", three,
                                                 "/v1/messages/count_tokens?beta=true");
    CHECK(f.ask(count).body == R"({"input_tokens":3})");
    CHECK(provider.requests().size() == 2);
    CHECK(last_betas(provider) == "-");
    CHECK(f.ask(count).status == 200);
    CHECK(provider.requests().size() == 3);
    f.ask(request(false, three));
    CHECK(last_betas(provider) == "one-1,two-2,three-3");
  }
}

TEST_CASE("a model that Bedrock does not know is asked of the next provider", "[scenario]") {
  for (const char* said :
       {"The provided model identifier is invalid.",
        "Invocation of model ID anthropic.x with on-demand throughput isn't supported. Retry your "
        "request with the ID or ARN of an inference profile that contains this model."}) {
    Bedrock f;
    FakeProvider& next = f.add_provider("next");
    f.provider->enqueue(aws_error(400, "ValidationException", said));
    f.start();
    CHECK(f.ask(asking()).status == 200);
    CHECK(tries(f.finished()) == "b:not_here next:success");
    CHECK(next.requests().size() == 1);
    // Alone it is 404, in its own words.
    Bedrock g;
    g.provider->enqueue(aws_error(400, "ValidationException", said));
    g.start();
    const Answer answer = g.ask(asking());
    CHECK(answer.status == 404);
    CHECK(has(answer.body, "not_found_error"));
    CHECK(has(answer.body, said));
  }
}

TEST_CASE("a body that is no JSON is the client's to mend, whoever would be asked", "[scenario]") {
  Bedrock f;
  FakeProvider& next = f.add_provider("next");
  f.start();
  // simdjson does not look into what it does not read.
  const Answer answer = f.ask(
      RelayFixture::post(R"({"model":"claude-test","max_tokens":8,"x":[tru],"messages":[]})"));
  CHECK(answer.status == 400);
  CHECK(has(answer.body, "invalid_request_error"));
  CHECK(has(answer.body, "at byte"));
  CHECK(f.provider->requests().empty());
  CHECK(next.requests().empty());
}
