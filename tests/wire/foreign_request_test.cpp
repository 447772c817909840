#include <cstdint>
#include <optional>
#include <string>

#include "catch.hpp"
#include "wire/request_view.hpp"

using namespace ccrelay;
using namespace ccrelay::wire;

namespace {

struct Read {
  std::string wrong;
  RequestView view;
};

Read read(Dialect dialect, std::string body) {
  RequestReader reader;
  Read out;
  out.wrong = reader.read(body, out.view, {true, false, false, dialect});
  return out;
}

Read chat(const std::string& fields) {
  return read(Dialect::chat, R"({"model":"m",)" + fields + "}");
}
Read responses(const std::string& fields) {
  return read(Dialect::responses, R"({"model":"m",)" + fields + "}");
}
Read gemini(const std::string& fields) {
  return read(Dialect::gemini, "{" + fields + "}");
}

}  // namespace

TEST_CASE("model, stream, limits and cache key of OpenAI's bodies are read", "[wire]") {
  const Read one =
      chat(R"("stream":true,"max_completion_tokens":7,"prompt_cache_key":"k\u0031","messages":[])");
  CHECK(one.wrong.empty());
  CHECK(one.view.model == "m");
  CHECK(one.view.model_spans.size() == 1);
  CHECK(one.view.stream);
  CHECK(one.view.max_tokens == 7u);
  CHECK(one.view.cache_key == "k1");
  CHECK(chat(R"("max_tokens":8)").view.max_tokens == 8u);
  CHECK(responses(R"("max_output_tokens":9)").view.max_tokens == 9u);
  CHECK(gemini(R"("generationConfig":{"temperature":1,"maxOutputTokens":10})").view.max_tokens ==
        10u);
  for (const char* odd : {R"("max_tokens":"8")", R"("max_tokens":-1)", R"("max_tokens":1.5)"}) {
    INFO(odd);
    CHECK(chat(odd).wrong.empty());
    CHECK_FALSE(chat(odd).view.max_tokens);
  }
}

TEST_CASE("each dialect's conversation is known by how it began, in each of its turns", "[wire]") {
  struct Case {
    Read (*read)(const std::string&);
    const char* began;
    const char* goes_on;
    const char* other;
  };
  const Case cases[] = {
      {chat, R"("messages":[{"role":"system","content":"S"},{"role":"user","content":"U"}])",
       R"("messages":[{"content":"S","role":"system"},{"content":"U","role":"user"},
         {"role":"assistant","content":null,"tool_calls":[]},{"role":"user","content":"X"}])",
       R"("messages":[{"role":"system","content":"T"},{"role":"user","content":"U"}])"},
      {chat, R"("messages":[{"role":"user","content":[{"type":"text","text":"U"}]}])",
       R"("messages":[{"role":"user","content":[{"text":"U","type":"text"}]},
         {"role":"assistant","content":"A"}])",
       R"("messages":[{"role":"user","content":[{"type":"text","text":"V"}]}])"},
      {responses, R"("instructions":"S","input":"U")",
       R"("input":[{"role":"user","content":[{"type":"input_text","text":"U"}]},
         {"type":"function_call","call_id":"c"}],"instructions":"S")",
       R"("instructions":"T","input":"U")"},
      {responses,
       R"("input":[{"type":"message","role":"developer","content":"S"},
         {"role":"user","content":"U"}])",
       R"("input":[{"type":"message","role":"developer","content":"S"},
         {"role":"user","content":"U"},{"type":"reasoning","summary":[]},
         {"role":"user","content":"more"}])",
       R"("input":[{"type":"message","role":"developer","content":"S"},
         {"role":"user","content":"V"}])"},
      {gemini,
       R"("systemInstruction":{"parts":[{"text":"S"}]},"contents":[{"parts":[{"text":"U"}]}])",
       R"("contents":[{"role":"user","parts":[{"text":"U"}]},{"role":"model","parts":[]}],
         "systemInstruction":{"role":"user","parts":[{"text":"S"}]})",
       R"("systemInstruction":{"parts":[{"text":"T"}]},"contents":[{"parts":[{"text":"U"}]}])"},
  };
  for (const Case& one : cases) {
    INFO(one.began);
    const Read first = one.read(one.began);
    const Read later = one.read(one.goes_on);
    REQUIRE(first.view.conversation);
    CHECK_FALSE(first.view.answered);
    CHECK(later.view.conversation == first.view.conversation);
    CHECK(later.view.answered);
    CHECK(one.read(one.other).view.conversation != first.view.conversation);
  }
}

TEST_CASE("a conversation that begins without a text is none", "[wire]") {
  CHECK_FALSE(chat(R"("messages":[{"role":"system","content":"S"}])").view.conversation);
  CHECK_FALSE(
      chat(R"("messages":[{"role":"user","content":[{"type":"image_url"}]}])").view.conversation);
  CHECK_FALSE(responses(R"("input":[])").view.conversation);
  CHECK_FALSE(gemini(R"("contents":[{"parts":[{"inlineData":{}}]}])").view.conversation);
}

TEST_CASE("what the relay goes by stands once in a foreign body", "[wire]") {
  CHECK(chat(R"("messages":[],"messages":[])").wrong == "the body has \"messages\" more than once");
  CHECK(responses(R"("input":"a","input":[])").wrong == "the body has \"input\" more than once");
  CHECK(responses(R"("instructions":"a","instructions":"b")").wrong ==
        "the body has \"instructions\" more than once");
  CHECK(chat(R"("stream":true,"stream":false)").wrong == "the body has \"stream\" more than once");
  // What is nothing to this API is nothing to the relay.
  CHECK(chat(R"("input":1,"input":2,"contents":[],"contents":[])").wrong.empty());
}

TEST_CASE("odd shapes of foreign bodies are passed over, broken ones are not", "[wire]") {
  for (const char* odd : {R"("messages":1)", R"("messages":[1,"x",null,[{}],{"role":7}])",
                          R"("messages":[{"role":"user","content":{"text":{"text":"x"}}}])",
                          R"("prompt_cache_key":[1])"}) {
    INFO(odd);
    CHECK(chat(odd).wrong.empty());
  }
  CHECK_FALSE(chat(R"("messages":[{"role":"user","content":"x"})").wrong.empty());
  CHECK_FALSE(responses(R"("input":"a")"
                        "\x01")
                  .wrong.empty());
}
