#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::upstream {

/// What is left to be sent of one request: its head, which is kept here, and the caller's pieces of
/// body, which are not copied. What was sent is let go at once. Belongs to a Call.
class Outgoing {
 public:
  /// The pieces must stay until they are sent, or until clear().
  void assign(std::string head, std::vector<std::string_view> pieces);
  /// Nothing more is to be sent: gives the memory back.
  void clear();

  bool empty() const { return head_.empty() && pieces_.empty(); }
  /// Whether something of the caller's may still be read.
  bool holds_body() const { return !pieces_.empty(); }

  /// The next bytes, for writev(): how many places of `to` were filled.
  std::size_t list(iovec* to, std::size_t places) const;
  /// The next bytes that lie in one place, and the same again until some are sent.
  std::string_view front() const;
  /// So many of them were sent.
  void advance(std::size_t bytes);
  /// Copies a body of up to this many bytes behind the head, for who sends one place at a time.
  void join(std::size_t bytes_max);

 private:
  std::string head_;
  std::vector<std::string_view> pieces_;  // none is empty
  std::size_t piece_ = 0;                 // the one that is sent next
  std::size_t offset_ = 0;                // inside the head, then inside that piece
};

}  // namespace ccrelay::upstream
