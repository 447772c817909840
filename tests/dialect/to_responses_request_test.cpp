#include <string>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "dialect/ids.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profile.hpp"
#include "dialect/responses_request.hpp"
#include "dialect/tags.hpp"

using namespace ccrelay::dialect;

namespace {

Profile openai() {
  Profile profile;
  profile.api = "responses";
  profile.efforts = {"none", "minimal", "low", "medium", "high"};
  profile.effort_field = "reasoning";
  profile.strict = profile.files = profile.cache_key = profile.web_search = true;
  return profile;
}

TranslateOptions options_of(const Profile& profile) {
  TranslateOptions options;
  options.profile = &profile;
  options.issuer = "0123456789ab";
  return options;
}

Translated sent(std::string_view hub, const TranslateOptions& options) {
  Translation translation = to_responses_request(hub, options);
  if (const auto* refused = std::get_if<Refused>(&translation)) {
    FAIL("refused: " + refused->param + ": " + refused->message);
  }
  if (const auto* cannot = std::get_if<NotCarriable>(&translation)) FAIL("not: " + cannot->what);
  return std::get<Translated>(std::move(translation));
}

std::string member(const std::string& body, std::string_view name) {
  return std::string(Json(body)[name].raw());
}

std::string hub_with(std::string_view messages, std::string_view more = {}) {
  return R"({"model":"m","max_tokens":1000,"messages":[)" + std::string(messages) + "]" +
         (more.empty() ? "" : "," + std::string(more)) + "}";
}

const std::string hi = R"({"role":"user","content":"hi"})";

std::string tag_of(std::string_view issuer, std::string_view data,
                   Dialect dialect = Dialect::responses) {
  return make_tag({dialect, std::string(issuer), std::string(data)});
}

std::string thinking(std::string_view text, std::string_view signature) {
  return R"({"type":"thinking","thinking":")" + std::string(text) + R"(","signature":")" +
         std::string(signature) + R"("})";
}

struct Row {
  std::string in;
  std::string out;
};

}  // namespace

TEST_CASE("each field of the hub's request has its place in a Responses request") {
  struct Field {
    std::string in;
    std::string name;
    std::string value;
  };
  const Field rows[] = {
      {"", "model", R"("m")"},
      {"", "store", "false"},
      {"", "include", R"(["reasoning.encrypted_content"])"},
      {"", "max_output_tokens", "1000"},
      {"", "instructions", ""},
      {"", "reasoning", ""},
      {"", "stream", ""},
      {"", "prompt_cache_key", R"("key")"},
      {R"("system":"be kind")", "instructions", R"("be kind")"},
      {R"("system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},)"
       R"({"type":"text","text":""},{"type":"text","text":"b"}])",
       "instructions", R"("a\n\nb")"},
      {R"("max_tokens":3)", "max_output_tokens", "16"},
      {R"("temperature":0.20)", "temperature", "0.20"},
      {R"("top_p":0.9)", "top_p", "0.9"},
      {R"("top_k":5)", "top_k", ""},
      {R"("stop_sequences":["x"])", "stop", ""},
      {R"("stream":true)", "stream", "true"},
      {R"("thinking":{"type":"disabled"})", "reasoning", R"({"effort":"none"})"},
      {R"("thinking":{"type":"adaptive"})", "reasoning", ""},
      {R"("thinking":{"type":"enabled","budget_tokens":4095})", "reasoning",
       R"({"effort":"low","summary":"auto"})"},
      {R"("thinking":{"type":"enabled","budget_tokens":16383})", "reasoning",
       R"({"effort":"medium","summary":"auto"})"},
      {R"("thinking":{"type":"enabled","budget_tokens":16384})", "reasoning",
       R"({"effort":"high","summary":"auto"})"},
      {R"("thinking":{"type":"adaptive","display":"omitted"},"output_config":{"effort":"low"})",
       "reasoning", R"({"effort":"low"})"},
      {R"("output_config":{"effort":"medium"})", "reasoning",
       R"({"effort":"medium","summary":"auto"})"},
      {R"("output_config":{"effort":"max"})", "reasoning", R"({"effort":"high","summary":"auto"})"},
      {R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object","x":1.0}}})",
       "text",
       R"({"format":{"type":"json_schema","name":"output","schema":{"type":"object","x":1.0},)"
       R"("strict":false}})"},
      {R"("metadata":{"user_id":"u"},"service_tier":"auto","context_management":{})", "metadata",
       ""},
  };
  const Profile profile = openai();
  TranslateOptions options = options_of(profile);
  options.cache_key = "key";
  for (const Field& row : rows) {
    CAPTURE(row.in);
    CHECK(member(sent(hub_with(hi, row.in), options).body, row.name) == row.value);
  }
}

TEST_CASE("the profile says what a model does not take") {
  Profile profile = openai();
  profile.drop = {"temperature", "top_p"};
  profile.drop_when_thinking = {"temperature"};
  profile.max_output_tokens = 500;
  profile.cache_key = false;
  profile.strict = false;
  profile.parallel_tool_calls = false;
  profile.tools_max = 1;
  TranslateOptions options = options_of(profile);
  options.drop_unsupported = true;
  options.cache_key = "key";
  options.model = "other";
  const std::string more =
      R"("temperature":1,"top_p":1,"tools":[{"name":"f","strict":true},{"name":"g"}],)"
      R"("tool_choice":{"type":"auto","disable_parallel_tool_use":true})";
  const std::string body = sent(hub_with(hi, more), options).body;
  CHECK(member(body, "model") == R"("other")");
  CHECK(member(body, "temperature").empty());
  CHECK(member(body, "top_p").empty());
  CHECK(member(body, "max_output_tokens") == "500");
  CHECK(member(body, "prompt_cache_key").empty());
  CHECK(member(body, "parallel_tool_calls").empty());
  CHECK(member(body, "tools") ==
        R"([{"type":"function","name":"f","parameters":{"type":"object","properties":{}},)"
        R"("strict":false}])");
  const std::string calm =
      sent(hub_with(hi, more + R"(,"thinking":{"type":"disabled"})"), options).body;
  CHECK(member(calm, "temperature") == "1");
  CHECK(member(calm, "top_p").empty());
  options.max_output_tokens = 200;
  CHECK(member(sent(hub_with(hi), options).body, "max_output_tokens") == "200");
}

TEST_CASE("tools and the choice among them") {
  const std::string tools =
      R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object","n":1e2},)"
      R"("cache_control":{"type":"ephemeral"}},{"type":"custom","name":"g.h","strict":true,)"
      R"("input_schema":{"type":"object"}},{"type":"bash_20250124","name":"bash"}])";
  const Profile profile = openai();
  const TranslateOptions options = options_of(profile);
  const Translated listed = sent(hub_with(hi, tools), options);
  Names names(NameForm::openai);
  const std::string other = names.out("g.h");
  CHECK(other != "g.h");
  CHECK(member(listed.body, "tools") ==
        R"([{"type":"function","name":"f","description":"d","parameters":)"
        R"({"type":"object","n":1e2},"strict":false},{"type":"function","name":")" +
            other +
            R"(","parameters":{"type":"object","additionalProperties":false},"strict":true}])");
  CHECK(listed.context.names.back(other) == "g.h");
  CHECK(listed.dropped == std::vector<std::string>{"bash_20250124"});
  const Row rows[] = {
      {R"({"type":"auto"})", R"("auto")"},
      {R"({"type":"any"})", R"("required")"},
      {R"({"type":"none"})", R"("none")"},
      {R"({"type":"tool","name":"f"})", R"({"type":"function","name":"f"})"},
      {R"({"type":"tool","name":"g.h"})", R"({"type":"function","name":")" + other + R"("})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.in);
    const std::string body =
        sent(hub_with(hi, tools + R"(,"tool_choice":)" + row.in), options).body;
    CHECK(member(body, "tool_choice") == row.out);
  }
  const std::string one =
      sent(
          hub_with(hi, tools + R"(,"tool_choice":{"type":"any","disable_parallel_tool_use":true})"),
          options)
          .body;
  CHECK(member(one, "parallel_tool_calls") == "false");
  CHECK(member(sent(hub_with(hi, R"("tool_choice":{"type":"any"})"), options).body, "tool_choice")
            .empty());
}

TEST_CASE("each block of the hub has its item") {
  const std::string user = R"({"type":"message","role":"user","content":[)";
  const std::string assistant = R"({"type":"message","role":"assistant","content":[)";
  const Row rows[] = {
      {hi, user + R"({"type":"input_text","text":"hi"}]})"},
      {R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":""},)"
       R"({"type":"text","text":"b"}]})",
       user + R"({"type":"input_text","text":"a"},{"type":"input_text","text":"b"}]})"},
      {R"({"role":"user","content":[]},)" + hi, user + R"({"type":"input_text","text":"hi"}]})"},
      {R"({"role":"user","content":[{"type":"image","source":{"type":"base64",)"
       R"("media_type":"image/png","data":"QUJD"}}]})",
       user +
           R"({"type":"input_image","image_url":"data:image/png;base64,QUJD","detail":"auto"}]})"},
      {R"({"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://x"}}]})",
       user + R"({"type":"input_image","image_url":"https://x","detail":"auto"}]})"},
      {R"({"role":"user","content":[{"type":"document","title":"t.pdf","source":)"
       R"({"type":"base64","media_type":"application/pdf","data":"QUJD"}}]})",
       user + R"({"type":"input_file","filename":"t.pdf",)"
              R"("file_data":"data:application/pdf;base64,QUJD"}]})"},
      {R"({"role":"user","content":[{"type":"document","source":{"type":"url","url":"https://x"}}]})",
       user + R"({"type":"input_file","file_url":"https://x"}]})"},
      {R"({"role":"user","content":[{"type":"document","source":{"type":"text",)"
       R"("media_type":"text/plain","data":"abc"}}]})",
       user + R"({"type":"input_text","text":"abc"}]})"},
      {R"({"role":"user","content":[{"type":"search_result","source":"s","title":"t",)"
       R"("content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]})",
       user + R"({"type":"input_text","text":"a\nb"}]})"},
      {R"({"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})",
       assistant + R"({"type":"output_text","text":"a"},{"type":"output_text","text":"b"}]})"},
      {R"({"role":"assistant","content":"a"})",
       assistant + R"({"type":"output_text","text":"a"}]})"},
      {R"({"role":"system","content":[{"type":"text","text":"a"}]})",
       R"({"type":"message","role":"developer","content":[{"type":"input_text","text":"a"}]})"},
      {R"({"role":"system","content":"a"})",
       R"({"type":"message","role":"developer","content":[{"type":"input_text","text":"a"}]})"},
  };
  const Profile profile = openai();
  for (const Row& row : rows) {
    CAPTURE(row.in);
    CHECK(member(sent(hub_with(row.in), options_of(profile)).body, "input") == "[" + row.out + "]");
  }
}

TEST_CASE("calls, and results right behind them in their order") {
  const auto call = [](std::string_view id) {
    return R"({"type":"tool_use","id":")" + std::string(id) + R"(","name":"f","input":{"n":1.0}})";
  };
  const auto sent_call = [](std::string_view id) {
    return R"({"type":"function_call","call_id":")" + std::string(id) +
           R"(","name":"f","arguments":"{\"n\":1.0}"})";
  };
  const auto result = [](std::string_view id, std::string_view more) {
    return R"({"type":"tool_result","tool_use_id":")" + std::string(id) + R"(",)" +
           std::string(more) + "}";
  };
  const auto sent_result = [](std::string_view id, std::string_view output) {
    return R"({"type":"function_call_output","call_id":")" + std::string(id) + R"(","output":)" +
           std::string(output) + "}";
  };
  const auto assistant = [](const std::string& blocks) {
    return R"({"role":"assistant","content":[)" + blocks + "]}";
  };
  const auto user = [](const std::string& blocks) {
    return R"({"role":"user","content":[)" + blocks + "]}";
  };
  const std::string long_id(70, 'x');
  const std::string short_id = id_for(IdForm::responses, long_id);
  CHECK(short_id.size() == 29);
  const std::string png =
      R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"QUJD"}})";
  const std::string sent_png =
      R"({"type":"input_image","image_url":"data:image/png;base64,QUJD","detail":"auto"})";
  const std::string text_t = R"("content":[{"type":"text","text":"t"}])";
  const Row rows[] = {
      {assistant(call("1") + "," + call("2")) + "," +
           user(R"({"type":"text","text":"go"},)" + result("2", R"("content":"two")") + "," +
                result("1", text_t)),
       sent_call("1") + "," + sent_call("2") + "," + sent_result("1", R"("t")") + "," +
           sent_result("2", R"("two")") +
           R"(,{"type":"message","role":"user","content":[{"type":"input_text","text":"go"}]})"},
      // Spread over two messages, with a system message behind; one never answered.
      {assistant(call("1") + "," + call("2")) + "," + user(result("1", text_t)) + "," +
           user(result("2", text_t)) + R"(,{"role":"system","content":"s"},)" +
           assistant(call("3")),
       sent_call("1") + "," + sent_call("2") + "," + sent_result("1", R"("t")") + "," +
           sent_result("2", R"("t")") +
           R"(,{"type":"message","role":"developer","content":[{"type":"input_text","text":"s"}]},)" +
           sent_call("3") + "," + sent_result("3", R"x("(no result)")x")},
      {assistant(call(long_id)) + "," + user(result(long_id, text_t)),
       sent_call(short_id) + "," + sent_result(short_id, R"("t")")},
      {assistant(call("f.b:0")) + "," + user(result("f.b:0", R"("content":"")")),
       sent_call("f.b:0") + "," + sent_result("f.b:0", R"("")")},
      {assistant(call("1")) + "," + user(result("1", R"("is_error":true)")),
       sent_call("1") + "," + sent_result("1", R"("Error: ")")},
      {assistant(call("1")) + "," + user(result("1", R"("content":"bad","is_error":true)")),
       sent_call("1") + "," + sent_result("1", R"("Error: bad")")},
      {assistant(call("1")) + "," + user(result("1", R"("content":"ERROR x","is_error":true)")),
       sent_call("1") + "," + sent_result("1", R"("ERROR x")")},
      {assistant(call("1")) + "," +
           user(result("1", R"("content":"<tool_use_error>x","is_error":true)")),
       sent_call("1") + "," + sent_result("1", R"("<tool_use_error>x")")},
      {assistant(call("1")) + "," +
           user(
               result("1", R"("content":[{"type":"text","text":"a"},{"type":"text","text":"b"}])")),
       sent_call("1") + "," + sent_result("1", R"("a\nb")")},
      {assistant(call("1")) + "," +
           user(result("1", R"("content":[{"type":"text","text":"a"},)" + png + "]")),
       sent_call("1") + "," +
           sent_result("1", R"([{"type":"input_text","text":"a"},)" + sent_png + "]")},
      {assistant(call("1")) + "," +
           user(result("1", R"("content":[{"type":"tool_reference","tool_name":"g"}])")),
       sent_call("1") + "," + sent_result("1", R"("g")")},
      {assistant(R"({"type":"text","text":"I look"},)" + call("1")) + "," +
           user(result("1", text_t)),
       R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"I look"}]},)" +
           sent_call("1") + "," + sent_result("1", R"("t")")},
  };
  const Profile profile = openai();
  for (const Row& row : rows) {
    CAPTURE(row.in);
    CHECK(member(sent(hub_with(row.in), options_of(profile)).body, "input") == "[" + row.out + "]");
  }
}

TEST_CASE("reasoning goes back to who made it, before what it belongs to, and to nobody else") {
  const std::string own = tag_of("0123456789ab", R"({"id":"rs_1","encrypted_content":"gAAA"})");
  const std::string item = R"({"type":"reasoning","id":"rs_1","summary":[)"
                           R"({"type":"summary_text","text":"why"}],"encrypted_content":"gAAA"},)";
  const std::string bare =
      R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"},)";
  const std::string text = R"({"type":"text","text":"a"})";
  const std::string message =
      R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"}]})";
  const Row rows[] = {
      {thinking("why", own) + "," + text, item + message},
      {thinking("", own) + "," + text, bare + message},
      // Nothing stands behind it.
      {text + "," + thinking("why", own), message},
      {thinking("why", own) + "," + thinking("why", own) + "," + text, item + message},
      {thinking("why", tag_of("ba9876543210", R"({"id":"x","encrypted_content":"g"})")) + "," +
           text,
       message},
      {thinking("why", tag_of("0123456789ab", R"({"signature":"S"})", Dialect::anthropic)) + "," +
           text,
       message},
      {thinking("why", tag_of("0123456789ab", R"({"id":"rs_1"})")) + "," + text, message},
      {thinking("why", "EqQBCgIYAg") + "," + text, message},
      {thinking("why", "ccr1.responses.0123456789ab.%%%") + "," + text, message},
      {R"({"type":"redacted_thinking","data":"x"},)" + text, message},
  };
  const Profile profile = openai();
  for (const Row& row : rows) {
    CAPTURE(row.in);
    const std::string hub = hub_with(R"({"role":"assistant","content":[)" + row.in + "]}");
    CHECK(member(sent(hub, options_of(profile)).body, "input") == "[" + row.out + "]");
  }
}

TEST_CASE("reasoning that did not come back is restored in front of its call") {
  struct Known final : Recall {
    std::string reasoning_of(std::string_view call_id) const override {
      if (call_id != "1") return {};
      return tag_of("0123456789ab", R"({"id":"rs_1","encrypted_content":"gAAA"})");
    }
  };
  const Known known;
  const Profile profile = openai();
  TranslateOptions options = options_of(profile);
  options.recall = &known;
  const std::string hub = hub_with(
      R"({"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{}},)"
      R"({"type":"tool_use","id":"2","name":"f","input":{}}]})");
  std::string types;
  const std::string body = sent(hub, options).body;
  for (const Json& item : Json(body)["input"].items()) types += item["type"].text() + " ";
  CHECK(types ==
        "reasoning function_call function_call function_call_output function_call_output ");
}

TEST_CASE("a past web search is told in words") {
  const std::string hub = hub_with(
      R"({"role":"assistant","content":[{"type":"server_tool_use","id":"s","name":"web_search",)"
      R"("input":{"query":"q"}},{"type":"web_search_tool_result","tool_use_id":"s","content":[)"
      R"({"type":"web_search_result","url":"https://x","title":"T","encrypted_content":"e"}]},)"
      R"({"type":"server_tool_use","id":"c","name":"code_execution","input":{}},)"
      R"({"type":"bash_code_execution_tool_result","tool_use_id":"c","content":{}}]})");
  const Profile profile = openai();
  const Translated translated = sent(hub, options_of(profile));
  const std::string input = member(translated.body, "input");
  CHECK(input.find("code_execution") == std::string::npos);
  std::string said;
  for (const Json& item : Json(input).items()) {
    CHECK(item["role"].is("assistant"));
    for (const Json& part : item["content"].items()) said += part["text"].text();
  }
  for (const std::string word : {"q", "https://x", "T"}) {
    CHECK(said.find(word) != std::string::npos);
  }
}

TEST_CASE("a hosted search is carried where the provider has it") {
  const std::string search =
      R"({"type":"web_search_20250305","name":"web_search","max_uses":8,"allowed_domains":["a"]})";
  const std::string sent_search = R"({"type":"web_search","filters":{"allowed_domains":["a"]}})";
  const std::string f = R"({"name":"f","input_schema":{"type":"object"}})";
  const std::string sent_f =
      R"({"type":"function","name":"f","parameters":{"type":"object"},"strict":false})";
  const std::string force = R"(,"tool_choice":{"type":"tool","name":"web_search"})";
  const auto tools = [](const std::string& list) { return R"("tools":[)" + list + "]"; };
  Profile profile = openai();
  TranslateOptions options = options_of(profile);

  const std::string alone =
      sent(hub_with(hi, tools(search) + R"(,"thinking":{"type":"disabled"})"), options).body;
  CHECK(member(alone, "tools") == "[" + sent_search + "]");
  CHECK(member(alone, "max_tool_calls") == "8");
  CHECK(member(alone, "include") ==
        R"(["reasoning.encrypted_content","web_search_call.action.sources"])");
  CHECK(member(sent(hub_with(hi, tools(search) + force), options).body, "tool_choice") ==
        R"("required")");
  const std::string forced = sent(hub_with(hi, tools(f + "," + search) + force), options).body;
  CHECK(member(forced, "tools") == "[" + sent_f + "," + sent_search + "]");
  CHECK(member(forced, "tool_choice") ==
        R"({"type":"allowed_tools","mode":"required","tools":[{"type":"web_search"}]})");
  const Translated listed = sent(hub_with(hi, tools(f + "," + search)), options);
  CHECK(member(listed.body, "tools") == "[" + sent_f + "]");
  CHECK(listed.dropped == std::vector<std::string>{"web_search_20250305"});
  options.web_search = "always";
  CHECK(member(sent(hub_with(hi, tools(f + "," + search)), options).body, "tools") ==
        "[" + sent_f + "," + sent_search + "]");
  options.web_search = "alone";

  const auto cannot = [&](const std::string& more) {
    return std::holds_alternative<NotCarriable>(to_responses_request(hub_with(hi, more), options));
  };
  CHECK(cannot(tools(R"({"type":"web_search_20250305","name":"web_search",)"
                     R"("blocked_domains":["b"]})")));
  CHECK(cannot(tools(R"({"type":"code_execution_20250522","name":"code_execution"})")));
  CHECK_FALSE(cannot(tools(f)));
  profile.web_search = false;
  CHECK(cannot(tools(search)));
  CHECK(cannot(tools(f + "," + search) + force));
  profile.web_search = true;
  options.web_search = "never";
  CHECK(cannot(tools(search)));
}

TEST_CASE("what the provider cannot have, and what nobody could, is refused") {
  const std::string not_carriable[] = {
      hub_with(hi, R"("mcp_servers":[{"name":"x"}])"),
      hub_with(hi, R"("container":"c")"),
      hub_with(R"({"role":"user","content":[{"type":"image","source":{"type":"file",)"
               R"("file_id":"f"}}]})"),
      hub_with(R"({"role":"user","content":[{"type":"document","source":{"type":"file",)"
               R"("file_id":"f"}}]})"),
      hub_with(R"({"role":"user","content":[{"type":"container_upload","file_id":"f"}]})"),
  };
  const Profile profile = openai();
  for (const std::string& hub : not_carriable) {
    CAPTURE(hub);
    TranslateOptions options = options_of(profile);
    CHECK(std::holds_alternative<NotCarriable>(to_responses_request(hub, options)));
    options.drop_unsupported = true;
    CHECK_FALSE(sent(hub, options).dropped.empty());
  }
  Profile poor = openai();
  poor.images = poor.files = false;
  const std::string media[] = {
      R"({"type":"image","source":{"type":"url","url":"https://x"}})",
      R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"Q"}})",
  };
  for (const std::string& block : media) {
    const std::string hub = hub_with(R"({"role":"user","content":[)" + block + "]}");
    CHECK(std::holds_alternative<NotCarriable>(to_responses_request(hub, options_of(poor))));
    CHECK_FALSE(
        std::holds_alternative<NotCarriable>(to_responses_request(hub, options_of(profile))));
  }
  const std::string refused[] = {
      "{",
      R"({"model":"m"})",
      hub_with(R"({"role":"wizard","content":"x"})"),
      hub_with(R"({"role":"user","content":[{"type":"fancy"}]})"),
      hub_with(R"({"role":"assistant","content":[{"type":"fancy"}]})"),
      hub_with(R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"x"}]})"),
      hub_with(R"({"role":"assistant","content":[{"type":"tool_use","id":"x","input":{}}]})"),
  };
  for (const std::string& hub : refused) {
    CAPTURE(hub);
    const Translation translation = to_responses_request(hub, options_of(profile));
    REQUIRE(std::holds_alternative<Refused>(translation));
    CHECK(std::get<Refused>(translation).status == 400);
  }
}

TEST_CASE("counting sends what is counted and nothing else") {
  const Profile profile = openai();
  const std::string hub =
      R"({"model":"m","messages":[)" + hi +
      R"(],"system":"s","tools":[{"name":"f","input_schema":{"type":"object"}}]})";
  const Translation translation = to_responses_count(hub, options_of(profile));
  CHECK(std::get<Translated>(translation).body ==
        R"({"model":"m","instructions":"s","input":[{"type":"message","role":"user","content":)"
        R"([{"type":"input_text","text":"hi"}]}],"tools":[{"type":"function","name":"f",)"
        R"("parameters":{"type":"object"},"strict":false}]})");
}
