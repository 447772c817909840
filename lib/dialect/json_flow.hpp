#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ccrelay::dialect {

/// Passes the text of one JSON value on as it comes, cut anywhere, and puts right what would do
/// harm elsewhere: half of a surrogate pair becomes U+FFFD, a line's end between two tokens a
/// blank, so that the text fits into one line of an event stream. Knows when the value is whole.
/// Text that is no JSON comes out much as it went in. A value type, pure; holds at most two escapes
/// back.
class JsonFlow {
 public:
  /// Appends what can be passed on.
  void feed(std::string_view text, std::string& out);
  /// The same, but what follows an object, an array or a string that has come to its end is left
  /// out.
  void feed_value(std::string_view text, std::string& out);
  /// Appends what was held back for an escape that did not end.
  void end(std::string& out);

  /// Something other than white space has come.
  bool begun() const { return begun_; }
  /// An object, array or string has come to its end. Of numbers and words nobody can tell.
  bool complete() const { return complete_; }

 private:
  std::size_t take_some(std::string_view text, std::string& out);
  void take(char c, std::string& out);
  void take_escape(std::string& out);
  void drop_high(std::string& out);

  std::size_t depth_ = 0;
  bool begun_ = false;
  bool complete_ = false;
  bool in_string_ = false;
  std::string escape_;  // what came of one: `\`, `\u`, `\ud8…
  std::string high_;    // a whole one that is the first half of a pair
};

/// The same of a whole value.
void append_json(std::string& out, std::string_view text);

}  // namespace ccrelay::dialect
