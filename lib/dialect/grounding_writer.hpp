#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/cited_span.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// What an Anthropic answer tells of its searches as Gemini's `groundingMetadata`, which comes with
/// the last chunk: the queries, the pages that were found, and which text rests on which. Is told
/// of each block as it comes. A value type, pure.
class GroundingWriter {
 public:
  /// `whole`: a support names its part, and counts from where that begins, for all parts stand in
  /// one answer; else it counts from where all the text begins.
  explicit GroundingWriter(bool whole) : whole_(whole) {}

  void start_block(Json block);
  /// A piece of the input of the block that is open.
  void input(std::string_view piece);
  /// Text that is told the client, in the last part.
  void text(std::string_view piece);
  void cite(Json citation);
  void stop_block();
  /// A part begins, of whatever kind.
  void part() {
    ++parts_;
    part_begin_ = told_;
  }

  /// Empty where nothing was searched, or nothing found.
  std::string json() const;
  /// All that is kept.
  std::size_t bytes() const { return bytes_ + id_.size() + input_.size() + open_.text.size(); }

 private:
  struct Page {
    std::size_t number = 0;  // in the order in which they came
    std::string title;
    std::size_t cited_by = 0;  // the last block that did
  };
  struct Support {
    std::size_t part = 0;
    std::size_t begin = 0;
    std::string text;
    std::vector<std::size_t> pages;
  };
  struct Spanned {
    CitedSpan span;
    std::vector<std::size_t> pages;
  };
  void keep(Support support);
  Page& page(Json found);

  bool whole_;
  std::size_t parts_ = 0;
  std::size_t told_ = 0;        // bytes of text
  std::size_t part_begin_ = 0;  // in them, of the last part
  std::string type_;            // of the open block
  std::string id_;
  std::string input_;
  Support open_{};                            // all of it
  std::vector<Spanned> spanned_;              // pieces of it
  std::size_t block_ = 0;                     // number of the open one, from 1
  std::map<std::string, std::string> asked_;  // queries by the call's id
  std::vector<std::string> queries_;          // of those that found something
  std::map<std::string, Page> pages_;         // by URL
  std::vector<Support> supports_;
  std::size_t bytes_ = 0;  // beside those of the open block
};

}  // namespace ccrelay::dialect
