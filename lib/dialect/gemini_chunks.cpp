#include "dialect/gemini_chunks.hpp"

#include <algorithm>
#include <utility>

namespace ccrelay::dialect {

void GeminiChunks::feed(std::string_view bytes) {
  if (form_ == Form::unknown) find_form(bytes);
  if (form_ == Form::unknown) return;
  if (form_ == Form::events) return events_.feed(bytes);
  while (!bytes.empty() && !failed_ && !whole_) {
    const std::size_t passed = depth_ == 0 ? pass_between(bytes) : pass_chunk(bytes);
    bytes.remove_prefix(passed);
  }
}

void GeminiChunks::end() {
  if (form_ == Form::events) events_.end();
}

void GeminiChunks::on_event(std::string_view name, std::string_view data) {
  sink_.frame = frame;
  sink_.on_event(name, data);
}

// The first byte that is no white space tells; an event stream never begins with a bracket.
void GeminiChunks::find_form(std::string_view& bytes) {
  bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
  if (bytes.empty()) return;
  if (bytes.front() == '[') {
    form_ = Form::array;
    bytes.remove_prefix(1);
  } else {
    form_ = bytes.front() == '{' ? Form::object : Form::events;
  }
}

std::size_t GeminiChunks::pass_between(std::string_view bytes) {
  const char c = bytes.front();
  if (c == '{') {
    depth_ = 1;
    chunk_ = c;
  } else if (c == ']' && form_ == Form::array) {
    whole_ = true;
  } else if (c != ',' && c != ' ' && c != '\t' && c != '\r' && c != '\n') {
    failed_ = true;
  }
  return 1;
}

std::size_t GeminiChunks::pass_chunk(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && depth_ > 0) {
    const char c = bytes[at++];
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if (c == '}' || c == ']') {
      --depth_;
    }
  }
  chunk_ += bytes.substr(0, at);
  if (chunk_.size() > chunk_bytes_max_) {
    failed_ = true;
  } else if (depth_ == 0) {
    if (form_ == Form::object) whole_ = true;
    const std::string chunk = std::exchange(chunk_, {});
    sink_.frame = {};
    sink_.on_event({}, chunk);
  }
  return at;
}

}  // namespace ccrelay::dialect
