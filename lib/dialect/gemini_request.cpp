#include "dialect/gemini_request.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "dialect/efforts.hpp"
#include "dialect/findings.hpp"
#include "dialect/gemini_contents.hpp"
#include "dialect/gemini_schema.hpp"
#include "dialect/hub_tools.hpp"
#include "dialect/json_fields.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profile.hpp"
#include "dialect/system_words.hpp"

namespace ccrelay::dialect {
namespace {

// Members of a hub's request that have a place in Gemini's, or need none.
bool is_carried(std::string_view name) {
  static constexpr std::array<std::string_view, 15> names{
      "model",         "messages", "system",      "max_tokens",  "temperature",
      "top_p",         "top_k",    "stream",      "thinking",    "stop_sequences",
      "output_config", "tools",    "tool_choice", "mcp_servers", "container"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

class GeminiRequest {
 public:
  GeminiRequest(Json hub, const TranslateOptions& options)
      : hub_(hub),
        bytes_(hub.raw().size()),
        options_(options),
        profile_(gemini_profile(options)),
        findings_(options.drop_unsupported) {
    done_.context.names = Names(NameForm::gemini);
  }

  Translation request() {
    check();
    done_.body.reserve(bytes_ + bytes_ / 8);
    JsonOut out(done_.body);
    out.object();
    write_prompt(out);
    write_choice(out);
    write_generation(out);
    out.end();
    return result();
  }

  Translation count() {
    check();
    JsonOut out(done_.body);
    out.object().object("generateContentRequest");
    out.string("model", "models/" + options_.model);
    write_prompt(out);
    out.end().end();
    return result();
  }

 private:
  void check() {
    for (const JsonMember& member : hub_.members()) {
      if (!is_carried(member.name())) findings_.drop(member.name());
    }
    if (!hub_["messages"].is_array()) findings_.refuse("messages", "messages: Field required");
    if (hub_["mcp_servers"].is_array() && !hub_["mcp_servers"].is_empty())
      findings_.cannot_carry("mcp_servers", "MCP servers");
    if (hub_["container"].told()) findings_.cannot_carry("container", "a container");
    sort_tools();
  }

  // Functions go on, and Google's search may stand for a web search. Other hosted tools are left
  // out beside others, and can't be when all hangs on them.
  void sort_tools() {
    const Json choice = hub_["tool_choice"];
    const bool needed = hosted_tools_needed(hub_["tools"], choice);
    std::string lost;
    for (const Json tool : hub_["tools"].items()) {
      if (!is_hosted_tool(tool)) {
        functions_.push_back(tool);
        continue;
      }
      const std::string type = tool["type"].text();
      const bool other = choice["type"].is("tool") && choice["name"].text() != tool["name"].text();
      if (may_search(tool, type, needed) && !(needed && other)) {
        search_ = true;
        // Nothing else is wanted then; and to force it is more than the API can.
        search_alone_ = needed;
        continue;
      }
      findings_.drop(type);
      if (needed && !other) lost = type;
    }
    if (search_alone_) functions_.clear();
    if (!lost.empty() && !search_) findings_.cannot_carry_tool(lost);
    done_.context.web_search = search_;
  }

  // Beside functions only models from 3 on search. Where and in what place is not the client's to
  // say.
  bool may_search(Json tool, std::string_view type, bool needed) const {
    if (type.substr(0, 10) != "web_search" || !profile_.web_search || search_) return false;
    for (const char* limit : {"allowed_domains", "blocked_domains", "user_location"}) {
      if (tool[limit].told() && !tool[limit].is_empty()) return false;
    }
    if (needed) return options_.web_search != "never";
    return options_.web_search == "always" && profile_.effort_field == "thinkingLevel";
  }

  void write_prompt(JsonOut& out) {
    write_system(out);
    out.array("contents");
    GeminiContents(options_, profile_, done_.context.names, findings_, out).write(hub_["messages"]);
    out.end();
    write_tools(out);
  }

  void write_system(JsonOut& out) {
    const Json system = hub_["system"];
    std::vector<Words> texts;
    const auto add = [&](Json text) {
      if (Words words = system_words(text); !words.empty()) texts.push_back(std::move(words));
    };
    add(system);
    for (const Json block : system.items()) add(block["text"]);
    if (texts.empty()) return;
    out.object("systemInstruction").array("parts");
    for (const Words& text : texts) out.object().string("text", text).end();
    out.end().end();
  }

  void write_tools(JsonOut& out) {
    if (functions_.empty() && !search_) return;
    out.array("tools");
    if (search_) out.object().object("googleSearch").end().end();
    if (!functions_.empty()) write_functions(out);
    out.end();
  }

  void write_functions(JsonOut& out) {
    out.object().array("functionDeclarations");
    for (const Json tool : functions_) {
      const auto [name, words, input, strict] =
          tool.picked("name", "description", "input_schema", "strict");
      if (strict.is_true()) findings_.drop("strict");
      out.object().string("name", done_.context.names.out(name.text()));
      if (words.is_string()) out.raw("description", words);
      std::string made;
      Json schema = input;
      if (!is_object_schema(input)) {
        made = as_object_schema(input);
        schema = Json(made);
      }
      if (profile_.schema == "openapi") {
        const std::string open = gemini_openapi_schema(schema);
        // An object without properties is refused there.
        if (Json(open)["properties"]) out.raw("parameters", open);
      } else {
        write_gemini_json_schema(out.key("parametersJsonSchema"), schema);
      }
      out.end();
    }
    out.end().end();
  }

  void write_choice(JsonOut& out) {
    std::string text;
    JsonOut config(text);
    config.object();
    write_calling(config);
    if (search_ && !functions_.empty()) config.boolean("includeServerSideToolInvocations", true);
    config.end();
    if (!Json(text).is_empty()) out.raw("toolConfig", text);
  }

  void write_calling(JsonOut& out) {
    const Json choice = hub_["tool_choice"];
    if (functions_.empty() || !choice.is_object()) return;
    if (choice["disable_parallel_tool_use"].is_true()) findings_.drop("disable_parallel_tool_use");
    const std::string type = choice["type"].text();
    const std::string name = type == "tool" ? choice["name"].text() : std::string();
    // One that is left out has said so already.
    const bool known = std::any_of(functions_.begin(), functions_.end(),
                                   [&](Json tool) { return tool["name"].is(name); });
    if (type == "tool" && !known) return;
    const char* mode = type == "none" ? "NONE" : type == "auto" ? "AUTO" : "ANY";
    out.object("functionCallingConfig").string("mode", mode);
    if (type == "tool") {
      out.array("allowedFunctionNames").string(done_.context.names.out(name)).end();
    }
    out.end();
  }

  void write_generation(JsonOut& out) {
    std::string text;
    JsonOut config(text);
    config.object();
    if (const auto limit = hub_["max_tokens"].integer()) {
      std::int64_t most = options_.max_output_tokens;
      if (most == 0) most = profile_.max_output_tokens;
      config.number("maxOutputTokens", most > 0 ? std::min(*limit, most) : *limit);
    }
    write_number(config, "temperature", "temperature");
    write_number(config, "top_p", "topP");
    write_number(config, "top_k", "topK");
    write_stop(config);
    Thinking thinking = read_hub_thinking(hub_["thinking"], hub_["output_config"]);
    // A search goes with no less.
    if (search_ && thinking.kind == Thinking::Kind::disabled &&
        profile_.effort_field == "thinkingLevel") {
      thinking.kind = Thinking::Kind::adaptive;
      thinking.effort = "low";
    }
    write_gemini_thinking(config, thinking, profile_);
    write_format(config);
    config.end();
    if (!Json(text).is_empty()) out.raw("generationConfig", text);
  }

  void write_number(JsonOut& out, std::string_view from, std::string_view to) {
    const Json value = hub_[from];
    if (!value.told()) return;
    if (!profile_.sampling || profile_.drops(to)) return findings_.drop(std::string(from));
    out.raw(to, value);
  }

  void write_stop(JsonOut& out) {
    const Json stops = hub_["stop_sequences"];
    if (!stops.is_array() || stops.is_empty()) return;
    std::int64_t room = profile_.stop_max;
    if (room > 0) out.array("stopSequences");
    for (const Json each : stops.items()) {
      if (room-- <= 0) {
        findings_.drop("stop_sequences");
        break;
      }
      out.raw(each);
    }
    if (profile_.stop_max > 0) out.end();
  }

  void write_format(JsonOut& out) {
    const Json format = hub_["output_config"]["format"];
    if (!format["type"].is("json_schema")) return;
    out.string("responseMimeType", "application/json");
    if (profile_.schema == "openapi") {
      out.raw("responseSchema", gemini_openapi_schema(format["schema"]));
    } else {
      out.raw("responseJsonSchema", gemini_json_schema(format["schema"]));
    }
  }

  Translation result() {
    done_.context.model = hub_["model"].text();
    done_.context.seed = options_.seed;
    done_.context.issuer = options_.issuer;
    done_.context.now_s = options_.now_s;
    done_.context.stream = options_.stream || hub_["stream"].is_true();
    done_.context.profile = options_.profile;
    return findings_.result(std::move(done_));
  }

  JsonFields hub_;
  const std::size_t bytes_;  // of the hub's text
  const TranslateOptions& options_;
  const Profile& profile_;
  std::vector<Json> functions_;
  bool search_ = false;        // Google's goes with it
  bool search_alone_ = false;  // and nothing else
  Translated done_;
  Findings findings_;
};

Translation with_hub(std::string_view hub, const TranslateOptions& options,
                     Translation (GeminiRequest::*translate)()) {
  std::string wrong;
  JsonIndex index;
  const Json json = index.read(hub, &wrong, options.known);
  if (!json.is_object())
    return refused({},
                   "the request's body is not a JSON object" + (wrong.empty() ? "" : ": " + wrong));
  return (GeminiRequest(json, options).*translate)();
}

}  // namespace

const Profile& gemini_profile(const TranslateOptions& options) {
  static const Profile unknown = [] {
    Profile profile;
    profile.name = "gemini";
    profile.effort_field = "thinkingLevel";
    profile.efforts = {"low", "medium", "high"};
    profile.files = true;
    profile.stop_max = 5;
    return profile;
  }();
  return options.profile ? *options.profile : unknown;
}

Translation to_gemini_request(std::string_view hub, const TranslateOptions& options) {
  return with_hub(hub, options, &GeminiRequest::request);
}

Translation to_gemini_count(std::string_view hub, const TranslateOptions& options) {
  return with_hub(hub, options, &GeminiRequest::count);
}

}  // namespace ccrelay::dialect
