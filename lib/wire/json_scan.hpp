#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::wire {

/// Walks over JSON text and checks every byte of it against RFC 8259, UTF-8 apart. Keeps no copy of
/// anything and needs no memory that grows with the text. After a failure every step does nothing.
class JsonScan {
 public:
  /// Nested deeper than this is refused (RFC 8259 section 9 allows a limit).
  static constexpr std::size_t depth_max = 1024;

  explicit JsonScan(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

  bool failed() const { return failure_ != nullptr; }
  /// `at byte N: …`, counted from 0; empty while nothing has failed.
  std::string error() const;

  std::size_t at() const { return at_; }
  bool at_end() const { return at_ == text_.size(); }
  /// The next byte; 0 at the end.
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  /// Steps over the next byte if it is this one.
  bool take(char c);

  void skip_space();
  /// Over a string, whose opening quote is next.
  void skip_string();
  /// Over one value of any kind.
  void skip_value();
  void fail(const char* what);

  /// Where a value begins and ends.
  struct Extent {
    std::size_t begin;
    std::size_t end;
  };
  /// From now on skip_value() appends the extents of objects, arrays and long strings, by their
  /// begin. `extents` outlives this.
  void record(std::vector<Extent>& extents) { extents_ = &extents; }

 private:
  void skip_scalar();
  void skip_escape();
  void skip_number();
  void skip_digits();
  void skip_word(std::string_view word);
  void skip_key();
  void open(std::vector<std::size_t>& opened);
  void close(std::vector<std::size_t>& opened);

  std::string_view text_;
  std::size_t at_;
  std::size_t failed_at_ = 0;
  const char* failure_ = nullptr;
  std::vector<Extent>* extents_ = nullptr;
};

/// What a string of checked JSON means; `raw` has its quotes. Half of a surrogate pair becomes
/// U+FFFD.
std::string json_decoded(std::string_view raw);
/// The same of text that nobody has checked: empty unless it is one string.
std::string plain_string(std::string_view raw);

}  // namespace ccrelay::wire
