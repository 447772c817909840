#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "dialect/efforts.hpp"
#include "dialect/findings.hpp"
#include "dialect/hub_tools.hpp"
#include "dialect/json_fields.hpp"
#include "dialect/json_out.hpp"
#include "dialect/profile.hpp"
#include "dialect/responses_input.hpp"
#include "dialect/responses_request.hpp"
#include "dialect/responses_tools.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::array<std::string_view, 10> echoed{
    "instructions", "tools",       "tool_choice", "parallel_tool_calls", "reasoning",
    "text",         "temperature", "top_p",       "max_output_tokens",   "metadata"};

// What tool_choice asks for. `named` is a tool's name in the hub, or a hosted tool's type.
struct Choice {
  enum class Mode { absent, automatic, any, none, tool, hosted } mode = Mode::absent;
  std::string named;
  Json allowed;  // of allowed_tools: only these are sent
};

// One request on its way to the hub: reads, then writes.
class ResponsesRequest {
 public:
  ResponsesRequest(Json body, const TranslateOptions& options, bool counting)
      : body_(body),
        bytes_(body.raw().size()),
        options_(options),
        counting_(counting),
        findings_(options.drop_unsupported),
        input_(tools_, findings_) {}

  Translation translate();

 private:
  std::optional<Refused> refusal() const;
  void read_tools();
  Choice read_choice() const;
  std::string only_hosted(Json allowed) const;
  void read_allowed();
  bool allowed(const std::string& hub_name) const;
  void place_hosted();
  void read_thinking();
  void write(JsonOut& json, KnownStrings& known);
  void write_tools(JsonOut& json) const;
  void write_web_search(JsonOut& json) const;
  void write_choice(JsonOut& json) const;
  void write_thinking(JsonOut& json) const;
  std::string model() const;
  AnswerContext context() const;

  JsonFields body_;
  const std::size_t bytes_;  // of its text
  const TranslateOptions& options_;
  bool counting_;
  Findings findings_;
  ResponsesTools tools_;
  ResponsesInput input_;
  Choice choice_;
  std::set<std::string> allowed_names_;  // of tools, and types that are such
  std::set<std::string> allowed_spaces_;
  HubThinking thinking_{{}, {}, 0};
  bool web_search_ = false;  // is carried
};

std::optional<Refused> ResponsesRequest::refusal() const {
  if (body_["previous_response_id"].told()) {
    Refused refusal = refused("previous_response_id",
                              "Previous responses are not kept here; send the whole input with "
                              "store: false.");
    refusal.code = "previous_response_not_found";
    return refusal;
  }
  for (const std::string_view name : {"conversation", "prompt"}) {
    if (body_[name].told()) {
      return refused(std::string(name), "Nothing is kept here that this could refer to.");
    }
  }
  if (body_["background"].is_true()) {
    return refused("background", "Responses in the background are not made here.");
  }
  const Json input = body_["input"];
  if (!input.is_string() && !input.is_array()) {
    return refused("input", "Missing: `input` is a string or a list of items.");
  }
  return {};
}

void ResponsesRequest::read_tools() {
  tools_.add_all(body_["tools"]);
  for (const Json& item : body_["input"].items()) {
    const Json type = item["type"];
    const bool found = type.is("tool_search_output") && item["execution"].is("client");
    if (found || type.is("additional_tools")) tools_.add_all(item["tools"]);
  }
}

// The type of the only tool that is allowed, if that is a hosted one.
std::string ResponsesRequest::only_hosted(Json allowed) const {
  std::string only;
  for (const Json& one : allowed.items()) {
    const std::string type = one["type"].text();
    const bool hosted = type != "function" && type != "custom" && type != "namespace" &&
                        tools_.names().count(type) == 0;
    if (!hosted || (!only.empty() && only != type)) return {};
    only = type;
  }
  return only;
}

Choice ResponsesRequest::read_choice() const {
  using Mode = Choice::Mode;
  const auto of_word = [](Json word) {
    return word.is("required") ? Mode::any : word.is("none") ? Mode::none : Mode::automatic;
  };
  const Json choice = body_["tool_choice"];
  if (choice.is_string()) return {of_word(choice), {}, {}};
  if (!choice.is_object()) return {};
  const std::string type = choice["type"].text();
  if (type == "allowed_tools") {
    const Json allowed = choice["tools"];
    const Mode mode = of_word(choice["mode"]);
    // How a search is forced beside other tools.
    const std::string only = only_hosted(allowed);
    if (mode == Mode::any && !only.empty()) return {Mode::hosted, only, allowed};
    return {mode, {}, allowed};
  }
  if (type == "function" || type == "custom") {
    return {Mode::tool, tools_.hub_name(choice["name"].text(), choice["namespace"].text()), {}};
  }
  if (tools_.names().count(type) > 0) return {Mode::tool, type, {}};
  return {Mode::hosted, type, {}};
}

bool ResponsesRequest::allowed(const std::string& hub_name) const {
  if (!choice_.allowed.is_array()) return true;
  const ClientTool& tool = tools_.names().find(hub_name)->second;
  return allowed_names_.count(tool.name) > 0 || allowed_spaces_.count(tool.name_space) > 0;
}

void ResponsesRequest::read_allowed() {
  for (const Json& one : choice_.allowed.items()) {
    const auto [type, name] = one.picked("type", "name");
    if (type.is("namespace")) {
      if (name.is_string()) allowed_spaces_.insert(name.text());
      continue;
    }
    for (const Json word : {type, name})
      if (word.is_string()) allowed_names_.insert(word.text());
  }
}

// Which of the hosted tools is carried; the others are left out of a list.
void ResponsesRequest::place_hosted() {
  const bool forced = choice_.mode == Choice::Mode::hosted;
  const bool alone = tools_.tools().empty() && !tools_.hosted().empty();
  const Json search = tools_.web_search();
  const bool cached_only = search["external_web_access"].is_false();
  const bool search_wanted = forced ? is_web_search(choice_.named) : alone;
  if (search && !cached_only && options_.web_search != "never") {
    web_search_ = search_wanted || options_.web_search == "always";
  }
  bool needed = forced || alone;
  for (const std::string& type : tools_.hosted()) {
    if (web_search_ && is_web_search(type)) {
      needed = needed && forced && !is_web_search(choice_.named);
    } else {
      findings_.drop(type);
    }
  }
  if (!needed) return;
  findings_.cannot_carry_tool(forced ? choice_.named : tools_.hosted()[0]);
}

Translation ResponsesRequest::translate() {
  if (auto refused = refusal()) return *std::move(refused);
  read_tools();
  choice_ = read_choice();
  read_allowed();
  bool logprobs = body_["top_logprobs"].integer().value_or(0) > 0;
  for (const Json& part : body_["include"].items()) {
    logprobs = logprobs || part.is("message.output_text.logprobs");
  }
  if (logprobs) findings_.cannot_carry("top_logprobs", "logprobs");
  place_hosted();
  read_thinking();
  input_.system_text(body_["instructions"]);
  input_.read(body_["input"]);
  Translated translated;
  translated.context = context();
  translated.body.reserve(bytes_ + bytes_ / 8);
  JsonOut json(translated.body);
  if (!findings_.stopped()) write(json, translated.known);
  return findings_.result(std::move(translated));
}

void ResponsesRequest::write(JsonOut& json, KnownStrings& known) {
  json.object().string("model", model());
  if (!counting_) {
    write_hub_limit(thinking_.max_tokens, json);
  }
  if (!input_.system().empty()) {
    json.array("system");
    for (const HubBlock& block : input_.system()) block.write(json, &known);
    json.end();
  }
  json.key("messages");
  input_.turns().write(json, 0, &known);
  write_tools(json);
  write_choice(json);
  write_thinking(json);
  if (!counting_) {
    for (const std::string_view name : {"temperature", "top_p"}) {
      if (const Json value = body_[name]; value.is_number()) json.raw(name, value);
    }
    if (body_["stream"].is_true()) json.boolean("stream", true);
  }
  json.end();
}

void ResponsesRequest::write_tools(JsonOut& json) const {
  bool any = web_search_;
  for (const auto& tool : tools_.tools()) any = any || allowed(tool.first);
  if (!any) return;
  json.array("tools");
  for (const auto& tool : tools_.tools()) {
    if (allowed(tool.first)) json.written(tool.second);
  }
  if (web_search_) write_web_search(json);
  json.end();
}

void ResponsesRequest::write_web_search(JsonOut& json) const {
  const Json tool = tools_.web_search();
  json.object().string("type", hub_search_type).string("name", "web_search");
  if (const Json uses = body_["max_tool_calls"]; uses.is_number()) json.raw("max_uses", uses);
  if (const Json domains = tool["filters"]["allowed_domains"]; domains.is_array()) {
    json.raw("allowed_domains", domains);
  }
  if (const Json place = tool["user_location"]; place.is_object()) {
    json.raw("user_location", place);
  }
  json.end();
}

void ResponsesRequest::read_thinking() {
  const Json reasoning = body_["reasoning"];
  const Json summary = reasoning["summary"];
  Thinking thinking = read_openai_effort(reasoning["effort"].text());
  thinking.shown = summary.told() && !summary.is("none");
  const auto limit = body_["max_output_tokens"].integer();
  // How a model takes it, and the room that this needs, is for the last step to say.
  thinking_ = hub_thinking(thinking, Profile(), limit.value_or(options_.default_max_tokens));
}

void ResponsesRequest::write_choice(JsonOut& json) const {
  using Mode = Choice::Mode;
  bool any = web_search_;
  for (const auto& tool : tools_.tools()) any = any || allowed(tool.first);
  if (!any) return;
  const bool one_at_a_time = body_["parallel_tool_calls"].is_false();
  Mode mode = choice_.mode;
  std::string named = choice_.named;
  const bool forces_search = mode == Mode::hosted || (mode == Mode::any && tools_.tools().empty());
  if (forces_search) {
    mode = web_search_ ? Mode::tool : Mode::automatic;
    named = "web_search";
  }
  if (mode == Mode::absent && !one_at_a_time) return;
  json.object("tool_choice");
  json.string("type", mode == Mode::any    ? "any"
                      : mode == Mode::none ? "none"
                      : mode == Mode::tool ? "tool"
                                           : "auto");
  if (mode == Mode::tool) json.string("name", named);
  if (one_at_a_time && mode != Mode::none) json.boolean("disable_parallel_tool_use", true);
  json.end();
}

void ResponsesRequest::write_thinking(JsonOut& json) const {
  if (!thinking_.thinking.empty()) json.raw("thinking", thinking_.thinking);
  const std::string& effort = thinking_.effort;
  const Json format = body_["text"]["format"];
  const bool has_schema = format["type"].is("json_schema") && format["schema"].is_object();
  if (effort.empty() && !has_schema) return;
  json.object("output_config");
  if (!effort.empty()) json.string("effort", effort);
  if (has_schema) {
    json.object("format").string("type", "json_schema").raw("schema", format["schema"]);
    // For OpenAI's own; Anthropic has no other.
    if (format["strict"].is_true()) json.boolean("strict", true);
    json.end();
  }
  json.end();
}

std::string ResponsesRequest::model() const {
  return options_.model.empty() ? body_["model"].text() : options_.model;
}

AnswerContext ResponsesRequest::context() const {
  AnswerContext context;
  context.tools = tools_.names();
  for (const std::string_view name : echoed) {
    if (const Json value = body_[name]) context.echo.emplace_back(name, value.raw());
  }
  context.model = body_["model"].text();
  context.seed = options_.seed;
  context.issuer = options_.issuer;
  context.now_s = options_.now_s;
  context.stream = body_["stream"].is_true();
  context.web_search = web_search_;
  context.profile = options_.profile;
  return context;
}

Translation translate(std::string_view body, const TranslateOptions& options, bool counting) {
  std::string error;
  JsonIndex index;
  const Json json = index.read(body, &error);
  if (!json.is_object()) return refused("", "The body is not a JSON object: " + error);
  return ResponsesRequest(json, options, counting).translate();
}

}  // namespace

Translation from_responses_request(std::string_view body, const TranslateOptions& options) {
  return translate(body, options, false);
}

Translation from_responses_count(std::string_view body, const TranslateOptions& options) {
  return translate(body, options, true);
}

std::optional<std::string> from_responses_count_answer(std::string_view body) {
  const auto count = Json::read(body)["input_tokens"].integer();
  if (!count) return {};
  return R"({"input_tokens":)" + std::to_string(*count) + "}";
}

std::optional<std::string> to_responses_count_answer(std::string_view hub) {
  const auto count = Json::read(hub)["input_tokens"].integer();
  if (!count) return {};
  return R"({"object":"response.input_tokens","input_tokens":)" + std::to_string(*count) + "}";
}

}  // namespace ccrelay::dialect
