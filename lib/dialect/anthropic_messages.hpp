#pragma once

#include <set>
#include <string>
#include <string_view>

#include "dialect/dialect.hpp"
#include "dialect/hub_turns.hpp"
#include "dialect/json_text.hpp"
#include "dialect/search_text.hpp"

namespace ccrelay::dialect {

/// The hub's messages as an Anthropic provider takes them: of thinking what it made itself, of web
/// searches those that it made itself, the others as texts. Lives for one translation.
class AnthropicMessages {
 public:
  /// `recall` may be null.
  AnthropicMessages(std::string_view issuer, Names& names, const Recall* recall)
      : issuer_(issuer), names_(names), recall_(recall) {}

  void read(Json messages);
  /// The array's text.
  std::string text();
  /// A result was the last that was said, and the message with its call does not begin with
  /// thinking: a request that asks for thinking with a budget would be refused.
  bool unthinking_loop() const { return last_is_result_ && !last_begins_thinking_; }

 private:
  void read_user(Json block);
  void read_assistant(Json block);
  void read_thinking(Json block);
  void read_text(Json block);
  void note_searches(Json content);
  void recall_first(Json content);
  void recall_reasoning(const std::string& call_id);

  std::string_view issuer_;
  Names& names_;
  const Recall* recall_;
  HubTurns turns_;
  SearchText searches_;
  std::set<std::string> foreign_searches_;  // ids
  bool first_block_ = false;  // the assistant's next block is the first of its message
  bool recalls_ = false;      // the assistant's message came back without any thinking
  std::string first_call_;    // of such a message
  bool last_is_result_ = false;
  bool last_begins_thinking_ = false;
};

/// Marks the last block of each of the last two user messages for the prompt cache.
std::string with_cached_messages(std::string_view messages);
/// A block, or a tool, with such a mark.
std::string with_cache_mark(std::string_view object);

}  // namespace ccrelay::dialect
