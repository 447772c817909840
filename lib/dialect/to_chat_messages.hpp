#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/call_results.hpp"
#include "dialect/dialect.hpp"
#include "dialect/findings.hpp"
#include "dialect/hub_messages.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profile.hpp"
#include "dialect/search_text.hpp"
#include "dialect/words.hpp"

namespace ccrelay::dialect {

/// The system prompt and the messages of an Anthropic request as messages of chat completions.
/// Tool results stand directly behind their calls, in the calls' order; a missing one is made up,
/// for servers refuse a call without. Lives for one translation; borrows what it is made with.
class ToChatMessages {
 public:
  ToChatMessages(const TranslateOptions& options, const Profile& profile, Names& names,
                 Findings& findings)
      : options_(options), profile_(profile), names_(names), findings_(findings) {}

  /// Appends the array's elements.
  void write(Json system, Json messages, JsonOut& out);

 private:
  using Message = HubMessage;
  struct Result {
    std::size_t message;
    Json content;
    bool failed;
  };
  // By the ids of all calls.
  using Results = std::map<std::string, CallResults<Result>>;
  struct Call {
    Results::iterator results;
    Json name;
    Json input;
    std::string extra;  // extra_content
    const std::string& id() const { return results->first; }
  };
  // What a message says: text, and parts in between when there is more than text.
  struct Content {
    std::vector<Words> texts;  // empty: the part of the same place counts
    std::vector<std::string> parts;
    bool plain = true;
    void text(Words words);
    void part(std::string json);
    bool empty() const { return texts.empty(); }
    // All texts as one, which are gone then.
    Words joined(std::string_view by);
  };
  struct Reasoning;

  void index_results(const std::vector<Message>& messages);
  void index_block(std::size_t at, bool of_assistant, Json block);
  void write_system(Json system, JsonOut& out);
  void write_user(Json content, JsonOut& out);
  void write_reminder(Json system, JsonOut& out);
  void write_assistant(std::size_t at, Json content, JsonOut& out);
  void sign_calls(std::vector<Call>& calls) const;
  void write_call(const Call& call, JsonOut& out);
  void write_reasoning(const Reasoning& reasoning, const std::vector<Call>& calls, JsonOut& out);
  void write_results(std::size_t at, const std::vector<Call>& calls, JsonOut& out);
  void write_content(std::string_view role, Content content, JsonOut& out);
  void take_content(Json json, Content& content);
  void take_block(Json block, Content& content);
  void take_image(Json source, Content& content);
  void take_document(Json source, Json named, Content& content);
  void take_result(const Result& result, Words& text, Content& media);
  void begin(std::string_view role, JsonOut& out);
  std::string id_of(const Call& call) const;

  const TranslateOptions& options_;
  const Profile& profile_;
  Names& names_;
  Findings& findings_;
  Results results_;
  SearchText searches_;
  bool after_tool_ = false;
  bool has_system_ = false;
};

}  // namespace ccrelay::dialect
