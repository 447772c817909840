#pragma once

#include <cstddef>
#include <cstdint>
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
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void skip_space() {
    if (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) <= ' ') pass_space();
  }
  /// Over a string, whose opening quote is next.
  void skip_string();
  /// Over one value of any kind.
  void skip_value();
  void fail(const char* what);

  /// Where a value begins and ends.
  struct Extent {
    std::uint32_t begin;
    std::uint32_t end;
    /// How many of those that follow stand in this one. In a string they are runs of escapes that
    /// append_json_string() has otherwise.
    std::uint32_t inside : 30;
    /// A string: append_json_string() would write its meaning so, if it is UTF-8 and has no 0x7F.
    /// An object or an array: no half of a surrogate pair, and no line's end between two tokens.
    std::uint32_t clean : 1;
    /// A string: between its runs it goes on as it is, under the same condition.
    std::uint32_t mendable : 1;
  };
  /// Longer texts are not recorded.
  static constexpr std::size_t recorded_bytes_max = std::size_t{1} << 31;
  /// Strings that are longer, quotes and all, are recorded; shorter ones are walked over sooner
  /// than looked up.
  static constexpr std::size_t short_string = 64;
  /// From now on skip_value() appends the extents of objects, arrays and long strings, by their
  /// begin. `extents` outlives this.
  void record(std::vector<Extent>& extents) {
    if (text_.size() < recorded_bytes_max) extents_ = &extents;
  }

  /// Where something stands.
  struct Span {
    std::uint32_t begin;
    std::uint32_t end;
  };
  /// Strings longer than short_string that skip_value() need not look at while it records, in their
  /// order: append_json_string() has written them. `strings` outlives this.
  void know(const std::vector<Span>& strings) {
    known_ = strings.data();
    known_end_ = known_ + strings.size();
  }

 private:
  std::size_t place(const char* at) const { return static_cast<std::size_t>(at - text_.data()); }
  void pass_space();
  const char* past_space(const char* at, const char* end) {
    return at == end || static_cast<unsigned char>(*at) > ' ' ? at : past_spaces(at, end);
  }
  const char* past_spaces(const char* at, const char* end);
  const char* pass_value(const char* at, const char* end);
  const char* pass_key(const char* at, const char* end);
  const char* pass_scalar(const char* at, const char* end);
  const char* pass_recorded_string(const char* at, const char* end);
  const char* pass_whole_string(const char* at, const char* end);
  const char* pass_long_string(const char* at, const char* end);
  const char* pass_string(const char* at, const char* end);
  template <class Blocks>
  const char* pass_blocks(const char* at, const char* end, bool& closed);
  const char* pass_wide_blocks(const char* at, const char* end, bool& closed);
  const char* pass_odd(const char* at, const char* end, std::uint64_t escaped, const char* done);
  const char* pass_escape(const char* at, const char* end);
  const char* pass_unicode(const char* at, const char* end);
  const char* odd_escape(const char* at, const char* behind);
  const char* fail_at(const char* at, const char* what);
  void skip_number();
  void skip_digits();
  void skip_word(std::string_view word);
  void open(std::vector<std::size_t>& opened, const char* at);
  void close(std::vector<std::size_t>& opened, const char* behind);

  std::string_view text_;
  std::size_t at_;
  std::size_t failed_at_ = 0;
  const char* failure_ = nullptr;
  std::vector<Extent>* extents_ = nullptr;
  const Span* known_ = nullptr;  // the next
  const Span* known_end_ = nullptr;
  // How many extents there were when the string that is being passed was the last; 0: it is not
  // recorded.
  std::size_t recorded_string_ = 0;
  // The last place of what keeps an object or array from being clean; 0: there is none.
  std::size_t unclean_at_ = 0;
};

/// What a string of checked JSON means; `raw` has its quotes. Half of a surrogate pair becomes
/// U+FFFD.
std::string json_decoded(std::string_view raw);
/// The same of text that nobody has checked: empty unless it is one string.
std::string plain_string(std::string_view raw);

}  // namespace ccrelay::wire
