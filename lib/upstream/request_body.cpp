#include "upstream/request_body.hpp"

#include <algorithm>
#include <cstring>

namespace ccrelay::upstream {

void RequestBody::assign(std::vector<std::string_view> pieces) {
  clear();
  for (const std::string_view piece : pieces) size_ += piece.size();
  if (size_ > copied_max) {
    pieces_ = std::move(pieces);
    return;
  }
  copy_.reserve(size_);
  for (const std::string_view piece : pieces) copy_.append(piece);
}

void RequestBody::cut() {
  pieces_.clear();
}

void RequestBody::release() {
  // By swapping: assigning an empty string would keep the memory.
  std::string().swap(copy_);
  std::vector<std::string_view>().swap(pieces_);
}

void RequestBody::clear() {
  release();
  size_ = 0;
  piece_ = 0;
  offset_ = 0;
}

std::size_t RequestBody::read(char* to, std::size_t room) {
  std::size_t done = 0;
  while (done < room && piece_ < pieces_.size()) {
    const std::string_view rest = pieces_[piece_].substr(offset_);
    const std::size_t part = std::min(rest.size(), room - done);
    std::memcpy(to + done, rest.data(), part);
    done += part;
    offset_ += part;
    if (part == rest.size()) {
      ++piece_;
      offset_ = 0;
    }
  }
  return done;
}

bool RequestBody::seek(std::uint64_t offset) {
  if (offset > size_) return false;
  piece_ = 0;
  while (piece_ < pieces_.size() && offset >= pieces_[piece_].size()) {
    offset -= pieces_[piece_].size();
    ++piece_;
  }
  offset_ = static_cast<std::size_t>(offset);
  return true;
}

}  // namespace ccrelay::upstream
