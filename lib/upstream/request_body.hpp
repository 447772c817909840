#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::upstream {

/// The body of one request. A small one is copied, because curl sends that together with the head
/// in one system call and may hold the pointer a little longer than the transfer lives. A large one
/// is read from the caller's pieces as it is sent. Belongs to an Easy.
class RequestBody {
 public:
  /// From here on curl itself no longer sends a body together with the head (7.88).
  static constexpr std::size_t copied_max = 64 * 1024 - 1;

  /// The pieces must stay until cut().
  void assign(std::vector<std::string_view> pieces);
  /// The pieces are going away: nothing is read from them any more.
  void cut();
  /// It was sent and will not be again: gives its memory back.
  void release();
  void clear();

  std::uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// The whole body if it was copied (possibly empty, never null), else null.
  const char* copied() const { return size_ <= copied_max ? copy_.c_str() : nullptr; }

  /// The next bytes; 0 at the end.
  std::size_t read(char* to, std::size_t room);
  /// Goes to a place in the body; false when there is no such place.
  bool seek(std::uint64_t offset);

 private:
  std::string copy_;
  std::vector<std::string_view> pieces_;
  std::uint64_t size_ = 0;
  std::size_t piece_ = 0;   // the one that is read now
  std::size_t offset_ = 0;  // inside it
};

}  // namespace ccrelay::upstream
