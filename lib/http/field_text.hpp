#pragma once

#include <string>
#include <string_view>

namespace ccrelay::http {

/// The name or the value of a header field while its bytes come in. It nearly always comes in one
/// piece, and is only looked at then.
class FieldText {
 public:
  void add(std::string_view piece) {
    if (kept_.empty() && piece_.empty()) {
      piece_ = piece;
      return;
    }
    keep();
    kept_.append(piece);
  }
  /// What has come so far; valid until the next change, or until the bytes it came in go.
  std::string_view view() const { return kept_.empty() ? piece_ : std::string_view(kept_); }
  /// The bytes it came in go.
  void keep() {
    if (piece_.empty()) return;
    kept_.append(piece_);
    piece_ = {};
  }
  /// It goes on in the next line (RFC 9112 section 5.2): one blank stands for those at its end.
  void fold() {
    keep();
    kept_.erase(kept_.find_last_not_of(" \t") + 1);
    kept_ += ' ';
  }
  void clear() {
    piece_ = {};
    kept_.clear();
  }
  /// Gives the memory back too.
  void release() {
    piece_ = {};
    std::string().swap(kept_);
  }

 private:
  std::string_view piece_;  // all of it, while kept_ is empty
  std::string kept_;
};

}  // namespace ccrelay::http
