#include "dialect/responses_reader.hpp"

#include <algorithm>
#include <utility>

#include "dialect/json_out.hpp"
#include "dialect/profile.hpp"
#include "dialect/responses_parts.hpp"
#include "dialect/stop_reasons.hpp"

namespace ccrelay::dialect {
namespace {

HubError broken(std::string message) {
  HubError error;
  error.status = 502;
  error.message = std::move(message);
  return error;
}

// What an event that waits takes beside its data, about: a place in two trees.
constexpr std::size_t waiting_event_bytes = 160;
// What is known of an item, or of one of its parts, beside its text.
constexpr std::size_t part_bytes = 120;

// Of an event about one item; others are never held back.
bool is_of_item(std::string_view type) {
  return type.substr(0, 9) == "response." && type != "response.completed" &&
         type != "response.incomplete" && type != "response.failed";
}

}  // namespace

void FromResponsesStream::feed(std::string_view in, std::string& out) {
  if (finished_ || failed_) return;
  out_ = &out;
  events_.feed(in);
  if (events_.failed() && !finished_ && !failed_) {
    fail(broken("An event of the provider's is larger than is kept."));
  }
}

void FromResponsesStream::end(std::string& out) {
  if (finished_ || failed_) return;
  out_ = &out;
  events_.end();
  if (!finished_ && !failed_) fail(broken("The provider's stream ended before it was whole."));
}

void FromResponsesStream::on_event(std::string_view name, std::string_view data) {
  if (finished_ || failed_ || data == "[DONE]") return;
  read(name, data);
  take_waiting();
  check_held();
}

void FromResponsesStream::read(std::string_view name, std::string_view data) {
  if (mould_.fits(data, frame)) return grow(grown_, mould_.words(), mould_.are_plain());
  mould_.drop();
  const Json event = Json::read(data);
  if (!event.is_object()) return fail(broken("The provider's stream is no JSON."));
  const auto [told_type, told_index] = event.picked("type", "output_index");
  std::string type = told_type.text();
  if (type.empty()) type = name;
  const auto index = told_index.integer();
  if (reasoning_ != none && is_of_item(type) && index && *index != reasoning_)
    return wait(*index, data);
  take(event, type);
}

void FromResponsesStream::wait(std::int64_t item, std::string_view data) {
  waiting_of_.emplace(item, waited_);
  waiting_.try_emplace(waited_++, Waiting{item, std::string(data)});
  waiting_bytes_ += data.size() + waiting_event_bytes;
}

// One after the other and never one inside another: what waited may begin reasoning that the rest
// waits for again, and again. Each event is counted until its turn comes.
void FromResponsesStream::take_waiting() {
  bool any = false;
  while (!waiting_.empty() && !finished_ && !failed_) {
    auto next = waiting_.begin();
    if (reasoning_ != none) {
      const auto own = waiting_of_.lower_bound({reasoning_, 0});
      if (own == waiting_of_.end() || own->first != reasoning_) break;
      next = waiting_.find(own->second);
    }
    const auto event = waiting_.extract(next);
    const auto& [item, data] = event.mapped();
    waiting_of_.erase({item, event.key()});
    waiting_bytes_ -= data.size() + waiting_event_bytes;
    any = true;
    frame = {};
    read({}, data);
  }
  if (any) mould_.drop();  // it was made of bytes that are gone
}

std::size_t FromResponsesStream::take_known(std::string_view bytes) {
  const std::size_t taken = finished_ || failed_ ? 0 : mould_.fits_front(bytes);
  if (taken > 0) {
    grow(grown_, mould_.words(), mould_.are_plain());
    check_held();
  }
  return taken;
}

void FromResponsesStream::check_held() {
  if (held_bytes() > buffered_bytes_max && !finished_ && !failed_) {
    fail(broken("The provider's stream has more in it than is kept."));
  }
}

void FromResponsesStream::take(Json event, std::string_view type) {
  const auto [told_error, output_index] = event.picked("error", "output_index");
  if (type == "error" || type == "response.failed" || told_error.told()) {
    Json error = type == "response.failed" ? event["response"]["error"] : told_error;
    if (!error.told()) error = event;
    return fail(read_error_object(Dialect::responses, 200, error));
  }
  if (type == "response.created" || type == "response.in_progress" || type == "response.queued") {
    return start(event["response"]);
  }
  if (type == "response.completed" || type == "response.incomplete") {
    start(event["response"]);
    return end_of_response(event["response"]);
  }
  const auto index = output_index.integer();
  if (!index) return;
  start({});
  if (type == "response.output_item.added") return open(*index, event["item"]);
  if (type == "response.output_item.done") return whole(*index, event["item"]);
  if (!item_of(*index).done) delta(*index, event, type);
}

void FromResponsesStream::start(Json response) {
  if (hub_.started()) return;
  hub_.start(seed_.made("msg_"), context_.named(response["model"].text()), *out_);
}

FromResponsesStream::Item& FromResponsesStream::item_of(std::int64_t index) {
  const auto [found, is_new] = items_.try_emplace(index);
  if (is_new) told_bytes_ += sizeof(Item) + part_bytes;
  return found->second;
}

FromResponsesStream::Part& FromResponsesStream::part_of(Item& item, std::int64_t part) {
  const auto [found, is_new] = item.parts.try_emplace(part);
  if (is_new) told_bytes_ += part_bytes;
  return found->second;
}

void FromResponsesStream::name_item(std::int64_t index, Json id) {
  if (!id.is_string()) return;
  const auto [named, is_new] = indexes_.emplace(id.text(), index);
  if (is_new) told_bytes_ += named->first.size() + part_bytes;
}

// Some servers leave items out of the whole response, or count from elsewhere.
std::int64_t FromResponsesStream::index_of(Json item, std::int64_t position) const {
  const auto told = indexes_.find(item["id"].text());
  return told == indexes_.end() ? position : told->second;
}

void FromResponsesStream::end_of_response(Json response) {
  // Reasoning first that others wait for and that was not told as done.
  std::int64_t position = 0;
  for (const Json& item : response["output"].items()) {
    const std::int64_t index = index_of(item, position++);
    if (index == reasoning_ && item["type"].is("reasoning")) whole(index, item);
    take_waiting();
  }
  reasoning_ = none;
  take_waiting();
  position = 0;
  for (const Json& item : response["output"].items()) {
    whole(index_of(item, position++), item);
    take_waiting();
  }
  if (failed_ || finished_) return;
  const std::string status = response["status"].text();
  const std::string reason = response["incomplete_details"]["reason"].text();
  const auto stop = hub_stop_of_responses({status, reason}, calls_ > 0);
  if (!stop) return fail(read_error_object(Dialect::responses, 200, response["error"]));
  Usage usage;
  read_responses_usage(response["usage"], or_generic(context_.profile), usage);
  tell_cost(context_, usage);
  read_service_tier(response["service_tier"], usage);
  usage.web_searches = std::max(usage.web_searches, searches_);
  std::string text;
  JsonOut json(text);
  write_hub_usage(json, usage);
  hub_.finish(*stop, text, *out_);
  finished_ = true;
}

void FromResponsesStream::fail(const HubError& error) {
  failed_ = true;
  tell_status(context_, error.status);
  append_hub_error(error.type, error.message, *out_);
}

void FromResponsesStream::open(std::int64_t index, Json item) {
  Item& entry = item_of(index);
  name_item(index, item["id"]);
  if (item["type"].is("reasoning") && reasoning_ == none && !entry.done) reasoning_ = index;
  // A call without a name waits for it.
  const Json name = item["name"];
  if (!item["type"].is("function_call") || entry.opened || !name.is_string() || name.is_empty()) {
    return;
  }
  entry.opened = true;
  ++calls_;
  const std::string id = item["call_id"].text();
  entry.call = hub_.call(id.empty() ? seed_.made("call_") : id, context_.names.back(name.text()),
                         index, *out_);
}

void FromResponsesStream::delta(std::int64_t index, Json event, std::string_view type) {
  if (type.substr(0, 9) != "response.") return;
  type.remove_prefix(9);
  const auto [told, content_index, summary_index] =
      event.picked("delta", "content_index", "summary_index");
  const std::string piece = told.text();
  grown_ = {};
  const std::int64_t part = content_index.integer().value_or(0);
  const std::int64_t summary = summary_index.integer().value_or(0);
  if (type == "output_text.delta" || type == "refusal.delta") {
    text(index, part, piece);
  } else if (type == "output_text.done") {
    text(index, part, rest(index, part, event["text"].text()));
  } else if (type == "refusal.done") {
    text(index, part, rest(index, part, event["refusal"].text()));
  } else if (type == "reasoning_summary_text.delta") {
    thinking(index, summary, true, piece);
  } else if (type == "reasoning_summary_text.done") {
    thinking(index, summary, true, rest(index, summary, event["text"].text()));
  } else if (type == "reasoning_text.delta") {
    thinking(index, part, false, piece);
  } else if (type == "reasoning_text.done") {
    thinking(index, part, false, rest(index, part, event["text"].text()));
  } else if (type == "function_call_arguments.delta") {
    arguments(index, piece);
  } else if (type == "function_call_arguments.done") {
    arguments(index, rest(index, 0, event["arguments"].text()));
  } else if (type == "output_text.annotation.added") {
    cite(index, event["annotation"], part);
  }
  // The next event may be this one with other words.
  const bool is_named = event["type"].is_string() && !event["type"].is_empty();
  if (grown_.told && is_named && type.ends_with(".delta")) {
    mould_.cast(event, told,
                {{"type", "error", "output_index", "content_index", "summary_index", "delta"}},
                frame);
  }
}

void FromResponsesStream::grow(const Grown& grown, std::string_view piece, bool plain) {
  grown_ = grown;
  *grown.told += piece;
  told_bytes_ += piece.size();
  switch (grown.kind) {
    case Grown::Kind::text:
      return hub_.text(piece, *out_, plain);
    case Grown::Kind::thinking:
      return hub_.thinking(piece, *out_, plain);
    case Grown::Kind::arguments:
      return hub_.arguments(grown.call, piece, *out_);
  }
}

// What of a whole text was not told in pieces.
std::string_view FromResponsesStream::rest(std::int64_t index, std::int64_t part,
                                           std::string_view text) {
  const auto& parts = item_of(index).parts;
  const auto known = parts.find(part);
  const std::size_t told = known == parts.end() ? 0 : known->second.told.size();
  return told < text.size() ? text.substr(told) : std::string_view();
}

void FromResponsesStream::text(std::int64_t index, std::int64_t part, std::string_view piece) {
  if (piece.empty()) return;
  Item& item = item_of(index);
  // Each part of each message is a block of its own.
  if (std::exchange(item.part, part) != part) hub_.end_text(*out_);
  Part& said = part_of(item, part);
  const std::size_t before = said.told.size();
  const std::size_t blocks = hub_.blocks();
  grow({&said.told, Grown::Kind::text}, piece);
  if (hub_.blocks() != blocks) said.block_begin = before;
}

void FromResponsesStream::thinking(std::int64_t index, std::int64_t part, bool summary,
                                   std::string_view piece) {
  Item& item = item_of(index);
  if (piece.empty() || (item.part != none && item.summary != summary)) return;
  item.summary = summary;
  const std::int64_t before = std::exchange(item.part, part);
  if (before != none && before != part) hub_.thinking("\n\n", *out_);
  grow({&part_of(item, part).told, Grown::Kind::thinking}, piece);
}

void FromResponsesStream::arguments(std::int64_t index, std::string_view piece) {
  Item& item = item_of(index);
  // Without its name the call comes when it is done.
  if (piece.empty() || !item.opened) return;
  grow({&part_of(item, 0).told, Grown::Kind::arguments, item.call}, piece);
}

void FromResponsesStream::cite(std::int64_t index, Json annotation, std::int64_t part) {
  if (hub_.waiting_bytes() > buffered_bytes_max) return;  // the event's end is this stream's
  Item& item = item_of(index);
  Part& cited = part_of(item, part);
  const std::string citation =
      citation_of(annotation, cited.told, cited.block_begin, cited.marks, context_);
  if (citation.empty()) return;
  item.cited = true;
  hub_.cite(citation);
}

// --- whole items ---

void FromResponsesStream::whole(std::int64_t index, Json item) {
  Item& entry = item_of(index);
  if (entry.done || failed_) return;
  name_item(index, item["id"]);
  const Json type = item["type"];
  if (type.is("message")) {
    whole_message(index, item);
  } else if (type.is("reasoning")) {
    whole_reasoning(index, item);
  } else if (type.is("function_call")) {
    whole_call(index, item);
  } else if (is_search_item(item)) {
    search(item);
  }
  entry.done = true;
  if (reasoning_ == index) reasoning_ = none;
}

void FromResponsesStream::whole_message(std::int64_t index, Json item) {
  // Where the citations come only here, they can be those of the last text alone: the blocks of the
  // others are closed, unless they were not told in pieces.
  const bool cited = item_of(index).cited;
  std::int64_t part = 0;
  for (const Json& one : item["content"].items()) {
    const std::string all = one[one["type"].is("refusal") ? "refusal" : "text"].text();
    text(index, part, rest(index, part, all));
    if (!cited && item_of(index).part == part) {
      for (const Json& annotation : one["annotations"].items()) cite(index, annotation, part);
    }
    ++part;
  }
  hub_.end_text(*out_);
}

void FromResponsesStream::whole_reasoning(std::int64_t index, Json item) {
  Item& entry = item_of(index);
  if (entry.part == none) thinking(index, 0, true, reasoning_text(item));
  const std::string tag = reasoning_tag(item, context_);
  if (!tag.empty() || hub_.thinks()) hub_.sign(tag, *out_);
}

void FromResponsesStream::whole_call(std::int64_t index, Json item) {
  open(index, item);
  Item& entry = item_of(index);
  if (!entry.opened) return fail(broken("The provider's answer has a call without a name."));
  const std::string all = item["arguments"].text();
  arguments(index, rest(index, 0, all));
  hub_.end_call(entry.call, *out_);
}

void FromResponsesStream::search(Json item) {
  const std::string id = seed_.made("srvtoolu_");
  if (!item["status"].is("failed")) ++searches_;
  hub_.search(id, search_query(item), search_result_block(item, id, context_), *out_);
}

}  // namespace ccrelay::dialect
