#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "dialect/answer_schema.hpp"
#include "dialect/efforts.hpp"
#include "dialect/findings.hpp"
#include "dialect/hub_tools.hpp"
#include "dialect/json_fields.hpp"
#include "dialect/json_out.hpp"
#include "dialect/profile.hpp"
#include "dialect/responses_messages.hpp"
#include "dialect/responses_request.hpp"
#include "dialect/responses_tools.hpp"
#include "dialect/system_words.hpp"

namespace ccrelay::dialect {
namespace {

// The least that the API takes (openai: "Expected a value >= 16").
constexpr std::int64_t output_tokens_min = 16;

// The hub's request on its way to a provider of Responses: reads, then writes.
class HubRequest {
 public:
  HubRequest(Json hub, const TranslateOptions& options, bool counting)
      : hub_(hub),
        bytes_(hub.raw().size()),
        options_(options),
        profile_(or_generic(options.profile)),
        counting_(counting),
        findings_(options.drop_unsupported) {}

  Translation translate();

 private:
  void check();
  void place_search();
  void write(JsonOut& json);
  void write_instructions(JsonOut& json) const;
  void write_limits(JsonOut& json) const;
  void write_reasoning(JsonOut& json) const;
  void write_format(JsonOut& json) const;
  void write_tools(JsonOut& json);
  void write_function(JsonOut& json, Json tool);
  void write_web_search(JsonOut& json) const;
  void write_choice(JsonOut& json);
  bool searches() const { return static_cast<bool>(search_); }

  JsonFields hub_;
  const std::size_t bytes_;  // of the hub's text
  const TranslateOptions& options_;
  const Profile& profile_;
  bool counting_;
  Names names_{NameForm::openai};
  Findings findings_;
  Json search_;  // the web search that is carried
  Thinking thinking_;
  std::string_view effort_;
  bool others_ = false;  // there are other tools
};

Translation HubRequest::translate() {
  check();
  Translated translated;
  translated.body.reserve(bytes_ + bytes_ / 8);
  JsonOut json(translated.body);
  if (!findings_.stopped()) write(json);
  AnswerContext& context = translated.context;
  context.names = std::move(names_);
  context.model = hub_["model"].text();
  context.seed = options_.seed;
  context.issuer = options_.issuer;
  context.now_s = options_.now_s;
  context.stream = hub_["stream"].is_true();
  context.web_search = searches();
  context.profile = options_.profile;
  return findings_.result(std::move(translated));
}

void HubRequest::check() {
  if (!hub_["messages"].is_array()) findings_.refuse("messages", "Missing: a list of messages.");
  if (const Json servers = hub_["mcp_servers"]; servers.told() && !servers.is_empty()) {
    findings_.cannot_carry("mcp_servers", "MCP servers");
  }
  if (hub_["container"].told()) findings_.cannot_carry("container", "a container");
  if (hub_["stop_sequences"].is_array() && !hub_["stop_sequences"].is_empty()) {
    findings_.drop("stop_sequences");
  }
  place_search();
  thinking_ = read_hub_thinking(hub_["thinking"], hub_["output_config"]);
  effort_ = openai_effort(thinking_, profile_, searches());
}

// Hosted tools: the web search may be carried, the others are left out of a list.
void HubRequest::place_search() {
  const Json tools = hub_["tools"];
  const Json choice = hub_["tool_choice"];
  const std::string forced = choice["type"].is("tool") ? choice["name"].text() : "";
  const bool needed = hosted_tools_needed(tools, choice);
  std::string lost;  // one that the request cannot do without
  for (const Json& tool : tools.items()) {
    if (!is_hosted_tool(tool)) {
      others_ = true;
      continue;
    }
    const std::string type = tool["type"].text();
    const bool wanted =
        options_.web_search == "always" || (options_.web_search == "alone" && needed);
    const Json blocked = tool["blocked_domains"];
    if (is_web_search(type) && profile_.web_search && wanted && !search_ &&
        (!blocked.is_array() || blocked.is_empty())) {
      search_ = tool;
    } else {
      findings_.drop(type);
      if (needed && (forced.empty() || tool["name"].is(forced))) lost = type;
    }
  }
  if (!lost.empty() && !(forced.empty() && search_)) {
    findings_.cannot_carry_tool(lost);
  }
}

void HubRequest::write(JsonOut& json) {
  json.object();
  json.string("model", options_.model.empty() ? hub_["model"].text() : options_.model);
  write_instructions(json);
  json.array("input");
  ResponsesMessages(options_, names_, findings_, json).write(hub_["messages"]);
  if (findings_.stopped()) return;
  json.end();
  if (!counting_) write_limits(json);
  write_reasoning(json);
  write_format(json);
  write_tools(json);
  write_choice(json);
  if (!counting_) {
    if (profile_.cache_key && !options_.cache_key.empty()) {
      json.string("prompt_cache_key", options_.cache_key);
    }
    json.boolean("store", false).array("include").string("reasoning.encrypted_content");
    if (searches()) json.string("web_search_call.action.sources");
    json.end();
    if (hub_["stream"].is_true()) json.boolean("stream", true);
  }
  json.end();
}

void HubRequest::write_instructions(JsonOut& json) const {
  const Json system = hub_["system"];
  Words text = system_words(system);
  for (const Json& block : system.items()) {
    const Words one = system_words(block["text"]);
    if (one.empty()) continue;
    text = text.empty() ? one : std::move(text.add("\n\n").add(one));
  }
  if (!text.empty()) json.string("instructions", text);
}

void HubRequest::write_limits(JsonOut& json) const {
  if (auto limit = hub_["max_tokens"].integer()) {
    const std::int64_t most =
        options_.max_output_tokens > 0 ? options_.max_output_tokens : profile_.max_output_tokens;
    if (most > 0) limit = std::min(*limit, most);
    json.number("max_output_tokens", std::max(*limit, output_tokens_min));
  }
  const bool thinks = effort_ != "none";
  for (const std::string_view name : {"temperature", "top_p"}) {
    const Json value = hub_[name];
    const auto& if_thinking = profile_.drop_when_thinking;
    const bool allowed_still =
        !thinks && std::find(if_thinking.begin(), if_thinking.end(), name) != if_thinking.end();
    if (value.is_number() && profile_.sampling && (!profile_.drops(name) || allowed_still)) {
      json.raw(name, value);
    }
  }
}

void HubRequest::write_reasoning(JsonOut& json) const {
  if (effort_.empty()) return;
  json.object("reasoning").string("effort", effort_);
  if (effort_ != "none" && thinking_.shown) json.string("summary", "auto");
  json.end();
}

void HubRequest::write_format(JsonOut& json) const {
  Json format = hub_["output_config"]["format"];
  if (!format.told()) format = hub_["output_format"];
  if (!format["type"].is("json_schema")) return;
  json.object("text").object("format").string("type", "json_schema").string("name", "output");
  const Json schema = format["schema"];
  json.raw("schema", schema);
  json.boolean("strict", format["strict"].is_true() || may_be_strict(schema)).end().end();
}

void HubRequest::write_tools(JsonOut& json) {
  if (!others_ && !search_) return;
  json.array("tools");
  std::vector<Json> functions;
  for (const Json& tool : hub_["tools"].items()) {
    if (!is_hosted_tool(tool)) functions.push_back(tool);
  }
  cut_tools(functions, hub_["tool_choice"], profile_, findings_);
  for (const Json& tool : functions) write_function(json, tool);
  if (search_) write_web_search(json);
  json.end();
}

void HubRequest::write_function(JsonOut& json, Json tool) {
  const auto [name, words, schema, strict] =
      tool.picked("name", "description", "input_schema", "strict");
  json.object().string("type", "function").string("name", names_.out(name.text()));
  if (words.is_string()) json.raw("description", words);
  const bool wanted = strict.is_true() && profile_.strict;
  const std::string shut = wanted ? strict_schema(Json(typed_schema(schema))) : std::string();
  if (shut.empty() && strict.is_true()) findings_.drop("strict");
  if (shut.empty()) {
    write_typed_schema(json.key("parameters"), schema);
  } else {
    json.written("parameters", shut);
  }
  // The API's default is strict, for which it rewrites the schema.
  json.boolean("strict", !shut.empty()).end();
}

void HubRequest::write_web_search(JsonOut& json) const {
  json.object().string("type", "web_search");
  if (const Json domains = search_["allowed_domains"]; domains.is_array() && !domains.is_empty()) {
    json.object("filters").raw("allowed_domains", domains).end();
  }
  if (const Json place = search_["user_location"]; place.is_object()) {
    json.raw("user_location", place);
  }
  json.end();
}

void HubRequest::write_choice(JsonOut& json) {
  if (!others_ && !search_) return;
  const Json choice = hub_["tool_choice"];
  const std::string type = choice["type"].text();
  const bool named = type == "tool";
  if (named && search_ && choice["name"].is("web_search")) {
    if (others_) {
      json.object("tool_choice").string("type", "allowed_tools").string("mode", "required");
      json.array("tools").object().string("type", "web_search").end().end().end();
    } else {
      json.string("tool_choice", "required");
    }
  } else if (named) {
    json.object("tool_choice").string("type", "function");
    json.string("name", names_.out(choice["name"].text())).end();
  } else if (type == "auto" || type == "none") {
    json.string("tool_choice", type);
  } else if (type == "any") {
    json.string("tool_choice", "required");
  }
  if (choice["disable_parallel_tool_use"].is_true() && profile_.parallel_tool_calls) {
    json.boolean("parallel_tool_calls", false);
  }
  if (const Json uses = search_["max_uses"]; uses.is_number() && !counting_) {
    json.raw("max_tool_calls", uses);
  }
}

Translation hub_request(std::string_view hub, const TranslateOptions& options, bool counting) {
  std::string error;
  JsonIndex index;
  const Json json = index.read(hub, &error, options.known);
  if (!json.is_object()) return refused("", "The body is not a JSON object: " + error);
  return HubRequest(json, options, counting).translate();
}

}  // namespace

Translation to_responses_request(std::string_view hub, const TranslateOptions& options) {
  return hub_request(hub, options, false);
}

Translation to_responses_count(std::string_view hub, const TranslateOptions& options) {
  return hub_request(hub, options, true);
}

}  // namespace ccrelay::dialect
