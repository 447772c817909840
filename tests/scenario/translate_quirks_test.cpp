#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "scenario/translate_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using dialect::Json;
using dialect::json_quoted;

// What each vendor of OpenAI's chat refuses, and how peculiar its answers are: a server for each
// row of lib/dialect/profiles.toml, found by its host as a user has it, in a loop of Claude Code's.

namespace {

/// One server's habits.
struct Quirks {
  std::string profile;
  std::string url;  ///< empty: on this machine, and its profile is named
  std::string model;
  std::string fields;  ///< what it knows beside model, messages, tools and stream
  std::string must;    ///< what a request of a model that thinks must have, one in a line
  std::string back;    ///< the member that brings reasoning back; empty: it knows none
  std::string back_value;
  std::string forced;  ///< the only tool_choice it takes for a call; empty: it knows none
  std::string named;   ///< the same for a certain one
  std::string unknown = R"({"error":{"message":"Unrecognized request argument supplied: @",)"
                        R"("type":"invalid_request_error","param":null,"code":null}})";
  int unknown_status = 400;
  std::string thinking = "hm, so";
  std::vector<std::string> ids{"call_1", "call_2"};  ///< as a client is told them; empty: made
  std::vector<std::string> chunks;                   ///< of an answer with two calls
  std::string message;
  std::string usage = R"({"prompt_tokens":50,"completion_tokens":9,"total_tokens":59,)"
                      R"("prompt_tokens_details":{"cached_tokens":20},)"
                      R"("completion_tokens_details":{"reasoning_tokens":4}})";
  std::string usage_place = "usage";
  /// What else it refuses, in its words.
  std::function<std::string(Json body)> refuses = [](Json) { return std::string(); };
  std::string type = "openai";
  bool strange = true;  ///< a client that knows nothing of it fails
};

const std::string base_fields =
    " max_tokens stream_options tool_choice parallel_tool_calls temperature stop ";
const std::string look = R"({"type":"function","function":{"name":"look"}})";

std::string openai_error(const std::string& message) {
  return R"({"error":{"message":)" + json_quoted(message) +
         R"(,"type":"invalid_request_error","param":null,"code":null}})";
}

std::string delta(const std::string& members, const std::string& finish = "null",
                  const std::string& of_choice = {}, const std::string& of_chunk = {}) {
  return R"({"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":)"
         R"([{"index":0,"delta":)" +
         members + R"(,"finish_reason":)" + finish + of_choice + "}]" + of_chunk + "}";
}

// `id` and `arguments` are JSON; of the first call these come in pieces where `in_pieces`.
std::string call(const std::string& index, const std::string& id, const std::string& name,
                 const std::string& arguments, const std::string& more = {}) {
  return "{" + index + (id.empty() ? "" : R"("id":)" + id + ",") +
         R"("type":"function","function":{"name":)" + json_quoted(name) + R"(,"arguments":)" +
         arguments + "}" + more + "}";
}

std::string tool_calls(const std::string& calls) {
  return R"({"tool_calls":[)" + calls + "]}";
}

// How most of them call: by index, the arguments in pieces.
std::vector<std::string> plain_calls() {
  return {delta(tool_calls(call(R"("index":0,)", R"("call_1")", "look", R"("")"))),
          delta(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"n\":"}}]})"),
          delta(R"({"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]})"),
          delta(tool_calls(call(R"("index":1,)", R"("call_2")", "list", R"("{}")"))),
          delta("{}", R"("tool_calls")")};
}

std::vector<std::string> thinking_calls(const std::string& member) {
  std::vector<std::string> out{delta(R"({"role":"assistant","content":""})"),
                               delta(R"({")" + member + R"(":"hm, ","content":null})"),
                               delta(R"({")" + member + R"(":"so"})")};
  for (const std::string& chunk : plain_calls()) out.push_back(chunk);
  return out;
}

const std::string two_calls = R"("tool_calls":[)" +
                              call({}, R"("call_1")", "look", R"("{\"n\":1}")") + "," +
                              call({}, R"("call_2")", "list", R"("{}")") + "]";

std::string thinking_message(const std::string& member) {
  return R"({"role":"assistant","content":null,")" + member + R"(":"hm, so",)" + two_calls + "}";
}

/// A server that reasons in `member`, and gets it back there.
Quirks reasoning_in(const std::string& member) {
  Quirks out;
  out.fields = base_fields;
  out.back = member;
  out.back_value = R"("hm, so")";
  out.forced = R"("required")";
  out.named = look;
  out.chunks = thinking_calls(member);
  out.message = thinking_message(member);
  return out;
}

std::string roles_of(Json body) {
  std::string roles;
  for (const Json message : body["messages"].items()) roles += message["role"].text() + " ";
  return roles;
}

Quirks openai(const std::string& model) {
  Quirks q;
  q.profile = "openai";
  q.url = "http://api.openai.com/v1";
  q.model = model;
  q.fields =
      " max_completion_tokens stream_options tool_choice parallel_tool_calls prompt_cache_key ";
  q.must = R"("max_completion_tokens":1000)";
  q.forced = R"("required")";
  q.named = look;
  q.unknown =
      R"({"error":{"message":"Unsupported parameter: '@' is not supported with this model.",)"
      R"("type":"invalid_request_error","param":"@","code":"unsupported_parameter"}})";
  q.thinking.clear();
  q.chunks = {delta(R"({"role":"assistant","content":null,"refusal":null})", "null", {},
                    R"(,"service_tier":"default","usage":null,"obfuscation":"x")")};
  for (const std::string& chunk : plain_calls()) q.chunks.push_back(chunk);
  q.message =
      R"({"role":"assistant","content":null,"refusal":null,"annotations":[],)" + two_calls + "}";
  return q;
}

Quirks openai_that_takes_no_effort_but_none() {
  Quirks q = openai("gpt-5.6");
  q.fields += "reasoning_effort temperature stop ";
  q.must += "\n\"reasoning_effort\":\"none\"";
  q.refuses = [](Json body) {
    if (body["reasoning_effort"].is("none")) return std::string();
    return openai_error("Function tools with reasoning_effort are not supported for gpt-5.6");
  };
  return q;
}

Quirks azure() {
  Quirks q = openai("gpt-5.4");
  q.profile = q.type = "azure_openai";
  q.url = "http://mine.openai.azure.com/openai/v1";
  q.chunks.insert(q.chunks.begin(),
                  R"({"choices":[],"created":0,"id":"","model":"","object":"",)"
                  R"("prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]})");
  q.chunks.back() =
      delta("{}", R"("tool_calls")",
            R"(,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}})");
  return q;
}

Quirks openrouter() {
  Quirks q = reasoning_in("reasoning_details");
  q.profile = "openrouter";
  q.url = "http://openrouter.ai/api/v1";
  q.model = "minimax/minimax-m2";
  q.fields += "reasoning ";
  q.must = R"("reasoning":{"effort":"high"})";
  q.back_value =
      R"([{"type":"reasoning.text","text":"hm, so","format":"x-v1","index":0,"signature":"sig"}])";
  const std::string head = R"({"type":"reasoning.text","text":)";
  q.chunks = {": OPENROUTER PROCESSING",
              delta(R"({"role":"assistant","content":"","reasoning":"hm, ","reasoning_details":[)" +
                    head + R"("hm, ","format":"x-v1","index":0}]})"),
              ": OPENROUTER PROCESSING",
              delta(R"({"content":"","reasoning":"so","reasoning_details":[)" + head +
                    R"("so","signature":"sig","format":"x-v1","index":0}]})")};
  for (const std::string& chunk : plain_calls()) q.chunks.push_back(chunk);
  q.message = R"({"role":"assistant","content":"","reasoning":"hm, so","reasoning_details":)" +
              q.back_value + "," + two_calls + "}";
  return q;
}

Quirks deepseek() {
  Quirks q = reasoning_in("reasoning_content");
  q.profile = "deepseek";
  q.url = "http://api.deepseek.com";
  q.model = "deepseek-v4-pro";
  q.fields += "thinking reasoning_effort ";
  q.must = "\"thinking\":{\"type\":\"enabled\"}\n\"reasoning_effort\":\"high\"";
  q.usage = R"({"prompt_tokens":50,"completion_tokens":9,"prompt_cache_hit_tokens":20,)"
            R"("prompt_cache_miss_tokens":30,"completion_tokens_details":{"reasoning_tokens":4}})";
  q.refuses = [](Json body) {
    const bool forced = body["tool_choice"].is("required") || body["tool_choice"].is_object();
    if (!forced || body["thinking"]["type"].is("disabled")) return std::string();
    return openai_error("Thinking mode does not support this tool_choice");
  };
  return q;
}

Quirks moonshot(const std::string& model) {
  const bool is_k3 = model == "kimi-k3";
  Quirks q = reasoning_in("reasoning_content");
  q.profile = "moonshot";
  q.url = "http://api.moonshot.ai/v1";
  q.model = model;
  q.fields = " max_completion_tokens stream_options tool_choice parallel_tool_calls stop ";
  q.fields += is_k3 ? "reasoning_effort " : "thinking ";
  q.must = is_k3 ? R"("reasoning_effort":"high")" : R"("thinking":{"type":"enabled"})";
  q.forced = q.named = is_k3 ? R"("required")" : R"("auto")";
  q.ids = {"functions.look:0", "functions.list:1"};
  for (std::string* text : {&q.chunks[3], &q.chunks[6], &q.message}) {
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string old = "call_" + std::to_string(i + 1);
      if (const auto at = text->find(old); at != std::string::npos)
        text->replace(at, old.size(), q.ids[i]);
    }
  }
  q.usage = R"({"prompt_tokens":50,"completion_tokens":9,"total_tokens":59,"cached_tokens":20,)"
            R"("completion_tokens_details":{"reasoning_tokens":4}})";
  q.usage_place = "choice";
  return q;
}

Quirks groq() {
  Quirks q = reasoning_in("reasoning");
  q.profile = "groq";
  q.url = "http://api.groq.com/openai/v1";
  q.model = "openai/gpt-oss-120b";
  q.unknown = R"({"error":{"message":"property '@' is unsupported","type":)"
              R"("invalid_request_error"}})";
  q.usage_place = "x_groq";
  return q;
}

Quirks together() {
  Quirks q = reasoning_in("reasoning");
  q.profile = "together";
  q.url = "http://api.together.xyz/v1";
  q.model = "moonshotai/Kimi-K2";
  q.fields = " max_tokens stream_options tool_choice temperature stop ";
  return q;
}

Quirks mistral() {
  Quirks q = reasoning_in("");
  q.profile = "mistral";
  q.url = "http://api.mistral.ai/v1";
  q.model = "magistral-medium-latest";
  q.fields = " max_tokens tool_choice parallel_tool_calls temperature stop prompt_cache_key ";
  q.forced = R"("any")";
  q.unknown_status = 422;
  q.unknown =
      R"({"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","@"],)"
      R"("msg":"Extra inputs are not permitted","input":{}}]},"type":"invalid_request_error",)"
      R"("param":null,"code":null})";
  const std::string calls = call(R"("index":0,)", R"("call_1")", "look", R"("{\"n\":1}")") + "," +
                            call(R"("index":1,)", R"("aB3dE5fG7")", "list", R"("{}")");
  const std::string part = R"({"type":"thinking","thinking":[{"type":"text","text":)";
  q.ids = {"call_1", "aB3dE5fG7"};
  q.chunks = {delta(R"({"role":"assistant","content":[)" + part + R"("hm, "}]}]})"),
              delta(R"({"content":[)" + part + R"("so"}]}]})"),
              delta(R"({"content":"","tool_calls":[)" + calls + "]}", R"("tool_calls")")};
  q.message =
      R"({"role":"assistant","content":[)" + part + R"("hm, so"}]}],"tool_calls":[)" + calls + "]}";
  q.refuses = [](Json body) {
    const std::string roles = roles_of(body);
    for (const char* wrong : {"tool user", "tool system", "assistant system"}) {
      if (roles.find(wrong) != std::string::npos)
        return R"({"object":"error","message":"Unexpected role: )" + std::string(wrong) +
               R"(","type":"invalid_request_message_order","param":null,"code":"3230"})";
    }
    for (const Json message : body["messages"].items()) {
      for (const Json one : message["tool_calls"].items()) {
        const std::string id = one["id"].text();
        if (id.size() != 9 || !is_tool_name(id) || id.find('_') != std::string::npos)
          return R"({"object":"error","message":"Tool call id was )" + id +
                 R"( but must be a-z, A-Z, 0-9, with a length of 9.","type":)"
                 R"("invalid_function_call","param":null,"code":"3280"})";
      }
    }
    return std::string();
  };
  return q;
}

Quirks xai() {
  Quirks q = reasoning_in("reasoning_content");
  q.profile = "xai";
  q.url = "http://api.x.ai/v1";
  q.model = "grok-4";
  q.fields = " max_tokens stream_options tool_choice parallel_tool_calls temperature ";
  q.unknown = R"({"code":"Client specified an invalid argument",)"
              R"("error":"Argument not supported on this model: @"})";
  // Leaves out what it reasons.
  q.usage = R"({"prompt_tokens":50,"completion_tokens":5,"total_tokens":59,)"
            R"("prompt_tokens_details":{"cached_tokens":20},)"
            R"("completion_tokens_details":{"reasoning_tokens":4}})";
  return q;
}

Quirks zai() {
  Quirks q = reasoning_in("reasoning_content");
  q.profile = "zai_openai";
  q.url = "http://api.z.ai/api/paas/v4";
  q.model = "glm-5.2";
  q.fields += "thinking reasoning_effort ";
  q.must = "\"thinking\":{\"type\":\"enabled\"}\n\"reasoning_effort\":\"high\"";
  q.forced = q.named = R"("auto")";
  q.unknown = R"({"error":{"code":"1210","message":"Invalid API parameter: @"}})";
  return q;
}

Quirks ollama() {
  Quirks q = reasoning_in("reasoning");
  q.profile = "ollama_v1";
  q.url = "http://ollama.test:11434/v1";
  q.model = "qwen3";
  q.fields = " max_tokens stream_options temperature stop ";
  q.forced = q.named = "";
  return q;
}

// vLLM, llama.cpp, LM Studio: the model's own template wants one system message, first.
Quirks local(const std::string& profile, const std::string& member) {
  Quirks q = reasoning_in(member);
  q.profile = profile;
  q.model = "qwen3-coder";
  q.unknown = R"({"object":"error","message":"Extra inputs are not permitted: @",)"
              R"("type":"BadRequestError","param":null,"code":400})";
  q.refuses = [](Json body) {
    if (roles_of(body).find("system", 1) == std::string::npos) return std::string();
    return std::string(R"({"object":"error","message":"System message must be at the beginning.",)"
                       R"("type":"BadRequestError","param":null,"code":400})");
  };
  return q;
}

// Ids that are missing, arguments that are an object.
Quirks llamacpp() {
  Quirks q = local("llamacpp", "reasoning_content");
  q.ids = {"", ""};
  const std::string calls = call(R"("index":0,)", "", "look", R"({"n":1})") + "," +
                            call(R"("index":1,)", R"("")", "list", "{}");
  q.chunks.resize(3);
  q.chunks.push_back(delta(R"({"tool_calls":[)" + calls + "]}"));
  q.chunks.push_back(delta("{}", R"("stop")"));
  q.message = R"({"role":"assistant","content":"","reasoning_content":"hm, so","tool_calls":[)" +
              calls + "]}";
  return q;
}

Quirks gemini_openai() {
  Quirks q = openai("gemini-3-pro");
  q.profile = "gemini_openai";
  q.url = "http://generativelanguage.googleapis.com/v1beta/openai";
  q.fields = base_fields + "reasoning_effort ";
  q.must = R"("reasoning_effort":"high")";
  q.unknown = R"([{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name )"
              R"(\"@\": Cannot find field.","status":"INVALID_ARGUMENT"}}])";
  // All calls are number 0, and one has the signature.
  const std::string signature = R"({"google":{"thought_signature":"c2ln"}})";
  const std::string first = call(R"("index":0,)", R"("call_1")", "look", R"("{\"n\":1}")",
                                 R"(,"extra_content":)" + signature);
  const std::string second = call(R"("index":0,)", R"("call_2")", "list", R"("{}")");
  q.chunks = {delta(tool_calls(first)), delta(tool_calls(second)), delta("{}", R"("stop")")};
  q.message = R"({"role":"assistant","tool_calls":[)" + first + "," + second + "]}";
  q.refuses = [signature](Json body) {
    for (const Json message : body["messages"].items()) {
      for (const Json one : message["tool_calls"].items()) {
        if (one["extra_content"].raw() != signature)
          return std::string(
              R"([{"error":{"code":400,"message":"Function call is missing a thought_signature in )"
              R"(functionCall parts.","status":"INVALID_ARGUMENT"}}])");
        break;
      }
    }
    return std::string();
  };
  return q;
}

Quirks generic() {
  Quirks q = openai("some-model");
  q.profile = "generic";
  q.url.clear();
  q.fields = base_fields;
  q.must = R"("max_tokens":1000)";
  q.strange = false;
  return q;
}

std::vector<Quirks> all_quirks() {
  return {openai("gpt-5.4"),
          openai_that_takes_no_effort_but_none(),
          azure(),
          openrouter(),
          deepseek(),
          moonshot("kimi-k2.6"),
          moonshot("kimi-k3"),
          groq(),
          together(),
          mistral(),
          xai(),
          zai(),
          ollama(),
          local("vllm", "reasoning"),
          llamacpp(),
          local("lmstudio", "reasoning_content"),
          gemini_openai(),
          generic()};
}

bool knows(const std::string& list, const std::string& word) {
  return list.find(" " + word + " ") != std::string::npos;
}

/// A relay in front of such a server.
class QuirkStage : public RelayFixture {
 public:
  explicit QuirkStage(const Quirks& quirks, bool knows_it = true) : q(quirks) {
    FakeProvider& provider = add_provider("v");
    ProviderConfig& entry = config.providers.back();
    entry.type = q.type;
    entry.api = "chat";
    entry.model_mapping = {{"*", q.model}};
    if (q.url.empty()) {
      entry.base_url = provider.url() + "/v1";
      entry.profile = q.profile;
    } else {
      // Its name is looked up by nobody: a proxy is told it.
      entry.base_url = q.url;
      entry.proxy = provider.url();
    }
    if (!knows_it) entry.profile = "generic";
    provider.respond_with([this](const RecordedRequest& request) { return answer(request); });
    start();
  }

  Said ask(Agent& agent) {
    last = RelayFixture::ask(post(agent.body(), {}, agent.target()));
    return agent.hear(last.status, last.headers.get("content-type").value_or(""), last.body);
  }

  const Quirks q;
  std::string refused;  // all that was, a line each
  std::string choice;   // the tool_choice it waits for
  bool must_think = true;
  std::string sent_roles;
  Answer last;

 private:
  Script refusal(int status, std::string body, const std::string& what) {
    if (const auto at = body.find('@'); at != std::string::npos) {
      for (auto i = at; i != std::string::npos; i = body.find('@')) body.replace(i, 1, what);
    }
    refused += what + ": " + body + "\n";
    return Script::reply(status, "application/json", body);
  }

  Script answer(const RecordedRequest& request) {
    const Json body = Json::read(request.body);
    const std::string url = q.url.empty() ? "/v1" : q.url;
    const bool is_azure = q.type == "azure_openai";
    const auto key = request.head.headers.get(is_azure ? "api-key" : "authorization");
    if (request.head.target != url + "/chat/completions" ||
        key != (is_azure ? "sk-test-v" : "Bearer sk-test-v"))
      return refusal(404, openai_error("Not found"), request.head.target);
    for (const dialect::JsonMember& member : body.members()) {
      if (!knows(" model messages tools stream " + q.fields, member.name()))
        return refusal(q.unknown_status, q.unknown, member.name());
    }
    if (const std::string odd = odd_message(body); !odd.empty())
      return refusal(q.unknown_status, q.unknown, odd);
    if (const std::string why = q.refuses(body); !why.empty()) return refusal(400, why, "a quirk");
    if (const std::string what = missing(request.body); must_think && !what.empty())
      return refusal(400, openai_error("not sent"), what);
    if (!choice.empty() && body["tool_choice"].raw() != (choice == "-" ? "" : choice))
      return refusal(400, openai_error("tool_choice is incompatible"),
                     std::string(body["tool_choice"].raw()));
    sent_roles = roles_of(body);
    const bool goes_on = sent_roles.find("tool ") != std::string::npos;
    return body["stream"].is_true() ? streamed(goes_on) : whole(goes_on);
  }

  // The first of `must` that is not there.
  std::string missing(const std::string& body) const {
    std::size_t at = 0;
    while (at < q.must.size()) {
      const std::size_t end = std::min(q.must.find('\n', at), q.must.size());
      const std::string part = q.must.substr(at, end - at);
      if (body.find(part) == std::string::npos) return part;
      at = end + 1;
    }
    return {};
  }

  // A member that it does not know, or what is wrong with calls, results and reasoning.
  std::string odd_message(Json body) const {
    std::vector<std::string> open;
    for (const Json message : body["messages"].items()) {
      const bool is_assistant = message["role"].is("assistant");
      for (const dialect::JsonMember& member : message.members()) {
        const std::string name = member.name();
        const bool known = name == "role" || name == "content" ||
                           (is_assistant && (name == "tool_calls" || name == q.back)) ||
                           (message["role"].is("tool") && name == "tool_call_id");
        if (!known) return "messages." + name;
      }
      if (is_assistant && message["tool_calls"] && !q.back.empty() &&
          message[q.back].raw() != q.back_value)
        return q.back + " must be passed back";
      if (message["role"].is("tool")) {
        const auto found = std::find(open.begin(), open.end(), message["tool_call_id"].text());
        if (found == open.end()) return "tool_call_id";
        open.erase(found);
      } else if (!open.empty()) {
        return "a call without its result";
      }
      for (const Json one : message["tool_calls"].items()) open.push_back(one["id"].text());
    }
    return open.empty() ? "" : "a call without its result";
  }

  std::string placed_usage(bool of_choice) const {
    if (q.usage_place == "choice") return of_choice ? R"(,"usage":)" + q.usage : "";
    if (of_choice) return {};
    return q.usage_place == "x_groq" ? R"(,"x_groq":{"id":"r","usage":)" + q.usage + "}"
                                     : R"(,"usage":)" + q.usage;
  }

  Script streamed(bool goes_on) const {
    Script script = Script::stream_head();
    const auto tell = [&script](const std::string& data) {
      script.chunk((data[0] == ':' ? data : "data: " + data) + "\n\n");
    };
    if (goes_on) {
      tell(delta(R"({"role":"assistant","content":"done"})"));
      tell(delta("{}", R"("stop")"));
    } else {
      for (const std::string& chunk : q.chunks) tell(chunk);
    }
    if (q.usage_place == "usage") {
      tell(R"({"id":"c1","object":"chat.completion.chunk","choices":[])" + placed_usage(false) +
           "}");
    } else {
      tell(delta("{}", "null", placed_usage(true), placed_usage(false)));
    }
    tell("[DONE]");
    return script.last_chunk();
  }

  Script whole(bool goes_on) const {
    return Script::reply(
        200, "application/json",
        R"({"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,)"
        R"("message":)" +
            (goes_on ? R"({"role":"assistant","content":"done"})" : q.message) +
            R"(,"finish_reason":)" + (goes_on ? R"("stop")" : R"("tool_calls")") +
            (q.usage_place == "choice" ? placed_usage(true) : "") + "}]" +
            (q.usage_place == "choice" ? "" : R"(,"usage":)" + q.usage) + "}");
  }
};

// As Claude Code asks, with all that not everybody takes.
Agent claude_code(bool stream) {
  Agent agent = agent_with_tools(Speech::anthropic, stream);
  agent.more =
      R"(,"metadata":{"user_id":"u"},"context_management":{"edits":[]},"temperature":0.5,)"
      R"("stop_sequences":["END"],"tool_choice":{"type":"auto","disable_parallel_tool_use":true})";
  return agent;
}

}  // namespace

TEST_CASE("a tool loop goes on with every vendor's server, however peculiar",
          "[scenario][translate]") {
  const bool stream = GENERATE(true, false);
  for (const Quirks& quirks : all_quirks()) {
    INFO(quirks.profile << " " << quirks.model << (stream ? ", streamed" : ""));
    QuirkStage f(quirks);
    Agent agent = claude_code(stream);
    const Said said = f.ask(agent);
    INFO(f.refused << f.last.body);
    CHECK(said.error.empty());
    CHECK(said.thinking == quirks.thinking);
    CHECK(said.stop == "tool_use");
    CHECK(usage_line_of(said) == "input 30 cached 20 output 9 thought 4");
    REQUIRE(said.calls.size() == 2);
    CHECK(said.calls[0].name + said.calls[0].arguments == R"(look{"n":1})");
    CHECK(said.calls[1].name + said.calls[1].arguments == "list{}");
    for (std::size_t i = 0; i < 2; ++i) {
      if (quirks.ids[i].empty()) {
        CHECK(said.calls[i].id.substr(0, 5) == "call_");
      } else {
        CHECK(said.calls[i].id == quirks.ids[i]);
      }
    }
    CHECK(said.calls[0].id != said.calls[1].id);
    const RequestSummary& summary = f.finished();
    CHECK(tries(summary) == "v:success");
    CHECK(usage_of(summary).tokens[TokenClass::output] == 9u);
    agent.results({{said.calls[0].id, "seen"}, {said.calls[1].id, "none"}});
    agent.remind("time flies");
    CHECK(line_of(f.ask(agent)) == line_of(saying("done")));
    CHECK(f.refused.empty());
    CHECK(has(f.providers[0]->requests().back().body, "time flies"));
  }
}

TEST_CASE("reasoning comes back to every vendor, whatever the client keeps of it",
          "[scenario][translate]") {
  for (const Quirks& quirks : all_quirks()) {
    for (const Speech client : {Speech::responses, Speech::gemini}) {
      for (const bool keeps : {true, false}) {
        INFO(to_string(client) << " > " << quirks.profile << " " << quirks.model
                               << (keeps ? "" : ", all dropped"));
        QuirkStage f(quirks);
        Agent agent = agent_with_tools(client, client == Speech::responses);
        agent.keeps_reasoning = keeps;
        const Said said = f.ask(agent);
        CHECK(said.thinking == quirks.thinking);
        REQUIRE(said.calls.size() == 2);
        agent.results({{said.calls[0].id, "seen"}, {said.calls[1].id, "none"}});
        CHECK(line_of(f.ask(agent)) == line_of(saying("done")));
        INFO(f.last.body);
        CHECK(f.refused.empty());
      }
    }
  }
}

TEST_CASE("a call is forced as each vendor takes it, or asked for", "[scenario][translate]") {
  for (const Quirks& quirks : all_quirks()) {
    for (const bool named : {false, true}) {
      INFO(quirks.profile << " " << quirks.model << (named ? ", by name" : ""));
      QuirkStage f(quirks);
      f.must_think = false;
      f.choice = named ? quirks.named : quirks.forced;
      if (f.choice.empty()) f.choice = "-";
      Agent agent = agent_with_tools(Speech::anthropic, true);
      agent.thinks = false;
      agent.more = named ? R"(,"tool_choice":{"type":"tool","name":"look"})"
                         : R"(,"tool_choice":{"type":"any"})";
      CHECK(f.ask(agent).calls.size() == 2);
      INFO(f.last.body);
      CHECK(f.refused.empty());
    }
  }
}

// What the profiles are worth: the same servers refuse who knows nothing of them.
TEST_CASE("without its profile a peculiar server refuses something", "[scenario][translate]") {
  for (const Quirks& quirks : all_quirks()) {
    if (!quirks.strange) continue;
    INFO(quirks.profile << " " << quirks.model);
    QuirkStage f(quirks, false);
    Agent agent = claude_code(true);
    const Said said = f.ask(agent);
    if (said.calls.size() == 2) {
      agent.results({{said.calls[0].id, "seen"}, {said.calls[1].id, "none"}});
      agent.remind("time flies");
      f.ask(agent);
    }
    CHECK_FALSE(f.refused.empty());
  }
}

TEST_CASE("pictures and documents go where a vendor's model takes them", "[scenario][translate]") {
  struct Row {
    const char* url;
    const char* model;
    const char* block;
    const char* sent;  // a part of what is sent; null: nothing is, it is no provider for this
  };
  const char* const by_url =
      R"({"type":"image","source":{"type":"url","url":"https://a.example/x.png"}})";
  const char* const inside =
      R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw=="}})";
  const char* const paper =
      R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERg=="}})";
  const char* const data_url = R"({"type":"image_url","image_url":{"url":"data:image/png;base64,)";
  const Row rows[] = {
      {"http://ollama.test:11434/v1", "llava", by_url, nullptr},
      {"http://ollama.test:11434/v1", "llava", inside, data_url},
      {"http://api.deepseek.com", "deepseek-chat", inside, nullptr},
      {"http://api.deepseek.com", "deepseek-flash", inside, data_url},
      {"http://api.openai.com/v1", "gpt-5.4", by_url, "https://a.example/x.png"},
      {"http://api.openai.com/v1", "gpt-5.4", paper,
       R"("file_data":"data:application/pdf;base64,)"},
      {"http://openrouter.ai/api/v1", "x", paper, R"("file_data":"data:application/pdf;base64,)"},
      {"http://api.groq.com/openai/v1", "x", paper, nullptr},
  };
  for (const Row& row : rows) {
    INFO(row.url << " " << row.model << " " << row.block);
    Quirks quirks = generic();
    quirks.url = row.url;
    quirks.model = row.model;
    quirks.fields += "max_completion_tokens ";
    quirks.must.clear();
    QuirkStage f(quirks);
    const Answer answer = f.RelayFixture::ask(RelayFixture::post(
        R"({"model":"asked","max_tokens":9,"messages":[{"role":"user","content":[)" +
        std::string(row.block) + "]}]}"));
    CHECK(answer.status == (row.sent ? 200 : 400));
    REQUIRE(f.providers[0]->requests().size() == (row.sent ? 1u : 0u));
    if (row.sent) CHECK(has(f.providers[0]->requests()[0].body, row.sent));
    CHECK(f.refused.empty());
  }
}

TEST_CASE("what is set of a server in [providers.quirks] goes over its profile",
          "[scenario][translate]") {
  struct Row {
    std::map<std::string, std::string> quirks;
    const char* more;  // of the request
    const char* sent;  // a part of what is sent; empty: nothing is
    const char* not_sent;
  };
  const char* const tools =
      R"(,"tools":[{"name":"a","input_schema":{}},{"name":"b","input_schema":{}}])";
  const std::string with_tools = tools;
  const std::string forced = with_tools + R"(,"tool_choice":{"type":"any"})";
  const std::string one_call =
      with_tools + R"(,"tool_choice":{"type":"auto","disable_parallel_tool_use":true})";
  const char* const format =
      R"(,"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}})";
  const Row rows[] = {
      {{}, "", R"("max_tokens":1000)", "max_completion_tokens"},
      {{{"max_tokens_field", "\"max_completion_tokens\""}},
       "",
       R"("max_completion_tokens":1000)",
       "\"max_tokens\""},
      {{{"max_output_tokens", "100"}}, "", R"("max_tokens":100)", "1000"},
      {{{"system_role", "\"developer\""}},
       "",
       R"({"role":"developer","content":"be brief"})",
       "\"system\""},
      {{{"drop", R"(["temperature"])"}},
       R"(,"temperature":0.5,"top_p":0.25)",
       R"("top_p":0.25)",
       "temperature"},
      {{{"sampling", "false"}}, R"(,"temperature":0.5,"top_p":0.25)", "be brief", "top_p"},
      {{{"effort_field", "\"reasoning\""}, {"efforts", R"(["low","medium"])"}},
       R"(,"output_config":{"effort":"high"})",
       R"("reasoning":{"effort":"medium"})",
       "reasoning_effort"},
      {{{"effort_field", "\"reasoning_effort\""},
        {"efforts", R"(["low"])"},
        {"effort_with_tools", "\"omit\""}},
       R"(,"output_config":{"effort":"high"},"tools":[{"name":"a","input_schema":{}}])",
       "\"tools\"",
       "reasoning_effort"},
      {{}, forced.c_str(), R"("tool_choice":"required")", "auto"},
      {{{"tool_choice", R"(["auto"])"}}, forced.c_str(), R"("tool_choice":"auto")", "required"},
      {{{"tool_choice", "[]"}}, forced.c_str(), "\"tools\"", "tool_choice"},
      {{}, one_call.c_str(), R"("parallel_tool_calls":false)", "strict"},
      {{{"parallel_tool_calls", "false"}}, one_call.c_str(), "\"tools\"", "parallel_tool_calls"},
      {{{"strict", "true"}},
       R"(,"tools":[{"name":"a","strict":true,"input_schema":{"type":"object"}}])",
       R"("strict":true)",
       "input_schema"},
      {{{"tools_max", "1"}}, tools, "", ""},
      {{{"stop_max", "1"}}, R"(,"stop_sequences":["A","B"])", R"("stop":["A"])", "\"B\""},
      {{{"response_format", "\"json_object\""}},
       format,
       R"("response_format":{"type":"json_object"})",
       "schema"},
      {{{"response_format", "\"\""}}, format, "be brief", "response_format"},
      {{}, R"(,"metadata":{"user_id":"u"})", "be brief", "prompt_cache_key"},
      {{{"cache_key", "true"}},
       R"(,"metadata":{"user_id":"u"})",
       R"("prompt_cache_key":")",
       "user_id"},
      {{{"stream_usage", "false"}}, R"(,"stream":true)", R"("stream":true)", "stream_options"},
  };
  for (const Row& row : rows) {
    INFO(row.more << " " << (row.quirks.empty() ? "" : row.quirks.begin()->first));
    RelayFixture f;
    FakeProvider& provider = f.add_provider("v");
    ProviderConfig& entry = f.config.providers[0];
    entry.type = "openai";
    entry.api = "chat";
    entry.model_mapping = {{"*", "some-model"}};
    entry.quirks = row.quirks;
    entry.quirks["think_tags"] = "true";
    const bool stream = has(row.more, "\"stream\"");
    provider.respond_with([stream](const RecordedRequest&) {
      const std::string said = "<think>hm</think>\\n\\nyes";
      if (!stream)
        return Script::reply(200, "application/json",
                             R"({"choices":[{"index":0,"message":{"role":"assistant","content":")" +
                                 said + R"("},"finish_reason":"stop"}]})");
      return Script::reply(200, "text/event-stream",
                           "data: " + delta(R"({"content":")" + said + "\"}") +
                               "\n\ndata: " + delta("{}", R"("stop")") + "\n\ndata: [DONE]\n\n");
    });
    f.start();
    Agent agent(Speech::anthropic, stream);
    agent.ask("x");
    std::string body = agent.body();
    // What the agent says itself of a stream counts.
    const std::string more = stream ? "" : row.more;
    body.insert(body.find(R"(,"messages")"), more);
    const Answer answer = f.ask(RelayFixture::post(body, "X-Claude-Code-Session-Id: s\r\n"));
    if (row.sent[0] == '\0') {
      CHECK(answer.status == 400);
      CHECK(provider.requests().empty());
      continue;
    }
    const Said said =
        agent.hear(answer.status, answer.headers.get("content-type").value_or(""), answer.body);
    CHECK(said.error.empty());
    CHECK(said.thinking + ": " + said.text == "hm: yes");
    REQUIRE(provider.requests().size() == 1);
    INFO(provider.requests()[0].body);
    CHECK(has(provider.requests()[0].body, row.sent));
    CHECK_FALSE(has(provider.requests()[0].body, row.not_sent));
  }
}
