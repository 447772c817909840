#include <algorithm>
#include <utility>

#include "dialect/hub_turns.hpp"
#include "dialect/json_out.hpp"
#include "dialect/profile.hpp"
#include "dialect/responses_parts.hpp"
#include "dialect/responses_reader.hpp"
#include "dialect/stop_reasons.hpp"

namespace ccrelay::dialect {
namespace {

// Writes the blocks of one answer's items.
class ItemBlocks {
 public:
  ItemBlocks(const AnswerContext& context, Seed& seed, JsonOut& json)
      : context_(context), seed_(seed), json_(json) {}

  void item(Json item) {
    const Json type = item["type"];
    if (type.is("reasoning")) return reasoning(item);
    if (type.is("message")) return message(item);
    if (type.is("function_call")) return call(item, input_from_arguments(item["arguments"].text()));
    if (type.is("custom_tool_call")) {
      std::string input;
      JsonOut(input).object().string("input", item["input"].text()).end();
      return call(item, input);
    }
    if (is_search_item(item)) search(item);
  }
  bool called() const { return called_; }
  std::int64_t searches() const { return searches_; }

 private:
  void reasoning(Json item) {
    const std::string text = reasoning_text(item);
    const std::string tag = reasoning_tag(item, context_);
    if (text.empty() && tag.empty()) return;
    json_.object().string("type", "thinking").string("thinking", text);
    json_.string("signature", tag).end();
  }

  void message(Json item) {
    for (const Json& part : item["content"].items()) {
      const Json text = part[part["type"].is("refusal") ? "refusal" : "text"];
      if (!text.is_string() || text.is_empty()) continue;
      json_.object().string("type", "text").raw("text", text);
      const std::string whole = text.text();
      CharacterMarks marks;
      std::string citations;
      for (const Json& annotation : part["annotations"].items()) {
        const std::string citation = citation_of(annotation, whole, 0, marks, context_);
        if (!citation.empty()) citations += (citations.empty() ? "" : ",") + citation;
      }
      if (!citations.empty()) json_.raw("citations", "[" + citations + "]");
      json_.end();
    }
  }

  void call(Json item, const std::string& input) {
    called_ = true;
    const std::string id = item["call_id"].text();
    json_.object().string("type", "tool_use").string("id", id.empty() ? seed_.made("call_") : id);
    json_.string("name", context_.names.back(item["name"].text())).raw("input", input).end();
  }

  void search(Json item) {
    const std::string id = seed_.made("srvtoolu_");
    if (!item["status"].is("failed")) ++searches_;
    json_.object().string("type", "server_tool_use").string("id", id).string("name", "web_search");
    json_.object("input").string("query", search_query(item)).end();
    json_.object("caller").string("type", "direct").end().end();
    json_.raw(search_result_block(item, id, context_));
  }

  const AnswerContext& context_;
  Seed& seed_;
  JsonOut& json_;
  bool called_ = false;
  std::int64_t searches_ = 0;
};

HubError no_answer() {
  HubError error;
  error.status = 502;
  error.message = "The provider's answer is no response.";
  return error;
}

}  // namespace

std::variant<std::string, HubError> from_responses_answer(std::string_view body,
                                                          const AnswerContext& context) {
  const Json response = Json::read(body);
  if (response["error"].told()) {
    return read_error_object(Dialect::responses, 200, response["error"]);
  }
  if (!response["output"].is_array()) return no_answer();
  Seed seed(context.seed);
  std::string hub;
  JsonOut json(hub);
  json.object().string("id", seed.made("msg_")).string("type", "message");
  json.string("role", "assistant");
  json.string("model", context.named(response["model"].text()));
  json.array("content");
  ItemBlocks blocks(context, seed, json);
  for (const Json& item : response["output"].items()) blocks.item(item);
  json.end();
  const std::string status = response["status"].text();
  const std::string reason = response["incomplete_details"]["reason"].text();
  // One that has not ended is no answer.
  if (status == "queued" || status == "in_progress") return no_answer();
  const auto stop = hub_stop_of_responses({status, reason}, blocks.called());
  if (!stop) return no_answer();
  Usage usage;
  read_responses_usage(response["usage"], or_generic(context.profile), usage);
  tell_cost(context, usage);
  read_service_tier(response["service_tier"], usage);
  usage.web_searches = std::max(usage.web_searches, blocks.searches());
  json.string("stop_reason", *stop).null("stop_sequence").key("usage");
  write_hub_usage(json, usage);
  json.end();
  return hub;
}

}  // namespace ccrelay::dialect
