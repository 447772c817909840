#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/base64.hpp"
#include "catch.hpp"
#include "dialect/findings.hpp"
#include "dialect/from_gemini.hpp"
#include "dialect/json_text.hpp"
#include "dialect/tags.hpp"

using namespace ccrelay::dialect;

namespace {

constexpr std::string_view issuer = "0123456789ab";

TranslateOptions usual() {
  TranslateOptions options;
  options.model = "claude";
  options.issuer = issuer;
  return options;
}

Translated translated(std::string_view gemini, const TranslateOptions& options = usual()) {
  const Translation result = from_gemini_request(gemini, options);
  if (const auto* refused = std::get_if<Refused>(&result)) FAIL(refused->message);
  if (const auto* cannot = std::get_if<NotCarriable>(&result)) FAIL(cannot->what);
  return std::get<Translated>(result);
}

std::string member(std::string_view gemini, std::string_view name) {
  const Translated done = translated(gemini);
  INFO(done.body);
  REQUIRE(Json::read(done.body));
  return std::string(Json(done.body)[name].raw());
}

std::string with(std::string_view members) {
  return R"({"contents":[{"parts":[{"text":"hi"}]}],)" + std::string(members) + "}";
}

std::string messages(std::string_view contents) {
  return member(R"({"contents":)" + std::string(contents) + "}", "messages");
}

std::string wrapped(std::string_view tags) {
  return ccrelay::base::base64_encoded(tags);
}

std::string tag(Dialect dialect, std::string_view data, std::string_view of = issuer) {
  return make_tag({dialect, std::string(of), std::string(data)});
}

struct Row {
  std::string_view from;
  std::string_view to;
};

}  // namespace

TEST_CASE("a Gemini client's request becomes a hub's, in either spelling") {
  CHECK(translated(R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}]})").body ==
        R"({"model":"claude","max_tokens":32000,"messages":[{"role":"user","content":)"
        R"([{"type":"text","text":"hi"}]}]})");
  TranslateOptions options = usual();
  options.stream = true;
  CHECK(translated(R"({"contents":{"parts":{"text":"hi"}},"system_instruction":{"parts":)"
                   R"({"text":"s"}},"generation_config":{"max_output_tokens":7,"top_k":3}})",
                   options)
            .body ==
        R"({"model":"claude","max_tokens":7,"system":[{"type":"text","text":"s"}],"messages":)"
        R"([{"role":"user","content":[{"type":"text","text":"hi"}]}],"top_k":3,"stream":true})");
}

TEST_CASE("systemInstruction may be a content, its parts, or a string") {
  const std::vector<Row> rows{
      {R"("systemInstruction":{"role":"user","parts":[{"text":"a"},{"text":""},{"text":"b"}]})",
       R"([{"type":"text","text":"a"},{"type":"text","text":"b"}])"},
      {R"("systemInstruction":"a")", R"([{"type":"text","text":"a"}])"},
      {R"("systemInstruction":{"parts":"a"})", R"([{"type":"text","text":"a"}])"},
      {R"("system_instruction":{"parts":{"text":"a"}})", R"([{"type":"text","text":"a"}])"},
      {R"("systemInstruction":{"parts":[]})", ""},
  };
  for (const Row& row : rows) {
    INFO(row.from);
    CHECK(member(with(row.from), "system") == row.to);
  }
}

TEST_CASE("contents become messages, neighbours merged") {
  const std::vector<Row> rows{
      {R"([{"role":"user","parts":[{"text":"a"}]},{"parts":[{"text":"b"}]},)"
       R"({"role":"model","parts":[{"text":"c"},{"text":""}]}])",
       R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},)"
       R"({"role":"assistant","content":[{"type":"text","text":"c"}]}])"},
      {R"([{"parts":[{"inlineData":{"mimeType":"image/PNG","data":"aGk="}},)"
       R"({"inline_data":{"mime_type":"application/pdf","data":"aGk="}},)"
       R"({"inlineData":{"mimeType":"text/csv","data":"aGk="}}]}])",
       R"([{"role":"user","content":[{"type":"image","source":{"type":"base64",)"
       R"("media_type":"image/png","data":"aGk="}},{"type":"document","source":{"type":"base64",)"
       R"("media_type":"application/pdf","data":"aGk="}},{"type":"document","source":)"
       R"({"type":"text","media_type":"text/plain","data":"hi"}}]}])"},
      {R"([{"parts":[{"fileData":{"fileUri":"https://x.test/a.png"}},)"
       R"({"file_data":{"file_uri":"https://x.test/b","mime_type":"application/pdf"}}]}])",
       R"([{"role":"user","content":[{"type":"image","source":{"type":"url",)"
       R"("url":"https://x.test/a.png"}},{"type":"document","source":{"type":"url",)"
       R"("url":"https://x.test/b"}}]}])"},
      // Thoughts that no tag comes with are left out, and so is what Google's servers did.
      {R"([{"role":"model","parts":[{"text":"hm","thought":true},{"executableCode":{"code":"1"}},)"
       R"({"codeExecutionResult":{"output":"1"}},{"text":"a","thoughtSignature":"Q2lRQg=="},{}]}])",
       R"([{"role":"assistant","content":[{"type":"text","text":"a"}]}])"},
  };
  for (const Row& row : rows) {
    INFO(row.from);
    CHECK(messages(row.from) == row.to);
  }
}

TEST_CASE("a function's response finds its call") {
  const auto use = [](std::string_view id, std::string_view name, std::string_view input = "{}") {
    return R"({"type":"tool_use","id":")" + std::string(id) + R"(","name":")" + std::string(name) +
           R"(","input":)" + std::string(input) + "}";
  };
  const auto result = [](std::string_view id, std::string_view content) {
    return R"({"type":"tool_result","tool_use_id":")" + std::string(id) + R"(","content":)" +
           std::string(content) + "}";
  };
  const auto turns = [](const std::string& calls, const std::string& results) {
    return R"([{"role":"assistant","content":[)" + calls + R"(]},{"role":"user","content":[)" +
           results + "]}]";
  };
  const auto contents = [](const std::string& calls, const std::string& responses) {
    return R"([{"role":"model","parts":[)" + calls + R"(]},{"role":"function","parts":[)" +
           responses + "]}]";
  };
  const auto call = [](std::string_view rest) {
    return R"({"functionCall":{)" + std::string(rest) + "}}";
  };
  const auto response = [](std::string_view rest) {
    return R"({"functionResponse":{)" + std::string(rest) + "}}";
  };

  // By id, the calls' order, text behind the results, arguments as they were.
  CHECK(messages(contents(
            call(R"("id":"fn:1.a","name":"f","args":{"b":1.0,"a":1e2})") + "," +
                call(R"("id":"2","name":"f")"),
            R"({"text":"t"},)" + response(R"("id":"2","name":"f","response":{"output":"two"})") +
                "," + response(R"("id":"fn:1.a","name":"f","response":{"output":"one"})"))) ==
        turns(use("fn:1.a", "f", R"({"b":1.0,"a":1e2})") + "," + use("2", "f"),
              result("fn:1.a", R"("one")") + "," + result("2", R"("two")") +
                  R"(,{"type":"text","text":"t"})"));
  // Without ids: the first unanswered call of the name, and ids that are the same each time.
  const std::string unnamed =
      contents(call(R"("name":"f")") + "," + call(R"("name":"g")") + "," + call(R"("name":"f")"),
               response(R"("name":"g","response":{"result":"g"})") + "," +
                   response(R"("name":"f","response":{"output":"f1"})") + "," +
                   response(R"("name":"f","response":{"output":"f2"})"));
  const std::string made = messages(unnamed);
  INFO(made);
  CHECK(made == messages(unnamed));
  std::vector<std::string> ids, texts;
  for (const Json message : Json(made).items()) {
    for (const Json block : message["content"].items()) {
      if (block["id"]) ids.push_back(block["id"].text());
      if (block["content"]) {
        texts.push_back(block["content"].text());
        CHECK(block["tool_use_id"].text() == ids[texts.size() - 1]);
      }
    }
  }
  CHECK(texts == std::vector<std::string>{"f1", "g", "f2"});
  CHECK(ids[0].substr(0, 5) == "call_");
  CHECK(ids[0] != ids[2]);

  // What a response says.
  const std::vector<Row> rows{
      {R"({"output":"x"})", R"("content":"x"})"},
      {R"({"result":"x"})", R"("content":"x"})"},
      {R"({"output":{"a":1.0}})", R"("content":"{\"output\":{\"a\":1.0}}"})"},
      {R"({"output":"x","more":1})", R"("content":"{\"output\":\"x\",\"more\":1}"})"},
      {R"({"error":"bad"})", R"("content":"bad","is_error":true})"},
      {R"({"error":{"code":1}})", R"("content":"{\"error\":{\"code\":1}}","is_error":true})"},
      {R"({"error":"bad","output":"x"})", R"("content":"{\"error\":\"bad\",\"output\":\"x\"}"})"},
      {R"({})", R"("content":"{}"})"},
  };
  for (const Row& row : rows) {
    INFO(row.from);
    const std::string said = R"("id":"1","name":"f","response":)" + std::string(row.from);
    CHECK(
        messages(contents(call(R"("id":"1","name":"f")"), response(said))) ==
        turns(use("1", "f"), R"({"type":"tool_result","tool_use_id":"1",)" + std::string(row.to)));
  }
  // Its media.
  CHECK(
      messages(contents(call(R"("id":"1","name":"f")"),
                        response(R"("id":"1","name":"f","response":{"output":"x"},"parts":)"
                                 R"([{"inlineData":{"mimeType":"image/png","data":"aGk="}}])"))) ==
      turns(use("1", "f"),
            result("1", R"([{"type":"text","text":"x"},{"type":"image","source":)"
                        R"({"type":"base64","media_type":"image/png","data":"aGk="}}])")));
  // A call that nobody answered.
  CHECK(messages(contents(call(R"("id":"1","name":"f")"), R"({"text":"t"})")) ==
        turns(use("1", "f"), result("1", R"x("(no result)")x") + R"(,{"type":"text","text":"t"})"));
}

TEST_CASE("reasoning comes back out of the signatures that the client kept") {
  const std::string call = R"({"type":"tool_use","id":"1","name":"f","input":{}})";
  const std::string answer =
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"x"}]})";
  const auto read = [&](const std::string& parts) {
    return messages(R"([{"role":"model","parts":[)" + parts +
                    R"(]},{"parts":[)"
                    R"({"functionResponse":{"id":"1","name":"f","response":{"output":"x"}}}]}])");
  };
  const auto said = [&](const std::string& blocks) {
    return R"([{"role":"assistant","content":[)" + blocks + "]}," + answer + "]";
  };
  const auto signed_call = [&](const std::string& tags) {
    return R"({"functionCall":{"id":"1","name":"f"},"thoughtSignature":")" + wrapped(tags) + "\"}";
  };
  const auto thinking = [](std::string_view text, std::string_view signature) {
    return R"({"type":"thinking","thinking":")" + std::string(text) + R"(","signature":")" +
           std::string(signature) + "\"},";
  };
  const std::string own = tag(Dialect::anthropic, R"({"signature":"S","thinking":"hm\n"})");
  const std::string lead =
      tag(Dialect::anthropic, R"({"signature":"S","thinking":"hm\n","lead":true})");
  const std::string text = R"({"type":"text","text":"t"},)";

  // Anthropic's own signature, its redacted blocks, and those of a responses provider.
  CHECK(read(signed_call(own)) == said(thinking(R"(hm\n)", "S") + call));
  CHECK(
      read(signed_call(tag(Dialect::anthropic, R"({"redacted":"R","thinking":""})") + " " + own)) ==
      said(R"({"type":"redacted_thinking","data":"R"},)" + thinking(R"(hm\n)", "S") + call));
  CHECK(read(signed_call(tag(Dialect::responses, R"({"id":"rs","thinking":"a"})"))) ==
        said(thinking("a", tag(Dialect::responses, R"({"id":"rs"})")) + call));
  // In front of the text it stood in front of, once, whether or not that has its own.
  CHECK(read(R"({"text":"t"},)" + signed_call(lead)) ==
        said(thinking(R"(hm\n)", "S") + text + call));
  CHECK(read(R"({"text":"t","thoughtSignature":")" + wrapped(own) + "\"}," + signed_call(lead)) ==
        said(thinking(R"(hm\n)", "S") + text + call));
  // Another provider's, Google's own and broken ones are left out.
  CHECK(read(signed_call(tag(Dialect::anthropic, R"({"signature":"S"})", "ba9876543210"))) ==
        said(call));
  CHECK(read(R"({"functionCall":{"id":"1","name":"f"},"thoughtSignature":"Q2lRQg=="})") ==
        said(call));
  CHECK(read(R"({"functionCall":{"id":"1","name":"f"},)"
             R"("thoughtSignature":"skip_thought_signature_validator"})") == said(call));
}

TEST_CASE("what a client did not send back is restored by the call's id") {
  struct Remembered final : Recall {
    std::string reasoning_of(std::string_view id) const override {
      return id == "1" ? tag(Dialect::anthropic, R"({"signature":"S"})") : std::string();
    }
  };
  const Remembered recall;
  TranslateOptions options = usual();
  options.recall = &recall;
  const std::string body =
      translated(
          R"({"contents":[{"role":"model","parts":[{"functionCall":{"id":"1","name":"f"}}]}]})",
          options)
          .body;
  CHECK(body.find(
            R"([{"type":"thinking","thinking":"","signature":"S"},{"type":"tool_use","id":"1")") !=
        std::string::npos);
}

TEST_CASE("Gemini's generationConfig becomes the hub's settings") {
  const auto settings = [](std::string_view config) {
    const std::string body = translated(with(R"("generationConfig":)" + std::string(config))).body;
    const std::string_view begin = R"({"model":"claude","max_tokens":32000,"messages":[{"role":)"
                                   R"("user","content":[{"type":"text","text":"hi"}]}])";
    REQUIRE(body.substr(0, begin.size()) == begin);
    return body.substr(begin.size());
  };
  const std::vector<Row> rows{
      {R"({"temperature":1.0,"topP":0.95,"topK":64})",
       R"(,"temperature":1.0,"top_p":0.95,"top_k":64})"},
      {R"({"stopSequences":["a"," \n"]})", R"(,"stop_sequences":["a"]})"},
      {R"({"responseMimeType":"application/json"})", "}"},
      {R"({"responseMimeType":"application/json","responseJsonSchema":{"type":"OBJECT",)"
       R"("properties":{"A":{"type":"STRING"}}}})",
       R"(,"output_config":{"format":{"type":"json_schema","schema":{"type":"object",)"
       R"("properties":{"A":{"type":"string"}}}}}})"},
      {R"({"responseSchema":{"type":"STRING","nullable":true}})",
       R"(,"output_config":{"format":{"type":"json_schema","schema":{"type":["string","null"]}}}})"},
      {R"({"thinkingConfig":{"thinkingBudget":0}})", R"(,"thinking":{"type":"disabled"}})"},
      {R"({"thinkingConfig":{"thinkingBudget":-1}})", R"(,"thinking":{"type":"adaptive"}})"},
      {R"({"thinkingConfig":{"thinkingBudget":8192}})",
       R"(,"thinking":{"type":"adaptive"},"output_config":{"effort":"medium"}})"},
      {R"({"thinkingConfig":{"includeThoughts":true,"thinkingLevel":"HIGH"}})",
       R"(,"thinking":{"type":"adaptive"},"output_config":{"effort":"high"}})"},
      {R"({"thinking_config":{"thinking_level":"MINIMAL"}})",
       R"(,"thinking":{"type":"adaptive"},"output_config":{"effort":"low"}})"},
      {R"({"thinkingConfig":{"includeThoughts":true}})", R"(,"thinking":{"type":"adaptive"}})"},
      {R"({"thinkingConfig":{"includeThoughts":false}})", "}"},
      {R"({"candidateCount":1,"seed":4,"presencePenalty":0.5})", "}"},
  };
  for (const Row& row : rows) {
    INFO(row.from);
    CHECK(settings(row.from) == row.to);
  }
  const auto shown = [](std::string_view config) {
    return translated(with(R"("generationConfig":)" + std::string(config))).context.show_thinking;
  };
  CHECK(shown(R"({"thinkingConfig":{"includeThoughts":true}})"));
  CHECK_FALSE(shown(R"({"thinkingConfig":{"includeThoughts":false}})"));
  CHECK_FALSE(shown("{}"));
}

TEST_CASE("function declarations become tools, and their mode the choice") {
  const std::string tools =
      R"("tools":[{"functionDeclarations":[{"name":"a.b","description":"d","parametersJsonSchema":)"
      R"({"type":"object","properties":{}}},{"name":"g","parameters":{"type":"OBJECT","properties":)"
      R"({"n":{"type":"INTEGER","minimum":1.0}}}}]},{"function_declarations":[{"name":"h"}]}])";
  const std::string a = R"({"name":"a_b_2e7336dc","description":"d","input_schema":)"
                        R"({"type":"object","properties":{}}})";
  const std::string g = R"({"name":"g","input_schema":{"type":"object","properties":)"
                        R"({"n":{"type":"integer","minimum":1.0}}}})";
  const std::string h = R"({"name":"h","input_schema":{"type":"object","properties":{}}})";
  struct Case {
    std::string_view config;
    std::string tools;
    std::string_view choice;
  };
  const std::string all = "[" + a + "," + g + "," + h + "]";
  const std::vector<Case> cases{
      {"{}", all, ""},
      {R"({"mode":"AUTO"})", all, R"({"type":"auto"})"},
      {R"({"mode":"VALIDATED"})", all, R"({"type":"auto"})"},
      {R"({"mode":"ANY"})", all, R"({"type":"any"})"},
      {R"({"mode":"NONE"})", all, R"({"type":"none"})"},
      {R"({"mode":"ANY","allowedFunctionNames":["a.b"]})", "[" + a + "]",
       R"({"type":"tool","name":"a_b_2e7336dc"})"},
      {R"({"mode":"AUTO","allowedFunctionNames":["h"]})", "[" + h + "]", R"({"type":"auto"})"},
      {R"({"mode":"any","allowed_function_names":["h","a.b"]})", "[" + a + "," + h + "]",
       R"({"type":"any"})"},
  };
  for (const Case& row : cases) {
    INFO(row.config);
    const std::string request =
        with(tools + R"(,"toolConfig":{"functionCallingConfig":)" + std::string(row.config) + "}");
    CHECK(member(request, "tools") == row.tools);
    CHECK(member(request, "tool_choice") == row.choice);
  }
  CHECK(translated(with(tools)).context.names.back("a_b_2e7336dc") == "a.b");
}

TEST_CASE("Google's search alone is the hub's") {
  const std::string tools =
      R"("tools":[{"google_search":{"excludeDomains":["b.org"]},"urlContext":{}}])";
  CHECK(member(with(tools), "tools") ==
        R"([{"type":"web_search_20250305","name":"web_search","blocked_domains":["b.org"]}])");
  CHECK(member(with(tools), "tool_choice").empty());
  CHECK(translated(with(tools)).context.web_search);
  CHECK(translated(with(tools)).dropped == std::vector<std::string>{"urlContext"});
}

TEST_CASE("what was left out of a Gemini request is told") {
  const auto dropped = [](std::string_view members) { return translated(with(members)).dropped; };
  using Names = std::vector<std::string>;
  CHECK(dropped(R"("safetySettings":[],"labels":{})") == Names{"safetySettings", "labels"});
  CHECK(dropped(R"("tools":[{"googleSearch":{}},{"functionDeclarations":[{"name":"f"}]}])") ==
        Names{"googleSearch"});
  CHECK(dropped(R"("generationConfig":{"seed":1,"mediaResolution":"X"})") ==
        Names{"seed", "mediaResolution"});
  std::string unknown = R"("tools":[{"functionDeclarations":[{"name":"f"}]})";
  for (int i = 0; i < 500; ++i) unknown += ",{\"hosted_" + std::to_string(i) + "\":{}}";
  CHECK(dropped(unknown + "]").size() == Findings::dropped_max);
}

TEST_CASE("what the hub cannot carry goes to others, or is left out where that is wished") {
  const std::vector<Row> rows{
      {R"("tools":[{"urlContext":{}}])", "tools"},
      {R"("cachedContent":"cachedContents/x")", "cachedContent"},
      {R"("generationConfig":{"candidateCount":2})", "generationConfig.candidateCount"},
      {R"("generationConfig":{"responseLogprobs":true})", "generationConfig.responseLogprobs"},
      {R"("generationConfig":{"responseModalities":["TEXT","IMAGE"]})",
       "generationConfig.responseModalities"},
      {R"("contents":[{"parts":[{"text":"a"},{"inlineData":{"mimeType":"audio/mp3","data":""}}]}])",
       "contents[0].parts[1]"},
      {R"("contents":[{"parts":[{"text":"a"},{"fileData":{"fileUri":)"
       R"("https://generativelanguage.googleapis.com/v1beta/files/x","mimeType":"image/png"}}]}])",
       "contents[0].parts[1]"},
      {R"("contents":[{"parts":[{"text":"a"},{"fileData":{"fileUri":)"
       R"("https://youtu.be/x","mimeType":"video/mp4"}}]}])",
       "contents[0].parts[1]"},
  };
  for (const Row& row : rows) {
    INFO(row.from);
    TranslateOptions options = usual();
    const Translation stopped = from_gemini_request(with(row.from), options);
    REQUIRE(std::holds_alternative<NotCarriable>(stopped));
    CHECK(std::get<NotCarriable>(stopped).param == row.to);
    options.drop_unsupported = true;
    const Translation done = from_gemini_request(with(row.from), options);
    REQUIRE(std::holds_alternative<Translated>(done));
    CHECK_FALSE(std::get<Translated>(done).dropped.empty());
  }
}

TEST_CASE("a Gemini request that makes no sense is refused") {
  const std::vector<Row> rows{
      {"nonsense", ""},
      {"{}", "contents"},
      {R"({"contents":[]})", "contents"},
      {R"({"contents":[{"role":"wizard","parts":[{"text":"a"}]}]})", "contents[0].role"},
      {R"({"contents":[{"parts":[{"hologram":1}]}]})", "contents[0].parts[0]"},
      {R"({"contents":[{"role":"model","parts":[{"functionCall":{}}]}]})", "contents[0].parts[0]"},
      {R"({"contents":[{"parts":[{"functionResponse":{"name":"f","response":{}}}]}]})",
       "contents[0].parts[0]"},
  };
  for (const Row& row : rows) {
    INFO(row.from);
    const Translation result = from_gemini_request(row.from, usual());
    REQUIRE(std::holds_alternative<Refused>(result));
    CHECK(std::get<Refused>(result).status == 400);
    CHECK(std::get<Refused>(result).param == row.to);
  }
}

TEST_CASE("a Gemini client's count is the hub's") {
  const std::string hub = R"({"model":"claude","system":[{"type":"text","text":"s"}],"messages":)"
                          R"([{"role":"user","content":[{"type":"text","text":"hi"}]}]})";
  const std::string_view inside =
      R"({"model":"models/x","contents":[{"parts":[{"text":"hi"}]}],"systemInstruction":"s",)"
      R"("generationConfig":{"temperature":1}})";
  CHECK(std::get<Translated>(from_gemini_count(inside, usual())).body == hub);
  CHECK(std::get<Translated>(
            from_gemini_count(R"({"generateContentRequest":)" + std::string(inside) + "}", usual()))
            .body == hub);
  CHECK(to_gemini_count_answer(R"({"input_tokens":12})") == R"({"totalTokens":12})");
  CHECK(to_gemini_count_answer("{}").empty());
}
