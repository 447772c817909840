#pragma once

#include <cstdint>
#include <string_view>

#include "dialect/event_mould.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// The words of a delta in an Anthropic stream.
struct DeltaWords {
  enum class Kind : std::uint8_t {
    none,  ///< it has none, such as a signature's
    text,
    thinking,
    input,  ///< a piece of a call's JSON
  };
  Kind kind = Kind::none;
  Json words;

  static DeltaWords of(Json delta);
};

/// Knows the next delta of an Anthropic stream by the last one: most events are such, and who says
/// them in another dialect need not read them. A value type, pure.
class HubDelta {
 public:
  /// Of an event `content_block_delta` that was read.
  void learn(Json event, const DeltaWords& words, const EventFrame& frame);
  /// Whether the next event is it again, with words of its own; nothing is, once one was not.
  bool is_next(std::string_view data, const EventFrame& frame);
  /// The same of a stream's bytes: how many of them it is, else 0.
  std::size_t is_front(std::string_view bytes) { return mould_.fits_front(bytes); }

  DeltaWords::Kind kind() const { return kind_; }
  /// As EventMould::words().
  std::string_view words() const { return mould_.words(); }
  bool are_plain() const { return mould_.are_plain(); }

 private:
  EventMould mould_;
  DeltaWords::Kind kind_ = DeltaWords::Kind::none;
};

}  // namespace ccrelay::dialect
