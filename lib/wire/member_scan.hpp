#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ccrelay::wire {

/// Finds a few members of a JSON object of any size as its bytes come, wherever they are cut: what
/// an answer, or an event of a stream, says of itself beside its content. One pass, and nothing is
/// kept but the members. It does not judge the JSON: of what is none it finds nothing, or something
/// that is none either.
class MemberScan {
 public:
  /// Of the object itself; and of the object that is its `message`, as in a stream's
  /// `message_start`.
  enum class Member : std::uint8_t { type, id, model, stop_reason, usage };
  static constexpr std::size_t members = 5;

  void feed(std::string_view json);
  /// The text of a member's value as it stands: a string with its quotes. Empty when there is none,
  /// when it is not whole yet, or when it is longer than 64 KiB. Of several the last.
  std::string_view text(Member member) const;
  /// The same of `message`.
  std::string_view text_in_message(Member member) const;
  /// Whether the object was there as a whole.
  bool whole() const { return whole_; }

 private:
  struct Found {
    std::string text;
    bool whole = false;
    bool lost = false;  // too long
  };
  // What is looked at: members of the object, or those of `message` in it.
  enum class At : std::uint8_t { key, colon, value };

  const char* pass_string(const char* from, const char* end);
  void on_string_end();
  void on_value_end();
  void keep(const char* from, const char* to);
  bool watched() const { return depth_ == 1 || (depth_ == 2 && in_message_); }
  void open(char bracket);
  void close();
  static std::string_view text_of(const Found& found);

  std::array<std::array<Found, members>, 2> found_;
  Found* capture_ = nullptr;         // of the value that runs
  std::uint64_t capture_depth_ = 0;  // at which its key stood
  std::string key_;                  // as far as it may still be one that is wanted
  std::uint64_t depth_ = 0;
  At at_ = At::key;
  bool in_string_ = false;
  bool is_key_ = false;  // the string that runs
  bool escaped_ = false;
  bool message_next_ = false;  // the value of `message` is next
  bool in_message_ = false;
  bool whole_ = false;
  bool done_ = false;  // nothing more is looked at
};

}  // namespace ccrelay::wire
