#include "dialect/recall_tap.hpp"

#include <utility>

#include "dialect/character_marks.hpp"
#include "dialect/chat_details.hpp"
#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

RecallTap::RecallTap(std::string issuer)
    : issuer_(std::move(issuer)), events_(*this, StreamTranslator::buffered_bytes_max) {}

void RecallTap::read(std::string_view message) {
  const Json json = Json::read(message);
  for (const Json block : json["content"].items()) begin_block(block);
  end_block();
}

std::vector<RecallTap::Told> RecallTap::take() {
  return std::exchange(told_, {});
}

// Deltas of anything but thinking, which nearly all events are, say little here.
std::size_t RecallTap::take_known(std::string_view bytes) {
  if (says_) {
    const std::size_t taken = delta_.is_front(bytes);
    if (taken > 0) before_.characters += characters_in(delta_.words());
    return taken;
  }
  constexpr std::string_view begin = "event: content_block_delta\ndata: ";
  if (thinks_ || !bytes.starts_with(begin)) return 0;
  const std::size_t end = bytes.find('\n', begin.size());
  if (end == std::string_view::npos || bytes.substr(end, 2) != "\n\n") return 0;
  return bytes.substr(0, end).find('\r') == std::string_view::npos ? end + 2 : 0;
}

void RecallTap::on_event(std::string_view name, std::string_view data) {
  if (name == "content_block_start") {
    begin_block(Json::read(data)["content_block"]);
  } else if (name == "content_block_delta" && thinks_) {
    add(Json::read(data)["delta"]);
  } else if (name == "content_block_delta" && says_) {
    if (delta_.is_next(data, frame)) {
      before_.characters += characters_in(delta_.words());
    } else {
      add_text(Json::read(data));
    }
  } else if (name == "content_block_stop") {
    end_block();
  }
}

void RecallTap::begin_block(Json block) {
  end_block();
  const auto [type, id, text, thinking, signature, redacted] =
      block.picked("type", "id", "text", "thinking", "signature", "data");
  if (type.is("text")) {
    says_ = true;
    before_.characters += characters_in(text.text());
  } else if (type.is("thinking")) {
    thinks_ = true;
    thinking_ = thinking.text();
    signature_ = signature.text();
  } else if (type.is("redacted_thinking")) {
    keep(chat_redacted_tag(redacted.text(), issuer_, before_));
  } else if (type.is("tool_use")) {
    std::string tags = std::exchange(tags_, {});
    if (!large_ && !tags.empty()) told_.push_back({id.text(), std::move(tags)});
    large_ = false;
    ++before_.calls;
  }
}

void RecallTap::add_text(Json event) {
  const DeltaWords words = DeltaWords::of(event["delta"]);
  if (words.kind != DeltaWords::Kind::text) return;
  before_.characters += characters_in(words.words.text());
  delta_.learn(event, words, frame);
}

void RecallTap::add(Json delta) {
  if (large_) return;
  thinking_ += delta["thinking"].text();
  signature_ += delta["signature"].text();
  large_ = thinking_.size() + signature_.size() > reasoning_bytes_max;
}

void RecallTap::end_block() {
  says_ = false;
  if (!std::exchange(thinks_, false)) return;
  const std::string thinking = std::exchange(thinking_, {});
  const std::string signature = std::exchange(signature_, {});
  // Gemini's signature of a text stands behind that, and has nothing to do with the call.
  const auto own = read_tag(signature);
  if (own && own->json()["part"].is("text")) return;
  if (const auto tag = chat_tag(signature, thinking, issuer_, before_)) keep(*tag);
}

void RecallTap::keep(const std::string& tag) {
  if (!tags_.empty()) tags_ += ' ';
  tags_ += tag;
  large_ = large_ || tags_.size() > reasoning_bytes_max;
  if (large_) tags_.clear();
}

}  // namespace ccrelay::dialect
