#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/json_text.hpp"
#include "dialect/sse_events.hpp"

namespace ccrelay::dialect {

/// Most of a stream is one event again and again, with other words in it. A mould is made of one
/// that was read in full, and tells of the next ones whether they are the same but for the words,
/// so that nobody need read them. What fits is JSON that has, member by member, what the first one
/// had; only the words differ, and what was said not to matter. A value type, pure.
class EventMould {
 public:
  /// What an event has beside its words that differs from one to the next.
  struct Differs {
    /// The members that mean something to the reader: they stay as they are. The others may
    /// change, where they are strings or numbers.
    std::initializer_list<std::string_view> read;
    /// A member of which the numbers may change all the same, such as usage.
    std::string_view counts = {};
  };

  /// Makes it of `event`, whose words are the string `words` somewhere in it.
  void cast(Json event, Json words, const Differs& differs, const EventFrame& frame = {});
  /// Nothing fits any more.
  void drop() { cast_ = false; }
  /// Whether an event's data is the same again; from now on its frame is the mould's.
  bool fits(std::string_view data, const EventFrame& frame = {});
  /// How many of a stream's bytes are the same event again in the same frame; else 0.
  std::size_t fits_front(std::string_view bytes);
  /// The last that did, as long as the bytes last in which it was.
  std::string_view data() const { return data_; }
  /// What the words of the last one mean that did; a view into it, or lasts as long as this.
  std::string_view words() const { return words_; }
  /// Whether they stand in a JSON string just as they are.
  bool are_plain() const { return plain_; }

 private:
  enum class Kind : std::uint8_t { words, text, number, space };
  /// A place of the pattern where other things may stand.
  struct Hole {
    std::size_t begin;
    std::size_t end;
    Kind kind;
    bool differs = true;  // did so already; where nothing ever does it is passed at once
  };

  void add_hole(Json value, Kind kind);
  void add_counts(Json value, int depth);
  void set_frame(const EventFrame& frame);
  bool begins(std::string_view text, std::size_t from, std::size_t until);
  bool begins(std::string_view text, std::size_t from, std::size_t until, bool all);
  const char* past_hole(const Hole& hole, const char* at, const char* end);

  std::string pattern_;         // with its frame
  std::size_t before_ = 0;      // bytes of it in front of the event; 0: the frame is not known
  std::size_t behind_ = 0;      // and behind it
  bool cast_ = false;           // else nothing fits
  std::vector<Hole> holes_;     // places in the event
  const char* from_ = nullptr;  // where that was copied from, while it is made
  std::size_t taken_ = 0;       // bytes of what fitted last
  std::string_view data_;
  std::string_view words_;
  bool plain_ = false;
  std::string decoded_;  // words that had escapes
};

}  // namespace ccrelay::dialect
