#include "provider/error_about.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "catch.hpp"
#include "provider/error_cases.hpp"

using namespace ccrelay;
using namespace ccrelay::provider;
using namespace ccrelay::testing;

namespace {

// The relay's own type where it has one; everybody else is reached as "anthropic".
std::string type_of(const ErrorCase& one) {
  for (const char* vendor :
       {"openrouter", "groq", "mistral", "xai", "deepseek", "vllm", "llamacpp"}) {
    if (one.provider == vendor) return "openai";
  }
  for (const char* type : {"zai", "minimax", "ollama", "azure", "bedrock", "vertex", "openai",
                           "azure_openai", "gemini"}) {
    if (one.provider == type) return type;
  }
  return "anthropic";
}

WallTime now_of(const ErrorCase& one) {
  return one.until.value_or(WallTime(std::chrono::hours(500'000))) - std::chrono::hours(1);
}

ErrorMeaning meaning(const ErrorCase& one, const std::vector<ErrorRule>& rules = {}) {
  const std::string type = type_of(one);
  return error_meaning({type, "claude-test", rules, now_of(one)}, one.status, one.headers,
                       one.body);
}

std::string in_words(const ErrorCase& one, const ErrorMeaning& got) {
  return one.id + ": is " + one.about + ", taken for " + std::string(to_string(got.about)) +
         " (code \"" + got.code + "\", " + got.message.substr(0, 90) + ")";
}

void check_waits(const std::string& file) {
  for (const ErrorCase& one : read_error_cases(file)) {
    if (one.debatable || one.headers.contains("retry-after")) continue;
    const double expected = one.until ? 3600 : one.wait_s.value_or(0);
    const auto wait = meaning(one).wait;
    INFO(one.id << ": " << one.body);
    if (expected == 0) continue;
    REQUIRE(wait);
    CHECK(std::abs(std::chrono::duration<double>(*wait).count() - expected) < 0.01);
  }
}

void check_about(const std::string& file) {
  int right = 0, all = 0;
  std::string wrong;
  for (const ErrorCase& one : read_error_cases(file)) {
    if (one.debatable) continue;
    ++all;
    const ErrorMeaning got = meaning(one);
    to_string(got.about) == one.about ? ++right : (wrong += in_words(one, got) + "\n", 0);
  }
  INFO(right << " of " << all << " right\n" << wrong);
  CHECK(wrong.empty());
}

}  // namespace

TEST_CASE("what providers really answered is about what it is about", "[provider][errors]") {
  check_about("provider-errors.jsonl");
}

TEST_CASE("so are others of their kind", "[provider][errors]") {
  check_about("provider-errors-held-out.jsonl");
}

TEST_CASE("so is what was found in public afterwards", "[provider][errors]") {
  check_about("provider-errors-found.jsonl");
}

TEST_CASE("so are variations of all kinds", "[provider][errors]") {
  check_about("provider-errors-variations.jsonl");
}

TEST_CASE("the end of a limit is read from a body that tells it", "[provider][errors]") {
  check_waits("provider-errors.jsonl");
  check_waits("provider-errors-held-out.jsonl");
  check_waits("provider-errors-found.jsonl");
}

TEST_CASE("what an error repeats of the prompt or of a model's name blames no account and no key",
          "[provider][errors]") {
  const std::vector<std::string> repeated{"your credit balance is too low",
                                          "insufficient balance",
                                          "invalid api key",
                                          "account has been suspended",
                                          "余额不足",
                                          "exceeded your current quota",
                                          "rate limit exceeded",
                                          "overloaded"};
  const std::vector<std::string> around{
      "messages.0.content.0.text: @",
      "system.1.text: @",
      "Unexpected value \\\"@\\\" in the request",
      "Could not parse '@' as JSON",
      "We could not parse the JSON body of your request. Received: @",
      "Input should be a valid string [type=string_type, input_value='@', input_type=str]",
      "tools.0.name: String should match pattern '^[a-z]+$', got `@`",
  };
  for (const std::string& words : repeated) {
    for (std::string message : around) {
      message.replace(message.find('@'), 1, words);
      INFO(message);
      const std::string body =
          R"({"type":"error","error":{"type":"invalid_request_error","message":")" + message +
          "\"}}";
      CHECK(error_meaning({"anthropic", "m", {}, {}}, 400, {}, body).about == ErrorAbout::request);
    }
    std::string model = words;
    for (char& c : model) c = c == ' ' ? '-' : c;
    INFO(model);
    const std::string unknown =
        R"({"type":"error","error":{"type":"not_found_error","message":"model: )" + model + "\"}}";
    CHECK(error_meaning({"anthropic", model, {}, {}}, 404, {}, unknown).about == ErrorAbout::model);
  }
}

TEST_CASE("a rule goes before the table, and all of it must fit", "[provider][errors]") {
  const std::string body =
      R"({"error":{"type":"rate_limit_error","code":"E7","message":"Daily allowance 'used up'"}})";
  const auto about = [&](ErrorRule rule, int status = 429) {
    rule.about = ErrorAbout::account;
    const std::vector<ErrorRule> rules{rule};
    return error_meaning({"anthropic", "m", rules, {}}, status, {}, body).about;
  };
  CHECK(about({429, "", "", {}, milliseconds(-1)}) == ErrorAbout::account);
  CHECK(about({0, "e7", "", {}, milliseconds(-1)}) == ErrorAbout::account);
  CHECK(about({0, "", "DAILY allowance", {}, milliseconds(-1)}) == ErrorAbout::account);
  CHECK(about({429, "E7", "daily", {}, milliseconds(-1)}) == ErrorAbout::account);
  CHECK(about({403, "E7", "daily", {}, milliseconds(-1)}) == ErrorAbout::limit);
  CHECK(about({429, "E8", "daily", {}, milliseconds(-1)}) == ErrorAbout::limit);
  // In quotes it is not the provider that speaks.
  CHECK(about({429, "", "used up", {}, milliseconds(-1)}) == ErrorAbout::limit);
}

TEST_CASE("an error without words is what its status says", "[provider][errors]") {
  struct Case {
    int status;
    ErrorAbout about;
  };
  const Case cases[] = {{400, ErrorAbout::request},  {401, ErrorAbout::key},
                        {402, ErrorAbout::account},  {403, ErrorAbout::key},
                        {413, ErrorAbout::request},  {422, ErrorAbout::request},
                        {429, ErrorAbout::limit},    {500, ErrorAbout::provider},
                        {503, ErrorAbout::overload}, {529, ErrorAbout::overload}};
  for (const auto& [status, about] : cases) {
    for (const char* body : {"", "{}", "no JSON", R"({"error":{}})", R"({"error":{"message":1}})",
                             R"([])", R"([[[[{"error":null}]]]])", "{\"error\":"}) {
      INFO(status << ' ' << body);
      CHECK(error_meaning({"anthropic", "m", {}, {}}, status, {}, body).about == about);
    }
  }
  CHECK(error_meaning({"anthropic", "m", {}, {}}, 404, {}, "{}").about == ErrorAbout::model);
  CHECK(error_meaning({"anthropic", "m", {}, {}}, 404, {}, "").about == ErrorAbout::provider);
}
