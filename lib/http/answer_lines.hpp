#pragma once

#include <cstddef>
#include <string_view>

#include "http/runs.hpp"

namespace ccrelay::http {

/// Looks for the end of an answer's head before llhttp reads it, and for a CR without its LF, which
/// one reader takes for the end of a line and another does not (RFC 9112 section 2.2). LF alone
/// ends a line. Pure; bytes come in pieces of any size.
class AnswerLines {
 public:
  void begin() { *this = {}; }
  /// How many bytes stand before the end of the head, with its last line, or before the byte that
  /// must not be where it is; all if there is neither.
  std::size_t take(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
      if (after_cr_ && bytes[at] != '\n') {
        bare_cr_ = true;
        return at;
      }
      after_cr_ = false;
      if (bytes[at] == '\n') {
        ++at;
        if (line_empty_) return at;
        line_empty_ = true;
        continue;
      }
      if (bytes[at] == '\r') {
        after_cr_ = true;
        ++at;
        continue;
      }
      line_empty_ = false;
      ++at;
      at = static_cast<std::size_t>(end_of_value(bytes.data() + at, bytes.data() + bytes.size()) -
                                    bytes.data());
    }
    return bytes.size();
  }
  bool bare_cr() const { return bare_cr_; }

 private:
  bool line_empty_ = true;
  bool after_cr_ = false;
  bool bare_cr_ = false;
};

}  // namespace ccrelay::http
