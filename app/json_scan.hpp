#pragma once

#include <ccrelay/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

#include "json_splice.hpp"

namespace ccrelay::app {

/// Walks over JSON text and checks it against RFC 8259. Used by json_splice alone. The library has
/// one of its own that keeps nothing and counts bytes; this one tells a person line and column, and
/// the program sees the public headers alone, where a JSON parser has no business.
class JsonScan {
 public:
  explicit JsonScan(std::string_view text, std::size_t at = 0,
                    JsonComments comments = JsonComments::refused)
      : text_(text), at_(at), comments_(comments) {}

  bool failed() const { return !error_.empty(); }
  Error error() const;

  void skip_byte_order_mark();
  void skip_space();
  /// One value of any kind.
  void value();
  /// One object, whose members are kept.
  JsonObject object();
  /// A string, decoded.
  std::string string();
  std::size_t at() const { return at_; }
  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  void fail(std::string_view what);

 private:
  bool take(char c);
  bool comment();
  void array();
  void number();
  void digits();
  void literal(std::string_view word);
  void escape();

  std::string_view text_;
  std::size_t at_;
  JsonComments comments_;
  std::size_t depth_ = 0;
  std::size_t failed_at_ = 0;
  std::string error_;
};

}  // namespace ccrelay::app
