#include "wire/sse.hpp"

#include <algorithm>
#include <cstring>

#include "base/literal.hpp"

namespace ccrelay::wire {
namespace {

const char* find(std::string_view bytes, char c) {
  return static_cast<const char*>(std::memchr(bytes.data(), c, bytes.size()));
}

struct Field {
  std::string_view name;
  std::string_view value;
};

std::string_view without_space(std::string_view value) {
  if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  return value;
}

Field parts_of(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return {line, {}};
  return {line.substr(0, colon), without_space(line.substr(colon + 1))};
}

// Twice an event: the two fields that there are are known by their first bytes.
[[gnu::always_inline]] inline Field usual_parts_of(std::string_view line) {
  if (base::is_literal(line.substr(0, 5), "data:"))
    return {line.substr(0, 4), without_space(line.substr(5))};
  if (base::is_literal(line.substr(0, 6), "event:"))
    return {line.substr(0, 5), without_space(line.substr(6))};
  return parts_of(line);
}

}  // namespace

void SseScanner::feed(std::string_view bytes) {
  const std::size_t size = bytes.size();
  whole_ = 0;
  if (after_cr_ && !bytes.empty()) {
    after_cr_ = false;
    if (bytes.front() == '\n') {
      bytes.remove_prefix(1);
      if (between_events()) whole_ = 1;
    }
  }
  if (bytes.empty()) return;
  // The next of each, looked for once it has been passed and not before: nobody sends CR, and where
  // somebody sends nothing else each look would go over all of the rest.
  const char* lf = find(bytes, '\n');
  const char* cr = find(bytes, '\r');
  while (!bytes.empty()) {
    if (lf && lf < bytes.data()) lf = find(bytes, '\n');
    if (cr && cr < bytes.data()) cr = find(bytes, '\r');
    const char* const end = !lf ? cr : !cr ? lf : std::min(lf, cr);
    if (!end) {
      line_bytes(bytes);
      break;
    }
    const std::string_view line = bytes.substr(0, static_cast<std::size_t>(end - bytes.data()));
    if (at_line_start_ && !line.empty() && line.size() <= room_for_line()) {
      whole_line(line);  // the usual case: it is here, and need not be put together
    } else {
      line_bytes(line);
      line_end();
    }
    std::size_t skip = line.size() + 1;
    if (*end == '\r') {
      if (skip == bytes.size()) {
        after_cr_ = true;
      } else if (bytes[skip] == '\n') {
        ++skip;
      }
    }
    bytes.remove_prefix(skip);
    if (between_events()) whole_ = size - bytes.size();
  }
  keep();
}

// What the event has so far outlasts the bytes.
void SseScanner::keep() {
  if (!name_.empty() && name_.data() != kept_name_.data()) {
    kept_name_ = name_;
    name_ = kept_name_;
  }
  if (!data_.empty() && data_.data() != kept_data_.data()) {
    kept_data_ = data_;
    data_ = kept_data_;
  }
}

void SseScanner::line_bytes(std::string_view bytes) {
  if (bytes.empty()) return;
  at_line_start_ = false;
  if (line_lost_) {
    if (line_is_data_) sink_.on_long_data(bytes);
    return;
  }
  const std::size_t room = room_for_line() - std::min(line_.size(), room_for_line());
  // As much as fits, so that the field is known and cuts change nothing.
  line_.append(bytes.substr(0, room));
  if (bytes.size() <= room) return;
  line_lost_ = true;
  const auto [field, value] = parts_of(line_);
  line_is_data_ = field == "data";
  if (!line_is_data_) return;
  pass_data(value);
  sink_.on_long_data(bytes.substr(room));
}

// Of an event whose data is not kept: what was kept so far, and this of another line.
void SseScanner::pass_data(std::string_view bytes) {
  if (!data_.empty()) sink_.on_long_data(data_);
  if (!data_.empty() || data_lost_) sink_.on_long_data("\n");
  data_ = {};
  data_lost_ = true;
  if (!bytes.empty()) sink_.on_long_data(bytes);
}

void SseScanner::line_end() {
  const bool blank = at_line_start_;
  at_line_start_ = true;
  if (blank) {
    if (in_event_) {
      sink_.on_event(name_, data_lost_ ? std::string_view("") : data_);
    }
    in_event_ = data_lost_ = false;
    name_ = data_ = {};
    return;
  }
  whole_line(line_);
  keep();
  line_lost_ = false;
  if (line_.capacity() > 4096) {
    std::string().swap(line_);
  } else {
    line_.clear();
  }
}

void SseScanner::whole_line(std::string_view line) {
  in_event_ = in_event_ || line.front() != ':';
  const auto [field, value] = usual_parts_of(line);
  if (base::is_literal(field, "event")) {
    name_ = value;
    sink_.on_event_begin(name_);
  } else if (base::is_literal(field, "data")) {
    const std::size_t line_end = data_.empty() ? 0 : 1;
    if (line_lost_) {
      // It has been passed on as it came.
    } else if (data_lost_ || data_.size() + line_end + value.size() > data_bytes_max_) {
      pass_data(value);
    } else {
      if (data_.empty()) {
        data_ = value;
      } else {
        keep();
        kept_data_ += '\n';
        kept_data_ += value;
        data_ = kept_data_;
      }
    }
  }
}

}  // namespace ccrelay::wire
