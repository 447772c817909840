#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ccrelay::base {

/// Bytes waiting to be taken from the front. One flat buffer: what is taken is only skipped, and
/// the space is reclaimed when the queue runs empty or more than half of the buffer is skipped.
class ByteQueue {
 public:
  void append(std::string_view bytes) { buffer_.append(bytes); }
  /// So many bytes more, to be filled in by the caller; valid until the next change.
  char* extend(std::size_t count);
  /// What waits; valid until the next change.
  std::string_view view() const { return std::string_view(buffer_).substr(taken_); }
  void consume(std::size_t count);
  std::size_t size() const { return buffer_.size() - taken_; }
  bool empty() const { return size() == 0; }
  void clear();
  /// Gives the whole content away.
  std::string take();

 private:
  std::string buffer_;
  std::size_t taken_ = 0;
};

}  // namespace ccrelay::base
