#pragma once

#include <cstddef>
#include <string>

namespace ccrelay::wire {

/// Appends the inside of a checked string as append_json_string() has it, in the order of calls.
/// Lives as long as that takes.
class MendedText {
 public:
  explicit MendedText(std::string& out) : out_(out) {}
  ~MendedText() { flush(); }
  MendedText(const MendedText&) = delete;
  MendedText& operator=(const MendedText&) = delete;

  /// What goes on as it is.
  void text(const char* at, const char* end);
  /// A run of escapes that do not.
  void escapes(const char* at, const char* end);

 private:
  std::size_t room() const { return static_cast<std::size_t>(buffer_ + sizeof(buffer_) - to_); }
  void flush() {
    out_.append(buffer_, static_cast<std::size_t>(to_ - buffer_));
    to_ = buffer_;
  }

  std::string& out_;
  char buffer_[1024];
  char* to_ = buffer_;
};

}  // namespace ccrelay::wire
