#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/call_results.hpp"
#include "dialect/dialect.hpp"
#include "dialect/findings.hpp"
#include "dialect/hub_messages.hpp"
#include "dialect/json_text.hpp"
#include "dialect/names.hpp"
#include "dialect/search_text.hpp"
#include "dialect/tags.hpp"
#include "dialect/words.hpp"

namespace ccrelay::dialect {

class JsonOut;

/// Writes the hub's messages as the items of a Responses request's `input`. Used once, for one
/// request, whose text outlives it; borrows all that it is given.
class ResponsesMessages {
 public:
  ResponsesMessages(const TranslateOptions& options, Names& names, Findings& findings, JsonOut& out)
      : options_(options), names_(names), findings_(findings), out_(out) {}

  /// Writes the items into an array that is open.
  void write(Json messages);

 private:
  // What a block comes to: a text, or the part that an image or a file is; nothing where it is left
  // out.
  struct Part {
    Words text;
    std::string media;
    bool empty() const { return text.empty() && media.empty(); }
    void write(JsonOut& json) const;
  };
  using Message = HubMessage;
  struct Result {
    std::size_t message;
    Json block;
  };
  // By the ids of all calls.
  using Results = std::map<std::string, CallResults<Result>, std::less<>>;

  void index_results(const std::vector<Message>& messages);
  void user(Json content);
  void end_of_user();
  void assistant(Json content);
  void assistant_block(Json block);
  void system(Json content);

  void call(Json call_id, Json named, Json input);
  void restore_reasoning(std::string_view call_id);
  bool hold_reasoning(const std::optional<Tag>& tag, Json text);
  void search(Json block, Json type);
  void text_part(Words text);
  void end_of_text();
  void end_of_text_until(std::int64_t behind);
  void release_reasoning();

  /// A part of a user's message or of a tool's output.
  Part part(Json block);
  Part image(Json source);
  Part document(Json source, Json title);
  void write_output(Json result);
  Part unsupported(std::string_view what);
  void refuse(std::string message);

  const TranslateOptions& options_;
  Names& names_;
  Findings& findings_;
  JsonOut& out_;
  std::size_t message_ = 0;  // where it is, for `param`

  Results results_;
  std::size_t asked_at_ = 0;        // behind the message whose calls wait for their results
  std::set<std::string> reasoned_;  // ids of reasoning items that were sent
  bool thought_ = false;            // reasoning came back in this message
  // Emptied and filled again with each message: what they are made of is kept.
  std::vector<Results::iterator> asked_;  // the calls that wait, in their order
  std::vector<Part> parts_;               // of a run of user messages, beside results
  std::vector<Part> output_;              // of one result
  std::vector<Words> texts_;              // of an assistant's message: output_text
  std::vector<Words> said_texts_;         // of the same, in front of those
  std::int64_t said_ = 0;                 // characters of texts in front of all these
  std::vector<std::string> held_;         // reasoning, until what it belongs to comes
  SearchText searches_;
};

}  // namespace ccrelay::dialect
