#include <string>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "dialect/json_text.hpp"
#include "dialect/responses_request.hpp"

using namespace ccrelay::dialect;

namespace {

const std::string tag = "ccr1.anthropic.0123456789ab.eyJzaWduYXR1cmUiOiJTSUcifQ";

Translated hub_of(std::string_view body, const TranslateOptions& options = {}) {
  Translation translation = from_responses_request(body, options);
  if (const auto* refused = std::get_if<Refused>(&translation)) {
    FAIL("refused: " + refused->param + ": " + refused->message);
  }
  if (const auto* cannot = std::get_if<NotCarriable>(&translation)) FAIL("not: " + cannot->what);
  return std::get<Translated>(std::move(translation));
}

// One member of the hub's request.
std::string member(const std::string& hub, std::string_view name) {
  return std::string(Json(hub)[name].raw());
}

std::string with_input(std::string_view items) {
  return R"({"model":"m","input":[)" + std::string(items) + "]}";
}

struct Row {
  std::string in;
  std::string out;
};

}  // namespace

TEST_CASE("each field of a Responses request has its place in the hub") {
  struct Field {
    std::string in;
    std::string name;
    std::string value;
  };
  const Field rows[] = {
      {"", "model", R"("m")"},
      {"", "max_tokens", "32000"},
      {"", "system", ""},
      {"", "thinking", ""},
      {"", "output_config", ""},
      {"", "stream", ""},
      {R"("max_output_tokens":100)", "max_tokens", "100"},
      {R"("temperature":0.50)", "temperature", "0.50"},
      {R"("top_p":1e-1)", "top_p", "1e-1"},
      {R"("stream":true)", "stream", "true"},
      {R"("instructions":"be\nkind")", "system", R"([{"type":"text","text":"be\nkind"}])"},
      {R"("instructions":"")", "system", ""},
      {R"("reasoning":{"effort":"none"})", "thinking", R"({"type":"disabled"})"},
      {R"("reasoning":{"effort":"none"})", "output_config", ""},
      {R"("reasoning":{"effort":"minimal","summary":"auto"})", "output_config",
       R"({"effort":"low"})"},
      {R"("reasoning":{"effort":"low","summary":"auto"})", "output_config", R"({"effort":"low"})"},
      {R"("reasoning":{"effort":"medium","summary":"auto"})", "output_config",
       R"({"effort":"medium"})"},
      {R"("reasoning":{"effort":"high","summary":"auto"})", "output_config",
       R"({"effort":"high"})"},
      {R"("reasoning":{"effort":"xhigh","summary":"auto"})", "output_config",
       R"({"effort":"xhigh"})"},
      {R"("reasoning":{"effort":"max","summary":"auto"})", "output_config", R"({"effort":"max"})"},
      {R"("reasoning":{"effort":"high","summary":"auto"})", "thinking", R"({"type":"adaptive"})"},
      {R"("reasoning":{"effort":"high","summary":"none"})", "thinking",
       R"({"type":"adaptive","display":"omitted"})"},
      {R"("reasoning":{"summary":"auto"})", "thinking", ""},
      {R"("text":{"verbosity":"low"})", "output_config", ""},
      {R"("text":{"format":{"type":"json_object"}})", "output_config", ""},
      {R"("text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object","x":1.0}}})",
       "output_config", R"({"format":{"type":"json_schema","schema":{"type":"object","x":1.0}}})"},
      {R"("metadata":{"a":"b"},"store":false,"user":"u","truncation":"auto","unknown":[1])",
       "metadata", ""},
      {R"("parallel_tool_calls":false)", "tool_choice", ""},
  };
  for (const Field& row : rows) {
    const std::string body =
        R"({"model":"m","input":"hi")" + (row.in.empty() ? "" : "," + row.in) + "}";
    CAPTURE(body);
    CHECK(member(hub_of(body).body, row.name) == row.value);
  }
}

TEST_CASE("tools of a Responses client become functions of the hub") {
  const std::string schema =
      R"({"type":"object","properties":{"n":{"const":12345678901234567890}}})";
  const Row rows[] = {
      {R"({"type":"function","name":"f","description":"d","parameters":)" + schema +
           R"(,"strict":false})",
       R"({"name":"f","description":"d","input_schema":)" + schema + "}"},
      {R"({"type":"function","name":"f","parameters":null,"strict":true})",
       R"({"name":"f","input_schema":{"type":"object","properties":{}},"strict":true})"},
      {R"({"type":"function","name":"f","parameters":{"properties":{}}})",
       R"({"name":"f","input_schema":{"type":"object","properties":{}}})"},
      {R"({"type":"custom","name":"apply_patch","description":"Edits.","format":)"
       R"({"type":"grammar","syntax":"lark","definition":"start: x"}})",
       R"({"name":"apply_patch","description":"Edits.\n\n`input` must match this lark grammar:\n)"
       R"(start: x","input_schema":{"type":"object","properties":{"input":{"type":"string"}},)"
       R"("required":["input"]}})"},
      {R"({"type":"custom","name":"c","format":{"type":"text"}})",
       R"({"name":"c","input_schema":{"type":"object","properties":{"input":{"type":"string"}},)"
       R"("required":["input"]}})"},
      {R"({"type":"namespace","name":"ns","description":"","tools":[)"
       R"({"type":"function","name":"f","parameters":{"type":"object"}},)"
       R"({"type":"custom","name":"c"}]})",
       R"({"name":"ns__f","input_schema":{"type":"object"}},)"
       R"({"name":"ns__c","input_schema":{"type":"object","properties":{"input":)"
       R"({"type":"string"}},"required":["input"]}})"},
      {R"({"type":"tool_search","execution":"client","description":"Finds.","parameters":)" +
           schema + "}",
       R"({"name":"tool_search","description":"Finds.","input_schema":)" + schema + "}"},
      // Left out of a list with others; a name that comes twice counts once.
      {R"({"type":"web_search"},{"type":"tool_search","execution":"server"},)"
       R"({"type":"function","name":"f"},{"type":"function","name":"f"})",
       R"({"name":"f","input_schema":{"type":"object","properties":{}}})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.in);
    const std::string body = R"({"model":"m","input":"hi","tools":[)" + row.in + "]}";
    CHECK(member(hub_of(body).body, "tools") == "[" + row.out + "]");
  }
  // Those with a schema of our own: the names and the members count.
  const std::pair<std::string, std::vector<std::string>> shells[] = {
      {"local_shell", {"command", "workdir", "timeout_ms"}},
      {"shell", {"commands", "timeout_ms", "max_output_length"}},
      {"apply_patch", {"type", "path", "diff"}},
  };
  for (const auto& [type, members] : shells) {
    const std::string hub =
        hub_of(R"({"model":"m","input":"hi","tools":[{"type":")" + type + R"("}]})").body;
    Json tool;
    for (const Json& one : Json(hub)["tools"].items()) tool = one;
    CHECK(tool["name"].is(type));
    for (const std::string& name : members) CHECK(tool["input_schema"]["properties"][name]);
  }
}

TEST_CASE("tools come from additional_tools and from found ones, too") {
  const std::string hub =
      hub_of(
          with_input(
              R"({"type":"additional_tools","role":"developer","tools":[)"
              R"({"type":"namespace","name":"n","tools":[{"type":"custom","name":"exec"}]}]},)"
              R"({"role":"user","content":"hi"},)"
              R"({"type":"tool_search_call","call_id":"s","execution":"client","arguments":{"q":1}},)"
              R"({"type":"tool_search_output","call_id":"s","execution":"client","tools":[)"
              R"({"type":"function","name":"found"}]})"))
          .body;
  std::string names;
  for (const Json& tool : Json(hub)["tools"].items()) names += tool["name"].text() + " ";
  CHECK(names == "n__exec found ");
  CHECK(member(hub, "messages") ==
        R"([{"role":"user","content":[{"type":"text","text":"hi"}]},)"
        R"({"role":"assistant","content":[{"type":"tool_use","id":"s","name":"tool_search",)"
        R"("input":{"q":1}}]},{"role":"user","content":[{"type":"tool_result",)"
        R"("tool_use_id":"s","content":"Tools found: found"}]}])");
}

TEST_CASE("tool_choice says the same in the hub") {
  const Row rows[] = {
      {R"("tool_choice":"auto")", R"({"type":"auto"})"},
      {R"("tool_choice":"required")", R"({"type":"any"})"},
      {R"("tool_choice":"none")", R"({"type":"none"})"},
      {R"("tool_choice":{"type":"function","name":"f"})", R"({"type":"tool","name":"f"})"},
      {R"("tool_choice":{"type":"custom","name":"c"})", R"({"type":"tool","name":"c"})"},
      {R"("tool_choice":{"type":"function","name":"f","namespace":"ns"})",
       R"({"type":"tool","name":"ns__f"})"},
      {R"("tool_choice":{"type":"local_shell"})", R"({"type":"tool","name":"local_shell"})"},
      {R"("tool_choice":{"type":"allowed_tools","mode":"required","tools":[)"
       R"({"type":"function","name":"f"}]})",
       R"({"type":"any"})"},
      {R"("parallel_tool_calls":false)", R"({"type":"auto","disable_parallel_tool_use":true})"},
      {R"("parallel_tool_calls":false,"tool_choice":"required")",
       R"({"type":"any","disable_parallel_tool_use":true})"},
      {R"("parallel_tool_calls":true)", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.in);
    const std::string body =
        R"({"model":"m","input":"hi","tools":[{"type":"function","name":"f"},)"
        R"({"type":"custom","name":"c"},{"type":"local_shell"},)"
        R"({"type":"namespace","name":"ns","tools":[{"type":"function","name":"f"}]}],)" +
        row.in + "}";
    CHECK(member(hub_of(body).body, "tool_choice") == row.out);
  }
  const std::string allowed =
      hub_of(R"({"model":"m","input":"hi","tools":[{"type":"function","name":"f"},)"
             R"({"type":"function","name":"g"},{"type":"local_shell"}],"tool_choice":)"
             R"({"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"g"},)"
             R"({"type":"local_shell"}]}})")
          .body;
  std::string names;
  for (const Json& tool : Json(allowed)["tools"].items()) names += tool["name"].text() + " ";
  CHECK(names == "g local_shell ");
}

TEST_CASE("each item of the input has its block in the hub") {
  const std::string user = R"({"role":"user","content":[)";
  const Row rows[] = {
      {R"({"role":"user","content":"hi"})", user + R"({"type":"text","text":"hi"}]})"},
      {R"({"type":"message","role":"user","content":[{"type":"input_text","text":"a"},)"
       R"({"type":"input_text","text":""},{"type":"input_text","text":"b"}]})",
       user + R"({"type":"text","text":"a"},{"type":"text","text":"b"}]})"},
      {R"({"role":"user","content":[{"type":"input_image","detail":"auto",)"
       R"("image_url":"data:image/png;base64,QUJD"}]})",
       user + R"({"type":"image","source":{"type":"base64","media_type":"image/png",)"
              R"("data":"QUJD"}}]})"},
      {R"({"role":"user","content":[{"type":"input_image","image_url":"https://x/y.png"}]})",
       user + R"({"type":"image","source":{"type":"url","url":"https://x/y.png"}}]})"},
      {R"({"role":"user","content":[{"type":"input_file","filename":"a.pdf",)"
       R"("file_data":"data:application/pdf;base64,QUJD"}]})",
       user + R"({"type":"document","source":{"type":"base64","media_type":"application/pdf",)"
              R"("data":"QUJD"},"title":"a.pdf"}]})"},
      {R"({"role":"user","content":[{"type":"input_file","filename":"a.txt",)"
       R"("file_data":"data:text/plain;base64,QUJD"}]})",
       user + R"({"type":"document","source":{"type":"text","media_type":"text/plain",)"
              R"("data":"ABC"},"title":"a.txt"}]})"},
      {R"({"role":"user","content":[{"type":"input_file","file_url":"https://x/y.pdf"}]})",
       user + R"({"type":"document","source":{"type":"url","url":"https://x/y.pdf"}}]})"},
      // A system message further on stays where it is.
      {R"({"role":"user","content":"a"},{"role":"developer","content":[)"
       R"({"type":"input_text","text":"b"}]})",
       user + R"({"type":"text","text":"a"},)"
              R"({"type":"text","text":"<system-reminder>\nb\n</system-reminder>"}]})"},
      {R"({"type":"message","role":"assistant","id":"msg_1","status":"completed","content":[)"
       R"({"type":"output_text","text":"a","annotations":[]},{"type":"refusal","refusal":"b"}]})",
       R"({"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})"},
      {R"({"role":"assistant","content":"a"})",
       R"({"role":"assistant","content":[{"type":"text","text":"a"}]})"},
      {R"({"role":"user","content":""},{"role":"user","content":"a"})",
       user + R"({"type":"text","text":"a"}]})"},
      // Reasoning with our tag comes back as it was; another's cannot be opened here.
      {R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"why"}],)"
       R"("content":null,"encrypted_content":")" +
           tag + R"("},{"role":"assistant","content":"a"})",
       R"({"role":"assistant","content":[{"type":"thinking","thinking":"why","signature":")" + tag +
           R"("},{"type":"text","text":"a"}]})"},
      {R"({"type":"reasoning","summary":[],"encrypted_content":"gAAAA"},)"
       R"({"role":"assistant","content":"a"})",
       R"({"role":"assistant","content":[{"type":"text","text":"a"}]})"},
      // A search of before is told in words.
      {R"({"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search",)"
       R"("query":"q","sources":[{"type":"url","url":"https://a.example/x"}]}},)"
       R"({"role":"assistant","content":"a"})",
       R"({"role":"assistant","content":[{"type":"text","text":)"
       R"("[Web search: q]\n- https://a.example/x"},{"type":"text","text":"a"}]})"},
      // Hosted tools' past is left out.
      {R"({"role":"user","content":"a"},{"type":"code_interpreter_call","id":"1","code":"1","outputs":[]},)"
       R"({"type":"file_search_call","id":"2","queries":["x"]},{"type":"computer_call","call_id":"k"},)"
       R"({"type":"computer_call_output","call_id":"k","output":{"type":"computer_screenshot"}},)"
       R"({"type":"image_generation_call","id":"3","result":"AA=="},{"type":"mcp_list_tools","tools":[]},)"
       R"({"type":"mcp_approval_request","id":"4"},{"type":"mcp_approval_response","approve":true},)"
       R"({"type":"mcp_call","id":"5","name":"n","arguments":"{}","output":"o"})",
       user + R"({"type":"text","text":"a"}]})"},
      {R"({"role":"user","content":"a"},{"type":"web_search_call","id":"ws_1","status":"completed"},)"
       R"({"type":"tool_search_call","execution":"server","arguments":{}},)"
       R"({"type":"tool_search_output","execution":"server","tools":[]})",
       user + R"({"type":"text","text":"a"}]})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.in);
    CHECK(member(hub_of(with_input(row.in)).body, "messages") == "[" + row.out + "]");
  }
}

TEST_CASE("leading system and developer messages are the system prompt, a block for each part") {
  const std::string hub =
      hub_of(R"({"model":"m","instructions":"a","input":[{"role":"system","content":"b"},)"
             R"({"type":"message","role":"developer","content":[{"type":"input_text","text":"c"},)"
             R"({"type":"input_text","text":"d"}]},{"role":"user","content":"hi"}]})")
          .body;
  CHECK(member(hub, "system") == R"([{"type":"text","text":"a"},{"type":"text","text":"b"},)"
                                 R"({"type":"text","text":"c"},{"type":"text","text":"d"}])");
}

TEST_CASE("calls of each kind and what came of them") {
  struct Call {
    std::string item;
    std::string name;
    std::string input;
    std::string output;
    std::string result;  // members of the block behind the id
  };
  const Call rows[] = {
      {R"("type":"function_call","id":"fc_1","name":"f","arguments":"{\"n\":12345678901234567890}")",
       "f", R"({"n":12345678901234567890})", R"("type":"function_call_output","output":"ok")",
       R"("content":"ok")"},
      {R"("type":"function_call","name":"f","arguments":"")", "f", "{}",
       R"("type":"function_call_output","output":"")", R"("content":"")"},
      {R"("type":"function_call","name":"f","arguments":"[1]")", "f", R"({"raw_arguments":"[1]"})",
       R"("type":"function_call_output","output":[{"type":"input_text","text":"t"},)"
       R"({"type":"input_image","image_url":"data:image/png;base64,QUJD"}])",
       R"("content":[{"type":"text","text":"t"},{"type":"image","source":{"type":"base64",)"
       R"("media_type":"image/png","data":"QUJD"}}])"},
      {R"("type":"function_call","name":"f","namespace":"ns","arguments":"{}")", "ns__f", "{}",
       R"("type":"function_call_output","output":"ok")", R"("content":"ok")"},
      {R"("type":"custom_tool_call","name":"c","input":"*** \"x\"\n")", "c",
       R"({"input":"*** \"x\"\n"})", R"("type":"custom_tool_call_output","output":"ok")",
       R"("content":"ok")"},
      {R"("type":"local_shell_call","action":{"type":"exec","command":["ls","-l"],"env":{},)"
       R"("timeout_ms":5,"working_directory":"/w"})",
       "local_shell", R"({"command":["ls","-l"],"workdir":"/w","timeout_ms":5})",
       R"("type":"local_shell_call_output","output":"a b")", R"("content":"a b")"},
      {R"("type":"shell_call","action":{"commands":["ls"],"timeout_ms":5})", "shell",
       R"({"commands":["ls"],"timeout_ms":5})",
       R"("type":"shell_call_output","output":[{"stdout":"a\n","stderr":"b","outcome":)"
       R"({"type":"exit","exit_code":2}}])",
       R"x("content":"a\nb\n(exit code 2)")x"},
      {R"("type":"apply_patch_call","operation":{"type":"delete_file","path":"p"})", "apply_patch",
       R"({"type":"delete_file","path":"p"})",
       R"("type":"apply_patch_call_output","status":"failed","output":"no such file")",
       R"("content":"no such file","is_error":true)"},
      {R"("type":"tool_search_call","execution":"client","arguments":{"query":"q"})", "tool_search",
       R"({"query":"q"})", R"("type":"tool_search_output","execution":"client","tools":[])",
       R"("content":"No tools found.")"},
      {R"("type":"function_call","name":"f","arguments":"{}")", "f", "{}", "",
       R"x("content":"(no result)")x"},
  };
  for (const Call& row : rows) {
    CAPTURE(row.item);
    std::string items = R"({"call_id":"call_1",)" + row.item + "}";
    if (!row.output.empty()) items += R"(,{"call_id":"call_1",)" + row.output + "}";
    CHECK(member(hub_of(with_input(items)).body, "messages") ==
          R"([{"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":")" +
              row.name + R"(","input":)" + row.input +
              R"(}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1",)" +
              row.result + "}]}]");
  }
}

TEST_CASE("what the relay cannot do for a Responses client is refused, and the field named") {
  struct Refusal {
    std::string body;
    std::string param;
    std::string code;
  };
  const Refusal rows[] = {
      {"{", "", ""},
      {"[]", "", ""},
      {R"({"model":"m"})", "input", ""},
      {R"({"model":"m","input":"x","previous_response_id":"resp_1"})", "previous_response_id",
       "previous_response_not_found"},
      {R"({"model":"m","input":"x","conversation":"c"})", "conversation", ""},
      {R"({"model":"m","input":"x","prompt":{"id":"p"}})", "prompt", ""},
      {R"({"model":"m","input":"x","background":true})", "background", ""},
      {with_input(R"({"type":"item_reference","id":"x"})"), "input[0].type", ""},
      {with_input(R"({"role":"user","content":"a"},{"type":"fancy"})"), "input[1].type", ""},
      {with_input(R"({"role":"tool","content":"a"})"), "input[0].role", ""},
      {with_input(R"({"role":"user","content":[{"type":"fancy"}]})"), "input[0].content", ""},
      {with_input(R"({"type":"function_call","call_id":"c","arguments":"{}"})"), "input[0].name",
       ""},
      {with_input(R"({"type":"function_call_output","call_id":"c","output":"x"})"), "input", ""},
  };
  for (const Refusal& row : rows) {
    CAPTURE(row.body);
    const Translation translation = from_responses_request(row.body, {});
    const auto* refused = std::get_if<Refused>(&translation);
    REQUIRE(refused);
    CHECK(refused->status == 400);
    CHECK(refused->param == row.param);
    CHECK(refused->code == row.code);
    CHECK_FALSE(refused->message.empty());
  }
}

TEST_CASE("what only some providers carry is told, or left out where the settings say so") {
  const std::string rows[] = {
      with_input(R"({"role":"user","content":[{"type":"input_image","file_id":"f"}]})"),
      with_input(R"({"role":"user","content":[{"type":"input_file","file_id":"f"}]})"),
      with_input(R"({"role":"user","content":[{"type":"input_audio","input_audio":{}}]})"),
      R"({"model":"m","input":"x","top_logprobs":2})",
      R"({"model":"m","input":"x","include":["message.output_text.logprobs"]})",
      R"({"model":"m","input":"x","tools":[{"type":"code_interpreter"}]})",
      R"({"model":"m","input":"x","tools":[{"type":"function","name":"f"},)"
      R"({"type":"file_search"}],"tool_choice":{"type":"file_search"}})",
      R"({"model":"m","input":"x","tools":[{"type":"web_search","external_web_access":false}]})",
  };
  for (const std::string& body : rows) {
    CAPTURE(body);
    const Translation translation = from_responses_request(body, {});
    CHECK(std::holds_alternative<NotCarriable>(translation));
    TranslateOptions options;
    options.drop_unsupported = true;
    const Translated dropped = hub_of(body, options);
    CHECK_FALSE(dropped.dropped.empty());
  }
}

TEST_CASE("a web search is carried alone, forced, always or never") {
  const std::string search =
      R"({"type":"web_search_20250305","name":"web_search","max_uses":3,)"
      R"("allowed_domains":["a.org"],"user_location":{"type":"approximate","city":"X"}})";
  const std::string tool = R"({"type":"web_search","filters":{"allowed_domains":["a.org"]},)"
                           R"("user_location":{"type":"approximate","city":"X"}})";
  const std::string alone = R"({"model":"m","input":"x","max_tool_calls":3,"tools":[)" + tool + "]";
  const std::string listed =
      R"({"model":"m","input":"x","max_tool_calls":3,"tools":[{"type":"function","name":"f"},)" +
      tool + "]";
  const std::string f = R"({"name":"f","input_schema":{"type":"object","properties":{}}})";
  CHECK(member(hub_of(alone + "}").body, "tools") == "[" + search + "]");
  CHECK(member(hub_of(alone + R"(,"tool_choice":"required"})").body, "tool_choice") ==
        R"({"type":"tool","name":"web_search"})");
  const Translated left = hub_of(listed + "}");
  CHECK(member(left.body, "tools") == "[" + f + "]");
  CHECK(left.dropped == std::vector<std::string>{"web_search"});
  const std::string forced = hub_of(listed + R"(,"tool_choice":{"type":"web_search"}})").body;
  CHECK(member(forced, "tools") == "[" + f + "," + search + "]");
  CHECK(member(forced, "tool_choice") == R"({"type":"tool","name":"web_search"})");
  TranslateOptions options;
  options.web_search = "always";
  CHECK(member(hub_of(listed + "}", options).body, "tools") == "[" + f + "," + search + "]");
  options.web_search = "never";
  CHECK(std::holds_alternative<NotCarriable>(from_responses_request(alone + "}", options)));
}

TEST_CASE("counting takes the same body without limits, and its answers turn into each other") {
  const Translation translation = from_responses_count(
      R"({"model":"m","input":"hi","instructions":"i","max_output_tokens":9,"stream":true})", {});
  CHECK(std::get<Translated>(translation).body ==
        R"({"model":"m","system":[{"type":"text","text":"i"}],)"
        R"("messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]})");
  CHECK(to_responses_count_answer(R"({"input_tokens":12})") ==
        R"({"object":"response.input_tokens","input_tokens":12})");
  CHECK(from_responses_count_answer(R"({"object":"response.input_tokens","input_tokens":12})") ==
        R"({"input_tokens":12})");
  CHECK_FALSE(to_responses_count_answer("{}"));
  CHECK_FALSE(from_responses_count_answer("<html>"));
}
