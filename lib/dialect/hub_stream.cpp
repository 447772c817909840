#include "dialect/hub_stream.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "dialect/sse_events.hpp"
#include "dialect/words_between.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::dialect {
void HubStream::start(std::string_view id, std::string_view model, std::string& out) {
  if (started_) return;
  started_ = true;
  std::string json = R"({"type":"message_start","message":{"id":)";
  wire::append_json_string(json, id);
  json += R"(,"type":"message","role":"assistant","model":)";
  wire::append_json_string(json, model);
  json += R"(,"content":[],"stop_reason":null,"stop_sequence":null,)"
          R"("usage":{"input_tokens":0,"output_tokens":0}}})";
  append_event(out, "message_start", json);
}

HubStream::Block& HubStream::add(Kind kind, std::string_view id, std::string_view name) {
  ++blocks_;
  Block& block = queue_.emplace_back();
  block.kind = kind;
  block.id = id;
  block.name = name;
  waiting_bytes_ += bytes_of(block);
  return block;
}

// Null for one that was told and has given way.
HubStream::Block* HubStream::open_call(std::size_t call) {
  const std::size_t block = calls_[call];
  return block < index_ ? nullptr : &queue_[block - index_];
}

HubStream::Block& HubStream::last_of(Kind kind) {
  if (!queue_.empty() && queue_.back().kind == kind && !queue_.back().signed_) return queue_.back();
  return add(kind);
}

// The usual case: this belongs to the only block that is open, and nothing of that waits.
bool HubStream::goes_on(Kind kind) const {
  if (queue_.size() != 1) return false;
  const Block& block = queue_.front();
  return block.kind == kind && block.told && !block.signed_ && block.waiting.empty();
}

void HubStream::wait(Block& block, std::string_view piece) {
  block.waiting += piece;
  waiting_bytes_ += piece.size();
}

void HubStream::text(std::string_view piece, std::string& out, bool plain) {
  if (piece.empty()) return;
  if (goes_on(Kind::text)) return tell_delta(piece, out, plain);
  wait(last_of(Kind::text), piece);
  pump(out);
}

void HubStream::thinking(std::string_view piece, std::string& out, bool plain) {
  if (piece.empty()) return;
  if (goes_on(Kind::thinking)) return tell_delta(piece, out, plain);
  wait(last_of(Kind::thinking), piece);
  pump(out);
}

void HubStream::end_text(std::string& out) {
  if (queue_.empty() || queue_.back().kind != Kind::text) return;
  queue_.back().signed_ = true;
  pump(out);
}

void HubStream::cite(std::string_view citation) {
  if (queue_.empty() || queue_.back().kind != Kind::text) return;
  waiting_bytes_ += citation.size();
  queue_.back().citations.emplace_back(citation);
}

bool HubStream::thinks() const {
  return !queue_.empty() && queue_.back().kind == Kind::thinking && !queue_.back().signed_;
}

void HubStream::sign(std::string_view signature, std::string& out) {
  Block& block = last_of(Kind::thinking);
  block.signature = signature;
  block.signed_ = true;
  waiting_bytes_ += signature.size();
  pump(out);
}

std::size_t HubStream::call(std::string_view id, std::string_view name, std::int64_t order,
                            std::string& out) {
  calls_.push_back(blocks_);
  add(Kind::call, id, name).order = order;
  pump(out);
  return calls_.size() - 1;
}

void HubStream::arguments(std::size_t call, std::string_view piece, std::string& out) {
  Block* const block = open_call(call);
  if (!block || block->ended) return;
  std::string passed;
  block->arguments.feed_value(piece, passed);
  if (goes_on(Kind::call) && !passed.empty()) return tell_delta(passed, out);
  wait(*block, passed);
  pump(out);
}

void HubStream::end_call(std::size_t call, std::string& out) {
  if (Block* const block = open_call(call)) block->ended = true;
  pump(out);
}

void HubStream::search(std::string_view id, std::string_view query, std::string_view result,
                       std::string& out) {
  std::string input = R"({"query":)";
  wire::append_json_string(input, query);
  wait(add(Kind::search, id), input + "}");
  whole_block(result, out);
}

void HubStream::whole_block(std::string_view json, std::string& out) {
  wait(add(Kind::whole), json);
  pump(out);
}

// Tells what can be told of the first block; it gives way to the next one as soon as it may.
void HubStream::pump(std::string& out) {
  while (!queue_.empty()) {
    Block& block = queue_.front();
    if (!std::exchange(block.told, true)) {
      waiting_bytes_ -= bytes_of(block);
      tell_start(block, out);
    }
    tell_waiting(block, out);
    const bool over = block.signed_ || block.kind == Kind::whole || block.kind == Kind::search;
    const bool may_end = block.kind != Kind::call || block.arguments.complete() || block.ended;
    if (!over && (queue_.size() == 1 || !may_end)) return;
    tell_stop(block, out);
    queue_.pop_front();
  }
}

void HubStream::tell_start(const Block& block, std::string& out) {
  const std::string index = std::to_string(index_);
  delta_ = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":" + index;
  delta_ += block.kind == Kind::text ? R"(,"delta":{"type":"text_delta","text":")"
            : block.kind == Kind::thinking
                ? R"(,"delta":{"type":"thinking_delta","thinking":")"
                : R"(,"delta":{"type":"input_json_delta","partial_json":")";
  std::string json = R"({"type":"content_block_start","index":)" + index;
  json += R"(,"content_block":)";
  switch (block.kind) {
    case Kind::text:
      json += R"({"type":"text","text":""})";
      break;
    case Kind::thinking:
      json += R"({"type":"thinking","thinking":"","signature":""})";
      break;
    case Kind::call:
      json += R"({"type":"tool_use","id":)";
      wire::append_json_string(json, block.id);
      json += R"(,"name":)";
      wire::append_json_string(json, block.name);
      json += R"(,"input":{}})";
      break;
    case Kind::search:
      json += R"({"type":"server_tool_use","id":)";
      wire::append_json_string(json, block.id);
      json += R"(,"name":"web_search","input":{},"caller":{"type":"direct"}})";
      break;
    case Kind::whole:
      json += block.waiting;
      break;
  }
  append_event(out, "content_block_start", json + "}");
}

void HubStream::tell_waiting(Block& block, std::string& out) {
  if (block.waiting.empty()) return;
  waiting_bytes_ -= block.waiting.size();
  if (block.kind != Kind::whole) tell_delta(block.waiting, out);
  block.waiting.clear();
}

// Straight to where it goes: this is done for each token.
void HubStream::tell_delta(std::string_view piece, std::string& out, bool plain) const {
  append_words_between(out, delta_, piece, "\"}}\n\n", plain);
}

void HubStream::tell_stop(const Block& block, std::string& out) {
  const std::string index = std::to_string(index_++);
  for (const std::string& citation : block.citations) {
    waiting_bytes_ -= citation.size();
    append_event(out, "content_block_delta",
                 R"({"type":"content_block_delta","index":)" + index +
                     R"(,"delta":{"type":"citations_delta","citation":)" + citation + "}}");
  }
  if (!block.signature.empty()) {
    waiting_bytes_ -= block.signature.size();
    std::string json = R"({"type":"content_block_delta","index":)" + index;
    json += R"(,"delta":{"type":"signature_delta","signature":)";
    wire::append_json_string(json, block.signature);
    append_event(out, "content_block_delta", json + "}}");
  }
  append_event(out, "content_block_stop", R"({"type":"content_block_stop","index":)" + index + "}");
}

void HubStream::finish(std::string_view stop_reason, std::string_view usage, std::string& out) {
  // Calls that nobody could tell yet stand in the order that they have among themselves.
  std::vector<Block*> waiting;
  for (Block& block : queue_) {
    if (block.kind == Kind::call && !block.told) waiting.push_back(&block);
  }
  std::vector<Block> sorted;
  for (Block* block : waiting) sorted.push_back(std::move(*block));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Block& a, const Block& b) { return a.order < b.order; });
  for (std::size_t i = 0; i < waiting.size(); ++i) *waiting[i] = std::move(sorted[i]);
  for (Block& block : queue_) {
    block.ended = true;
    std::string held;
    if (block.kind == Kind::call) block.arguments.end(held);
    wait(block, held);
  }
  pump(out);
  if (!queue_.empty()) {
    tell_stop(queue_.front(), out);
    queue_.clear();
  }
  std::string json = R"({"type":"message_delta","delta":{"stop_reason":)";
  wire::append_json_string(json, stop_reason);
  json += R"(,"stop_sequence":null},"usage":)";
  json += usage;
  append_event(out, "message_delta", json + "}");
  append_event(out, "message_stop", R"({"type":"message_stop"})");
}

void append_hub_error(std::string_view type, std::string_view message, std::string& out) {
  append_event(out, "error", wire::error_envelope(type, message, {}));
}

}  // namespace ccrelay::dialect
