#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/errors.hpp"
#include "dialect/grounding_writer.hpp"
#include "dialect/hub_delta.hpp"
#include "dialect/json_text.hpp"
#include "dialect/sse_events.hpp"
#include "dialect/usage.hpp"

namespace ccrelay::dialect {

/// Takes what an Anthropic stream comes to as Gemini's parts.
class GeminiPartSink {
 public:
  virtual ~GeminiPartSink() = default;
  /// The JSON of one part.
  virtual void on_part(std::string_view part) = 0;
  /// The message is whole: why it ended (Gemini's word), what it cost, and what a search was asked
  /// and found: the JSON of `groundingMetadata`, empty where there was none.
  virtual void on_finish(std::string_view reason, const Usage& usage,
                         const std::string& grounding) = 0;
  virtual void on_error(const HubError& error) = 0;
};

/// Turns an Anthropic stream's events into parts: each delta of text or thinking one, a call when
/// it is whole; of an answer that is told whole neighbouring texts are one. Signatures ride, as
/// tags, on the call behind them, which is where clients keep them; on a text in between as well. A
/// value but for what it borrows; one thread.
class GeminiParts final : public EventSink {
 public:
  /// `whole`: all parts stand in one answer, and citations name theirs. Gemini CLI does not look at
  /// the name, and counts from where the first text begins: which is right where there is one part.
  GeminiParts(const AnswerContext& context, GeminiPartSink& sink, bool whole = false)
      : context_(context), sink_(sink), whole_(whole), grounding_(whole) {
    name_answer();
  }

  void on_event(std::string_view name, std::string_view data) override;
  std::size_t take_known(std::string_view bytes) override;

  /// The members that name model and answer, as they stand at the end of each chunk.
  const std::string& answer_members() const { return answer_members_; }
  std::size_t held_bytes() const {
    return call_id_.size() + call_name_.size() + input_.size() + thinking_.size() +
           signature_.size() + tags_bytes_ + text_.size() + grounding_.bytes();
  }

 private:
  void name_answer();
  void start_block(Json block);
  void take_delta(Json event);
  void take_words(DeltaWords::Kind kind, std::string_view words);
  void stop_block();
  void write_text(std::string_view text);
  void end_text();
  void tell_text(std::string_view text, const std::string& signature);
  void write_thought(std::string_view text);
  void write_call();
  void keep(std::vector<std::string>& list, std::string tag);
  std::string taken_signature(bool call);
  void finish();
  void tell(const std::string& part);

  const AnswerContext& context_;
  GeminiPartSink& sink_;
  const bool whole_;
  GroundingWriter grounding_;
  HubDelta delta_;
  std::string id_;
  std::string model_;
  std::string answer_members_;
  std::string type_;  // of the open block
  std::string call_id_;
  std::string call_name_;
  std::string input_;
  std::string text_;            // of the part that more may be added to
  std::string text_signature_;  // and its signature
  std::string thinking_;
  std::string signature_;
  std::vector<std::string> tags_;   // for the next part
  std::vector<std::string> leads_;  // went on a text: for the next call as well
  std::size_t tags_bytes_ = 0;      // of both
  std::int64_t said_ = 0;           // characters of all texts
  std::string reason_;
  Usage usage_;
};

}  // namespace ccrelay::dialect
