#include "dialect/responses_so_far.hpp"

#include <utility>

#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/sse_events.hpp"

namespace ccrelay::dialect {

void ResponsesSoFar::on_event(std::string_view name, std::string_view data) {
  const bool is_long = std::exchange(long_, false);
  if ((data.empty() && !is_long) || data == "[DONE]") return;
  ++told_;
  if (is_long) return;
  // Each delta is asked; some servers leave the `event:` line out.
  if (name.empty()) return take(Json::read(data)["type"].text(), data);
  take(name, data);
}

void ResponsesSoFar::take(std::string_view type, std::string_view data) {
  const bool begins = type == "response.created" || type == "response.in_progress";
  if (!begins && type != "response.output_item.done") return;
  const Json event = Json::read(data);
  if (begins) {
    if (event["response"].is_object()) response_ = event["response"].raw();
  } else if (const Json item = event["item"];
             item.is_object() && items_bytes_ + item.raw().size() <= kept_bytes_max) {
    items_bytes_ += item.raw().size();
    items_.emplace_back(item.raw());
  }
}

std::string ResponsesSoFar::failed(const HubError& error, std::string_view id) const {
  std::string data;
  JsonOut json(data);
  json.object().string("type", "response.failed").number("sequence_number", told_);
  json.object("response");
  const Json response(response_);
  if (!response["id"]) json.string("id", id).string("object", "response");
  for (const JsonMember& member : response.members()) {
    if (member.is("status") || member.is("error") || member.is("output")) continue;
    json.raw(member.name(), member.value);
  }
  json.string("status", "failed").raw("error", stream_error(Dialect::responses, error));
  json.array("output");
  for (const std::string& item : items_) json.raw(item);
  json.end_all();
  std::string event;
  append_event(event, "response.failed", data);
  return event;
}

}  // namespace ccrelay::dialect
