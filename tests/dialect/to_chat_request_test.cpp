#include <string>
#include <variant>

#include "catch.hpp"
#include "dialect/chat_request.hpp"
#include "dialect/findings.hpp"
#include "dialect/profile.hpp"
#include "translation.hpp"

using namespace ccrelay::dialect;

namespace {

const std::string one_tool =
    R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object","properties":{}}}])";

Translation chat_request(const std::string& members, const Profile& profile = {},
                         TranslateOptions options = {}) {
  options.profile = &profile;
  return to_chat_request(R"({"model":"m","messages":[{"role":"user","content":"a"}])" +
                             (members.empty() ? "" : "," + members) + "}",
                         options);
}

// What stands behind the messages.
std::string chat_members(const std::string& members, const Profile& profile = {},
                         const TranslateOptions& options = {}) {
  const std::string body = body_of(chat_request(members, profile, options));
  const std::string head = R"({"model":"m","messages":[{"role":"user","content":"a"}])";
  if (body.rfind(head, 0) != 0) return body;
  return body.substr(head.size(), body.size() - head.size() - 1);
}

}  // namespace

TEST_CASE("each member of an Anthropic request has its place in chat's", "[dialect]") {
  struct Row {
    const char* hub;
    const char* chat;
    const char* dropped;
  };
  for (
      const Row& row : {
          Row{"", "", ""},
          Row{R"("max_tokens":64000)", R"(,"max_tokens":64000)", ""},
          Row{R"("temperature":1.0,"top_p":0.5e0,"top_k":5)", R"(,"temperature":1.0,"top_p":0.5e0)",
              "top_k"},
          Row{R"("stop_sequences":["a","b","c","d","e"])", R"(,"stop":["a","b","c","d"])",
              "stop_sequences"},
          Row{R"("stream":true)", R"(,"stream":true,"stream_options":{"include_usage":true})", ""},
          Row{R"("stream":false)", "", ""},
          Row{R"("output_config":{"format":{"type":"json_schema","schema":{"a":1.0}}})",
              R"(,"response_format":{"type":"json_schema","json_schema":{"name":"output","schema":{"a":1.0},"strict":false}})",
              ""},
          Row{R"("metadata":{"user_id":"u"},"service_tier":"auto","context_management":{})", "",
              "service_tier, context_management"},
          Row{R"("mcp_servers":[])", "", "mcp_servers"},
          Row{R"("mcp_servers":[{}])", "not carriable mcp_servers: MCP servers", ""},
          Row{R"("container":"c")", "not carriable container: a container", ""},
      }) {
    CAPTURE(row.hub);
    CHECK(chat_members(row.hub) == row.chat);
    CHECK(dropped_of(chat_request(row.hub)) == row.dropped);
  }
}

TEST_CASE("a profile says how the members of a chat request are", "[dialect]") {
  Profile profile;
  profile.max_tokens_field = "max_completion_tokens";
  profile.max_output_tokens = 100;
  profile.stream_usage = false;
  profile.cache_key = true;
  TranslateOptions options;
  options.cache_key = "k";
  CHECK(chat_members(R"("max_tokens":64000,"stream":true)", profile, options) ==
        R"(,"max_completion_tokens":100,"stream":true,"prompt_cache_key":"k")");
  options.max_output_tokens = 50;
  CHECK(chat_members(R"("max_tokens":64000)", profile, options) ==
        R"(,"max_completion_tokens":50,"prompt_cache_key":"k")");
  options.model = "other";
  CHECK(member_of(chat_request("", profile, options), "model") == "\"other\"");

  profile = {};
  profile.drop = {"temperature", "top_p", "stop"};
  profile.drop_when_thinking = {"temperature", "stop"};
  profile.efforts = {"none", "low", "high"};
  profile.effort_field = "reasoning_effort";
  const std::string sampling = R"("temperature":1,"top_p":1,"stop_sequences":["x"])";
  CHECK(chat_members(sampling, profile).empty());
  CHECK(dropped_of(chat_request(sampling, profile)) == "temperature, top_p, stop_sequences");
  CHECK(chat_members(sampling + R"(,"thinking":{"type":"disabled"})", profile) ==
        R"(,"temperature":1,"stop":["x"],"reasoning_effort":"none")");

  // Beside tools the model does not think at all, whatever was asked.
  profile.effort_with_tools = "none";
  CHECK(chat_members(R"("temperature":1,"tools":[{"name":"f"}])", profile)
            .rfind(R"(,"temperature":1,"tools")", 0) == 0);

  profile = {};
  profile.response_format = "json_object";
  const std::string format = R"("output_config":{"format":{"type":"json_schema","schema":{}}})";
  CHECK(chat_members(format, profile) == R"(,"response_format":{"type":"json_object"})");
  profile.response_format = "";
  CHECK(chat_members(format, profile).empty());
  profile.stop_max = 0;
  CHECK(chat_members(R"("stop_sequences":["x"])", profile).empty());
  profile.sampling = false;
  CHECK(chat_members(R"("temperature":1)", profile).empty());
}

TEST_CASE("thinking becomes an effort in the profile's field", "[dialect]") {
  struct Row {
    const char* field;
    const char* hub;
    const char* chat;
  };
  for (const Row& row : {
           Row{"reasoning_effort", R"("thinking":{"type":"adaptive"})", ""},
           Row{"reasoning_effort", R"("output_config":{"effort":"max"})",
               R"(,"reasoning_effort":"high")"},
           Row{"reasoning_effort", R"("thinking":{"type":"enabled","budget_tokens":2000})",
               R"(,"reasoning_effort":"low")"},
           Row{"reasoning", R"("output_config":{"effort":"medium"})",
               R"(,"reasoning":{"effort":"medium"})"},
           Row{"thinking", R"("thinking":{"type":"disabled"})",
               R"(,"thinking":{"type":"disabled"})"},
           Row{"", R"("output_config":{"effort":"high"})", ""},
       }) {
    CAPTURE(row.field, row.hub);
    Profile profile;
    profile.effort_field = row.field;
    profile.efforts = {"none", "low", "medium", "high"};
    CHECK(chat_members(row.hub, profile) == row.chat);
  }
}

TEST_CASE("tools become functions", "[dialect]") {
  struct Row {
    const char* what;
    const char* hub;
    const char* chat;
    const char* dropped;
  };
  const char* const f =
      R"(,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}])";
  for (
      const Row& row : {
          Row{"all of it",
              R"("tools":[{"type":"custom","name":"f","description":"d\u0041","input_schema":{"type":"object","n":1.0},"strict":true,"cache_control":{"type":"ephemeral"}}])",
              R"(,"tools":[{"type":"function","function":{"name":"f","description":"d\u0041","parameters":{"type":"object","n":1.0}}}])",
              "strict"},
          Row{"without a schema", R"("tools":[{"name":"f"}])", f, ""},
          Row{"hosted ones beside it",
              R"("tools":[{"type":"web_search_20250305","name":"web_search"},{"name":"f"}])", f,
              "web_search_20250305"},
          Row{"a hosted one alone",
              R"("tools":[{"type":"web_search_20250305","name":"web_search"}])",
              "not carriable tools: web_search_20250305", ""},
          Row{"a hosted one forced",
              R"("tools":[{"type":"web_search_20250305","name":"web_search"},{"name":"f"}],"tool_choice":{"type":"tool","name":"web_search"})",
              "not carriable tools: web_search_20250305", ""},
          Row{"none", R"("tools":[],"tool_choice":{"type":"auto"})", "", ""},
      }) {
    CAPTURE(row.what);
    CHECK(chat_members(row.hub) == row.chat);
    CHECK(dropped_of(chat_request(row.hub)) == row.dropped);
  }
  Profile profile;
  profile.strict = true;
  CHECK(
      chat_members(R"("tools":[{"name":"f","strict":true}])", profile) ==
      R"(,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{},"additionalProperties":false},"strict":true}}])");
  profile.tools_max = 1;
  CHECK(chat_members(R"("tools":[{"name":"f"},{"name":"g"}])", profile) ==
        "not carriable tools: more than 1 tools");
}

TEST_CASE("tool_choice is said in the words that the profile has", "[dialect]") {
  struct Row {
    std::vector<std::string> words;
    const char* hub;
    const char* chat;
  };
  const std::vector<std::string> all{"auto", "none", "required", "function"};
  for (const Row& row : {
           Row{all, R"({"type":"auto"})", R"(,"tool_choice":"auto")"},
           Row{all, R"({"type":"any"})", R"(,"tool_choice":"required")"},
           Row{all, R"({"type":"none"})", R"(,"tool_choice":"none")"},
           Row{all, R"({"type":"tool","name":"f"})",
               R"(,"tool_choice":{"type":"function","function":{"name":"f"}})"},
           Row{all, R"({"type":"auto","disable_parallel_tool_use":true})",
               R"(,"tool_choice":"auto","parallel_tool_calls":false)"},
           Row{{"auto", "none", "any"}, R"({"type":"any"})", R"(,"tool_choice":"any")"},
           Row{{"auto", "none"}, R"({"type":"any"})", R"(,"tool_choice":"auto")"},
           Row{{"auto", "none"}, R"({"type":"tool","name":"f"})", R"(,"tool_choice":"auto")"},
           Row{{}, R"({"type":"any"})", ""},
       }) {
    CAPTURE(row.hub);
    Profile profile;
    profile.tool_choice = row.words;
    const std::string tools =
        R"(,"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{}}}}])";
    CHECK(chat_members(one_tool + R"(,"tool_choice":)" + row.hub, profile) == tools + row.chat);
  }
  Profile profile;
  profile.parallel_tool_calls = false;
  const std::string without = chat_members(
      one_tool + R"(,"tool_choice":{"type":"auto","disable_parallel_tool_use":true})", profile);
  CHECK(without.find("parallel_tool_calls") == std::string::npos);
}

TEST_CASE("a name that chat does not take is another everywhere, and maps back", "[dialect]") {
  const std::string name(70, 'x');
  const Translation translation = to_chat_request(
      R"({"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","id":"1","name":")" +
          name + R"(","input":{}}]}],"tools":[{"name":")" + name +
          R"("}],"tool_choice":{"type":"tool","name":")" + name + R"("}})",
      {});
  const std::string body = body_of(translation);
  CHECK(body.find(name) == std::string::npos);
  const Json json = Json::read(body);
  const std::string sent = json["tool_choice"]["function"]["name"].text();
  CHECK(sent.size() == 64);
  for (const Json& tool : json["tools"].items()) CHECK(tool["function"]["name"].text() == sent);
  CHECK(std::get<Translated>(translation).context.names.back(sent) == name);
}

TEST_CASE("a body that is no request is refused", "[dialect]") {
  CHECK(body_of(to_chat_request("", {})).rfind("refused 400 : the body is not JSON", 0) == 0);
  CHECK(body_of(to_chat_request("[]", {})) == "refused 400 : the body is not a JSON object");
  CHECK(body_of(to_chat_request("{}", {})) == "refused 400 messages: messages: Field required");
}

TEST_CASE("of the members that nobody knows no more are kept than are shown", "[dialect]") {
  std::string members = R"("top_k":5)";
  for (int i = 0; i < 500; ++i) members += ",\"unknown_" + std::to_string(i) + "\":1";
  const Translation done = chat_request(members);
  const auto& dropped = std::get<Translated>(done).dropped;
  CHECK(dropped.size() == Findings::dropped_max);
  CHECK(dropped.front() == "top_k");
  CHECK(dropped.back() == "unknown_62");
}
