#pragma once

#include <ccrelay/http.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ccrelay::upstream {

/// Collects the head of an answer from the lines curl hands over one by one: skips interim answers
/// (1xx) and trailers, unfolds, trims. Pure; belongs to an Easy.
class HeadReader {
 public:
  /// All header lines of one exchange together, in bytes.
  static constexpr std::size_t bytes_max = 256 * 1024;

  enum class Step : std::uint8_t {
    more,      ///< nothing to tell yet
    complete,  ///< the head of the final answer is there: take() it
    refused,   ///< problem() says why
  };

  void reset();
  /// One line with its line end.
  Step line(std::string_view line);
  ResponseHead take() { return std::move(head_); }
  /// The final head was complete; lines that follow are trailers.
  bool complete() const { return complete_; }
  /// Any line at all was seen.
  bool begun() const { return bytes_ > 0; }
  const std::string& problem() const { return problem_; }

 private:
  Step status_line(std::string_view line);
  Step field(std::string_view line);
  Step end_of_block();
  void flush_field();
  Step refuse(std::string why);

  ResponseHead head_;
  std::string name_;  // of the field that may still be continued on the next line
  std::string value_;
  std::string problem_;
  std::size_t bytes_ = 0;
  bool in_block_ = false;
  bool complete_ = false;
};

}  // namespace ccrelay::upstream
