#include "dialect/anthropic_request.hpp"

#include <string>

#include "catch.hpp"
#include "dialect/ids.hpp"
#include "dialect/profile.hpp"
#include "dialect/tags.hpp"
#include "translation.hpp"

using namespace ccrelay::dialect;

namespace {

const std::string own_issuer = "0123456789ab";

Translation last_step(const std::string& body, const Profile& profile = {}, bool cache = false) {
  TranslateOptions options;
  options.profile = &profile;
  options.issuer = own_issuer;
  options.auto_cache = cache;
  return to_anthropic_request(body, options);
}

// What is sent for these members, behind model and messages.
std::string sent_members(const std::string& members, const Profile& profile = {}) {
  const std::string body = body_of(last_step(
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],)" +
          members + "}",
      profile));
  const std::string head =
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],)";
  return body.rfind(head, 0) == 0 ? body.substr(head.size(), body.size() - head.size() - 1) : body;
}

std::string sent_messages(const std::string& messages) {
  return member_of(last_step(R"({"model":"m","messages":)" + messages + "}"), "messages");
}

std::string tag_of(Dialect dialect, const std::string& data,
                   const std::string& issuer = own_issuer) {
  return make_tag({dialect, issuer, data});
}

// An assistant's message with this signature, text behind it.
std::string signed_message(const std::string& signature) {
  return R"([{"role":"assistant","content":[{"type":"thinking","thinking":"shown","signature":")" +
         signature + R"("},{"type":"text","text":"a"}]}])";
}

}  // namespace

TEST_CASE("only the provider's own thinking goes back to Anthropic", "[dialect]") {
  struct Row {
    const char* what;
    std::string signature;
    std::string block;
  };
  for (const Row& row : {
           Row{"untagged", "EqQB", R"({"type":"thinking","thinking":"shown","signature":"EqQB"},)"},
           Row{"its own tag, whose text wins",
               tag_of(Dialect::anthropic, R"({"signature":"sig","thinking":"was"})"),
               R"({"type":"thinking","thinking":"was","signature":"sig"},)"},
           Row{"its own tag without a text", tag_of(Dialect::anthropic, R"({"signature":"sig"})"),
               R"({"type":"thinking","thinking":"shown","signature":"sig"},)"},
           Row{"redacted", tag_of(Dialect::anthropic, R"({"redacted":"d"})"),
               R"({"type":"redacted_thinking","data":"d"},)"},
           Row{"another issuer's",
               tag_of(Dialect::anthropic, R"({"signature":"sig"})", "ffffffffffff"), ""},
           Row{"another dialect's", tag_of(Dialect::chat, R"({"field":"reasoning"})"), ""},
           Row{"a damaged tag", "ccr1.anthropic.0123456789ab.%%", ""},
           Row{"none", "", ""},
       }) {
    CAPTURE(row.what);
    CHECK(sent_messages(signed_message(row.signature)) ==
          R"([{"role":"assistant","content":[)" + row.block + R"({"type":"text","text":"a"}]}])");
  }
}

TEST_CASE("no thinking goes to Anthropic where it was refused", "[dialect]") {
  TranslateOptions options;
  options.issuer = own_issuer;
  options.without_reasoning = true;
  options.auto_cache = false;
  const std::string thinking = R"({"type":"thinking","thinking":"hm","signature":")";
  const std::string body =
      R"({"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","content":[)" +
      thinking + R"(EqQB"}]},{"role":"user","content":"r"},{"role":"assistant","content":[)" +
      thinking + tag_of(Dialect::anthropic, R"({"signature":"sig"})") +
      R"("},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"a"}]}]})";
  CHECK(member_of(to_anthropic_request(body, options), "messages") ==
        R"([{"role":"user","content":[{"type":"text","text":"q"},{"type":"text","text":"r"}]},)"
        R"({"role":"assistant","content":[{"type":"text","text":"a"}]}])");
}

TEST_CASE("messages are put in Anthropic's order, ids and names made to fit", "[dialect]") {
  struct Row {
    const char* what;
    std::string hub;
    std::string sent;
  };
  const std::string odd = "functions.f:0";
  const std::string id = id_for(IdForm::anthropic, odd);
  for (
      const Row& row : {
          Row{"users in a row, a message that is left without content",
              R"([{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"ccr1.chat.ffffffffffff.e30"}]},{"role":"user","content":[{"type":"text","text":"b"}]}])",
              R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])"},
          Row{"an id that does not fit, in the call and in its result",
              R"([{"role":"assistant","content":[{"type":"tool_use","id":")" + odd +
                  R"(","name":"f","input":{"n":1.0}}]},{"role":"user","content":[{"type":"text","text":"b"},{"type":"tool_result","tool_use_id":")" +
                  odd + R"(","content":"r","is_error":true}]}])",
              R"([{"role":"assistant","content":[{"type":"tool_use","id":")" + id +
                  R"(","name":"f","input":{"n":1.0}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":")" +
                  id + R"(","content":"r","is_error":true},{"type":"text","text":"b"}]}])"},
          Row{"a search that another provider made",
              R"([{"role":"assistant","content":[{"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","url":"U","title":"T","encrypted_content":")" +
                  tag_of(Dialect::responses, R"({"url":"U"})") +
                  R"("}]},{"type":"text","text":"a","citations":[{"type":"web_search_result_location","encrypted_index":")" +
                  tag_of(Dialect::responses, R"({"url":"U"})") + R"("}]}]}])",
              R"([{"role":"assistant","content":[{"type":"text","text":"[Web search: q]\n- T: U"},{"type":"text","text":"a"}]}])"},
          Row{"a search of its own",
              R"([{"role":"assistant","content":[{"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","encrypted_content":"x"}]},{"type":"text","text":"a","citations":[{"encrypted_index":"y"}]}]}])",
              R"([{"role":"assistant","content":[{"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","encrypted_content":"x"}]},{"type":"text","text":"a","citations":[{"encrypted_index":"y"}]}]}])"},
      }) {
    CAPTURE(row.what);
    CHECK(sent_messages(row.hub) == row.sent);
  }
  const Translation named = last_step(
      R"({"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"a.b","input":{}}]}],)"
      R"("tools":[{"name":"a.b","input_schema":{"n":1.0}}],"tool_choice":{"type":"tool","name":"a.b"}})");
  const std::string body = body_of(named);
  CHECK(body.find("\"a.b\"") == std::string::npos);
  const std::string name = Json::read(body)["tool_choice"]["name"].text();
  CHECK(body.find(R"("tools":[{"name":")" + name + R"(","input_schema":{"n":1.0}}])") !=
        std::string::npos);
  CHECK(std::get<Translated>(named).context.names.back(name) == "a.b");
}

TEST_CASE("sampling as the model takes it", "[dialect]") {
  struct Row {
    const char* hub;
    const char* sent;
    const char* dropped;
  };
  for (const Row& row : {
           Row{R"("temperature":0.50)", R"("max_tokens":9,"temperature":0.50)", ""},
           Row{R"("temperature":1.7)", R"("max_tokens":9,"temperature":1)", ""},
           Row{R"("temperature":-0.5)", R"("max_tokens":9,"temperature":0)", ""},
           Row{R"("temperature":1,"top_p":0.9,"top_k":5)", R"("max_tokens":9,"temperature":1)",
               "top_p, top_k"},
           Row{R"("top_p":0.9,"top_k":5)", R"("max_tokens":9,"top_p":0.9)", "top_k"},
           Row{R"("top_k":5)", R"("max_tokens":9,"top_k":5)", ""},
           Row{R"("temperature":1,"thinking":{"type":"adaptive"})",
               R"("max_tokens":9,"thinking":{"type":"adaptive"})", "temperature"},
           Row{R"("temperature":1,"thinking":{"type":"disabled"})",
               R"("max_tokens":9,"thinking":{"type":"disabled"},"temperature":1)", ""},
       }) {
    CAPTURE(row.hub);
    const std::string members = R"("max_tokens":9,)" + std::string(row.hub);
    CHECK(sent_members(members) == row.sent);
    CHECK(dropped_of(last_step(R"({"messages":[],)" + members + "}")) == row.dropped);
  }
  Profile profile;
  profile.sampling = false;
  CHECK(sent_members(R"("max_tokens":9,"temperature":1)", profile) == R"("max_tokens":9)");
}

TEST_CASE("thinking and forced calls as the model takes them", "[dialect]") {
  Profile plain;
  Profile budgets;
  budgets.adaptive_thinking = false;
  Profile unforced;
  unforced.forced_tool_choice = false;
  Profile always;
  always.disabled_thinking = false;
  const std::string tool = R"("tools":[{"name":"f"}],)";
  struct Row {
    const char* what;
    const Profile& profile;
    std::string hub;
    std::string sent;
  };
  for (
      const Row& row : {
          Row{"adaptive with effort and format", plain,
              R"("max_tokens":9,"thinking":{"type":"adaptive"},"output_config":{"effort":"low","format":{"a":1}})",
              R"("max_tokens":9,"thinking":{"type":"adaptive"},"output_config":{"effort":"low","format":{"a":1}})"},
          Row{"a budget instead, and room for it", budgets,
              R"("max_tokens":9,"thinking":{"type":"adaptive"},"output_config":{"effort":"low"})",
              R"("max_tokens":2057,"thinking":{"type":"enabled","budget_tokens":2048})"},
          Row{"a forced call switches it off", plain,
              tool +
                  R"("max_tokens":9,"tool_choice":{"type":"any"},"thinking":{"type":"adaptive"})",
              R"("tools":[{"name":"f"}],"tool_choice":{"type":"any"},"max_tokens":9,"thinking":{"type":"disabled"})"},
          Row{"a call cannot be forced, so thinking stays", unforced,
              tool +
                  R"("max_tokens":9,"tool_choice":{"type":"tool","name":"f"},"thinking":{"type":"adaptive"})",
              R"("tools":[{"name":"f"}],"tool_choice":{"type":"auto"},"max_tokens":9,"thinking":{"type":"adaptive"})"},
          Row{"it cannot be disabled", always, R"("max_tokens":9,"thinking":{"type":"disabled"})",
              R"("max_tokens":9,"output_config":{"effort":"low"})"},
          Row{"parallel calls are switched off all the same", plain,
              tool +
                  R"("max_tokens":9,"tool_choice":{"type":"auto","disable_parallel_tool_use":true})",
              R"("tools":[{"name":"f"}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true},"max_tokens":9)"},
      }) {
    CAPTURE(row.what);
    CHECK(sent_members(row.hub, row.profile) == row.sent);
  }
  Profile small = budgets;
  small.max_output_tokens = 2000;
  CHECK(sent_members(R"("max_tokens":64000,"thinking":{"type":"enabled","budget_tokens":9000})",
                     small) ==
        R"("max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":1999})");
  small.max_output_tokens = 500;
  CHECK(sent_members(R"("max_tokens":64000,"thinking":{"type":"enabled","budget_tokens":9000})",
                     small) == R"("max_tokens":500,"thinking":{"type":"disabled"})");
}

TEST_CASE("a tool loop that began without thinking goes on without a budget", "[dialect]") {
  Profile budgets;
  budgets.adaptive_thinking = false;
  const std::string call = R"({"type":"tool_use","id":"t","name":"f","input":{}})";
  const std::string thought = R"({"type":"thinking","thinking":"x","signature":"EqQB"},)";
  const std::string result =
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]})";
  const auto thinking = [&](const std::string& blocks, const std::string& behind,
                            const Profile& profile) {
    return member_of(
        last_step(R"({"max_tokens":9000,"messages":[{"role":"assistant","content":[)" + blocks +
                      "]}," + behind + R"(],"thinking":{"type":"enabled","budget_tokens":4000}})",
                  profile),
        "thinking");
  };
  const std::string enabled = R"({"type":"enabled","budget_tokens":4000})";
  CHECK(thinking(call, result, budgets) == R"({"type":"disabled"})");
  CHECK(thinking(thought + call, result, budgets) == enabled);
  CHECK(thinking(call,
                 result + R"(,{"role":"assistant","content":"a"},{"role":"user","content":"b"})",
                 budgets) == enabled);
  CHECK(thinking(call, result, {}) == R"({"type":"adaptive"})");
}

TEST_CASE("what repeats is marked for the prompt cache, when nobody has marked anything",
          "[dialect]") {
  const std::string mark = R"("cache_control":{"type":"ephemeral"})";
  const std::string hub =
      R"({"system":"s","tools":[{"name":"f"},{"name":"g"}],"messages":[{"role":"user","content":"1"},)"
      R"({"role":"assistant","content":"2"},{"role":"user","content":"3"},{"role":"assistant","content":"4"},)"
      R"({"role":"user","content":[{"type":"text","text":"5"},{"type":"text","text":"6"}]}]})";
  CHECK(body_of(last_step(hub, {}, true)) ==
        R"({"system":[{"type":"text","text":"s",)" + mark +
            R"(}],"tools":[{"name":"f"},{"name":"g",)" + mark +
            R"(}],"messages":[{"role":"user","content":[{"type":"text","text":"1"}]},)"
            R"({"role":"assistant","content":[{"type":"text","text":"2"}]},)"
            R"({"role":"user","content":[{"type":"text","text":"3",)" +
            mark +
            R"(}]},{"role":"assistant","content":[{"type":"text","text":"4"}]},)"
            R"({"role":"user","content":[{"type":"text","text":"5"},{"type":"text","text":"6",)" +
            mark + R"(}]}],"max_tokens":32000})");
  CHECK(body_of(last_step(hub)).find("cache_control") == std::string::npos);
  // A result and a picture are last blocks as good as any; what a tool is called with is no mark.
  const std::string loop =
      R"({"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://i"}}]},)"
      R"({"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"cache_control":1}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]}]})";
  CHECK(
      member_of(last_step(loop, {}, true), "messages") ==
      R"([{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://i"},)" +
          mark +
          R"(}]},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"cache_control":1}}]},)"
          R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r",)" +
          mark + "}]}]");
  const std::string marked =
      R"({"messages":[{"role":"user","content":[{"type":"text","text":"1",)" + mark +
      R"(}]}],"tools":[{"name":"f"}]})";
  CHECK(member_of(last_step(marked, {}, true), "tools") == R"([{"name":"f"}])");
}
