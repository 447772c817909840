#include "dialect/from_gemini.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "dialect/efforts.hpp"
#include "dialect/findings.hpp"
#include "dialect/gemini_member.hpp"
#include "dialect/gemini_schema.hpp"
#include "dialect/gemini_turns.hpp"
#include "dialect/hub_tools.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::dialect {
namespace {

struct GeminiTool {
  std::string name;
  Json declaration;
};

class FromGemini {
 public:
  FromGemini(Json gemini, const TranslateOptions& options)
      : gemini_(gemini), options_(options), findings_(options.drop_unsupported) {}

  Translation request() {
    config_ = gemini_member(gemini_, "generationConfig");
    done_.body.reserve(gemini_.raw().size() + gemini_.raw().size() / 8);
    check_members();
    check_config();
    JsonOut out(done_.body);
    out.object().string("model", options_.model);
    const auto limit = gemini_integer(gemini_member(config_, "maxOutputTokens"));
    write_hub_limit(limit && *limit > 0 ? *limit : options_.default_max_tokens, out);
    write_prompt(out);
    write_settings(out);
    if (options_.stream) out.boolean("stream", true);
    out.end();
    return result();
  }

  Translation count() {
    JsonOut out(done_.body);
    out.object().string("model", options_.model);
    write_prompt(out);
    out.end();
    return result();
  }

 private:
  Json top(std::string_view name) const { return gemini_member(gemini_, name); }
  Json config(std::string_view name) const { return gemini_member(config_, name); }

  void check_members() {
    static constexpr std::array<std::string_view, 7> known{
        "contents",         "systemInstruction", "tools", "toolConfig",
        "generationConfig", "cachedContent",     "model"};
    for (const JsonMember& member : gemini_.members()) {
      const std::string key = member.name();
      const bool carried = std::any_of(known.begin(), known.end(), [&](std::string_view name) {
        return is_gemini_name(key, name);
      });
      if (!carried) findings_.drop(key);
    }
    if (top("cachedContent").told()) findings_.cannot_carry("cachedContent", "cached content");
  }

  void check_config() {
    static constexpr std::array<std::string_view, 13> known{
        "maxOutputTokens",   "temperature",      "topP",           "topK",
        "stopSequences",     "responseMimeType", "responseSchema", "responseJsonSchema",
        "thinkingConfig",    "candidateCount",   "logprobs",       "responseLogprobs",
        "responseModalities"};
    for (const JsonMember& member : config_.members()) {
      const std::string key = member.name();
      const bool carried = std::any_of(known.begin(), known.end(), [&](std::string_view name) {
        return is_gemini_name(key, name);
      });
      if (!carried) findings_.drop(key);
    }
    if (config("candidateCount").integer().value_or(1) > 1)
      findings_.cannot_carry("generationConfig.candidateCount", "several candidates");
    if (config("responseLogprobs").is_true() || config("logprobs").integer().value_or(0) > 0)
      findings_.cannot_carry("generationConfig.responseLogprobs", "logprobs");
    for (const Json modality : config("responseModalities").items()) {
      const std::string word = base::lower(modality.text());
      if (word == "text" || word == "modality_unspecified") continue;
      findings_.cannot_carry("generationConfig.responseModalities", word + " as an answer");
    }
  }

  void write_prompt(JsonOut& out) {
    write_system(out);
    const Json contents = top("contents");
    if (!contents.is_array() && !contents.is_object())
      findings_.refuse("contents", "contents: at least one content is needed");
    HubTurns turns;
    GeminiTurns(options_, done_.context.names, findings_, turns).read(contents);
    if (turns.empty()) findings_.refuse("contents", "contents: at least one content is needed");
    out.key("messages");
    turns.write(out, 0, &done_.known);
    write_tools(out);
  }

  void write_system(JsonOut& out) {
    const Json system = top("systemInstruction");
    std::vector<HubBlock> blocks;
    const auto add = [&](Json text) {
      if (text.is_string() && !text.is_empty()) blocks.push_back(block_of_text(Words::of(text)));
    };
    add(system);
    const Json parts = gemini_member(system, "parts");
    add(parts);
    add(parts["text"]);
    for (const Json part : parts.items()) add(part.is_string() ? part : part["text"]);
    add(system["text"]);
    if (blocks.empty()) return;
    out.array("system");
    for (const HubBlock& block : blocks) block.write(out, &done_.known);
    out.end();
  }

  // A list of tools has functions and hosted tools side by side, in one object or several.
  void gather_tools() {
    std::vector<std::string> hosted;
    const Json tools = top("tools");
    const auto gather = [&](Json tool) {
      for (const JsonMember& member : tool.members()) {
        const std::string key = member.name();
        if (is_gemini_name(key, "functionDeclarations")) {
          for (const Json each : member.value.items())
            functions_.push_back({each["name"].text(), each});
        } else {
          if (is_gemini_name(key, "googleSearch")) search_ = member.value;
          hosted.push_back(key);
        }
      }
    };
    if (tools.is_object()) gather(tools);
    for (const Json tool : tools.items()) gather(tool);
    // Google's own search is the hub's; beside functions only where that is wished.
    const std::string& mode = options_.web_search;
    if (mode == "never" || (mode != "always" && !functions_.empty())) search_ = Json();
    done_.context.web_search = static_cast<bool>(search_);
    for (const std::string& key : hosted) {
      if (!search_ || !is_gemini_name(key, "googleSearch")) findings_.drop(key);
    }
    if (functions_.empty() && !hosted.empty() && !search_)
      findings_.cannot_carry("tools", hosted.back());
  }

  void write_search(JsonOut& out) const {
    out.object().string("type", hub_search_type).string("name", "web_search");
    const Json excluded = gemini_member(search_, "excludeDomains");
    if (excluded.is_array() && !excluded.is_empty()) out.raw("blocked_domains", excluded);
    out.end();
  }

  void write_tools(JsonOut& out) {
    gather_tools();
    const Json calling = gemini_member(top("toolConfig"), "functionCallingConfig");
    const Json allowed = gemini_member(calling, "allowedFunctionNames");
    if (allowed.is_array() && !allowed.is_empty()) keep_only(allowed);
    if (functions_.empty() && !search_) return;
    out.array("tools");
    for (const GeminiTool& tool : functions_) write_tool(out, tool);
    if (search_) write_search(out);
    out.end();
    if (functions_.empty()) return;
    write_choice(out, base::lower(calling["mode"].text()), allowed.is_array());
  }

  void keep_only(Json allowed) {
    std::set<std::string> names;
    for (const Json name : allowed.items())
      if (name.is_string()) names.insert(name.text());
    const auto left_out = [&](const GeminiTool& tool) { return names.count(tool.name) == 0; };
    functions_.erase(std::remove_if(functions_.begin(), functions_.end(), left_out),
                     functions_.end());
  }

  void write_tool(JsonOut& out, const GeminiTool& tool) {
    out.object().string("name", done_.context.names.out(tool.name));
    const Json description = tool.declaration["description"];
    if (description.is_string()) out.raw("description", description);
    Json schema = gemini_member(tool.declaration, "parametersJsonSchema");
    if (!schema.told()) schema = tool.declaration["parameters"];
    const std::string back = schema.told() ? json_schema_of_gemini(schema) : std::string();
    out.raw("input_schema", as_object_schema(Json(back))).end();
  }

  void write_choice(JsonOut& out, const std::string& mode, bool restricted) {
    if (mode == "none") {
      out.object("tool_choice").string("type", "none").end();
    } else if (mode == "any" && restricted && functions_.size() == 1) {
      out.object("tool_choice").string("type", "tool");
      out.string("name", done_.context.names.out(functions_.front().name)).end();
    } else if (mode == "any") {
      out.object("tool_choice").string("type", "any").end();
    } else if (mode == "auto" || mode == "validated") {
      out.object("tool_choice").string("type", "auto").end();
    }
  }

  void write_settings(JsonOut& out) {
    const Thinking thinking = asked_thinking();
    if (thinking.kind != Thinking::Kind::untold) {
      const bool none = thinking.kind == Thinking::Kind::disabled;
      out.object("thinking").string("type", none ? "disabled" : "adaptive").end();
    }
    const std::string schema = answer_schema();
    if (!thinking.effort.empty() || !schema.empty()) {
      out.object("output_config");
      if (!thinking.effort.empty()) out.string("effort", thinking.effort);
      if (!schema.empty())
        out.object("format").string("type", "json_schema").raw("schema", schema).end();
      out.end();
    }
    write_number(out, "temperature", "temperature");
    write_number(out, "topP", "top_p");
    write_number(out, "topK", "top_k");
    write_stop(out);
  }

  Thinking asked_thinking() {
    const Json asked = config("thinkingConfig");
    Thinking thinking = read_gemini_thinking(asked);
    // Google's models show no thoughts unasked; and who wants to see some wants the model to think.
    done_.context.show_thinking = gemini_member(asked, "includeThoughts").is_true();
    if (done_.context.show_thinking && !thinking.told()) thinking.kind = Thinking::Kind::adaptive;
    return thinking;
  }

  std::string answer_schema() {
    Json schema = config("responseJsonSchema");
    if (!schema.told()) schema = config("responseSchema");
    if (schema.is_object()) return json_schema_of_gemini(schema);
    const std::string type = config("responseMimeType").text();
    if (!type.empty() && type != "text/plain") findings_.drop("responseMimeType");
    return {};
  }

  void write_number(JsonOut& out, std::string_view from, std::string_view to) {
    const Json value = config(from);
    if (value.is_number()) out.raw(to, value);
  }

  void write_stop(JsonOut& out) {
    std::vector<Json> stops;
    for (const Json stop : config("stopSequences").items()) {
      // Of white space only: Anthropic refuses it.
      if (stop.text().find_first_not_of(" \t\r\n") != std::string::npos) stops.push_back(stop);
    }
    if (stops.empty()) return;
    out.array("stop_sequences");
    for (const Json stop : stops) out.raw(stop);
    out.end();
  }

  Translation result() {
    done_.context.model = options_.model;
    done_.context.seed = options_.seed;
    done_.context.issuer = options_.issuer;
    done_.context.now_s = options_.now_s;
    done_.context.stream = options_.stream;
    done_.context.profile = options_.profile;
    return findings_.result(std::move(done_));
  }

  Json gemini_;
  Json config_;
  const TranslateOptions& options_;
  Findings findings_;
  std::vector<GeminiTool> functions_;
  Json search_;  // Google's, where it is carried
  Translated done_;
};

Json whole_request(JsonIndex& index, std::string_view gemini, std::string& why) {
  const Json json = index.read(gemini, &why);
  if (json.is_object()) return json;
  why = "the request's body is not a JSON object" + (why.empty() ? "" : ": " + why);
  return {};
}

}  // namespace

Translation from_gemini_request(std::string_view gemini, const TranslateOptions& options) {
  std::string why;
  JsonIndex index;
  const Json json = whole_request(index, gemini, why);
  if (!json) return refused({}, why);
  return FromGemini(json, options).request();
}

Translation from_gemini_count(std::string_view gemini, const TranslateOptions& options) {
  std::string why;
  JsonIndex index;
  const Json json = whole_request(index, gemini, why);
  if (!json) return refused({}, why);
  const Json inside = gemini_member(json, "generateContentRequest");
  return FromGemini(inside.is_object() ? inside : json, options).count();
}

}  // namespace ccrelay::dialect
