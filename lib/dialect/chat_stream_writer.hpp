#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "dialect/custom_input.hpp"
#include "dialect/dialect.hpp"
#include "dialect/errors.hpp"
#include "dialect/hub_delta.hpp"
#include "dialect/ids.hpp"
#include "dialect/json_text.hpp"
#include "dialect/sse_events.hpp"
#include "dialect/tags.hpp"
#include "dialect/usage.hpp"

namespace ccrelay::dialect {

/// An Anthropic stream becomes one of chat completions, chunk by chunk. Owned by who writes the
/// answer, one thread.
class ChatStreamWriter final : public StreamTranslator, private EventSink {
 public:
  explicit ChatStreamWriter(AnswerContext context);

  void feed(std::string_view in, std::string& out) override;
  void end(std::string& out) override;
  bool failed() const override { return failed_; }
  bool finished() const override { return finished_; }
  std::size_t kept_bytes() const override {
    return thinking_.size() + signature_.size() + input_.size() + events_.kept_bytes();
  }

 private:
  enum class Block { none, text, thinking, call, custom };

  void on_event(std::string_view name, std::string_view data) override;
  std::size_t take_known(std::string_view bytes) override;
  void start_message(Json message);
  void start_block(Json block);
  void start_call(Json block);
  void take_delta(Json event);
  /// `plain`: they are known to stand in a JSON string just as they are.
  void take_words(DeltaWords::Kind kind, std::string_view words, bool plain = false);
  void check_held();
  void cite(Json citation);
  void stop_block();
  void take_end(Json event);
  void stop_message();
  void fail(const HubError& error);
  void fail(std::string message) { fail({502, "api_error", std::move(message), {}, {}, {}}); }

  ToldBefore told_before() const;
  void tell_detail(const std::string& tag);
  void tell_arguments(std::string_view piece);
  void tell_call_words(std::string_view words);
  void tell_words(std::string_view begun, std::string_view words, bool plain);
  void tell_delta(std::string_view delta, std::string_view finish = {});
  std::string begun_chunk() const;
  void begin_chunks();

  AnswerContext context_;
  Seed made_;
  SseEvents events_;
  HubDelta delta_;
  std::string begun_;  // what stands in front of a delta in each chunk
  std::string ended_;  // and behind one that ends nothing
  // The same of one that has nothing but words, up to their quotes.
  std::string text_begun_;
  std::string thinking_begun_;
  std::string words_ended_;
  std::string id_;
  std::string model_;  // JSON text
  Usage usage_;
  Block block_ = Block::none;
  std::int64_t said_ = 0;         // characters of all texts
  std::int64_t block_begin_ = 0;  // in them, of the last one
  std::size_t calls_ = 0;
  std::size_t details_ = 0;
  bool argued_ = false;   // the call has told arguments
  std::string input_;     // of a call, as it stood where the call began
  std::string thinking_;  // of the block
  std::string signature_;
  CustomInput custom_;
  bool stop_told_ = false;
  bool failed_ = false;
  bool finished_ = false;
  std::string* out_ = nullptr;  // while bytes are being read
};

}  // namespace ccrelay::dialect
