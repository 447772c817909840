#pragma once

#include <cstddef>
#include <cstdint>
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

/// What the API takes in place of a signature that nobody has any more [doc gemini
/// thought-signatures].
inline constexpr std::string_view gemini_no_signature = "skip_thought_signature_validator";

/// Writes the messages of a hub's request as Gemini's `contents`: neighbours of one role in one
/// content, each call answered directly behind its turn and in the calls' order, signatures of
/// reasoning back on the parts that they came with. Used once; borrows all that it is given.
class GeminiContents {
 public:
  GeminiContents(const TranslateOptions& options, const Profile& profile, Names& names,
                 Findings& findings, JsonOut& out)
      : options_(options), profile_(profile), names_(names), findings_(findings), out_(out) {}

  /// Writes the contents into an array that is open.
  void write(Json messages);

 private:
  enum class Open : std::uint8_t { none, user, model };
  struct Call {
    std::string id;
    std::string name;
  };
  struct Result {
    std::size_t message;
    Json block;
  };
  using Message = HubMessage;
  // An assistant's block and those of its members that are looked at.
  struct Block {
    Json whole, type, text, id, name, input, thinking, signature;
  };

  void index_results(const std::vector<Message>& messages);
  void write_message(const Message& message);
  void write_assistant(Json content);
  void write_assistant_block(std::size_t& at);
  void write_user(Json content);
  void write_user_block(Json block, std::size_t at);
  void write_user_text(const Words& text);
  void write_thinking(const Block& block);
  void write_text(const Words& text, std::string_view signature);
  void write_call(const Block& block, std::size_t at);
  std::string signature_of_call(std::string_view id);
  void write_responses();
  void write_response(const Call& call, Json result);
  void write_media(Json block);
  Json take_result(std::string_view id);

  void open(Open role);
  void close();
  void unknown_block(std::size_t at);
  std::string here(std::size_t block, std::string_view member) const;

  const TranslateOptions& options_;
  const Profile& profile_;
  Names& names_;
  Findings& findings_;
  JsonOut& out_;

  std::map<std::string, CallResults<Result>, std::less<>> results_;  // by the call's id
  std::map<std::string, bool, std::less<>> called_;                  // ids seen by now
  std::vector<Call> unanswered_;                                     // calls of the last turn
  std::vector<Json> siblings_;  // media of results that has its place behind them
  // Emptied and filled again with each message: what it is made of is kept.
  std::vector<Block> blocks_;
  SearchText search_;
  std::string call_signature_;  // for the next call
  std::size_t message_ = 0;
  Open open_ = Open::none;
  bool content_has_call_ = false;
};

}  // namespace ccrelay::dialect
