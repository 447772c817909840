#include <string>
#include <utility>
#include <variant>

#include "catch.hpp"
#include "dialect/profiles.hpp"
#include "dialect/translate.hpp"

using namespace ccrelay::dialect;

namespace {

// Without and with what SDKs write where nothing is meant.
std::pair<std::string, std::string> asked(Dialect client) {
  switch (client) {
    case Dialect::anthropic:
      return {
          R"({"model":"m","max_tokens":50,"messages":[{"role":"user","content":"q"}]})",
          R"({"model":"m","max_tokens":50,"messages":[{"role":"user","content":"q"}],"mcp_servers":null,)"
          R"("container":null,"tools":null,"tool_choice":null,"system":null,"thinking":null,"stop_sequences":null,)"
          R"("temperature":null,"top_p":null,"top_k":null,"output_config":null,"stream":null})"};
    case Dialect::chat:
      return {
          R"({"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"},)"
          R"({"role":"user","content":"b"}]})",
          R"({"model":"m","max_tokens":null,"max_completion_tokens":null,"n":null,"stop":null,"tools":null,)"
          R"("tool_choice":null,"functions":null,"function_call":null,"logprobs":null,"top_logprobs":0,)"
          R"("response_format":null,"reasoning_effort":null,"parallel_tool_calls":null,"modalities":null,)"
          R"("audio":null,"stream_options":null,"messages":[{"role":"user","content":"q"},)"
          R"({"role":"assistant","content":"a","refusal":null,"annotations":[],"audio":null,)"
          R"("function_call":null,"tool_calls":null},{"role":"user","content":"b"}]})"};
    case Dialect::responses:
      return {
          R"({"model":"m","input":[{"role":"user","content":"q"},{"role":"assistant","content":"a"},)"
          R"({"role":"user","content":"b"}]})",
          R"({"model":"m","previous_response_id":null,"conversation":null,"prompt":null,"background":false,)"
          R"("instructions":null,"tools":null,"tool_choice":null,"text":null,"reasoning":null,"include":null,)"
          R"("top_logprobs":0,"max_output_tokens":null,"temperature":null,"top_p":null,"stream":null,)"
          R"("input":[{"role":"user","content":"q"},{"type":"message","id":"m1","status":"completed",)"
          R"("role":"assistant","content":[{"type":"output_text","text":"a","annotations":[],"logprobs":[]}]},)"
          R"({"role":"user","content":"b"}]})"};
    case Dialect::gemini:
      return {
          R"({"contents":[{"parts":[{"text":"q"}]}]})",
          R"({"contents":[{"parts":[{"text":"q","thought":false,"thoughtSignature":null,"inlineData":null}]}],)"
          R"("tools":null,"toolConfig":null,"systemInstruction":null,"cachedContent":null,)"
          R"("generationConfig":{"candidateCount":null,"responseLogprobs":false,"stopSequences":null,)"
          R"("temperature":null,"thinkingConfig":null,"responseSchema":null,"responseModalities":null}})"};
  }
  return {};
}

std::string sent(Dialect client, Dialect provider, const std::string& body) {
  constexpr const char* names[] = {"anthropic", "generic", "openai", "gemini"};
  const Profile profile =
      Profiles::shipped().of(names[static_cast<std::size_t>(provider)], "model-1");
  TranslateOptions options;
  options.profile = &profile;
  options.model = "model-1";
  options.seed = "seed";
  Way way;
  way.client = client;
  way.provider = provider;
  const auto carried = carry_request(way, body, options);
  if (const auto* refused = std::get_if<Refused>(&carried)) return "refused: " + refused->message;
  if (const auto* cannot = std::get_if<NotCarriable>(&carried)) return "cannot: " + cannot->what;
  std::string out = std::get<Carried>(carried).body;
  for (const std::string& each : std::get<Carried>(carried).dropped) out += " without " + each;
  return out;
}

}  // namespace

TEST_CASE("what is null in a client's request says nothing", "[dialect]") {
  for (const Dialect client :
       {Dialect::anthropic, Dialect::chat, Dialect::responses, Dialect::gemini}) {
    for (const Dialect provider :
         {Dialect::anthropic, Dialect::chat, Dialect::responses, Dialect::gemini}) {
      if (client == provider) continue;
      CAPTURE(to_string(client), to_string(provider));
      const auto [plain, nulls] = asked(client);
      CHECK(sent(client, provider, plain).front() == '{');
      CHECK(sent(client, provider, nulls) == sent(client, provider, plain));
    }
  }
}
