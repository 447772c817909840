#include "dialect/responses_writer.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "dialect/json_out.hpp"
#include "dialect/sse_events.hpp"
#include "dialect/stop_reasons.hpp"
#include "dialect/tags.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::dialect {
namespace {

// What is kept of a search beside its words, about.
constexpr std::size_t search_bytes = 160;

}  // namespace

ResponsesWriter::ResponsesWriter(AnswerContext context, bool events)
    : context_(std::move(context)), events_(events), seed_(context_.seed) {
  id_ = seed_.made("resp_");
}

// --- the answer as a whole ---

void ResponsesWriter::event(std::string_view type, std::string& out, const Fill& fill) {
  if (!events_) return;
  std::string data;
  JsonOut json(data);
  json.object().string("type", type).number("sequence_number", sequence_++);
  fill(json);
  json.end();
  append_event(out, type, data);
}

void ResponsesWriter::item_event(std::string_view type, std::string& out, const Fill& fill) {
  event(type, out, [&](JsonOut& json) {
    json.string("item_id", item_id_).number("output_index", std::int64_t(items_.size()));
    fill(json);
  });
}

// More of the open item, straight to where it goes: this is done for each token. `index` and `more`
// are members around the words.
void ResponsesWriter::delta_event(std::string_view type, std::string_view index,
                                  std::string_view words, std::string_view more, std::string& out) {
  if (!events_) return;
  out += "event: ";
  out += type;
  out += "\ndata: {\"type\":\"";
  out += type;
  out += R"(","sequence_number":)";
  std::array<char, 20> digits{};
  out.append(digits.data(),
             std::to_chars(digits.data(), digits.data() + digits.size(), sequence_++).ptr);
  out += item_members_;
  out += index;
  out += R"(,"delta":)";
  wire::append_json_string(out, words);
  out += more;
  out += "}\n\n";
}

void ResponsesWriter::begin_item(std::string id, std::string& out) {
  end_message(out);
  item_id_ = std::move(id);
  item_members_ = R"(,"item_id":)" + json_quoted(item_id_);
  item_members_ += R"(,"output_index":)" + std::to_string(items_.size());
}

void ResponsesWriter::response_event(std::string_view type, std::string& out) {
  event(type, out, [&](JsonOut& json) { json.raw("response", document()); });
}

std::string ResponsesWriter::document() const {
  const auto echo = [&](JsonOut& json, std::string_view name, std::string_view otherwise) {
    for (const auto& [echoed, value] : context_.echo) {
      if (echoed == name) otherwise = value;
    }
    json.raw(name, otherwise);
  };
  std::string text;
  JsonOut json(text);
  json.object().string("id", id_).string("object", "response");
  json.number("created_at", context_.now_s).string("status", status_).boolean("background", false);
  json.raw("error", error_);
  if (incomplete_.empty()) {
    json.null("incomplete_details");
  } else {
    json.object("incomplete_details").string("reason", incomplete_).end();
  }
  echo(json, "instructions", "null");
  echo(json, "max_output_tokens", "null");
  echo(json, "metadata", "{}");
  json.string("model", context_.or_sent(model_));
  json.array("output");
  for (const std::string& item : items_) json.raw(item);
  json.end();
  echo(json, "parallel_tool_calls", "true");
  json.null("previous_response_id");
  echo(json, "reasoning", R"({"effort":null,"summary":null})");
  json.boolean("store", false);
  echo(json, "temperature", "null");
  echo(json, "text", R"({"format":{"type":"text"}})");
  echo(json, "tool_choice", R"("auto")");
  echo(json, "tools", "[]");
  echo(json, "top_p", "null");
  json.string("truncation", "disabled");
  if (status_ == "in_progress") {
    json.null("usage");
  } else {
    json.key("usage");
    write_responses_usage(json, usage_);
  }
  json.end();
  return text;
}

void ResponsesWriter::start(Json message, std::string& out) {
  model_ = message["model"].text();
  usage(message["usage"]);
  response_event("response.created", out);
  response_event("response.in_progress", out);
}

void ResponsesWriter::finish(std::string_view stop_reason, std::string& out) {
  block_stop(out);
  end_message(out);
  const ResponsesEnd end = responses_end(stop_reason);
  status_ = end.status;
  incomplete_ = end.reason;
  response_event("response." + status_, out);
}

void ResponsesWriter::fail(const HubError& error, std::string& out) {
  // What was said in whole blocks is kept by clients.
  if (kind_ != Kind::text) end_message(out);
  status_ = "failed";
  error_ = stream_error(Dialect::responses, error);
  response_event("response.failed", out);
}

void ResponsesWriter::item_done(const Fill& write_item, std::string& out) {
  std::string item;
  JsonOut json(item);
  write_item(json);
  event("response.output_item.done", out, [&](JsonOut& done) {
    done.number("output_index", std::int64_t(items_.size())).raw("item", item);
  });
  bytes_ += item.size() + sizeof(item);
  items_.push_back(std::move(item));
}

// --- its blocks ---

void ResponsesWriter::block_start(Json block, std::string& out) {
  block_stop(out);
  const Json type = block["type"];
  opened_ = false;
  text_.clear();
  signature_.clear();
  cited_.clear();
  if (type.is("text")) {
    kind_ = Kind::text;
    begin_ = said_.size();
    text(block["text"].text(), out);
    for (const Json& citation : block["citations"].items()) cite(citation);
  } else if (type.is("thinking")) {
    kind_ = Kind::thinking;
    thinking(block["thinking"].text(), out);
    signature_ = sealed(block["signature"].text());
  } else if (type.is("redacted_thinking")) {
    kind_ = Kind::thinking;
    std::string data;
    JsonOut(data).object().raw("redacted", block["data"]).end();
    signature_ = make_tag({Dialect::anthropic, context_.issuer, data});
  } else if (type.is("tool_use")) {
    call_start(block, out);
  } else if (type.is("server_tool_use") && block["name"].is("web_search")) {
    // The search takes its time: what was said before is not kept waiting for it.
    end_message(out);
    text_ = block["id"].text();
    queries_[text_] = block["input"].raw();
    bytes_ += text_.size() + queries_[text_].size() + search_bytes;
  } else if (type.is("web_search_tool_result")) {
    search_result(block, out);
  }
}

void ResponsesWriter::block_delta(Json delta, std::string& out) {
  const DeltaWords words = DeltaWords::of(delta);
  if (words.kind != DeltaWords::Kind::none) return block_words(words.kind, words.words.text(), out);
  const Json type = delta["type"];
  if (type.is("citations_delta") && kind_ == Kind::text) {
    cite(delta["citation"]);
  } else if (type.is("signature_delta") && kind_ == Kind::thinking) {
    signature_ = sealed(delta["signature"].text());
  }
}

void ResponsesWriter::block_words(DeltaWords::Kind kind, std::string_view words, std::string& out) {
  switch (kind) {
    case DeltaWords::Kind::none:
      return;
    case DeltaWords::Kind::text:
      if (kind_ == Kind::text) text(words, out);
      return;
    case DeltaWords::Kind::thinking:
      if (kind_ == Kind::thinking) thinking(words, out);
      return;
    case DeltaWords::Kind::input:
      if (kind_ == Kind::call) call_delta(words, out);
      if (kind_ == Kind::none) search_delta(words);
  }
}

// The input of a search, which started as {}.
void ResponsesWriter::search_delta(std::string_view piece) {
  const auto search = queries_.find(text_);
  if (search == queries_.end()) return;
  if (search->second == "{}") search->second.clear();
  search->second += piece;
  bytes_ += piece.size();
}

void ResponsesWriter::block_stop(std::string& out) {
  switch (std::exchange(kind_, Kind::none)) {
    case Kind::none:
      return;
    case Kind::text:
      end_text(out);
      break;
    case Kind::thinking:
      end_thinking(out);
      break;
    case Kind::call:
      end_call(out);
      break;
  }
  // Its item has it now, but for a message, which may go on.
  open_bytes_ = speaks_ ? said_.size() + annotations_.size() : 0;
  std::string().swap(text_);
  std::string().swap(call_.input);
}

void ResponsesWriter::text(std::string_view piece, std::string& out) {
  if (piece.empty()) return;
  if (!speaks_) {
    begin_item(seed_.made("msg_"), out);
    speaks_ = true;
    event("response.output_item.added", out, [&](JsonOut& json) {
      json.number("output_index", std::int64_t(items_.size())).key("item");
      write_message_item(json, item_id_, {}, "in_progress");
    });
    item_event("response.content_part.added", out, [&](JsonOut& json) {
      json.number("content_index", 0).raw("part", output_text_part({}, {}));
    });
  }
  said_ += piece;
  open_bytes_ += piece.size();
  delta_event("response.output_text.delta", R"(,"content_index":0)", piece, R"(,"logprobs":[])",
              out);
}

void ResponsesWriter::cite(Json citation) {
  if (!citation["url"].is_string()) return;
  std::string members = R"("url":)" + std::string(citation["url"].raw()) + R"(,"title":)";
  const Json title = citation["title"];
  members += title.is_string() ? title.raw() : "\"\"";
  open_bytes_ += members.size() + sizeof(Cited);
  cited_.push_back({std::move(members), cited_span(citation)});
}

// How many characters of the message lie in front of this byte, which is never before the last one.
std::int64_t ResponsesWriter::characters_until(std::size_t bytes) {
  for (; counted_ < bytes; ++counted_)
    characters_ += (static_cast<unsigned char>(said_[counted_]) & 0xC0) != 0x80;
  return characters_;
}

// A citation whose provider told no span is about its whole block.
void ResponsesWriter::end_text(std::string& out) {
  if (cited_.empty() || said_.size() == begin_) return;
  const std::int64_t begin = characters_until(begin_);
  const CitedSpan block{begin, characters_until(said_.size())};
  for (const Cited& cited : cited_) {
    const CitedSpan span = placed(cited.span, block);
    std::string one = R"({"type":"url_citation",)" + cited.page;
    one += R"(,"start_index":)" + std::to_string(span.begin);
    one += R"(,"end_index":)" + std::to_string(span.end) + "}";
    item_event("response.output_text.annotation.added", out, [&](JsonOut& json) {
      json.number("content_index", 0).number("annotation_index", annotated_).raw("annotation", one);
    });
    annotations_ += (annotated_++ == 0 ? "" : ",") + one;
    open_bytes_ += one.size();
    open_bytes_ -= cited.page.size() + sizeof(cited);
  }
  cited_.clear();
}

void ResponsesWriter::end_message(std::string& out) {
  if (!std::exchange(speaks_, false)) return;
  const std::string text = std::exchange(said_, {});
  const std::string part = output_text_part(text, std::exchange(annotations_, {}));
  annotated_ = characters_ = 0;
  counted_ = 0;
  item_event("response.output_text.done", out, [&](JsonOut& json) {
    json.number("content_index", 0).string("text", text).array("logprobs").end();
  });
  item_event("response.content_part.done", out,
             [&](JsonOut& json) { json.number("content_index", 0).raw("part", part); });
  item_done([&](JsonOut& json) { write_message_item(json, item_id_, part, "completed"); }, out);
  open_bytes_ = 0;
}

// What a client keeps of reasoning and sends back: the provider's own tag, or one around
// Anthropic's signature.
std::string ResponsesWriter::sealed(std::string_view signature) const {
  if (signature.empty() || read_tag(signature)) return std::string(signature);
  std::string data;
  JsonOut(data).object().string("signature", signature).end();
  return make_tag({Dialect::anthropic, context_.issuer, data});
}

void ResponsesWriter::open_thinking(std::string& out) {
  if (std::exchange(opened_, true)) return;
  begin_item(seed_.made("rs_"), out);
  event("response.output_item.added", out, [&](JsonOut& json) {
    json.number("output_index", std::int64_t(items_.size())).key("item");
    write_reasoning_item(json, item_id_, {}, {});
  });
}

void ResponsesWriter::thinking(std::string_view piece, std::string& out) {
  if (piece.empty()) return;
  open_thinking(out);
  if (text_.empty()) {
    item_event("response.reasoning_summary_part.added", out, [&](JsonOut& json) {
      json.number("summary_index", 0).object("part").string("type", "summary_text");
      json.string("text", "").end();
    });
  }
  text_ += piece;
  open_bytes_ += piece.size();
  delta_event("response.reasoning_summary_text.delta", R"(,"summary_index":0)", piece, {}, out);
}

void ResponsesWriter::end_thinking(std::string& out) {
  if (!signature_.empty()) open_thinking(out);
  if (!opened_) return;
  if (!text_.empty()) {
    item_event("response.reasoning_summary_text.done", out,
               [&](JsonOut& json) { json.number("summary_index", 0).string("text", text_); });
    item_event("response.reasoning_summary_part.done", out, [&](JsonOut& json) {
      json.number("summary_index", 0).object("part").string("type", "summary_text");
      json.string("text", text_).end();
    });
  }
  item_done([&](JsonOut& json) { write_reasoning_item(json, item_id_, text_, signature_); }, out);
}

void ResponsesWriter::call_start(Json block, std::string& out) {
  kind_ = Kind::call;
  const std::string name(context_.names.back(block["name"].text()));
  const auto tool = context_.tools.find(name);
  call_ = {};
  call_.tool = tool == context_.tools.end() ? ClientTool{"function", {}, name} : tool->second;
  begin_item(seed_.made(item_prefix(call_.tool)), out);
  call_.item_id = item_id_;
  call_.call_id = block["id"].text();
  custom_ = {};
  flow_ = {};
  const Json input = block["input"];
  whole_input_ = input.told() && !input.is_empty() ? std::string(input.raw()) : std::string();
  event("response.output_item.added", out, [&](JsonOut& json) {
    json.number("output_index", std::int64_t(items_.size())).key("item");
    write_call_item(json, call_, "in_progress");
  });
}

void ResponsesWriter::call_delta(std::string_view piece, std::string& out) {
  if (piece.empty()) return;
  std::string delta;
  const bool custom = call_.tool.kind == "custom";
  if (custom) {
    custom_.feed(piece, delta);
  } else {
    flow_.feed(piece, delta);
  }
  open_bytes_ += piece.size();
  call_.input += delta;
  if (delta.empty() || (!custom && call_.tool.kind != "function")) return;
  delta_event(
      custom ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta",
      {}, delta, {}, out);
}

void ResponsesWriter::end_call(std::string& out) {
  const bool custom = call_.tool.kind == "custom";
  if (!whole_input_.empty() && !flow_.begun() && custom_.untouched()) {
    call_delta(whole_input_, out);
  } else if (call_.tool.kind == "function" && !flow_.begun()) {
    call_delta("{}", out);
  }
  std::string rest;
  if (custom) {
    custom_.end(rest);
  } else {
    flow_.end(rest);
  }
  call_.input += rest;
  if (custom) {
    if (!rest.empty()) {
      item_event("response.custom_tool_call_input.delta", out,
                 [&](JsonOut& json) { json.string("delta", rest); });
    }
    item_event("response.custom_tool_call_input.done", out,
               [&](JsonOut& json) { json.string("input", call_.input); });
  } else if (call_.tool.kind == "function") {
    item_event("response.function_call_arguments.done", out, [&](JsonOut& json) {
      json.string("name", call_.tool.name).string("arguments", call_.input);
    });
  }
  item_done([&](JsonOut& json) { write_call_item(json, call_, "completed"); }, out);
}

// The search and what it found, once both are known.
void ResponsesWriter::search_result(Json block, std::string& out) {
  const auto search = queries_.find(block["tool_use_id"].text());
  if (search == queries_.end()) return;
  const std::string query = Json::read(search->second)["query"].text();
  bytes_ -= search->first.size() + search->second.size() + search_bytes;
  queries_.erase(search);
  const Json found = block["content"];
  begin_item(seed_.made("ws_"), out);
  const auto write = [&](JsonOut& json, std::string_view status, bool with_sources) {
    json.object().string("id", item_id_).string("type", "web_search_call");
    json.string("status", status).object("action").string("type", "search");
    json.string("query", query);
    if (with_sources) {
      json.array("sources");
      for (const Json& one : found.items()) {
        json.object().string("type", "url").raw("url", one["url"]).end();
      }
      json.end();
    }
    json.end().end();
  };
  event("response.output_item.added", out, [&](JsonOut& json) {
    json.number("output_index", std::int64_t(items_.size())).key("item");
    write(json, "in_progress", false);
  });
  for (const std::string_view step : {"in_progress", "searching", "completed"}) {
    item_event("response.web_search_call." + std::string(step), out, [](JsonOut&) {});
  }
  const bool failed = !found.is_array();
  item_done([&](JsonOut& json) { write(json, failed ? "failed" : "completed", !failed); }, out);
}

}  // namespace ccrelay::dialect
