#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "dialect/carried.hpp"

using namespace ccrelay::dialect;

// What a provider's profile bounds of a request, whoever asks: its length of an answer, the end of
// its messages, its tools.

TEST_CASE("a limit that no client named goes only to who needs one") {
  for (const Dialect client : {Dialect::chat, Dialect::responses, Dialect::gemini}) {
    for (const Dialect provider : all_dialects) {
      if (client == provider) continue;
      INFO(to_string(client) << " > " << to_string(provider));
      const Profile profile = profile_of(provider);
      for (const std::string_view effort : {"", "low"}) {
        std::string body =
            client == Dialect::chat ? R"({"model":"m","messages":[{"role":"user","content":"a"}])"
            : client == Dialect::responses ? R"({"model":"m","input":"a")"
                                           : R"({"contents":[{"parts":[{"text":"a"}]}])";
        if (!effort.empty())
          body += client == Dialect::chat        ? R"(,"reasoning_effort":"low")"
                  : client == Dialect::responses ? R"(,"reasoning":{"effort":"low"})"
                                                 : R"(,"generationConfig":{"thinkingConfig":)"
                                                   R"({"thinkingBudget":2048}})";
        const auto out = carry_request(way_of(client, provider), body + "}", options_for(profile));
        REQUIRE(std::holds_alternative<Carried>(out));
        const std::string& sent = std::get<Carried>(out).body;
        INFO(sent);
        const bool limited = sent.find("max_tokens") != std::string::npos ||
                             sent.find("max_output_tokens") != std::string::npos ||
                             sent.find("max_completion_tokens") != std::string::npos ||
                             sent.find("maxOutputTokens") != std::string::npos;
        CHECK(limited == (provider == Dialect::anthropic));
        if (limited) CHECK(sent.find(R"("max_tokens":32000)") != std::string::npos);
      }
    }
  }
}

TEST_CASE("a message to go on with is not for models that refuse one") {
  const std::string_view chat =
      R"({"model":"m","max_tokens":10,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"begin"}]})";
  const std::string_view anthropic =
      R"({"model":"m","max_tokens":10,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"text","text":"begin"}]}]})";
  for (const Dialect provider : all_dialects) {
    for (const bool takes : {true, false}) {
      for (const bool drops : {true, false}) {
        INFO(to_string(provider) << ' ' << takes << drops);
        Profile profile = profile_of(provider);
        profile.prefill = takes;
        TranslateOptions options = options_for(profile);
        options.drop_unsupported = drops;
        const Dialect client = provider == Dialect::anthropic || provider == Dialect::gemini
                                   ? Dialect::chat
                                   : Dialect::anthropic;
        const auto out = carry_request(way_of(client, provider),
                                       client == Dialect::chat ? chat : anthropic, options);
        if (!takes && !drops) {
          REQUIRE(std::holds_alternative<NotCarriable>(out));
          CHECK(std::get<NotCarriable>(out).what == "a last message of the assistant");
          continue;
        }
        REQUIRE(std::holds_alternative<Carried>(out));
        const Carried& sent = std::get<Carried>(out);
        CHECK((sent.body.find("begin") != std::string::npos) == takes);
        CHECK(sent.body.find(R"("a")") != std::string::npos);
        CHECK(sent.dropped.empty() == takes);
      }
    }
  }
  // A call is no such message: its result is missing, which is said.
  Profile profile = profile_of(Dialect::anthropic);
  profile.prefill = false;
  const auto out = carry_request(
      way_of(Dialect::chat, Dialect::anthropic),
      R"({"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}]})",
      options_for(profile));
  REQUIRE(std::holds_alternative<Carried>(out));
  CHECK(std::get<Carried>(out).body.find("(no result)") != std::string::npos);
}

TEST_CASE("a list of tools that is cut keeps the one that is asked for") {
  for (const Dialect provider : {Dialect::chat, Dialect::responses}) {
    INFO(to_string(provider));
    Profile profile = profile_of(provider);
    profile.tools_max = 2;
    TranslateOptions options = options_for(profile);
    const std::string body =
        R"({"model":"m","max_tokens":10,"messages":[{"role":"user","content":"a"}],)"
        R"("tools":[{"name":"t1"},{"name":"t2"},{"name":"t3"},{"name":"t4"}],)"
        R"("tool_choice":{"type":"tool","name":"t4"}})";
    auto out = carry_request(way_of(Dialect::anthropic, provider), body, options);
    REQUIRE(std::holds_alternative<NotCarriable>(out));
    CHECK(std::get<NotCarriable>(out).what == "more than 2 tools");
    options.drop_unsupported = true;
    out = carry_request(way_of(Dialect::anthropic, provider), body, options);
    REQUIRE(std::holds_alternative<Carried>(out));
    const std::string& sent = std::get<Carried>(out).body;
    INFO(sent);
    for (const auto& [name, there] :
         {std::pair{"t1", true}, {"t2", false}, {"t3", false}, {"t4", true}})
      CHECK((sent.find('"' + std::string(name) + '"') != std::string::npos) == there);
    CHECK(std::get<Carried>(out).dropped == std::vector<std::string>{"more than 2 tools"});
  }
}
