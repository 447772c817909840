#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace ccrelay::observe {

/// Writes at the end of a string as += does, but looks for room once a piece, which may then be
/// written byte by byte: a log line has a hundred pieces. The string has its size again when the
/// pen is gone.
class Pen {
 public:
  explicit Pen(std::string& out) : out_(out), used_(out.size()) { out_.resize(out_.capacity()); }
  ~Pen() { out_.resize(used_); }
  Pen(const Pen&) = delete;
  Pen& operator=(const Pen&) = delete;

  /// Where so many bytes may be written; wrote() says how many were.
  char* room(std::size_t bytes) {
    if (out_.size() - used_ < bytes) out_.resize(2 * out_.size() + bytes);
    return out_.data() + used_;
  }
  void wrote(std::size_t bytes) { used_ += bytes; }

  void put(char c) {
    *room(1) = c;
    wrote(1);
  }
  void put(std::string_view text) { wrote(text.copy(room(text.size()), text.size())); }
  /// A word of ours: in one piece, and of a size that the compiler knows.
  template <std::size_t Size>
  void literal(const char (&text)[Size]) {
    std::memcpy(room(Size - 1), text, Size - 1);
    wrote(Size - 1);
  }

 private:
  std::string& out_;
  std::size_t used_;
};

}  // namespace ccrelay::observe
