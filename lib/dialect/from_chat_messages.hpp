#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/findings.hpp"
#include "dialect/hub_turns.hpp"
#include "dialect/ids.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/tags.hpp"

namespace ccrelay::dialect {

/// The messages of a chat completions request as `system` and `messages` of an Anthropic one: those
/// of one role in a row become one, results stand directly behind their calls and a missing one is
/// made up. Lives for one translation; borrows what it is made with.
class FromChatMessages {
 public:
  FromChatMessages(const TranslateOptions& options, Findings& findings)
      : options_(options), findings_(findings), made_("calls of chat") {}

  void read(Json messages);
  /// Appends `system`, if there is a system prompt, and `messages`.
  void write(JsonOut& out, KnownStrings& known);

 private:
  struct Message {
    explicit Message(Json message);
    Json role, content, refusal, calls, call_id, details, function, audio;
  };
  // Reasoning that came back.
  struct Kept {
    std::string text;  // the tag, as it came
    Tag tag;
  };

  void read_message(std::size_t at, const Message& message);
  void read_assistant(std::size_t at, const Message& message);
  std::vector<Kept> reasoning_of(const Message& message) const;
  void put_back(const Kept& kept);
  void put_back_in_order(const std::vector<Kept>& kept, const Message& message, std::size_t at);
  void read_call(Json json, std::size_t at);
  void read_tool(std::size_t at, const Message& message);
  bool find_call(Message& result);
  // Blocks of a content, each by itself.
  std::vector<HubBlock> content_of(Json content, std::size_t at);
  HubBlock part_of(Json part, std::size_t at);
  std::string file_of(Json file, std::size_t at);

  const TranslateOptions& options_;
  Findings& findings_;
  Seed made_;
  std::vector<HubBlock> system_;
  HubTurns turns_;
  std::vector<std::string> unnamed_;  // made ids of calls without one, as JSON
  std::size_t unnamed_answered_ = 0;
};

}  // namespace ccrelay::dialect
