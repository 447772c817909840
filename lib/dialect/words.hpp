#pragma once

#include <string>
#include <string_view>

#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// Text on its way from JSON strings into a JSON string. It keeps the escapes that JsonOut writes
/// and has no others, so that most of what a request says is neither decoded nor encoded. A value
/// type, pure.
class Words {
 public:
  Words() = default;
  explicit Words(std::string_view text) { add(text); }
  /// What a string means; nothing for any other kind.
  explicit Words(Json string) { add(string); }
  /// The same, kept as it stands there until it is written: the text that it is of outlives this.
  static Words of(Json string);

  Words& add(std::string_view text);
  Words& add(Json string);
  Words& add(const Words& more);

  bool empty() const { return !kept_ && inside_.empty(); }
  /// Whether they begin so, in letters of either case; `prefix` is ASCII without quotes and
  /// backslashes.
  bool begin_with(std::string_view prefix) const;
  /// As it stands between the quotes.
  const std::string& inside() const { return taken(); }
  void append_to(std::string& out) const;

 private:
  std::string& taken() const;

  mutable Json kept_;  // while it is there nothing is in inside_
  mutable std::string inside_;
};

/// Appends what JsonOut writes between the quotes for a string; nothing for any other kind.
void append_inside(std::string& out, Json string);

}  // namespace ccrelay::dialect
