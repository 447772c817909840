#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::dialect {

class JsonOut;

/// Puts what another dialect says one item at a time into the hub's messages: neighbours of one
/// role become one message, and each call is answered right behind the message that made it, in the
/// order of the calls, as the hub asks. Blocks are JSON text. A value type, pure.
class HubTurns {
 public:
  void user(std::string block) { add(Role::user, std::move(block)); }
  void user_text(std::string_view text);
  void assistant(std::string block) { add(Role::assistant, std::move(block)); }
  void assistant_text(std::string_view text);
  void thinking(std::string_view text, std::string_view signature);
  /// `input` is the text of an object.
  void call(std::string_view id, std::string_view name, std::string_view input);
  /// `content` is a JSON string or an array of blocks. An id may be answered as often as called.
  void result(std::string_view id, std::string_view content, bool is_error = false);

  /// The id of a result without a call, empty when there is none.
  std::string unasked() const;
  bool empty() const { return entries_.empty(); }
  /// Writes the array of messages as the next value. What was not answered is, with "(no result)".
  void write(JsonOut& json);

 private:
  enum class Role { user, assistant, result };
  struct Entry {
    Role role;
    std::string block;
    std::string call_id;  // of a call
  };
  void add(Role role, std::string block) { entries_.push_back({role, std::move(block), {}}); }

  std::vector<Entry> entries_;
  std::map<std::string, std::size_t, std::less<>> calls_;
  std::map<std::string, std::deque<std::string>, std::less<>> results_;
};

/// {"type":"text","text":…}
std::string text_block(std::string_view text);
/// A tool's arguments as the hub has them: an object's text. Nothing is {}, and what is no object
/// becomes {"raw_arguments":TEXT}.
std::string input_from_arguments(std::string_view arguments);

}  // namespace ccrelay::dialect
