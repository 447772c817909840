#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/cited_span.hpp"
#include "dialect/custom_input.hpp"
#include "dialect/dialect.hpp"
#include "dialect/errors.hpp"
#include "dialect/hub_delta.hpp"
#include "dialect/ids.hpp"
#include "dialect/json_flow.hpp"
#include "dialect/json_text.hpp"
#include "dialect/responses_items.hpp"
#include "dialect/usage.hpp"

namespace ccrelay::dialect {

class JsonOut;

/// Tells an answer of the hub, block by block, as a Responses one (openai `ResponseStreamEvent`):
/// each call appends the events that it makes to `out`, and document() is the whole answer so far.
/// One for one answer; pure.
class ResponsesWriter {
 public:
  /// Without events only the document is made.
  ResponsesWriter(AnswerContext context, bool events);

  /// `message`: that of message_start, or the whole one.
  void start(Json message, std::string& out);
  /// A content block, empty or with all that it has.
  void block_start(Json block, std::string& out);
  void block_delta(Json delta, std::string& out);
  /// A delta that has only words.
  void block_words(DeltaWords::Kind kind, std::string_view words, std::string& out);
  void block_stop(std::string& out);
  void usage(Json usage) { read_hub_usage(usage, usage_); }
  void finish(std::string_view stop_reason, std::string& out);
  /// An error ends it.
  void fail(const HubError& error, std::string& out);

  std::string document() const;
  /// What it keeps for the document.
  std::size_t bytes() const { return bytes_ + open_bytes_; }

 private:
  enum class Kind : std::uint8_t { none, text, thinking, call };
  using Fill = std::function<void(JsonOut&)>;
  struct Cited {
    std::string page;  // url and title, JSON members
    std::optional<CitedSpan> span;
  };

  void event(std::string_view type, std::string& out, const Fill& fill);
  /// With the ids of the open item.
  void item_event(std::string_view type, std::string& out, const Fill& fill);
  void delta_event(std::string_view type, std::string_view index, std::string_view words,
                   std::string_view more, std::string& out);
  void begin_item(std::string id, std::string& out);
  void response_event(std::string_view type, std::string& out);
  void item_done(const Fill& write_item, std::string& out);

  void text(std::string_view piece, std::string& out);
  void cite(Json citation);
  void end_text(std::string& out);
  void end_message(std::string& out);
  std::int64_t characters_until(std::size_t bytes);
  void thinking(std::string_view piece, std::string& out);
  void open_thinking(std::string& out);
  void end_thinking(std::string& out);
  void call_start(Json block, std::string& out);
  void call_delta(std::string_view piece, std::string& out);
  void end_call(std::string& out);
  void search_delta(std::string_view piece);
  void search_result(Json block, std::string& out);
  std::string sealed(std::string_view signature) const;

  const AnswerContext context_;
  const bool events_;
  Seed seed_;
  std::string id_;
  std::string model_;
  std::string status_ = "in_progress";
  std::string incomplete_;  // reason
  std::string error_;       // JSON
  Usage usage_;
  std::int64_t sequence_ = 0;
  std::vector<std::string> items_;
  std::size_t bytes_ = 0;                                    // of these, and of searches
  std::size_t open_bytes_ = 0;                               // of the open message and block
  std::map<std::string, std::string, std::less<>> queries_;  // of searches without a result yet

  // The message that is open: neighbouring texts are one, until another item begins.
  bool speaks_ = false;
  std::string said_;            // its text
  std::string annotations_;     // JSON, with commas between
  std::int64_t annotated_ = 0;  // how many
  std::size_t counted_ = 0;     // bytes of its text whose characters were counted
  std::int64_t characters_ = 0;

  // The open block.
  Kind kind_ = Kind::none;
  std::size_t begin_ = 0;  // of a text, in that of the message
  bool opened_ = false;    // of all others: its item was told
  std::string item_id_;
  std::string item_members_;  // it and its index, as they stand in each delta
  std::string text_;
  std::string signature_;
  std::vector<Cited> cited_;
  std::string whole_input_;  // of a call, as its start told it
  ResponsesCall call_;
  CustomInput custom_;
  JsonFlow flow_;
};

}  // namespace ccrelay::dialect
