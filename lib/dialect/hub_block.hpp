#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialect/json_text.hpp"
#include "dialect/known_strings.hpp"
#include "dialect/words.hpp"

namespace ccrelay::dialect {

class JsonOut;

/// One value of the hub's on its way into a request: text of JsonOut's, and in the midst of it one
/// piece that may be long and is not copied from place to place. What is of a text with an index
/// (JsonIndex) stays there until it is written: that text outlives this. A value type, pure.
class HubBlock {
 public:
  HubBlock() = default;
  /// A whole value that a JsonOut has written.
  explicit HubBlock(std::string written) : text_(std::move(written)) {}
  /// A value as it goes on (JsonOut::raw).
  explicit HubBlock(Json value);
  /// A string.
  explicit HubBlock(Words words) : HubBlock("\"\"", 1, std::move(words)) {}
  /// Text of JsonOut's, and what a string has between its quotes, which stand at `at`.
  HubBlock(std::string written, std::size_t at, Words words)
      : text_(std::move(written)), at_(at), words_(std::move(words)) {}

  bool empty() const { return text_.empty() && !whole_; }
  /// Text of JsonOut's comes in front and behind: of an object around it, say. Where `front` has
  /// room for the other and for frame_bytes() nothing is allocated.
  void wrap(std::string front, std::string_view behind);
  /// How much text there is around the piece.
  std::size_t frame_bytes() const { return text_.size(); }

  /// Writes it as the next value. A piece that is a long string is known from now on.
  void write(JsonOut& json, KnownStrings* known = nullptr) const;
  /// The same, of an object, with a mark for the prompt cache.
  void write_marked(JsonOut& json) const;

 private:
  std::string text_;
  std::size_t at_ = 0;  // where in it the piece stands: one of these
  Words words_;         // what a string has between its quotes
  Json whole_;          // known to go on as it is
};

/// {"type":"text","text":…}
HubBlock block_of_text(Words text);
/// An array of them.
HubBlock array_of_blocks(std::vector<HubBlock> blocks);

}  // namespace ccrelay::dialect
