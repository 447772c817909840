#pragma once

#include <ccrelay/result.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/span.hpp"

namespace ccrelay::wire {

/// One `"name": value` of an object, by offsets into the text.
struct JsonMember {
  static constexpr std::size_t no_comma = static_cast<std::size_t>(-1);

  std::string_view name;         ///< decoded; of the text, or of the JsonMembers it belongs to
  Span key;                      ///< with its quotes
  Span value;                    ///< with its quotes or braces
  std::size_t comma = no_comma;  ///< the comma behind the value; the last member has none
};

/// The members of one JSON object, in the order in which they stand there, each as often as it
/// stands there. The whole object is checked (RFC 8259, UTF-8 included) before anything is told of
/// it: what a member's value holds can be spliced without looking at it again. Costs about as much
/// as reading each byte once; nothing of names and values is copied but names with escapes. Refers
/// to the text, which stays alive and unchanged as long as this is used. A value type, pure.
class JsonMembers {
 public:
  /// No object that anybody means has more; one is refused, for each costs more memory than text.
  static constexpr std::size_t members_max = 4096;

  /// The text is one object with nothing but white space around it. The error says what is wrong
  /// and at which byte, and quotes nothing of the text.
  static Result<JsonMembers> read(std::string_view text);
  /// Of an object further in; offsets still count from the beginning of the text. Empty when the
  /// value is no object.
  std::optional<JsonMembers> inside(const JsonMember& member) const;
  std::optional<JsonMembers> inside(std::string_view name) const;

  /// Offsets of the object's `{` and `}`.
  std::size_t open() const { return open_; }
  std::size_t close() const { return close_; }

  auto begin() const { return members_.begin(); }
  auto end() const { return members_.end(); }
  std::size_t size() const { return members_.size(); }
  const JsonMember& operator[](std::size_t index) const { return members_[index]; }

  /// The last one of that name: the one that counts for most readers. Null if there is none.
  const JsonMember* find(std::string_view name) const;
  std::string_view raw(const JsonMember& member) const {
    return text_.substr(member.value.offset, member.value.length);
  }

  /// The decoded string; empty when there is no such member or it is no string.
  std::optional<std::string> string(std::string_view name) const;
  std::optional<std::string> string(const JsonMember& member) const;
  /// A whole number, or a string that is nothing else (some vendors quote theirs).
  std::optional<std::int64_t> integer(std::string_view name) const;

 private:
  JsonMembers(std::string_view text, std::size_t open) : text_(text), open_(open) {}
  std::string walk();
  std::string_view name_of(std::string_view raw);

  std::string_view text_;
  std::size_t open_;
  std::size_t close_ = 0;
  std::vector<JsonMember> members_;
  std::shared_ptr<std::deque<std::string>> decoded_;  // names with escapes; seldom any
};

}  // namespace ccrelay::wire
