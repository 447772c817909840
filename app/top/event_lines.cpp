#include "api.hpp"

namespace ccrelay::app::top {
namespace {

constexpr std::size_t message_bytes_max = 4 << 20;

}  // namespace

bool EventLines::take(std::string_view bytes,
                      const std::function<void(std::string_view)>& message) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = bytes.find('\n', at);
    line_ += bytes.substr(at, end == bytes.npos ? bytes.npos : end - at);
    if (line_.size() + data_.size() > message_bytes_max) return false;
    if (end == bytes.npos) return true;
    at = end + 1;
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    if (line_.empty()) {
      if (!data_.empty()) message(data_);
      data_.clear();
    } else if (line_.rfind("data:", 0) == 0) {
      if (!data_.empty()) data_ += '\n';
      data_ += line_.substr(line_.size() > 5 && line_[5] == ' ' ? 6 : 5);
    }
    line_.clear();
  }
  return true;
}

}  // namespace ccrelay::app::top
