#include "dialect/event_mould.hpp"

#include <algorithm>
#include <cstring>

#include "wire/json_runs.hpp"
#include "wire/json_scan.hpp"

namespace ccrelay::dialect {
namespace {

// Longer numbers are none that anybody counts with.
constexpr std::size_t digits_max = 15;
// Deeper nobody nests what he counts.
constexpr int counts_depth_max = 4;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// A whole number as JSON has it, without a sign, of digits.
bool is_plain_count(const char* begin, const char* end) {
  const auto size = static_cast<std::size_t>(end - begin);
  return size > 0 && size <= digits_max && (*begin != '0' || size == 1);
}

const char* end_of_digits(const char* at, const char* end) {
  while (at != end && is_digit(*at)) ++at;
  return at;
}

// Behind an escape of a JSON string; null if it is none.
const char* past_escape(const char* at, const char* end) {
  if (end - at < 2) return nullptr;
  if (at[1] != 'u') return std::strchr("\"\\/bfnrt", at[1]) && at[1] != '\0' ? at + 2 : nullptr;
  if (end - at < 6 || !std::all_of(at + 2, at + 6, is_hex)) return nullptr;
  return at + 6;
}

// The quote behind what a JSON string has; null if it is none.
const char* closing_quote(const char* at, const char* end, bool& escaped) {
  while (true) {
    at = wire::end_of_string_run(at, end);
    if (at == end) return nullptr;
    if (*at == '"') return at;
    if (*at != '\\') return nullptr;
    escaped = true;
    at = past_escape(at, end);
    if (!at) return nullptr;
  }
}

}  // namespace

void EventMould::cast(Json event, Json words, const Differs& differs, const EventFrame& frame) {
  const std::string_view text = event.raw();
  holes_.clear();
  cast_ = event.is_object() && words.is_string();
  if (!cast_) return;
  pattern_ = text;
  before_ = behind_ = 0;
  set_frame(frame);
  from_ = text.data();
  add_hole(words, Kind::words);
  for (const JsonMember& member : event.members()) {
    const bool is_read = std::any_of(differs.read.begin(), differs.read.end(),
                                     [&member](std::string_view name) { return member.is(name); });
    if (!differs.counts.empty() && member.is(differs.counts)) {
      add_counts(member.value, 0);
    } else if (!is_read) {
      add_hole(member.value, member.value.is_string() ? Kind::text : Kind::number);
    }
  }
  // Anthropic puts blanks in front of the last brace, so that nobody sees how long the words are.
  const std::size_t brace = text.size() - 1;
  holes_.push_back({text.find_last_not_of(' ', brace - 1) + 1, brace, Kind::space});
  std::sort(holes_.begin(), holes_.end(),
            [](const Hole& a, const Hole& b) { return a.begin < b.begin; });
}

void EventMould::set_frame(const EventFrame& frame) {
  if (frame.before.empty()) return;
  const std::string_view known(pattern_);
  if (known.substr(0, before_) == frame.before &&
      known.substr(known.size() - behind_) == frame.behind)
    return;
  pattern_.erase(pattern_.size() - behind_);
  pattern_.replace(0, before_, frame.before);
  pattern_ += frame.behind;
  before_ = frame.before.size();
  behind_ = frame.behind.size();
}

void EventMould::add_hole(Json value, Kind kind) {
  const char* const end = value.raw().data() + value.raw().size();
  const bool counts = end_of_digits(value.raw().data(), end) == end;
  if (kind == Kind::number && (!counts || !is_plain_count(value.raw().data(), end))) return;
  const auto begin = static_cast<std::size_t>(value.raw().data() - from_);
  const std::size_t quote = kind == Kind::number ? 0 : 1;
  holes_.push_back({begin + quote, begin + value.raw().size() - quote, kind, kind == Kind::words});
}

void EventMould::add_counts(Json value, int depth) {
  if (depth == counts_depth_max) return;
  if (value.is_number()) return add_hole(value, Kind::number);
  for (const JsonMember& member : value.members()) add_counts(member.value, depth + 1);
  for (const Json& item : value.items()) add_counts(item, depth + 1);
}

bool EventMould::fits(std::string_view data, const EventFrame& frame) {
  if (!cast_ || !begins(data, before_, pattern_.size() - behind_)) return false;
  if (taken_ != data.size()) return false;
  data_ = data;
  set_frame(frame);
  return true;
}

std::size_t EventMould::fits_front(std::string_view bytes) {
  if (!cast_ || before_ == 0 || !begins(bytes, 0, pattern_.size())) return 0;
  data_ = {bytes.data() + before_, taken_ - before_ - behind_};
  return taken_;
}

bool EventMould::begins(std::string_view text, std::size_t from, std::size_t until) {
  return begins(text, from, until, false) || begins(text, from, until, true);
}

// Whether the text begins with this part of the pattern, in which all of the event is. Not `all`:
// places where nothing has differed yet are those of the pattern.
bool EventMould::begins(std::string_view text, std::size_t from, std::size_t until, bool all) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto take = [&](std::size_t to) {
    const std::size_t size = to - from;
    if (static_cast<std::size_t>(end - at) < size) return false;
    if (std::memcmp(at, pattern_.data() + from, size) != 0) return false;
    at += size;
    return true;
  };
  for (Hole& hole : holes_) {
    if (!all && !hole.differs) continue;
    if (!take(before_ + hole.begin)) return false;
    const char* const begin = at;
    at = past_hole(hole, at, end);
    if (!at) return false;
    from = before_ + hole.end;
    if (!all) continue;
    const std::string_view was(pattern_.data() + before_ + hole.begin, hole.end - hole.begin);
    if (was != std::string_view(begin, static_cast<std::size_t>(at - begin))) hole.differs = true;
  }
  if (!take(until)) return false;
  taken_ = static_cast<std::size_t>(at - text.data());
  return true;
}

const char* EventMould::past_hole(const Hole& hole, const char* at, const char* end) {
  const char* stop = at;
  if (hole.kind == Kind::space) {
    while (stop != end && *stop == ' ') ++stop;
    return stop;
  }
  if (hole.kind == Kind::number) {
    stop = end_of_digits(at, end);
    return is_plain_count(at, stop) ? stop : nullptr;
  }
  // Most of it has nothing special.
  stop = wire::end_of_plain_text(at, end);
  bool escaped = false;
  const bool plain = stop != end && *stop == '"';
  if (!plain) stop = closing_quote(stop, end, escaped);
  if (!stop || hole.kind != Kind::words) return stop;
  words_ = {at, static_cast<std::size_t>(stop - at)};
  plain_ = plain;
  if (escaped) {
    // With its quotes.
    decoded_ = wire::json_decoded({at - 1, words_.size() + 2});
    words_ = decoded_;
  }
  return stop;
}

}  // namespace ccrelay::dialect
