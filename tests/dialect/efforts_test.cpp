#include "dialect/efforts.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "dialect/profile.hpp"

using namespace ccrelay::dialect;

namespace {

Thinking hub(const char* thinking, const char* output_config = "{}") {
  return read_hub_thinking(Json::read(thinking), Json::read(output_config));
}

Profile with(std::string field, std::vector<std::string> efforts) {
  Profile profile;
  profile.effort_field = std::move(field);
  profile.efforts = std::move(efforts);
  return profile;
}

std::string chat(const Thinking& thinking, const Profile& profile, bool tools = false) {
  std::string out;
  JsonOut json(out);
  json.object();
  write_chat_effort(json, thinking, profile, tools);
  json.end();
  return out;
}

std::string gemini(const Thinking& thinking, const Profile& profile) {
  std::string out;
  JsonOut json(out);
  json.object();
  write_gemini_thinking(json, thinking, profile);
  json.end();
  return out;
}

const std::vector<std::string> all{"none", "minimal", "low", "medium", "high", "xhigh", "max"};

}  // namespace

TEST_CASE("the hub's thinking and effort become each provider's") {
  struct Row {
    const char* thinking;
    const char* config;
    std::string_view openai;
    const char* level;
    const char* budget;
  };
  const Row rows[] = {
      {"null", "{}", "", "{}", "{}"},
      {R"({"type":"disabled"})", "{}", "none",
       R"({"thinkingConfig":{"thinkingLevel":"MINIMAL","includeThoughts":true}})",
       R"({"thinkingConfig":{"thinkingBudget":0}})"},
      {R"({"type":"disabled"})", R"({"effort":"high"})", "none",
       R"({"thinkingConfig":{"thinkingLevel":"MINIMAL","includeThoughts":true}})",
       R"({"thinkingConfig":{"thinkingBudget":0}})"},
      {"null", R"({"effort":"low"})", "low",
       R"({"thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":true}})",
       R"({"thinkingConfig":{"thinkingBudget":2048,"includeThoughts":true}})"},
      {R"({"type":"adaptive"})", R"({"effort":"medium"})", "medium",
       R"({"thinkingConfig":{"thinkingLevel":"MEDIUM","includeThoughts":true}})",
       R"({"thinkingConfig":{"thinkingBudget":8192,"includeThoughts":true}})"},
      {R"({"type":"adaptive"})", R"({"effort":"high"})", "high",
       R"({"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true}})",
       R"({"thinkingConfig":{"thinkingBudget":24576,"includeThoughts":true}})"},
      {R"({"type":"adaptive"})", R"({"effort":"xhigh"})", "xhigh",
       R"({"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true}})",
       R"({"thinkingConfig":{"thinkingBudget":24576,"includeThoughts":true}})"},
      {R"({"type":"adaptive"})", R"({"effort":"max"})", "max",
       R"({"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true}})",
       R"({"thinkingConfig":{"thinkingBudget":24576,"includeThoughts":true}})"},
      {R"({"type":"enabled","budget_tokens":4095})", "{}", "low",
       R"({"thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":true}})",
       R"({"thinkingConfig":{"thinkingBudget":4095,"includeThoughts":true}})"},
      {R"({"type":"enabled","budget_tokens":4096})", "{}", "medium",
       R"({"thinkingConfig":{"thinkingLevel":"MEDIUM","includeThoughts":true}})",
       R"({"thinkingConfig":{"thinkingBudget":4096,"includeThoughts":true}})"},
      {R"({"type":"enabled","budget_tokens":16383})", "{}", "medium",
       R"({"thinkingConfig":{"thinkingLevel":"MEDIUM","includeThoughts":true}})",
       R"({"thinkingConfig":{"thinkingBudget":16383,"includeThoughts":true}})"},
      {R"({"type":"enabled","budget_tokens":16384})", "{}", "high",
       R"({"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true}})",
       R"({"thinkingConfig":{"thinkingBudget":16384,"includeThoughts":true}})"},
      {R"({"type":"enabled","budget_tokens":31999})", "{}", "high",
       R"({"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true}})",
       R"({"thinkingConfig":{"thinkingBudget":24576,"includeThoughts":true}})"},
      {R"({"type":"adaptive"})", "{}", "", R"({"thinkingConfig":{"includeThoughts":true}})",
       R"({"thinkingConfig":{"thinkingBudget":-1,"includeThoughts":true}})"},
  };
  const Profile openai = with("reasoning_effort", all);
  const Profile level = with("thinkingLevel", {"minimal", "low", "medium", "high"});
  const Profile budget = with("thinkingBudget", {});
  for (const Row& row : rows) {
    INFO(row.thinking << ' ' << row.config);
    const Thinking thinking = hub(row.thinking, row.config);
    CHECK(openai_effort(thinking, openai) == row.openai);
    CHECK(gemini(thinking, level) == row.level);
    CHECK(gemini(thinking, budget) == row.budget);
  }
}

TEST_CASE("a word that a model lacks becomes its nearest lower one, else its lowest") {
  struct Row {
    std::vector<std::string> has;
    const char* asked;  // empty: disabled
    std::string_view sent;
  };
  const Row rows[] = {
      {{"low", "medium", "high"}, "max", "high"},
      {{"low", "high", "max"}, "xhigh", "high"},
      {{"low", "high", "max"}, "medium", "low"},
      {{"none", "high", "max"}, "low", "high"},
      {{"none"}, "high", ""},
      {{}, "high", ""},
      {{"minimal", "low"}, "", "minimal"},
      {{"low", "medium", "high"}, "", "low"},
      {{"none", "low"}, "", "none"},
      {{}, "", ""},
  };
  for (const Row& row : rows) {
    INFO(row.asked << " -> " << row.sent);
    Thinking thinking;
    thinking.effort = row.asked;
    if (thinking.effort.empty()) thinking.kind = Thinking::Kind::disabled;
    CHECK(openai_effort(thinking, with("reasoning_effort", row.has)) == row.sent);
  }
}

TEST_CASE("a search goes out with low where it would be minimal") {
  const Profile profile = with("reasoning_effort", {"minimal", "low"});
  CHECK(openai_effort(hub(R"({"type":"disabled"})"), profile, true) == "low");
  CHECK(openai_effort(hub(R"({"type":"disabled"})"), profile, false) == "minimal");
}

TEST_CASE("the effort stands where the profile says") {
  struct Row {
    Profile profile;
    const char* on;
    const char* off;
  };
  const Row rows[] = {
      {with("", {}), "{}", "{}"},
      {with("reasoning_effort", all), R"({"reasoning_effort":"high"})",
       R"({"reasoning_effort":"none"})"},
      {with("reasoning", all), R"({"reasoning":{"effort":"high"}})",
       R"({"reasoning":{"effort":"none"}})"},
      {with("thinking", {"none"}), R"({"thinking":{"type":"enabled"}})",
       R"({"thinking":{"type":"disabled"}})"},
      {with("thinking+effort", {"none", "low", "high", "max"}),
       R"({"thinking":{"type":"enabled"},"reasoning_effort":"high"})",
       R"({"thinking":{"type":"disabled"}})"},
      {with("thinking+effort", {"low", "high", "max"}),
       R"({"thinking":{"type":"enabled"},"reasoning_effort":"high"})",
       R"({"thinking":{"type":"enabled"},"reasoning_effort":"low"})"},
  };
  for (const Row& row : rows) {
    INFO(row.on);
    CHECK(chat(hub(R"({"type":"adaptive"})", R"({"effort":"high"})"), row.profile) == row.on);
    CHECK(chat(hub(R"({"type":"disabled"})"), row.profile) == row.off);
    CHECK(chat(hub("null"), row.profile) == "{}");
    CHECK(chat(hub(R"({"type":"adaptive"})"), row.profile) == "{}");
  }
}

TEST_CASE("beside function tools the effort is left out or the only word there is") {
  Profile profile = with("reasoning_effort", all);
  const Thinking high = hub("null", R"({"effort":"high"})");
  profile.effort_with_tools = "omit";
  CHECK(chat(high, profile, true) == "{}");
  CHECK(chat(high, profile, false) == R"({"reasoning_effort":"high"})");
  profile.effort_with_tools = "none";
  CHECK(chat(high, profile, true) == R"({"reasoning_effort":"none"})");
  CHECK(chat(hub("null"), profile, true) == R"({"reasoning_effort":"none"})");
  CHECK(chat(hub("null"), profile, false) == "{}");
}

TEST_CASE("Gemini models without some levels or without off get the nearest") {
  CHECK(gemini(hub(R"({"type":"disabled"})"), with("thinkingLevel", {"low", "high"})) ==
        R"({"thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":true}})");
  CHECK(gemini(hub("null", R"({"effort":"medium"})"), with("thinkingLevel", {"low", "high"})) ==
        R"({"thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":true}})");
  Profile pro = with("thinkingBudget", {});
  pro.thinking_budget_min = 128;
  CHECK(gemini(hub(R"({"type":"disabled"})"), pro) ==
        R"({"thinkingConfig":{"thinkingBudget":128,"includeThoughts":true}})");
  CHECK(gemini(hub(R"({"type":"adaptive"})"), Profile()) == "{}");
}

TEST_CASE("efforts and budgets of other dialects come back as the hub's") {
  struct Row {
    Thinking from;
    const char* thinking;  // with adaptive
    const char* effort;
    const char* older;  // without
  };
  const auto word = [](const char* text) { return read_openai_effort(text); };
  const auto config = [](const char* text) { return read_gemini_thinking(Json::read(text)); };
  const char* const adaptive = R"({"type":"adaptive"})";
  const char* const hidden = R"({"type":"adaptive","display":"omitted"})";
  const char* const disabled = R"({"type":"disabled"})";
  const char* const low = R"({"type":"enabled","budget_tokens":2048})";
  const char* const medium = R"({"type":"enabled","budget_tokens":8192})";
  const char* const high = R"({"type":"enabled","budget_tokens":24576})";
  const Row rows[] = {
      {word(""), "", "", ""},
      {word("something"), "", "", ""},
      {word("none"), disabled, "", disabled},
      {word("minimal"), adaptive, "low", low},
      {word("low"), adaptive, "low", low},
      {word("medium"), adaptive, "medium", medium},
      {word("high"), adaptive, "high", high},
      {word("xhigh"), adaptive, "xhigh", high},
      {word("max"), adaptive, "max", high},
      {config("{}"), "", "", ""},
      {config(R"({"thinkingBudget":0})"), disabled, "", disabled},
      {config(R"({"thinkingBudget":-1})"), adaptive, "", medium},
      {config(R"({"thinkingBudget":4095})"), adaptive, "low", low},
      {config(R"({"thinking_budget":4096})"), adaptive, "medium", medium},
      {config(R"({"thinkingBudget":16384})"), adaptive, "high", high},
      {config(R"({"thinkingLevel":"MINIMAL"})"), adaptive, "low", low},
      {config(R"({"thinkingLevel":"LOW","includeThoughts":true})"), adaptive, "low", low},
      {config(R"({"thinkingLevel":"MEDIUM"})"), adaptive, "medium", medium},
      {config(R"({"thinking_level":"high","include_thoughts":false})"), hidden, "high", high},
  };
  Profile older;
  older.adaptive_thinking = false;
  for (const Row& row : rows) {
    INFO(row.thinking << ' ' << row.effort);
    const HubThinking now = hub_thinking(row.from, Profile(), 32000);
    CHECK(now.thinking == row.thinking);
    CHECK(now.effort == row.effort);
    CHECK(now.max_tokens == 32000);
    const HubThinking then = hub_thinking(row.from, older, 32000);
    CHECK(then.thinking == row.older);
    CHECK(then.effort.empty());
  }
}

TEST_CASE("max_tokens is raised where the budget needs it") {
  Profile older;
  older.adaptive_thinking = false;
  const HubThinking raised = hub_thinking(read_openai_effort("high"), older, 8000);
  CHECK(raised.thinking == R"({"type":"enabled","budget_tokens":24576})");
  CHECK(raised.max_tokens == 32576);
  CHECK(hub_thinking(read_openai_effort("low"), older, 8000).max_tokens == 8000);
}

TEST_CASE("a model that always thinks is told to think little, not to stop") {
  Profile always;
  always.disabled_thinking = false;
  const HubThinking out = hub_thinking(read_openai_effort("none"), always, 1000);
  CHECK(out.thinking.empty());
  CHECK(out.effort == "low");
  CHECK(out.max_tokens == 1000);
}
