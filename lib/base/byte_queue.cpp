#include "base/byte_queue.hpp"

#include "base/assert.hpp"

namespace ccrelay::base {
namespace {
// An idle stream must not keep the buffer that a burst, or its head, once needed. Most events fit.
constexpr std::size_t kept_capacity_max = 512;
}  // namespace

char* ByteQueue::extend(std::size_t count) {
  buffer_.resize(buffer_.size() + count);
  return buffer_.data() + (buffer_.size() - count);
}

void ByteQueue::consume(std::size_t count) {
  CCRELAY_ASSERT(count <= size(), "cannot take more than there is");
  taken_ += count;
  if (taken_ == buffer_.size()) {
    clear();
  } else if (taken_ > buffer_.size() / 2) {
    buffer_.erase(0, taken_);
    taken_ = 0;
  }
}

void ByteQueue::clear() {
  taken_ = 0;
  if (buffer_.capacity() > kept_capacity_max) {
    std::string().swap(buffer_);
  } else {
    buffer_.clear();
  }
}

std::string ByteQueue::take() {
  std::string out = taken_ == 0 ? std::move(buffer_) : buffer_.substr(taken_);
  buffer_.clear();
  taken_ = 0;
  return out;
}

}  // namespace ccrelay::base
