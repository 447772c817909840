#include "upstream/outgoing.hpp"

#include <algorithm>
#include <utility>

namespace ccrelay::upstream {

void Outgoing::assign(std::string head, std::vector<std::string_view> pieces) {
  head_ = std::move(head);
  pieces_ = std::move(pieces);
  std::erase_if(pieces_, [](std::string_view piece) { return piece.empty(); });
  piece_ = 0;
  offset_ = 0;
}

void Outgoing::clear() {
  // By swapping: assigning something empty would keep the memory.
  std::string().swap(head_);
  std::vector<std::string_view>().swap(pieces_);
  piece_ = 0;
  offset_ = 0;
}

std::size_t Outgoing::list(iovec* to, std::size_t places) const {
  std::size_t filled = 0;
  std::size_t skip = offset_;
  const auto put = [&](std::string_view bytes) {
    bytes.remove_prefix(std::exchange(skip, 0));
    to[filled++] = {const_cast<char*>(bytes.data()), bytes.size()};
  };
  if (!head_.empty() && places > 0) put(head_);
  for (std::size_t i = piece_; i < pieces_.size() && filled < places; ++i) put(pieces_[i]);
  return filled;
}

std::string_view Outgoing::front() const {
  if (!head_.empty()) return std::string_view(head_).substr(offset_);
  return pieces_.empty() ? std::string_view() : pieces_[piece_].substr(offset_);
}

void Outgoing::advance(std::size_t bytes) {
  while (bytes > 0 && !empty()) {
    const std::size_t part = std::min(bytes, front().size());
    bytes -= part;
    offset_ += part;
    if (!front().empty()) return;
    offset_ = 0;
    if (!head_.empty()) {
      std::string().swap(head_);
    } else {
      ++piece_;
    }
    if (piece_ == pieces_.size()) clear();
  }
}

void Outgoing::join(std::size_t bytes_max) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces_) size += piece.size();
  if (head_.empty() || size > bytes_max) return;
  head_.reserve(head_.size() + size);
  for (const std::string_view piece : pieces_) head_.append(piece);
  std::vector<std::string_view>().swap(pieces_);
}

}  // namespace ccrelay::upstream
