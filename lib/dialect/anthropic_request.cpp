#include "dialect/anthropic_request.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dialect/answer_schema.hpp"
#include "dialect/anthropic_messages.hpp"
#include "dialect/efforts.hpp"
#include "dialect/findings.hpp"
#include "dialect/hub_tools.hpp"
#include "dialect/json_fields.hpp"
#include "dialect/json_out.hpp"
#include "dialect/profile.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::int64_t anthropic_budget_min = 1024;

class AnthropicRequest {
 public:
  AnthropicRequest(Json hub, const TranslateOptions& options, const Profile& profile, Names& names,
                   Findings& findings)
      : hub_(hub),
        options_(options),
        profile_(profile),
        names_(names),
        findings_(findings),
        messages_(options.issuer, names, options.recall, options.without_reasoning) {}

  void write(JsonOut& out) {
    messages_.read(hub_messages(hub_["messages"], profile_, findings_));
    // Clients that can ask for caching are left to do so.
    caches_ = options_.auto_cache && !messages_.marked() && !is_marked(hub_["system"]) &&
              !is_marked(hub_["tools"]) && !hub_["cache_control"];
    choice_ = choice();
    decide_thinking();
    out.object();
    for (const JsonMember& member : hub_.members()) write_member(member, out);
    if (limit_ > 0) out.number("max_tokens", limit_);
    if (!thinking_.thinking.empty()) out.raw("thinking", thinking_.thinking);
    write_output_config(out);
    write_sampling(out);
    out.end();
  }

 private:
  static bool is_marked(Json list) {
    for (const Json& item : list.items())
      if (item["cache_control"]) return true;
    return false;
  }

  // A choice that the model refuses becomes the nearest one that it takes.
  std::string choice() {
    const Json wanted = hub_["tool_choice"];
    const Json type = wanted["type"];
    if (!wanted.is_object()) return {};
    const bool forced = type.is("any") || type.is("tool");
    forced_ = forced && profile_.forced_tool_choice;
    std::string out;
    JsonOut json(out);
    json.object().string("type", forced && !forced_ ? "auto" : type.text());
    if (forced_ && type.is("tool")) {
      const std::string name = wanted["name"].text();
      json.string("name", is_hosted(name) ? name : names_.out(name));
    }
    if (wanted["disable_parallel_tool_use"].is_true())
      json.boolean("disable_parallel_tool_use", true);
    json.end();
    return out;
  }

  bool is_hosted(const std::string& name) const {
    for (const Json& tool : hub_["tools"].items())
      if (is_hosted_tool(tool) && tool["name"].is(name)) return true;
    return false;
  }

  void decide_thinking() {
    const std::int64_t asked = hub_["max_tokens"].integer().value_or(options_.default_max_tokens);
    limit_ = at_most_allowed(asked);
    const Thinking wanted = read_hub_thinking(hub_["thinking"], hub_["output_config"]);
    const bool told = hub_["thinking"].is_object();
    thinking_ = hub_thinking(wanted, profile_, asked);
    // An effort alone asks for no thinking.
    if (!told) thinking_.thinking.clear();
    const std::string text = std::exchange(thinking_.thinking, {});
    const Json thinking(text);
    const bool enabled = thinking["type"].is("enabled");
    std::int64_t budget = thinking["budget_tokens"].integer().value_or(0);
    const std::int64_t with_budget = at_most_allowed(thinking_.max_tokens);
    if (enabled && budget >= with_budget) budget = with_budget - 1;
    const bool off =
        forced_ || (enabled && (messages_.unthinking_loop() || budget < anthropic_budget_min));
    if (text.empty()) return;
    if (off || thinking["type"].is("disabled")) {
      if (profile_.disabled_thinking) thinking_.thinking = R"({"type":"disabled"})";
      return;
    }
    thinks_ = true;
    limit_ = with_budget;
    thinking_.thinking = text;
    if (enabled) {
      thinking_.thinking.clear();
      JsonOut json(thinking_.thinking);
      json.object().string("type", "enabled").number("budget_tokens", budget).end();
    }
  }

  std::int64_t at_most_allowed(std::int64_t tokens) const {
    for (const std::int64_t highest : {profile_.max_output_tokens, options_.max_output_tokens})
      if (highest > 0) tokens = std::min(tokens, highest);
    return tokens;
  }

  void write_member(const JsonMember& member, JsonOut& out) {
    const std::string name = member.name();
    static constexpr std::string_view elsewhere[] = {"max_tokens",  "thinking", "output_config",
                                                     "temperature", "top_p",    "top_k"};
    if (std::find(std::begin(elsewhere), std::end(elsewhere), name) != std::end(elsewhere)) return;
    if (name == "model" && !options_.model.empty()) {
      out.string(name, options_.model);
    } else if (name == "messages") {
      messages_.write(out.key(name), caches_);
    } else if (name == "system" && caches_) {
      write_system(member.value, out);
    } else if (name == "tools") {
      write_tools(member.value, out);
    } else if (name == "tool_choice") {
      if (!choice_.empty()) out.raw(name, choice_);
    } else {
      out.raw(name, member.value);
    }
  }

  // The last block has a mark for the prompt cache, as the last of the tools.
  static void write_system(Json system, JsonOut& out) {
    std::vector<HubBlock> blocks;
    if (system.is_string() && !system.is_empty())
      blocks.push_back(block_of_text(Words::of(system)));
    for (const Json& block : system.items()) blocks.emplace_back(block);
    if (blocks.empty()) return;
    out.array("system");
    for (const HubBlock& block : blocks) {
      if (&block != &blocks.back()) {
        block.write(out);
      } else {
        block.write_marked(out);
      }
    }
    out.end();
  }

  void write_tools(Json tools, JsonOut& out) {
    std::vector<Json> list;
    for (const Json& tool : tools.items()) {
      if (!is_hosted_tool(tool) || takes_hosted(tool)) list.push_back(tool);
    }
    if (caches_ && list.empty()) return;
    out.array("tools");
    for (const Json& tool : list) write_tool(tool, caches_ && &tool == &list.back(), out);
    out.end();
  }

  void write_tool(Json tool, bool marked, JsonOut& out) {
    const bool hosted = is_hosted_tool(tool);
    if (hosted && !marked) {
      out.raw(tool);
      return;
    }
    const auto [strict, schema] = tool.picked("strict", "input_schema");
    const bool shut = !hosted && strict.is_true() && may_be_closed(schema);
    if (!hosted && !shut && strict.is_true()) findings_.drop("strict");
    out.object();
    for (const JsonMember& member : tool.members()) {
      if (!hosted && member.is("name")) {
        out.string("name", names_.out(member.value.text()));
      } else if (!hosted && !shut && member.is("strict") && strict.is_true()) {
        continue;
      } else if (shut && member.is("input_schema")) {
        write_closed_schema(out.key(member), schema);
      } else {
        out.raw(member.name(), member.value);
      }
    }
    if (marked) out.object("cache_control").string("type", "ephemeral").end();
    out.end();
  }

  // Some clouds serve the models without what Anthropic hosts beside them.
  bool takes_hosted(Json tool) {
    const std::string type = tool["type"].text();
    if (!options_.profile || profile_.web_search || type.substr(0, 10) != "web_search") return true;
    if (hosted_tools_needed(hub_["tools"], hub_["tool_choice"])) {
      findings_.cannot_carry_tool(type);
    } else {
      findings_.drop(type);
    }
    return false;
  }

  void write_output_config(JsonOut& out) const {
    std::string config;
    JsonOut json(config);
    json.object();
    if (!thinking_.effort.empty()) json.string("effort", thinking_.effort);
    for (const JsonMember& member : hub_["output_config"].members()) {
      if (member.is("format") && member.value["schema"].is_object()) {
        json.object("format").string("type", member.value["type"]);
        write_closed_schema(json.key("schema"), member.value["schema"]);
        json.end();
      } else if (!member.is("effort")) {
        json.raw(member.name(), member.value);
      }
    }
    json.end();
    if (config != "{}") out.raw("output_config", config);
  }

  void write_sampling(JsonOut& out) {
    const Json temperature = hub_["temperature"];
    const Json top_p = hub_["top_p"];
    const Json top_k = hub_["top_k"];
    const bool taken = profile_.sampling && !thinks_;
    std::string_view written;
    if (taken && temperature.is_number()) {
      const double value = temperature.number().value_or(1);
      written = "temperature";
      out.raw(written, value > 1 ? "1" : value < 0 ? "0" : temperature.raw());
    } else if (taken && top_p.is_number()) {
      out.raw(written = "top_p", top_p);
    } else if (taken && top_k.is_number()) {
      out.raw(written = "top_k", top_k);
    }
    for (const char* name : {"temperature", "top_p", "top_k"})
      if (hub_[name].told() && written != name) findings_.drop(name);
  }

  JsonFields hub_;
  const TranslateOptions& options_;
  const Profile& profile_;
  Names& names_;
  Findings& findings_;
  AnthropicMessages messages_;
  bool caches_ = false;
  HubThinking thinking_;
  std::int64_t limit_ = 0;
  std::string choice_;
  bool forced_ = false;
  bool thinks_ = false;
};

}  // namespace

Translation to_anthropic_request(std::string_view body, const TranslateOptions& options) {
  std::string error;
  JsonIndex index;
  const Json hub = index.read(body, &error, options.known);
  if (!hub.is_object())
    return refused(
        {}, error.empty() ? "the body is not a JSON object" : "the body is not JSON: " + error);
  const Profile& profile = or_generic(options.profile);
  Findings findings(options.drop_unsupported);
  Translated translated;
  AnswerContext& context = translated.context;
  context.names = Names(NameForm::anthropic);
  context.model = hub["model"].text();
  context.seed = options.seed;
  context.issuer = options.issuer;
  context.now_s = options.now_s;
  context.stream = hub["stream"].is_true();
  context.profile = options.profile;
  translated.body.reserve(hub.raw().size() + hub.raw().size() / 8);
  JsonOut out(translated.body);
  AnthropicRequest(hub, options, profile, context.names, findings).write(out);
  return findings.result(std::move(translated));
}

}  // namespace ccrelay::dialect
