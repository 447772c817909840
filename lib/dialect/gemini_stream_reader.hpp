#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/errors.hpp"
#include "dialect/event_mould.hpp"
#include "dialect/gemini_chunks.hpp"
#include "dialect/hub_stream.hpp"
#include "dialect/ids.hpp"
#include "dialect/json_text.hpp"
#include "dialect/sse_events.hpp"
#include "dialect/usage.hpp"

namespace ccrelay::dialect {

/// A Gemini provider's answer becomes an Anthropic stream: a stream of events, a JSON array of its
/// chunks, or one answer in JSON. Signatures of parts become tags (tags.hpp) on thinking blocks,
/// that of a call in front of it, that of a text behind it. Owned by who reads the answer; one
/// thread.
class GeminiStreamReader final : public StreamTranslator, private EventSink {
 public:
  explicit GeminiStreamReader(AnswerContext context);

  void feed(std::string_view in, std::string& out) override;
  void end(std::string& out) override;
  bool failed() const override { return failed_; }
  bool finished() const override { return finished_; }
  std::size_t kept_bytes() const override {
    return held_bytes() + due_.size() + grounding_.size() + chunks_.kept_bytes();
  }

 private:
  void on_event(std::string_view name, std::string_view data) override;
  std::size_t take_known(std::string_view bytes) override;
  void take_again();
  void take_chunk(Json chunk);
  void learn(Json chunk, Json candidates);
  void read_due_usage();
  std::size_t held_bytes() const { return hub_.waiting_bytes() + text_.size(); }
  void check_held();
  void take_candidate(Json candidate);
  void take_part(Json part);
  void take_text(std::string_view text, bool thought, const std::string& signature);
  void take_call(Json call, const std::string& signature);
  void end_thought();
  void end_text();
  void take_grounding(Json grounding);
  void sign(std::string_view part, std::string_view signature);
  void fail(const HubError& error);
  void fail(std::string message) { fail({502, "api_error", std::move(message), {}, {}, {}}); }
  void finish();

  AnswerContext context_;
  Seed made_;
  GeminiChunks chunks_;
  HubStream hub_;
  EventMould mould_;
  bool thought_ = false;  // the words of the chunk in it are
  std::string due_;       // a chunk whose usage was not yet read
  Usage usage_;
  std::string text_;                      // all of it, where citations may count in it
  std::size_t block_begin_ = 0;           // in it, of the text block that runs
  std::vector<std::size_t> part_starts_;  // in it, by the part's index; of one answer in JSON
  std::string text_signature_;            // told when the block can end: citations come before it
  std::string grounding_;                 // the last one that came
  std::string model_;                     // as the provider names it
  std::string finish_reason_;
  std::string finish_message_;
  std::string* out_ = nullptr;  // while bytes are being read
  bool blocked_ = false;        // the prompt was
  bool answers_ = false;        // something that only an answer of Gemini's has was there
  bool failed_ = false;
  bool finished_ = false;
};

}  // namespace ccrelay::dialect
