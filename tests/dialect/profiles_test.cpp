#include "dialect/profiles.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"

using namespace ccrelay::dialect;

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

Profiles read(std::string_view text) {
  auto profiles = Profiles::read(text, "mine.toml");
  INFO((profiles ? std::string() : profiles.error().message));
  REQUIRE(profiles);
  return *profiles;
}

}  // namespace

TEST_CASE("a pattern's star is any text, and case does not matter") {
  struct Row {
    std::string_view pattern, text;
    bool fits;
  };
  const Row rows[] = {
      {"gpt-5*", "gpt-5", true},
      {"gpt-5*", "GPT-5.1", true},
      {"gpt-5*", "gpt-4", false},
      {"*", "", true},
      {"", "", true},
      {"", "a", false},
      {"*a*b", "xaxbxb", true},
      {"*a*b", "xaxbxc", false},
      {"gemini-*-lite*", "gemini-3.5-flash-lite-preview", true},
      {"a", "ab", false},
      {"ab", "a", false},
      {"a**", "a", true},
  };
  for (const Row& row : rows) {
    INFO(row.pattern << ' ' << row.text);
    CHECK(fits_pattern(row.pattern, row.text) == row.fits);
  }
}

TEST_CASE("the shipped profiles are read, each by its hosts") {
  struct Row {
    const char* url;
    const char* name;
  };
  const Row rows[] = {
      {"https://api.openai.com/v1", "openai"},
      {"https://API.OpenAI.com:443/v1", "openai"},
      {"https://mine.openai.azure.com/openai/v1", "azure_openai"},
      {"https://mine.cognitiveservices.azure.com", "azure_openai"},
      {"https://openrouter.ai/api/v1", "openrouter"},
      {"https://api.deepseek.com", "deepseek"},
      {"https://api.moonshot.ai/v1", "moonshot"},
      {"https://api.moonshot.cn/v1", "moonshot"},
      {"https://api.groq.com/openai/v1", "groq"},
      {"https://api.together.xyz/v1", "together"},
      {"https://api.together.ai/v1", "together"},
      {"https://api.mistral.ai/v1", "mistral"},
      {"https://api.x.ai/v1", "xai"},
      {"https://api.z.ai/api/paas/v4", "zai_openai"},
      {"https://open.bigmodel.cn/api/paas/v4", "zai_openai"},
      {"http://localhost:11434/v1", "ollama_v1"},
      {"http://[::1]:11434/v1", "ollama_v1"},
      {"https://generativelanguage.googleapis.com/v1beta/openai", "gemini_openai"},
      {"https://generativelanguage.googleapis.com", "gemini"},
      {"https://api.anthropic.com", "anthropic"},
      {"http://localhost:8000/v1", "generic"},
      {"https://api.openai.com.example.org/v1", "generic"},
      {"", "generic"},
  };
  const Profiles& shipped = Profiles::shipped();
  REQUIRE(shipped.rows().size() > 15);
  for (const Row& row : rows) {
    INFO(row.url);
    CHECK(shipped.name_for(row.url) == row.name);
    CHECK(shipped.find(row.name));
  }
  for (const char* name : {"vllm", "llamacpp", "lmstudio"}) CHECK(shipped.find(name));
  for (const ProfileRow& row : shipped.rows()) {
    INFO(row.name);
    if (!row.like.empty()) CHECK(shipped.find(row.like));
    CHECK(shipped.of(row.name, "some-model").name == row.name);
  }
}

TEST_CASE("what the vendors' models take is found by their names") {
  struct Row {
    const char* profile;
    const char* model;
    const char* efforts;
    const char* effort_field;
    const char* drop;
  };
  const Row rows[] = {
      {"openai", "gpt-4o-mini", "", "reasoning_effort", ""},
      {"openai", "o3-mini", "low medium high", "reasoning_effort", "temperature top_p stop"},
      {"openai", "gpt-5-mini", "minimal low medium high", "reasoning_effort",
       "temperature top_p stop"},
      {"openai", "gpt-5.1", "none low medium high", "reasoning_effort", "temperature top_p stop"},
      {"openai", "gpt-5.4", "none low medium high xhigh", "reasoning_effort",
       "temperature top_p stop"},
      {"openai", "gpt-5.6-sol", "none low medium high xhigh max", "reasoning_effort",
       "temperature top_p stop"},
      {"openai", "gpt-6-astra", "low medium high xhigh max", "reasoning_effort",
       "temperature top_p stop"},
      {"openai", "gpt-6.1-sol", "low medium high xhigh max", "reasoning_effort",
       "temperature top_p stop"},
      {"openai", "gpt-6.1-terra", "none low medium high xhigh max", "reasoning_effort",
       "temperature top_p stop"},
      {"azure_openai", "gpt-5.6-sol", "none low medium high xhigh max", "reasoning_effort",
       "temperature top_p stop"},
      {"openrouter", "openai/gpt-5", "none minimal low medium high xhigh", "reasoning", ""},
      {"deepseek", "deepseek-chat", "none low high max", "thinking+effort", ""},
      {"moonshot", "kimi-k2.6", "none", "thinking", "temperature top_p"},
      {"moonshot", "kimi-k3", "low high max", "reasoning_effort", "temperature top_p"},
      {"moonshot", "moonshot-v1-8k", "", "", ""},
      {"xai", "grok-4-fast", "", "", "stop"},
      {"xai", "grok-4.20", "", "", "stop"},
      {"xai", "grok-4.20-multi-agent", "low medium high", "reasoning_effort", "stop"},
      {"xai", "grok-4.1-fast", "", "", "stop"},
      {"xai", "grok-4.5", "low medium high", "reasoning_effort", "stop"},
      {"xai", "grok-4.6-fast", "low medium high", "reasoning_effort", "stop"},
      {"xai", "grok-4.7", "low medium high", "reasoning_effort", "stop"},
      {"xai", "grok-4.9", "low medium high", "reasoning_effort", "stop"},
      {"xai", "grok-6", "low medium high", "reasoning_effort", "stop"},
      {"xai", "grok-3-mini", "low high", "reasoning_effort", "stop"},
      {"xai", "grok-3", "", "", ""},
      {"zai_openai", "glm-4.7", "none", "thinking", ""},
      {"zai_openai", "glm-5.2", "none high max", "thinking+effort", ""},
      {"zai_openai", "glm-5.3", "low high max", "thinking+effort", ""},
      {"gemini_openai", "gemini-2.5-flash", "minimal low medium high", "reasoning_effort", ""},
      {"gemini_openai", "gemini-3-pro-preview", "low high", "reasoning_effort", ""},
      {"gemini_openai", "gemini-3.1-pro", "low medium high", "reasoning_effort", ""},
      {"gemini_openai", "gemini-3-flash", "minimal low medium high", "reasoning_effort", ""},
      {"gemini_openai", "gemini-3.8-flash", "low medium high", "reasoning_effort", ""},
      {"gemini_openai", "gemini-3.8-flash-lite", "minimal low medium high", "reasoning_effort", ""},
      {"gemini", "gemini-2.5-pro", "", "thinkingBudget", ""},
      {"gemini", "gemini-2.5-flash-lite", "", "thinkingBudget", ""},
      {"gemini", "gemini-3-pro-preview", "low high", "thinkingLevel", ""},
      {"gemini", "gemini-3.1-pro", "low medium high", "thinkingLevel", ""},
      {"gemini", "gemini-3-flash", "minimal low medium high", "thinkingLevel", ""},
      {"gemini", "gemini-3.6-flash", "low medium high", "thinkingLevel", ""},
      {"gemini", "gemini-3.6-flash-lite", "minimal low medium high", "thinkingLevel", ""},
      {"gemini", "gemini-2.0-flash", "", "", ""},
      {"generic", "anything", "", "", ""},
      {"nobody", "anything", "", "", ""},
  };
  for (const Row& row : rows) {
    INFO(row.profile << ' ' << row.model);
    const Profile profile = Profiles::shipped().of(row.profile, row.model);
    CHECK(joined(profile.efforts) == row.efforts);
    CHECK(profile.effort_field == row.effort_field);
    CHECK(joined(profile.drop) == row.drop);
  }
}

TEST_CASE("what differs from server to server is in its profile") {
  const Profiles& shipped = Profiles::shipped();
  const auto of = [&shipped](const char* name, const char* model = "") {
    return shipped.of(name, model);
  };
  for (const char* name : {"openai", "azure_openai"}) {
    INFO(name);
    CHECK(of(name).api == "responses");
    CHECK(of(name).max_tokens_field == "max_completion_tokens");
    CHECK(of(name).strict);
    CHECK(of(name).files);
    CHECK(of(name).cache_key);
    CHECK(of(name, "gpt-5.5").effort_with_tools == "omit");
    CHECK(of(name, "gpt-5.6").effort_with_tools == "none");
    CHECK(of(name, "gpt-5.1").effort_with_tools.empty());
    CHECK(joined(of(name, "gpt-5.1").drop_when_thinking) == "temperature top_p stop");
    CHECK(of(name, "o3").drop_when_thinking.empty());
  }
  CHECK(of("openrouter").reasoning_back == "reasoning_details");
  CHECK(of("deepseek").reasoning_back == "reasoning_content");
  CHECK(of("deepseek").reasoning_required);
  CHECK_FALSE(of("deepseek").forced_thinking);
  CHECK_FALSE(of("deepseek", "deepseek-chat").images);
  CHECK(of("deepseek", "deepseek-flash").images);
  CHECK_FALSE(of("deepseek", "deepseek-v4-pro").images);
  CHECK(of("moonshot").max_tokens_field == "max_completion_tokens");
  CHECK(of("moonshot").reasoning_required);
  CHECK_FALSE(of("moonshot", "kimi-k2.6").has_tool_choice("required"));
  CHECK(of("moonshot", "kimi-k3").has_tool_choice("required"));
  CHECK_FALSE(of("moonshot", "kimi-k3").has_tool_choice("function"));
  CHECK(of("groq").reasoning_back == "reasoning");
  CHECK(of("together").reasoning_back == "reasoning");
  CHECK_FALSE(of("together").parallel_tool_calls);
  CHECK(of("mistral").tool_ids == "alnum9");
  CHECK(of("mistral").has_tool_choice("any"));
  CHECK_FALSE(of("mistral").stream_usage);
  CHECK(of("mistral").one_system_message);
  CHECK_FALSE(of("mistral").user_after_tool);
  CHECK(of("mistral").cache_key);
  CHECK(of("xai").api == "responses");
  CHECK(of("xai").reasoning_extra);
  CHECK(of("xai").told_cost == "cost_in_usd_ticks");
  CHECK(of("openrouter").told_cost == "cost");
  CHECK(of("openai").told_cost.empty());
  CHECK(of("ollama_v1").tool_choice.empty());
  CHECK_FALSE(of("ollama_v1").image_urls);
  CHECK(of("vllm").one_system_message);
  CHECK(of("gemini_openai").google_signatures);
  CHECK(of("gemini").web_search);
  CHECK(of("gemini", "gemini-2.5-pro").thinking_budget_min == 128);
  CHECK_FALSE(of("gemini", "gemini-3.5-flash-lite").prefill);
  CHECK(of("generic").max_tokens_field == "max_tokens");
  CHECK(of("generic").api == "chat");
  CHECK_FALSE(of("generic").web_search);
}

TEST_CASE("what Anthropic's models refuse is known, at the clouds too") {
  struct Row {
    const char* model;
    bool adaptive, enabled, disabled, forced, sampling, prefill;
  };
  const Row rows[] = {
      {"claude-3-5-haiku-20241022", false, true, true, true, true, true},
      {"claude-sonnet-4-20250514", false, true, true, true, true, true},
      {"claude-sonnet-4-5", false, true, true, true, true, true},
      {"claude-opus-4-5@20251101", false, true, true, true, true, true},
      {"claude-haiku-4-5", false, true, true, true, true, true},
      {"claude-opus-4-6", true, true, true, true, true, false},
      {"claude-opus-4-7", true, false, true, true, false, false},
      {"us.anthropic.claude-opus-5-v1:0", true, false, true, true, false, false},
      {"claude-opus-5-5", true, false, false, false, false, false},
      {"claude-sonnet-5", true, false, true, true, false, false},
      {"claude-sonnet-5-5", true, false, false, false, false, false},
      {"claude-fable-5", true, false, false, true, false, false},
      {"claude-fable-5-1", true, false, false, false, false, false},
      {"claude-mythos-5-1", true, false, false, false, false, false},
      {"glm-5.2", true, true, true, true, true, true},
  };
  for (const Row& row : rows) {
    INFO(row.model);
    const Profile profile = Profiles::shipped().of("anthropic", row.model);
    CHECK(profile.adaptive_thinking == row.adaptive);
    CHECK(profile.enabled_thinking == row.enabled);
    CHECK(profile.disabled_thinking == row.disabled);
    CHECK(profile.forced_tool_choice == row.forced);
    CHECK(profile.sampling == row.sampling);
    CHECK(profile.prefill == row.prefill);
  }
}

TEST_CASE("rows of one's own go in front, and one of the same name takes the other's place") {
  Profiles profiles = Profiles::shipped();
  const std::size_t shipped = profiles.rows().size();
  profiles.prepend(read(R"(
[[profiles]]
name = "openai"           # instead of the shipped one
hosts = ["api.openai.com"]
stop_max = 2
[[profiles]]
name = "mine"
like = "deepseek"
hosts = [
  "llm.example.org",      # a list over several lines
  "*:8080",
]
reasoning_required = false
efforts = []
[[profiles.models]]
match = ["big-*"]
efforts = ["low", "high"]
images = true
)"));
  CHECK(profiles.rows().size() == shipped + 1);
  CHECK(profiles.name_for("https://llm.example.org/v1") == "mine");
  CHECK(profiles.name_for("http://10.0.0.1:8080") == "mine");
  const Profile small = profiles.of("mine", "small");
  CHECK(small.reasoning_back == "reasoning_content");
  CHECK_FALSE(small.reasoning_required);
  CHECK(small.efforts.empty());
  CHECK_FALSE(small.images);
  CHECK(joined(profiles.of("mine", "big-1").efforts) == "low high");
  CHECK(profiles.of("mine", "big-1").images);
  CHECK(profiles.of("openai", "gpt-5").stop_max == 2);
  CHECK(profiles.of("openai", "gpt-5").efforts.empty());
}

TEST_CASE("a file's first mistake is told by its line") {
  struct Row {
    const char* text;
    const char* error;
  };
  const Row rows[] = {
      {"name = \"x\"", "mine.toml:1: expected [[profiles]]"},
      {"[[profiles]]\nhosts = []", "mine.toml:2: the profile above has no name"},
      {"[[profiles]]\nname = \"x\"\n\nfoo = 1", "mine.toml:4: foo is unknown"},
      {"[[profiles]]\nname = \"x\"\nimages = 1", "mine.toml:3: images must be true or false"},
      {"[[profiles]]\nname = \"x\"\nstop_max = \"4\"",
       "mine.toml:3: stop_max must be a whole number"},
      {"[[profiles]]\nname = \"x\"\nstop_max = -1", "mine.toml:3: stop_max must not be negative"},
      {"[[profiles]]\nname = \"x\"\napi = \"grpc\"",
       "mine.toml:3: api \"grpc\" is unknown (one of: chat, responses)"},
      {"[[profiles]]\nname = \"x\"\nefforts = [\"low\", \"huge\"]",
       "mine.toml:3: efforts \"huge\" is unknown (one of: none, minimal, low, medium, high, xhigh, "
       "max)"},
      {"[[profiles]]\nname = \"x\"\nhosts = \"a\"", "mine.toml:3: expected a list of strings"},
      {"[[profiles]]\nname = \"x\"\napi \"chat\"", "mine.toml:3: expected ="},
      {"[[profiles]]\nname = \"x\"\napi = chat", "mine.toml:3: expected a value"},
      {"[[profiles]]\nname = \"a\\\"b\"", "mine.toml:2: expected a string without escapes"},
      {"[[profiles]]\nname = \"x", "mine.toml:2: expected a string without escapes"},
      {"[[profiles]]\nname = \"x\"\ndrop = [\"a\" \"b\"]", "mine.toml:3: expected ]"},
      {"[[profiles]]\nname = \"x\"\n[[profiles.models]]\nimages = true",
       "mine.toml:4: the models above have no match"},
      {"[[profiles]]\nname = \"x\"\nlike = \"x\"", "mine.toml:3: profile x cannot be like itself"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const auto profiles = Profiles::read(row.text, "mine.toml");
    REQUIRE_FALSE(profiles);
    CHECK(profiles.error().message == row.error);
  }
}

TEST_CASE("every key can be set, and an empty word where it means none") {
  Profile profile;
  for (const std::string_view key : profile_keys()) {
    INFO(key);
    int fits = 0;
    for (const ProfileValue& value :
         {ProfileValue(true), ProfileValue(std::int64_t{1}), ProfileValue(std::string("\x01")),
          ProfileValue(std::vector<std::string>{})}) {
      const std::string wrong = set(profile, {std::string(key), value});
      if (wrong.empty() || wrong.find("is unknown (one of") != std::string::npos) ++fits;
    }
    CHECK(fits == 1);
  }
  for (const char* key :
       {"effort_field", "effort_with_tools", "tool_ids", "response_format", "schema", "tool_media"})
    CHECK(set(profile, {key, std::string()}).empty());
  CHECK_FALSE(set(profile, {"api", std::string()}).empty());
}
