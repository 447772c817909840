#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "dialect/gemini_request.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profile.hpp"
#include "dialect/tags.hpp"

using namespace ccrelay::dialect;

namespace {

constexpr std::string_view issuer = "0123456789ab";

Profile three() {
  Profile profile;
  profile.effort_field = "thinkingLevel";
  profile.efforts = {"minimal", "low", "medium", "high"};
  profile.files = true;
  profile.stop_max = 5;
  return profile;
}

Profile two_five() {
  Profile profile = three();
  profile.effort_field = "thinkingBudget";
  profile.tool_media = "sibling";
  return profile;
}

TranslateOptions options_with(const Profile& profile) {
  TranslateOptions options;
  options.profile = &profile;
  options.model = "gemini-3-pro";
  options.issuer = issuer;
  return options;
}

Translated translated(std::string_view hub, const Profile& profile = three()) {
  const Translation result = to_gemini_request(hub, options_with(profile));
  if (const auto* refused = std::get_if<Refused>(&result)) FAIL(refused->message);
  if (const auto* cannot = std::get_if<NotCarriable>(&result)) FAIL(cannot->what);
  return std::get<Translated>(result);
}

// A member of the translated request, as text.
std::string member(std::string_view hub, std::string_view name, const Profile& profile = three()) {
  const Translated done = translated(hub, profile);
  INFO(done.body);
  REQUIRE(Json::read(done.body));
  return std::string(Json(done.body)[name].raw());
}

// With the messages, the one thing that every request needs.
std::string with(std::string_view members) {
  return R"({"messages":[{"role":"user","content":"hi"}],)" + std::string(members) + "}";
}

std::string contents(std::string_view messages, const Profile& profile = three()) {
  return member(R"({"messages":)" + std::string(messages) + "}", "contents", profile);
}

std::string tag(std::string_view data, std::string_view of = issuer) {
  return make_tag({Dialect::gemini, std::string(of), std::string(data)});
}

std::string thinking(std::string_view signature, std::string_view text = "hm") {
  return R"({"type":"thinking","thinking":")" + std::string(text) + R"(","signature":")" +
         std::string(signature) + "\"}";
}

struct Row {
  std::string_view from;
  std::string_view to;
};

}  // namespace

TEST_CASE("a hub's settings become Gemini's generationConfig") {
  const std::vector<Row> rows{
      {R"("max_tokens":5)", R"({"maxOutputTokens":5})"},
      {R"("temperature":1.0,"top_p":0.950,"top_k":40)",
       R"({"temperature":1.0,"topP":0.950,"topK":40})"},
      {R"("stop_sequences":["a","b","c","d","e","f"])",
       R"({"stopSequences":["a","b","c","d","e"]})"},
      {R"("stop_sequences":[])", ""},
      {R"("output_config":{"format":{"type":"json_schema","schema":{"$schema":"s","type":"object"}}})",
       R"({"responseMimeType":"application/json","responseJsonSchema":{"type":"object"}})"},
      {R"("thinking":{"type":"adaptive"},"output_config":{"effort":"max"})",
       R"({"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true}})"},
      {R"("thinking":{"type":"enabled","budget_tokens":5000})",
       R"({"thinkingConfig":{"thinkingLevel":"MEDIUM","includeThoughts":true}})"},
      {R"("thinking":{"type":"adaptive"})", R"({"thinkingConfig":{"includeThoughts":true}})"},
      {R"("metadata":{"user_id":"u"},"service_tier":"auto","stream":true)", ""},
  };
  for (const Row& row : rows) {
    INFO(row.from);
    CHECK(member(with(row.from), "generationConfig") == row.to);
  }
  Profile old = two_five();
  CHECK(member(with(R"("thinking":{"type":"enabled","budget_tokens":5000})"), "generationConfig",
               old) == R"({"thinkingConfig":{"thinkingBudget":5000,"includeThoughts":true}})");
  old.max_output_tokens = 100;
  old.schema = "openapi";
  CHECK(member(with(R"("max_tokens":500)"), "generationConfig", old) ==
        R"({"maxOutputTokens":100})");
  CHECK(
      member(with(R"("output_config":{"format":{"type":"json_schema","schema":{"const":"a"}}})"),
             "generationConfig", old) ==
      R"({"responseMimeType":"application/json","responseSchema":{"type":"STRING","enum":["a"]}})");
}

TEST_CASE("a hub's system becomes systemInstruction, one part a block") {
  const std::vector<Row> rows{
      {R"("system":"Be brief.")", R"({"parts":[{"text":"Be brief."}]})"},
      {R"("system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},)"
       R"({"type":"text","text":""},{"type":"text","text":"b"}])",
       R"({"parts":[{"text":"a"},{"text":"b"}]})"},
      {R"("system":"")", ""},
  };
  for (const Row& row : rows) {
    INFO(row.from);
    CHECK(member(with(row.from), "systemInstruction") == row.to);
  }
}

TEST_CASE("a hub's tools become function declarations, and its choice their mode") {
  const std::string tools =
      R"("tools":[{"name":"Read","description":"d\n","input_schema":{"$schema":"s","type":"object",)"
      R"("properties":{"a":{"type":"integer","maximum":1e2}}},"strict":true},)"
      R"({"type":"custom","name":"1 é","input_schema":{}}])";
  CHECK(member(with(tools), "tools") ==
        R"([{"functionDeclarations":[{"name":"Read","description":"d\n","parametersJsonSchema":)"
        R"({"type":"object","properties":{"a":{"type":"integer","maximum":1e2}}}},)"
        R"({"name":"____adaf3105","parametersJsonSchema":{"type":"object","properties":{}}}]}])");
  Profile open = three();
  open.schema = "openapi";
  CHECK(member(with(tools), "tools", open) ==
        R"([{"functionDeclarations":[{"name":"Read","description":"d\n","parameters":)"
        R"({"type":"OBJECT","properties":{"a":{"type":"INTEGER","maximum":1e2}}}},)"
        R"({"name":"____adaf3105"}]}])");

  const std::vector<Row> rows{
      {R"({"type":"auto"})", R"({"functionCallingConfig":{"mode":"AUTO"}})"},
      {R"({"type":"any","disable_parallel_tool_use":true})",
       R"({"functionCallingConfig":{"mode":"ANY"}})"},
      {R"({"type":"none"})", R"({"functionCallingConfig":{"mode":"NONE"}})"},
      {R"({"type":"tool","name":"1 é"})",
       R"({"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["____adaf3105"]}})"},
  };
  for (const Row& row : rows) {
    INFO(row.from);
    const std::string hub = with(tools + R"(,"tool_choice":)" + std::string(row.from));
    CHECK(member(hub, "toolConfig") == row.to);
  }
  CHECK(member(with(R"("tool_choice":{"type":"auto"})"), "toolConfig").empty());
}

TEST_CASE("a hub's messages become contents") {
  const std::vector<Row> rows{
      {R"([{"role":"user","content":"hi"}])", R"([{"role":"user","parts":[{"text":"hi"}]}])"},
      // Neighbours are merged, what is empty is left out.
      {R"([{"role":"user","content":"a"},{"role":"user","content":[{"type":"text","text":"b"},)"
       R"({"type":"text","text":""}]},{"role":"assistant","content":""},)"
       R"({"role":"system","content":"c"}])",
       R"([{"role":"user","parts":[{"text":"a"},{"text":"b"},{"text":"c"}]}])"},
      {R"([{"role":"user","content":[{"type":"image","source":{"type":"base64",)"
       R"("media_type":"image/png","data":"aGk="}},{"type":"image","source":{"type":"url",)"
       R"("url":"https://x.test/a.webp?b"}}]}])",
       R"([{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}},)"
       R"({"fileData":{"fileUri":"https://x.test/a.webp?b","mimeType":"image/webp"}}]}])"},
      {R"([{"role":"user","content":[{"type":"document","source":{"type":"base64",)"
       R"("media_type":"application/pdf","data":"aGk="}},{"type":"document","source":)"
       R"({"type":"text","media_type":"text/plain","data":"t"}},{"type":"document","source":)"
       R"({"type":"url","url":"https://x.test/a"}}]}])",
       R"([{"role":"user","parts":[{"inlineData":{"mimeType":"application/pdf","data":"aGk="}},)"
       R"({"text":"t"},{"fileData":{"fileUri":"https://x.test/a","mimeType":"application/pdf"}}]}])"},
      {R"([{"role":"user","content":[{"type":"search_result","source":"s","title":"t",)"
       R"("content":[{"type":"text","text":"found"}]}]}])",
       R"([{"role":"user","parts":[{"text":"found"}]}])"},
      {R"([{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"text",)"
       R"("text":"b"},{"type":"text","text":"c"}]}])",
       R"([{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b"},)"
       R"({"text":"c"}]}])"},
  };
  for (const Row& row : rows) {
    INFO(row.from);
    CHECK(contents(row.from) == row.to);
  }
}

TEST_CASE("calls keep their arguments' text, and each is answered behind its turn") {
  const Profile old = two_five();
  const auto call = [](std::string_view id, std::string_view input) {
    return R"({"type":"tool_use","id":")" + std::string(id) + R"(","name":"f","input":)" +
           std::string(input) + "}";
  };
  const auto result = [](std::string_view id, std::string_view rest) {
    return R"({"type":"tool_result","tool_use_id":")" + std::string(id) + "\"" + std::string(rest) +
           "}";
  };
  const auto turn = [&](const std::string& calls, const std::string& blocks) {
    return R"([{"role":"assistant","content":[)" + calls + R"(]},{"role":"user","content":[)" +
           blocks + "]}]";
  };
  const auto expected = [](const std::string& calls, const std::string& parts) {
    return R"([{"role":"model","parts":[)" + calls + R"(]},{"role":"user","parts":[)" + parts +
           "]}]";
  };
  const auto sent = [](std::string_view id, std::string_view args) {
    return R"({"functionCall":{"id":")" + std::string(id) + R"(","name":"f","args":)" +
           std::string(args) + "}}";
  };
  const auto answered = [](std::string_view id, std::string_view response,
                           std::string_view parts = {}) {
    return R"({"functionResponse":{"id":")" + std::string(id) + R"(","name":"f","response":)" +
           std::string(response) + std::string(parts) + "}}";
  };

  const std::string odd = R"({"b":12345678901234567890,"a":[1.0,1e2]})";
  CHECK(contents(turn(call("functions.f:0", odd), result("functions.f:0", R"(,"content":"x")")),
                 old) ==
        expected(sent("functions.f:0", odd), answered("functions.f:0", R"({"output":"x"})")));
  // Results first, in the calls' order; a missing one is filled in.
  CHECK(contents(turn(call("1", "{}") + "," + call("2", "{}") + "," + call("3", "{}"),
                      R"({"type":"text","text":"t"},)" + result("3", R"(,"content":"c")") + "," +
                          result("1", "")),
                 old) == expected(sent("1", "{}") + "," + sent("2", "{}") + "," + sent("3", "{}"),
                                  answered("1", R"({"output":""})") + "," +
                                      answered("2", R"x({"output":"(no result)"})x") + "," +
                                      answered("3", R"({"output":"c"})") + R"(,{"text":"t"})"));
  CHECK(contents(R"([{"role":"assistant","content":[)" + call("1", "{}") + "]}]", old) ==
        expected(sent("1", "{}"), answered("1", R"x({"output":"(no result)"})x")));
  // Texts are joined; failures say so; tools that were found are named.
  const std::string texts = R"(,"content":[{"type":"text","text":"a"},{"type":"text","text":"b"},)"
                            R"({"type":"tool_reference","tool_name":"g"}])";
  CHECK(contents(turn(call("1", "{}"), result("1", texts + R"(,"is_error":true)")), old) ==
        expected(sent("1", "{}"), answered("1", R"({"error":"a\nb\ng"})")));
  // Media stands in the response, or behind it for models that don't take it there.
  const std::string media =
      R"(,"content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64",)"
      R"("media_type":"image/png","data":"aGk="}}])";
  const std::string inline_data = R"({"inlineData":{"mimeType":"image/png","data":"aGk="}})";
  CHECK(contents(turn(call("1", "{}"), result("1", media)), old) ==
        expected(sent("1", "{}"), answered("1", R"({"output":"a"})") + "," + inline_data));
  Profile within = old;
  within.tool_media = "";
  CHECK(contents(turn(call("1", "{}"), result("1", media)), within) ==
        expected(sent("1", "{}"),
                 answered("1", R"({"output":"a"})", R"(,"parts":[)" + inline_data + "]")));
}

TEST_CASE("signatures go back to who made them, on the part they came with") {
  const std::string call = R"({"type":"tool_use","id":"1","name":"f","input":{}})";
  const std::string sent = R"("functionCall":{"id":"1","name":"f","args":{}}})";
  const std::string text = R"({"type":"text","text":"t"})";
  const std::string skip = R"({"thoughtSignature":"skip_thought_signature_validator",)";
  const auto parts = [&](const std::string& blocks, const Profile& profile) {
    const std::string all =
        contents(R"([{"role":"assistant","content":[)" + blocks + "]}]", profile);
    return std::string(Json((*Json(all).items().begin())["parts"]).raw());
  };
  const std::string of_call = thinking(tag(R"({"thoughtSignature":"S","part":"call"})"));
  const std::string of_text = thinking(tag(R"({"thoughtSignature":"S","part":"text"})"));
  const std::string of_thought = thinking(tag(R"({"thoughtSignature":"S","part":"thought"})"));
  const std::string unsigned_thought = thinking(tag(R"({"part":"thought"})"));
  const std::string foreign =
      thinking(tag(R"({"thoughtSignature":"S","part":"call"})", "ba9876543210"));
  struct Case {
    std::string blocks;
    std::string parts;
  };
  const std::vector<Case> cases{
      {of_call + "," + call, R"([{"thoughtSignature":"S",)" + sent + "]"},
      {of_call + "," + text + "," + call, R"([{"text":"t"},{"thoughtSignature":"S",)" + sent + "]"},
      {text + "," + of_text, R"([{"text":"t","thoughtSignature":"S"}])"},
      {of_text, R"([{"text":"","thoughtSignature":"S"}])"},
      {of_thought + "," + text,
       R"([{"text":"hm","thought":true,"thoughtSignature":"S"},{"text":"t"}])"},
      {unsigned_thought + "," + text, R"([{"text":"t"}])"},
      // Others' reasoning is left out, and never becomes visible text.
      {foreign + "," + call, "[" + skip + sent + "]"},
      {thinking("EqQBCgIYAhIM") + "," + call, "[" + skip + sent + "]"},
      {R"({"type":"redacted_thinking","data":"x"},)" + call, "[" + skip + sent + "]"},
      // Of calls made at once only the first has one.
      {of_call + "," + call + R"(,{"type":"tool_use","id":"2","name":"g","input":{}})",
       R"([{"thoughtSignature":"S",)" + sent +
           R"(,{"functionCall":{"id":"2","name":"g","args":{}}}])"},
  };
  const Profile profile = three();
  for (const Case& row : cases) {
    INFO(row.blocks);
    CHECK(parts(row.blocks, profile) == row.parts);
  }
  // Models before 3 want none.
  CHECK(parts(call, two_five()) == "[{" + sent + "]");
}

TEST_CASE("reasoning that a client did not send back is restored by the call's id") {
  struct Remembered final : Recall {
    std::string reasoning_of(std::string_view id) const override {
      return id == "1" ? tag(R"({"thoughtSignature":"S","part":"call"})") : std::string();
    }
  };
  const Remembered recall;
  const Profile profile = three();
  TranslateOptions options = options_with(profile);
  options.recall = &recall;
  const Translation done =
      to_gemini_request(R"({"messages":[{"role":"assistant","content":[)"
                        R"({"type":"tool_use","id":"1","name":"f","input":{}}]}]})",
                        options);
  CHECK(std::get<Translated>(done).body.find(
            R"({"thoughtSignature":"S","functionCall":{"id":"1")") != std::string::npos);
}

TEST_CASE("what was left out of a hub's request is told") {
  const auto dropped = [](std::string_view members) { return translated(with(members)).dropped; };
  using Names = std::vector<std::string>;
  CHECK(dropped(R"("metadata":{},"service_tier":"auto","future":1)") ==
        Names{"metadata", "service_tier", "future"});
  CHECK(dropped(R"("tools":[{"name":"f"},{"type":"web_fetch_20250910","name":"web_fetch"}])") ==
        Names{"web_fetch_20250910"});
  CHECK(dropped(R"("stop_sequences":["1","2","3","4","5","6"])") == Names{"stop_sequences"});
  const std::string past =
      R"({"messages":[{"role":"assistant","content":[{"type":"server_tool_use","id":"s",)"
      R"("name":"code_execution","input":{}},{"type":"code_execution_tool_result",)"
      R"("tool_use_id":"s","content":{}},{"type":"text","text":"t"}]}]})";
  CHECK(translated(past).dropped == Names{"server_tool_use", "code_execution_tool_result"});
  CHECK(member(past, "contents") == R"([{"role":"model","parts":[{"text":"t"}]}])");
}

TEST_CASE("a web search that is all that is wanted becomes Google's") {
  Profile searching = three();
  searching.web_search = true;
  const std::string search = R"({"type":"web_search_20250305","name":"web_search","max_uses":8})";
  const std::string function = R"({"name":"f","input_schema":{"type":"object"}})";
  const std::string google = R"([{"googleSearch":{}}])";
  const auto sent = [&](std::string_view members, const char* name,
                        std::string_view when = "alone") {
    TranslateOptions options = options_with(searching);
    options.web_search = when;
    const Translation result = to_gemini_request(with(members), options);
    REQUIRE(std::holds_alternative<Translated>(result));
    return std::string(Json(std::get<Translated>(result).body)[name].raw());
  };
  const std::string alone = R"("tools":[)" + search + "]";
  const std::string both = R"("tools":[)" + function + "," + search + "]";
  const std::string forced = R"(,"tool_choice":{"type":"tool","name":"web_search"})";
  CHECK(sent(alone, "tools") == google);
  CHECK(sent(alone + R"(,"tool_choice":{"type":"auto"})", "toolConfig").empty());
  CHECK(sent(alone + forced, "tools") == google);
  CHECK(sent(both + forced, "tools") == google);
  CHECK(sent(both + forced, "toolConfig").empty());
  // A search goes with no less than a little thinking.
  CHECK(sent(alone + R"(,"thinking":{"type":"disabled"})", "generationConfig") ==
        R"({"thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":true}})");
  // Beside others only where that is wished, and by models from 3 on.
  const std::string declared =
      R"({"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object"}}]}])";
  CHECK(sent(both, "tools") == "[" + declared);
  CHECK(sent(both, "tools", "always") == R"([{"googleSearch":{}},)" + declared);
  CHECK(sent(both, "toolConfig", "always") == R"({"includeServerSideToolInvocations":true})");
  searching.effort_field = "thinkingBudget";
  CHECK(sent(both, "tools", "always") == "[" + declared);
  // Where to look is not the client's to say; and it may be switched off.
  for (const char* limit : {R"("allowed_domains":["a.test"])", R"("blocked_domains":["a.test"])",
                            R"("user_location":{"type":"approximate"})"}) {
    const std::string limited = R"("tools":[{"type":"web_search_20250305","name":"web_search",)" +
                                std::string(limit) + "}]";
    CHECK(std::holds_alternative<NotCarriable>(
        to_gemini_request(with(limited), options_with(searching))));
  }
  TranslateOptions never = options_with(searching);
  never.web_search = "never";
  CHECK(std::holds_alternative<NotCarriable>(to_gemini_request(with(alone), never)));
}

TEST_CASE("a web search of the past becomes a text for Gemini") {
  const std::string sent = contents(
      R"([{"role":"assistant","content":[{"type":"server_tool_use","id":"s","name":"web_search",)"
      R"("input":{"query":"cats"}},{"type":"web_search_tool_result","tool_use_id":"s","content":)"
      R"([{"type":"web_search_result","url":"https://x.test/a","title":"A"}]}]}])");
  INFO(sent);
  const Json parts = (*Json(sent).items().begin())["parts"];
  const std::string text = (*parts.items().begin())["text"].text();
  CHECK(text.find("cats") != std::string::npos);
  CHECK(text.find("https://x.test/a") != std::string::npos);
}

TEST_CASE("what Gemini cannot carry goes to others, or is left out where that is wished") {
  const std::vector<Row> rows{
      {R"("tools":[{"type":"code_execution_20250825","name":"code_execution"}])", "tools"},
      {R"("tools":[{"name":"f"},{"type":"web_fetch_20250910","name":"web_fetch"}],)"
       R"("tool_choice":{"type":"tool","name":"web_fetch"})",
       "tools"},
      {R"("tools":[{"type":"web_search_20250305","name":"web_search"}])", "tools"},
      {R"("mcp_servers":[{"type":"url"}])", "mcp_servers"},
      {R"("container":"c")", "container"},
      {R"("messages":[{"role":"user","content":[{"type":"image","source":{"type":"file",)"
       R"("file_id":"f"}}]}])",
       "messages.0.content"},
  };
  const Profile profile = three();
  for (const Row& row : rows) {
    INFO(row.from);
    TranslateOptions options = options_with(profile);
    const Translation stopped = to_gemini_request(with(row.from), options);
    REQUIRE(std::holds_alternative<NotCarriable>(stopped));
    CHECK(std::get<NotCarriable>(stopped).param == row.to);
    options.drop_unsupported = true;
    const Translation done = to_gemini_request(with(row.from), options);
    REQUIRE(std::holds_alternative<Translated>(done));
    CHECK_FALSE(std::get<Translated>(done).dropped.empty());
  }
}

TEST_CASE("a hub's request that makes no sense is refused") {
  const std::vector<Row> rows{
      {"[", ""},
      {"[]", ""},
      {"{}", "messages"},
      {R"({"messages":[{"role":"wizard","content":"a"}]})", "messages.0.role"},
      {R"({"messages":[{"role":"user","content":[{"type":"hologram"}]}]})",
       "messages.0.content.0.type"},
      {R"({"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"x"}]}]})",
       "messages.0.content.0.tool_use_id"},
      {R"({"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"x"}]}]})",
       "messages.0.content.0.name"},
  };
  const Profile profile = three();
  for (const Row& row : rows) {
    INFO(row.from);
    const Translation result = to_gemini_request(row.from, options_with(profile));
    REQUIRE(std::holds_alternative<Refused>(result));
    CHECK(std::get<Refused>(result).status == 400);
    CHECK(std::get<Refused>(result).param == row.to);
  }
}

TEST_CASE("a count is asked for with the whole prompt, and answered in the hub's words") {
  const Profile profile = three();
  const Translation result = to_gemini_count(
      R"({"model":"claude","system":"s","messages":[{"role":"user","content":"hi"}],)"
      R"("tools":[{"name":"f"}],"thinking":{"type":"adaptive"}})",
      options_with(profile));
  CHECK(std::get<Translated>(result).body ==
        R"({"generateContentRequest":{"model":"models/gemini-3-pro","systemInstruction":)"
        R"({"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"hi"}]}],)"
        R"("tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":)"
        R"({"type":"object","properties":{}}}]}]}})");
  CHECK(gemini_count_answer(R"({"totalTokens":7,"promptTokensDetails":[]})") ==
        R"({"input_tokens":7})");
  CHECK(gemini_count_answer("{}").empty());
}

TEST_CASE("the answer's context has what the answer needs") {
  const Profile profile = three();
  const Translation result = to_gemini_request(
      R"({"model":"claude-x","stream":true,"messages":[{"role":"user","content":"hi"}],)"
      R"("tools":[{"name":"1 é"}]})",
      options_with(profile));
  const AnswerContext& context = std::get<Translated>(result).context;
  CHECK(context.model == "claude-x");
  CHECK(context.stream);
  CHECK(context.issuer == issuer);
  CHECK(context.names.back("____adaf3105") == "1 é");
}
