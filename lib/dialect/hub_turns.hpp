#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialect/hub_block.hpp"
#include "dialect/words.hpp"

namespace ccrelay::dialect {

class JsonOut;

/// Puts what another dialect says one item at a time into the hub's messages: neighbours of one
/// role become one message, and each call is answered right behind the message that made it, in the
/// order of the calls, as the hub asks. Blocks, inputs and contents are JSON text as JsonOut writes
/// it. Lives for one translation and stays where it is; pure.
class HubTurns {
 public:
  HubTurns() = default;
  HubTurns(const HubTurns&) = delete;
  HubTurns& operator=(const HubTurns&) = delete;

  void user(HubBlock block) { add(Role::user, std::move(block)); }
  void user(std::string block) { user(HubBlock(std::move(block))); }
  void user_text(Words text);
  void user_text(std::string_view text) { user_text(Words(text)); }
  void assistant(HubBlock block) { add(Role::assistant, std::move(block)); }
  void assistant(std::string block) { assistant(HubBlock(std::move(block))); }
  void assistant_text(Words text);
  void assistant_text(std::string_view text) { assistant_text(Words(text)); }
  void thinking(const Words& text, std::string_view signature);
  /// `input` is the text of an object.
  void call(std::string_view id, std::string_view name, HubBlock input);
  void call(std::string_view id, std::string_view name, std::string_view input) {
    call(id, name, HubBlock(std::string(input)));
  }
  /// `content` is a JSON string or an array of blocks. An id may be answered as often as called.
  void result(std::string_view id, HubBlock content, bool is_error = false);
  void result(std::string_view id, std::string_view content, bool is_error = false) {
    result(id, HubBlock(std::string(content)), is_error);
  }
  void result(std::string_view id, Words text, bool is_error = false) {
    result(id, HubBlock(std::move(text)), is_error);
  }

  /// The id of a result without a call, empty when there is none.
  std::string unasked() const;
  bool empty() const { return entries_.empty(); }
  /// Writes the array of messages as the next value. What was not answered is, with "(no result)".
  /// The last blocks of the last `marked` messages of the user get a mark for the prompt cache.
  /// Used once. What is long in them is known from now on.
  void write(JsonOut& json, std::size_t marked = 0, KnownStrings* known = nullptr);

 private:
  enum class Role { user, assistant, call, result };
  static constexpr std::size_t none = ~std::size_t{0};
  // What is known of an id: how often it was called and answered.
  struct Asked {
    std::size_t calls = 0;
    std::size_t results = 0;
    std::size_t next_result = none;  // of those that are not yet given: its entry
    std::size_t last_result = none;
  };
  using ById = std::map<std::string, Asked, std::less<>>;
  struct Entry {
    Role role;
    HubBlock block;
    ById::iterator asked;            // of a call
    std::size_t next_result = none;  // of a result: the next one for the same id
  };
  // Where in a message an entry is said.
  struct Said {
    Role role;  // user or assistant
    std::size_t entry;
  };
  void add(Role role, HubBlock block) { entries_.push_back({role, std::move(block), {}}); }
  ById::iterator asked(std::string_view id);
  std::vector<Said> in_order();
  std::size_t result_of(ById::iterator asked);

  std::vector<Entry> entries_;
  ById by_id_;
  ById::iterator last_asked_ = by_id_.end();
};

/// {"type":"text","text":…}
std::string text_block(const Words& text);
std::string text_block(std::string_view text);
/// A tool's arguments as the hub has them: an object's text. Nothing is {}, and what is no object
/// becomes {"raw_arguments":TEXT}.
std::string input_from_arguments(std::string_view arguments);
/// A block, or a tool, with a mark for the prompt cache.
std::string with_cache_mark(std::string_view object);

}  // namespace ccrelay::dialect
