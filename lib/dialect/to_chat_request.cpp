#include <algorithm>
#include <cstdint>
#include <string>

#include "dialect/answer_schema.hpp"
#include "dialect/chat_request.hpp"
#include "dialect/efforts.hpp"
#include "dialect/findings.hpp"
#include "dialect/hub_tools.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profile.hpp"
#include "dialect/to_chat_messages.hpp"
#include "dialect/to_chat_tools.hpp"

namespace ccrelay::dialect {
namespace {

// What of a request goes into chat completions.
struct FieldsForChat {
  Json model, system, messages, max_tokens, temperature, top_p, stop, stream;
  Json thinking, output_config, tools, tool_choice;

  // False for a member that has no place.
  bool take(const JsonMember& member) {
    const std::string name = member.name();
    Json* const field = name == "model"            ? &model
                        : name == "system"         ? &system
                        : name == "messages"       ? &messages
                        : name == "max_tokens"     ? &max_tokens
                        : name == "temperature"    ? &temperature
                        : name == "top_p"          ? &top_p
                        : name == "stop_sequences" ? &stop
                        : name == "stream"         ? &stream
                        : name == "thinking"       ? &thinking
                        : name == "output_config"  ? &output_config
                        : name == "tools"          ? &tools
                        : name == "tool_choice"    ? &tool_choice
                                                   : nullptr;
    if (field) *field = member.value;
    return field != nullptr;
  }
};

class ToChatRequest {
 public:
  ToChatRequest(const FieldsForChat& hub, const TranslateOptions& options, const Profile& profile,
                Findings& findings, AnswerContext& context, JsonOut& out)
      : hub_(hub),
        options_(options),
        profile_(profile),
        findings_(findings),
        context_(context),
        out_(out) {}

  void write() {
    out_.object();
    out_.string("model", options_.model.empty() ? hub_.model.text() : options_.model);
    out_.array("messages");
    ToChatMessages(options_, profile_, context_.names, findings_)
        .write(hub_.system, hub_.messages, out_);
    out_.end();
    write_limit();
    thinking_ = read_hub_thinking(hub_.thinking, hub_.output_config);
    if (!profile_.forced_thinking && forces_call()) {
      thinking_ = {};
      thinking_.kind = Thinking::Kind::disabled;
    }
    write_sampling();
    write_stop();
    if (hub_.stream.is_true()) {
      out_.boolean("stream", true);
      if (profile_.stream_usage) out_.object("stream_options").boolean("include_usage", true).end();
    }
    const bool tools =
        write_chat_tools(hub_.tools, hub_.tool_choice, profile_, context_.names, findings_, out_);
    write_chat_effort(out_, thinking_, profile_, tools);
    write_format();
    if (profile_.cache_key && !options_.cache_key.empty())
      out_.string("prompt_cache_key", options_.cache_key);
    out_.end();
  }

 private:
  bool takes(std::string_view field) const {
    if (!profile_.drops(field)) return true;
    const auto& these = profile_.drop_when_thinking;
    return sent_effort() == "none" && std::find(these.begin(), these.end(), field) != these.end();
  }

  bool has_functions() const {
    for (const Json& tool : hub_.tools.items()) {
      if (!is_hosted_tool(tool)) return true;
    }
    return false;
  }

  bool forces_call() const {
    const Json type = hub_.tool_choice["type"];
    return (type.is("any") || type.is("tool")) && has_functions();
  }

  // Beside tools some models take one word only.
  std::string_view sent_effort() const {
    if (!profile_.effort_with_tools.empty() && has_functions()) return profile_.effort_with_tools;
    return openai_effort(thinking_, profile_);
  }

  void write_limit() {
    auto limit = hub_.max_tokens.integer();
    if (!limit) return;
    for (const std::int64_t highest : {profile_.max_output_tokens, options_.max_output_tokens})
      if (highest > 0) limit = std::min(*limit, highest);
    out_.number(profile_.max_tokens_field, *limit);
  }

  void write_sampling() {
    for (const auto& [name, value] :
         {std::pair{"temperature", hub_.temperature}, std::pair{"top_p", hub_.top_p}}) {
      if (!value.is_number()) continue;
      if (profile_.sampling && takes(name)) {
        out_.raw(name, value);
      } else {
        findings_.drop(name);
      }
    }
  }

  void write_stop() {
    if (!hub_.stop.is_array() || hub_.stop.is_empty()) return;
    std::int64_t left = takes("stop") ? profile_.stop_max : 0;
    if (left <= 0) return findings_.drop("stop_sequences");
    out_.array("stop");
    for (const Json& sequence : hub_.stop.items()) {
      if (left-- > 0) {
        out_.raw(sequence);
      } else {
        findings_.drop("stop_sequences");
      }
    }
    out_.end();
  }

  void write_format() {
    const Json format = hub_.output_config["format"];
    if (!format["type"].is("json_schema")) return;
    if (profile_.response_format == "json_schema") {
      out_.object("response_format").string("type", "json_schema").object("json_schema");
      const Json schema = format["schema"];
      out_.string("name", "output").raw("schema", schema);
      out_.boolean("strict", format["strict"].is_true() || may_be_strict(schema)).end().end();
    } else if (!profile_.response_format.empty()) {
      out_.object("response_format").string("type", profile_.response_format).end();
    } else {
      findings_.drop("output_config.format");
    }
  }

  const FieldsForChat& hub_;
  const TranslateOptions& options_;
  const Profile& profile_;
  Findings& findings_;
  AnswerContext& context_;
  JsonOut& out_;
  Thinking thinking_;
};

}  // namespace

Translation to_chat_request(std::string_view body, const TranslateOptions& options) {
  std::string error;
  JsonIndex index;
  const Json request = index.read(body, &error, options.known);
  if (!request.is_object())
    return refused(
        {}, error.empty() ? "the body is not a JSON object" : "the body is not JSON: " + error);
  const Profile& profile = or_generic(options.profile);
  Findings findings(options.drop_unsupported);
  FieldsForChat hub;
  for (const JsonMember& member : request.members()) {
    if (hub.take(member) || !member.value.told()) continue;
    const std::string name = member.name();
    if (name == "mcp_servers" && !member.value.is_empty()) {
      findings.cannot_carry(name, "MCP servers");
    } else if (name == "container") {
      findings.cannot_carry(name, "a container");
    } else if (name != "metadata") {
      findings.drop(name);
    }
  }
  if (!hub.messages.is_array()) findings.refuse("messages", "messages: Field required");
  Translated translated;
  AnswerContext& context = translated.context;
  context.names = Names(NameForm::openai);
  context.model = hub.model.text();
  context.seed = options.seed;
  context.issuer = options.issuer;
  context.now_s = options.now_s;
  context.stream = hub.stream.is_true();
  context.profile = options.profile;
  translated.body.reserve(body.size() + body.size() / 8);
  JsonOut out(translated.body);
  ToChatRequest(hub, options, profile, findings, context, out).write();
  return findings.result(std::move(translated));
}

}  // namespace ccrelay::dialect
