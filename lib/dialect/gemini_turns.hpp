#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/findings.hpp"
#include "dialect/hub_turns.hpp"
#include "dialect/json_text.hpp"
#include "dialect/tags.hpp"
#include "dialect/words.hpp"

namespace ccrelay::dialect {

/// Reads a Gemini request's `contents` into the hub's turns. A response finds its call by id, else
/// by name; reasoning comes back out of the tags that the client kept. Contents of the model in a
/// row are one answer, and its texts in a row one text: Google's SDK keeps each chunk of a stream
/// as a content. Used once; borrows all that it is given.
class GeminiTurns {
 public:
  GeminiTurns(const TranslateOptions& options, Names& names, Findings& findings, HubTurns& turns)
      : options_(options), names_(names), findings_(findings), turns_(turns) {}

  void read(Json contents);

 private:
  struct Call {
    std::string id;
    bool answered = false;
  };
  // Calls of one id or name in their order, those in front of the first that waits gone.
  using Waiting = std::map<std::string, std::deque<std::size_t>>;

  // A part, those of its members that say what it is, and where it stands.
  struct Part {
    Part(Json part, std::size_t in_content, std::size_t in_parts);
    std::string place() const;
    Json whole, text, thought, signature, call, response, data, file;
    std::size_t content, number;
  };

  void read_content(Json content, std::size_t at);
  void read_parts(const std::vector<Part>& parts, bool model);
  void read_answer();
  void read_part(const std::vector<Part>& parts, std::size_t at, bool model,
                 const std::string& place);
  void say(const Words& text);
  HubTurns& turns();
  void read_text(const std::vector<Part>& parts, std::size_t at, bool model);
  void read_reasoning(const Part& part, bool leads_only = false);
  void write_between(std::string_view text);
  void recall_reasoning(const Part& part, bool leads_only = false);
  void think(const Tag& tag);
  void read_call(Json call, const std::string& place);
  void read_response(Json response, const std::string& place);
  Call* call_for(const std::string& id, const std::string& name);
  Call* first_of(Waiting& waiting, const std::string& named);

  const TranslateOptions& options_;
  Names& names_;
  Findings& findings_;
  HubTurns& turns_;
  std::vector<Call> calls_;
  Waiting by_id_;
  Waiting by_name_;                // as the client said it
  std::vector<Part> answer_;       // parts of the model's contents up to here
  Words text_;                     // of the answer that is read: more may be added
  std::set<std::string> thought_;  // its tags
  std::size_t leads_read_ = 0;     // the call in it, or its end, whose leads are among them
  std::deque<Tag> leads_;          // of that call, which stand behind more of the text
  std::int64_t said_ = 0;          // characters of the answer's texts, up to
  std::size_t said_parts_ = 0;     // this part
};

/// A block of the hub for `inlineData` or `fileData`; empty when it can't be carried, `what` then
/// says what it is.
std::string hub_block_of_inline_data(Json data, std::string& what);
std::string hub_block_of_file_data(Json file, std::string& what);

}  // namespace ccrelay::dialect
