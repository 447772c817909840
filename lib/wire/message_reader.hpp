#pragma once

#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/stable_hash.hpp"
#include "wire/request_view.hpp"

namespace ccrelay::wire {

/// The name of an object's member. It is copied only where there are escapes to be resolved.
simdjson::error_code read_name(simdjson::simdjson_result<simdjson::ondemand::field>& member,
                               std::string_view& name);

/// The part of a RequestReader that goes through `system` and `messages`: one per body, in the same
/// forward pass. Only broken syntax is an error; what has another shape than the API's is not seen.
class MessageReader {
 public:
  MessageReader(simdjson::ondemand::document& document, std::string_view body, ReadOptions options,
                RequestView& view);

  simdjson::error_code read_system(simdjson::ondemand::value system);
  simdjson::error_code read_tools(simdjson::ondemand::value tools);
  simdjson::error_code read_messages(simdjson::ondemand::value messages);
  /// That of the whole request or of one of its blocks.
  void read_cache_control(simdjson::ondemand::value value);
  /// Both have been seen, or there is none.
  void finish();

 private:
  // Texts point into the body or into the parser's memory and last as long as the pass.
  struct Block {
    Span span;
    std::string_view type;
    // As they stand in the body, with their escapes.
    std::string_view text;
    std::string_view signature;
    std::string_view data;
    std::string_view id;
  };
  simdjson::error_code read_message(simdjson::ondemand::value message);
  template <class Sink>
  simdjson::error_code read_content(simdjson::ondemand::value content, Sink sink);
  simdjson::error_code read_block(simdjson::ondemand::value whole, Block& block);
  void take_thinking(const Block& block);
  void take_id(const Block& block);
  // Whether it is still to be seen that something is cached.
  bool looks_for_caching() const { return wants_caching_ && !view_.caches; }

  simdjson::ondemand::document& document_;
  const std::string_view body_;
  RequestView& view_;
  const bool wants_thinking_;
  const bool wants_conversation_;
  const bool wants_caching_;
  bool began_ = false;  // the first user message was seen
  base::StableHasher system_;
  std::optional<base::StableHasher> beginning_;  // its texts, if it has any
};

}  // namespace ccrelay::wire
