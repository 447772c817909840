#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/findings.hpp"
#include "dialect/json_text.hpp"
#include "dialect/names.hpp"
#include "dialect/search_text.hpp"
#include "dialect/words.hpp"

namespace ccrelay::dialect {

class JsonOut;

/// Makes the items of a Responses request's `input` of the hub's messages. Built for one request,
/// whose text outlives it, as do the options; pure.
class ResponsesMessages {
 public:
  ResponsesMessages(const TranslateOptions& options, Names& names, Findings& findings)
      : options_(options), names_(names), findings_(findings) {}

  void read(Json messages);

  /// JSON text of each item.
  const std::vector<std::string>& items() const { return items_; }

 private:
  // What a block comes to: a text, or the part that an image or a file is; nothing where it is left
  // out.
  struct Part {
    Words text;
    std::string media;
    bool empty() const { return text.empty() && media.empty(); }
    void write(JsonOut& json) const;
  };

  struct Result {
    std::size_t message;
    Json block;
    bool used = false;
  };

  void index_results(Json messages);
  const Result* result_of(std::size_t at, const std::string& id);
  void user(Json content);
  void end_of_user();
  void assistant(Json content);
  void assistant_block(Json block, std::string_view type);
  void system(Json content);

  void call(Json block);
  void reasoning(Json block);
  void restore_reasoning(std::string_view call_id);
  void hold_reasoning(std::string_view tag, Json text);
  void search(Json block);
  void text_part(Words text);
  void end_of_text();
  void push(std::string item);

  /// A part of a user's message or of a tool's output.
  Part part(Json block);
  Part image(Json source);
  Part document(Json source, Json title);
  void write_output(JsonOut& json, Json result);
  Part unsupported(std::string_view what);
  void refuse(std::string message);

  const TranslateOptions& options_;
  Names& names_;
  Findings& findings_;
  std::string at_;  // the message, for `param`
  std::vector<std::string> items_;

  std::map<std::string, std::vector<Result>> results_;  // by the ids of their calls
  std::vector<std::string> asked_;                      // ids of calls that wait for their results
  std::size_t asked_at_ = 0;                            // the message that they stand in
  std::vector<Part> parts_;                             // of a run of user messages, beside results
  std::vector<Words> texts_;                            // of an assistant's message: output_text
  std::vector<std::string> held_;                       // reasoning, until what it belongs to comes
  std::set<std::string> reasoned_;                      // ids of reasoning items that were sent
  bool thought_ = false;                                // reasoning came back in this message
  SearchText searches_;
};

}  // namespace ccrelay::dialect
