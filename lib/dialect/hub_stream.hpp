#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/json_flow.hpp"

namespace ccrelay::dialect {

/// Writes the events of an Anthropic stream (platform.claude.com, "Streaming messages") for who
/// reads another dialect's, in which texts and calls may come all mixed. One block is open at a
/// time and indexes count up by one: what begins while a call's arguments are not yet whole waits
/// behind it. Calls append to `out` what can be told. A value type, pure.
class HubStream {
 public:
  /// `message_start`, without any usage; once, before all else.
  void start(std::string_view id, std::string_view model, std::string& out);
  bool started() const { return started_; }

  /// `plain`: the piece is known to stand in a JSON string just as it is.
  void text(std::string_view piece, std::string& out, bool plain = false);
  /// More text begins a block of its own.
  void end_text(std::string& out);
  /// Where the last text block has its words from: a citation's JSON.
  void cite(std::string_view citation);
  void thinking(std::string_view piece, std::string& out, bool plain = false);
  /// A thinking block that has no signature yet is the last one.
  bool thinks() const;
  /// Its signature; nothing is added to it any more. Where none is open, a block of its own
  /// without text.
  void sign(std::string_view signature, std::string& out);
  /// A call has begun. `order` tells where it stands among those that wait when all ends.
  /// What is returned names it towards arguments().
  std::size_t call(std::string_view id, std::string_view name, std::int64_t order,
                   std::string& out);
  /// More of its arguments' text; what follows the whole object is left out.
  void arguments(std::size_t call, std::string_view piece, std::string& out);
  /// Nothing more belongs to a call: others need not wait for it.
  void end_call(std::size_t call, std::string& out);
  /// A web search that the provider made: `server_tool_use` with its query, and, told behind it,
  /// `result`, a whole block.
  void search(std::string_view id, std::string_view query, std::string_view result,
              std::string& out);
  /// A block that comes at once and whole, such as `{"type":"redacted_thinking",…}`.
  void whole_block(std::string_view json, std::string& out);

  /// All that waits, `message_delta` and `message_stop`. `usage` is an object's text.
  void finish(std::string_view stop_reason, std::string_view usage, std::string& out);
  /// Blocks that were told of: texts, calls and all.
  std::size_t blocks() const { return blocks_; }
  std::size_t calls() const { return calls_.size(); }
  /// Bytes that are kept because they can't be told yet.
  std::size_t waiting_bytes() const { return waiting_bytes_; }

 private:
  enum class Kind : std::uint8_t { text, thinking, call, search, whole };
  struct Block {
    Kind kind = Kind::text;
    std::string waiting;  // what of it has not been told
    std::string signature;
    std::vector<std::string> citations;
    std::string id;
    std::string name;
    std::int64_t order = 0;
    JsonFlow arguments;
    bool signed_ = false;
    bool ended = false;
    bool told = false;  // its start
  };

  /// Of one that waits, beside what is told of it in pieces.
  static std::size_t bytes_of(const Block& block) {
    return sizeof(Block) + block.id.size() + block.name.size();
  }
  Block& last_of(Kind kind);
  Block& add(Kind kind, std::string_view id = {}, std::string_view name = {});
  Block* open_call(std::size_t call);
  bool goes_on(Kind kind) const;
  void wait(Block& block, std::string_view piece);
  void pump(std::string& out);
  void tell_start(const Block& block, std::string& out);
  void tell_waiting(Block& block, std::string& out);
  void tell_delta(std::string_view piece, std::string& out, bool plain = false) const;
  void tell_stop(const Block& block, std::string& out);

  std::deque<Block> queue_;  // the first is the open one
  std::size_t index_ = 0;    // of the first
  std::string delta_;        // how each delta of the first begins, up to its words
  std::size_t blocks_ = 0;
  std::vector<std::size_t> calls_;  // which of all blocks each is
  std::size_t waiting_bytes_ = 0;
  bool started_ = false;
};

/// `event: error` of an Anthropic stream.
void append_hub_error(std::string_view type, std::string_view message, std::string& out);

}  // namespace ccrelay::dialect
