#pragma once

#include <ccrelay/provider.hpp>

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/stable_hash.hpp"
#include "wire/request_view.hpp"

namespace ccrelay::wire {

/// The part of a RequestReader that reads what only bodies of OpenAI's and Gemini's APIs have: one
/// per body, in the same forward pass. As MessageReader does, it calls nothing an error but broken
/// syntax.
class ForeignRequest {
 public:
  ForeignRequest(ReadOptions options, RequestView& view);

  simdjson::error_code read_member(std::string_view key, simdjson::ondemand::value value);
  /// Whether the member of that name holds the conversation's turns.
  bool is_turns(std::string_view key) const { return part_of(key) == Part::messages; }
  /// All of it has been seen.
  void finish();
  /// A member that must stand there once and does not; else empty. As long as the pass lasts.
  std::string_view twice() const { return twice_; }

 private:
  enum class Part : std::uint8_t { neither, instructions, messages };
  Part part_of(std::string_view key) const;
  using Value = simdjson::ondemand::value;
  simdjson::error_code read_limits(Value value);
  simdjson::error_code read_turns(Value turns);
  simdjson::error_code read_turn(Value turn);
  /// Adds up the texts of a string, of an object with `parts`, or of a list of parts.
  simdjson::error_code read_texts(Value content, base::StableHasher& texts, bool& any) const;
  void take_limit(Value value);
  void take_turn(std::string_view role, std::string_view type,
                 const std::optional<std::uint64_t>& texts);

  RequestView& view_;
  const Dialect dialect_;
  const bool wants_conversation_;
  bool began_ = false;     // the user's first turn was seen
  std::uint8_t seen_ = 0;  // one bit for each Part
  std::string_view twice_;
  std::uint64_t instructions_ = 0;
  std::optional<std::uint64_t> beginning_;  // its texts, if it has any
};

}  // namespace ccrelay::wire
