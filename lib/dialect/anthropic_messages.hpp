#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/hub_messages.hpp"
#include "dialect/hub_turns.hpp"
#include "dialect/json_text.hpp"
#include "dialect/search_text.hpp"

namespace ccrelay::dialect {

/// The hub's messages as an Anthropic provider takes them: of thinking what it made itself, of web
/// searches those that it made itself, the others as texts. Lives for one translation.
class AnthropicMessages {
 public:
  /// `recall` may be null. `without_reasoning`: no thinking goes along, whoever made it.
  AnthropicMessages(std::string_view issuer, Names& names, const Recall* recall,
                    bool without_reasoning)
      : issuer_(issuer), names_(names), recall_(recall), without_reasoning_(without_reasoning) {}

  void read(const std::vector<HubMessage>& messages);
  /// Writes the array as the next value; `cached`: the last block of each of the last two messages
  /// of the user is marked for the prompt cache.
  void write(JsonOut& json, bool cached) { turns_.write(json, cached ? 2 : 0); }
  /// Whether a block has a mark for the prompt cache already.
  bool marked() const { return marked_; }
  /// A result was the last that was said, and the message with its call does not begin with
  /// thinking: a request that asks for thinking with a budget would be refused.
  bool unthinking_loop() const { return last_is_result_ && !last_begins_thinking_; }

 private:
  // An assistant's block and those of its members that are looked at.
  struct Block {
    Json whole, type, id, name, input, searched, text, citations;
  };

  void read_user(Json block);
  void read_assistant(Json content);
  void read_assistant(const Block& block);
  void read_thinking(Json block);
  void read_text(const Block& block);
  void note_searches(const Block& block);
  void recall_all();
  void recall_reasoning(std::string_view tag);

  std::string_view issuer_;
  Names& names_;
  const Recall* recall_;
  const bool without_reasoning_;
  HubTurns turns_;
  // Emptied and filled again with each message: what it is made of is kept.
  std::vector<Block> blocks_;
  SearchText searches_;
  std::set<std::string> foreign_searches_;  // ids
  bool first_block_ = false;  // the assistant's next block is the first of its message
  // Tags of what is remembered of a message, each with the block that it stood in front of.
  std::vector<std::pair<std::size_t, std::string>> recalled_;
  bool marked_ = false;
  bool last_is_result_ = false;
  bool last_begins_thinking_ = false;
};

}  // namespace ccrelay::dialect
