#include "wire/member_scan.hpp"

#include <algorithm>
#include <cstring>

namespace ccrelay::wire {
namespace {

constexpr std::size_t text_bytes_max = 64 * 1024;
constexpr std::size_t key_bytes_max = 16;

constexpr std::array<std::string_view, MemberScan::members> names = {"type", "id", "model",
                                                                     "stop_reason", "usage"};

const char* find(const char* from, const char* end, char wanted) {
  if (from == end) return end;  // memchr() takes no null
  const void* at = std::memchr(from, wanted, static_cast<std::size_t>(end - from));
  return at ? static_cast<const char*>(at) : end;
}

}  // namespace

void MemberScan::keep(const char* from, const char* to) {
  if (!capture_ || capture_->lost || from == to) return;
  if (capture_->text.size() + static_cast<std::size_t>(to - from) > text_bytes_max) {
    capture_->lost = true;
    std::string().swap(capture_->text);
    return;
  }
  capture_->text.append(from, to);
}

// Behind the closing quote, or the end. Linear: neither the next quote nor the next backslash is
// looked for twice.
const char* MemberScan::pass_string(const char* from, const char* end) {
  const char* at = from;
  const char* quote = nullptr;
  while (at != end) {
    if (escaped_) {
      escaped_ = false;
      ++at;
      continue;
    }
    if (!quote || quote < at) quote = find(at, end, '"');
    const char* backslash = find(at, quote, '\\');
    if (backslash == quote) {
      at = quote;
      break;
    }
    escaped_ = true;
    at = backslash + 1;
  }
  if (is_key_ && key_.size() <= key_bytes_max) {
    // One byte more than any wanted key has tells a longer one.
    const auto room = static_cast<std::ptrdiff_t>(key_bytes_max + 1 - key_.size());
    key_.append(from, std::min(at - from, room));
  }
  if (at == end) return end;
  in_string_ = false;
  return at + 1;
}

void MemberScan::on_string_end() {
  if (!is_key_) return;
  is_key_ = false;
  at_ = At::colon;
}

void MemberScan::on_value_end() {
  if (capture_ && depth_ == capture_depth_) {
    capture_->whole = !capture_->lost;
    capture_ = nullptr;
  }
  message_next_ = false;
  at_ = At::key;
}

void MemberScan::open(char bracket) {
  ++depth_;
  if (depth_ == 1) at_ = At::key;
  if (depth_ == 2 && message_next_ && bracket == '{') {
    in_message_ = true;
    at_ = At::key;
    // Of several the last, whole.
    found_[1] = {};
  }
}

void MemberScan::close() {
  if (depth_ == 0) return;
  --depth_;
  if (depth_ == 1) in_message_ = false;
  if (depth_ == 0) whole_ = done_ = true;
}

void MemberScan::feed(std::string_view json) {
  const char* at = json.data();
  const char* const end = at + json.size();
  const char* kept = at;  // of a value that runs, everything before this is kept
  while (at != end && !done_) {
    if (in_string_) {
      at = pass_string(at, end);
      if (!in_string_) on_string_end();
      continue;
    }
    const char c = *at;
    switch (c) {
      case '"':
        in_string_ = true;
        is_key_ = watched() && at_ == At::key;
        if (is_key_) key_.clear();
        break;
      case ':':
        if (watched() && at_ == At::colon) {
          at_ = At::value;
          message_next_ = depth_ == 1 && key_ == "message";
          const auto name = std::find(names.begin(), names.end(), key_);
          if (name != names.end()) {
            capture_ = &found_[depth_ - 1][static_cast<std::size_t>(name - names.begin())];
            *capture_ = {};
            capture_depth_ = depth_;
            kept = at + 1;
          }
        }
        break;
      case ',':
        if (watched()) {
          keep(kept, at);
          on_value_end();
        }
        break;
      case '{':
      case '[':
        // An array is no object; nothing of it is looked at.
        if (depth_ == 0 && c == '[') {
          done_ = true;
          return;
        }
        open(c);
        break;
      case '}':
      case ']':
        if (watched()) {
          keep(kept, at);
          on_value_end();
        }
        close();
        break;
      default:
        break;
    }
    ++at;
  }
  keep(kept, end);
}

std::string_view MemberScan::text(Member member) const {
  return text_of(found_[0][static_cast<std::size_t>(member)]);
}

std::string_view MemberScan::text_in_message(Member member) const {
  return text_of(found_[1][static_cast<std::size_t>(member)]);
}

std::string_view MemberScan::text_of(const Found& found) {
  const std::string_view text = found.text;
  const auto first = text.find_first_not_of(" \t\r\n");
  if (!found.whole || first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace ccrelay::wire
