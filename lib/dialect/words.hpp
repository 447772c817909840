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

  Words& add(std::string_view text);
  Words& add(Json string);
  Words& add(const Words& more) {
    inside_ += more.inside_;
    return *this;
  }

  bool empty() const { return inside_.empty(); }
  /// Whether they begin so, in letters of either case; `prefix` is ASCII without quotes and
  /// backslashes.
  bool begin_with(std::string_view prefix) const;
  /// As it stands between the quotes.
  const std::string& inside() const { return inside_; }

 private:
  std::string inside_;
};

/// What stands between a string's quotes where that is short and without escapes; else empty.
std::string_view plain_inside(Json string);

}  // namespace ccrelay::dialect
