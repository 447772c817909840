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

// A whole number as JSON has it, without a sign.
bool is_plain_count(std::string_view text) {
  return !text.empty() && text.size() <= digits_max && (text[0] != '0' || text.size() == 1) &&
         std::all_of(text.begin(), text.end(), is_digit);
}

// Behind an escape of a JSON string; null if it is none.
const char* past_escape(const char* at, const char* end) {
  if (end - at < 2) return nullptr;
  if (at[1] != 'u') return std::strchr("\"\\/bfnrt", at[1]) && at[1] != '\0' ? at + 2 : nullptr;
  if (end - at < 6 || !std::all_of(at + 2, at + 6, is_hex)) return nullptr;
  return at + 6;
}

// The quote behind what a JSON string has; null if it is none.
const char* closing_quote(const char* at, const char* end, bool& plain) {
  while (true) {
    at = wire::end_of_string_run(at, end);
    if (at == end) return nullptr;
    if (*at == '"') return at;
    if (*at != '\\') return nullptr;
    plain = false;
    at = past_escape(at, end);
    if (!at) return nullptr;
  }
}

}  // namespace

void EventMould::cast(Json event, Json words, const Differs& differs, const EventFrame& frame) {
  const std::string_view text = event.raw();
  holes_.clear();
  pattern_.clear();
  if (!event.is_object() || !words.is_string()) return;
  pattern_ = text;
  before_ = frame.before;
  behind_ = frame.behind;
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
  const std::size_t brace = pattern_.size() - 1;
  holes_.push_back({pattern_.find_last_not_of(' ', brace - 1) + 1, brace, Kind::space});
  std::sort(holes_.begin(), holes_.end(),
            [](const Hole& a, const Hole& b) { return a.begin < b.begin; });
}

void EventMould::add_hole(Json value, Kind kind) {
  if (kind == Kind::number && !is_plain_count(value.raw())) return;
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
  if (pattern_.empty() || !(begins(data, false) || begins(data, true))) return false;
  if (data_.size() != data.size()) return false;
  if (!frame.before.empty()) {
    before_ = frame.before;
    behind_ = frame.behind;
  }
  return true;
}

std::size_t EventMould::fits_front(std::string_view bytes) {
  if (pattern_.empty() || before_.empty() || !bytes.starts_with(before_)) return 0;
  const std::string_view rest = bytes.substr(before_.size());
  if (!begins(rest, false) && !begins(rest, true)) return 0;
  if (!rest.substr(data_.size()).starts_with(behind_)) return 0;
  return before_.size() + data_.size() + behind_.size();
}

// Whether the text begins with the event. Not `all`: places where nothing has differed yet are
// those of the pattern.
bool EventMould::begins(std::string_view text, bool all) {
  const char* at = text.data();
  const char* const end = at + text.size();
  std::size_t behind = 0;
  const auto take = [&](std::size_t until) {
    const std::size_t size = until - behind;
    if (static_cast<std::size_t>(end - at) < size) return false;
    if (std::memcmp(at, pattern_.data() + behind, size) != 0) return false;
    at += size;
    return true;
  };
  for (Hole& hole : holes_) {
    if (!all && !hole.differs) continue;
    if (!take(hole.begin)) return false;
    const char* const begin = at;
    at = past_hole(hole, at, end);
    if (!at) return false;
    behind = hole.end;
    const std::string_view was = std::string_view(pattern_).substr(hole.begin, behind - hole.begin);
    if (all && was != std::string_view(begin, static_cast<std::size_t>(at - begin)))
      hole.differs = true;
  }
  if (!take(pattern_.size())) return false;
  data_ = text.substr(0, static_cast<std::size_t>(at - text.data()));
  return true;
}

const char* EventMould::past_hole(const Hole& hole, const char* at, const char* end) {
  const char* stop = at;
  if (hole.kind == Kind::space) {
    while (stop != end && *stop == ' ') ++stop;
    return stop;
  }
  if (hole.kind == Kind::number) {
    while (stop != end && is_digit(*stop)) ++stop;
    return is_plain_count({at, static_cast<std::size_t>(stop - at)}) ? stop : nullptr;
  }
  bool plain = true;
  stop = closing_quote(at, end, plain);
  if (!stop || hole.kind != Kind::words) return stop;
  words_ = {at, static_cast<std::size_t>(stop - at)};
  if (!plain) {
    // With its quotes.
    decoded_ = wire::json_decoded({at - 1, words_.size() + 2});
    words_ = decoded_;
  }
  return stop;
}

}  // namespace ccrelay::dialect
