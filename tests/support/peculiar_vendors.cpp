#include "support/peculiar_vendors.hpp"

#include <cstddef>
#include <string_view>
#include <utility>

#include "dialect/json_out.hpp"
#include "support/vendor.hpp"

namespace ccrelay::testing {

using dialect::Json;
using dialect::json_quoted;

std::string openai_error(const std::string& message) {
  return R"({"error":{"message":)" + json_quoted(message) +
         R"(,"type":"invalid_request_error","param":null,"code":null}})";
}

std::string delta(const std::string& members, const std::string& finish,
                  const std::string& of_choice, const std::string& of_chunk) {
  return R"({"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":)"
         R"([{"index":0,"delta":)" +
         members + R"(,"finish_reason":)" + finish + of_choice + "}]" + of_chunk + "}";
}

std::string roles_of(Json body) {
  std::string roles;
  for (const Json message : body["messages"].items()) roles += message["role"].text() + " ";
  return roles;
}

namespace {

const std::string base_fields =
    " max_tokens stream_options tool_choice parallel_tool_calls temperature stop ";
const std::string look = R"({"type":"function","function":{"name":"look"}})";

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

}  // namespace

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

}  // namespace ccrelay::testing
