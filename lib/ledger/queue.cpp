#include "ledger/queue.hpp"

#include <iterator>
#include <string_view>
#include <utility>

#include "ledger/packed.hpp"

namespace ccrelay::ledger {
namespace {

// Some dozens of requests.
constexpr std::size_t page_bytes = 32 * 1024;
// For what is still written into a page that is nearly full: one that is longer moves it.
constexpr std::size_t page_room = page_bytes + 4 * 1024;
constexpr std::size_t spare_pages_max = 16;

std::string_view rest_of(const Queue::Page& page) {
  return std::string_view(page.bytes).substr(page.begin);
}

}  // namespace

void Queue::add(const RequestSummary& request, const Spending& spending, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (waiting_ == 0) {
    since_ = now;
    wake_ = true;
  }
  if (pages_.empty() || pages_.back().bytes.size() >= page_bytes) pages_.push_back(next_page());
  append_packed(pages_.back().bytes, request, spending);
  ++pages_.back().count;
  ++waiting_;
  drop_surplus();
}

Queue::Page Queue::next_page() {
  Page page;
  if (spare_.empty()) {
    page.bytes.reserve(page_room);
  } else {
    page = std::move(spare_.back());
    spare_.pop_back();
  }
  return page;
}

void Queue::limit(std::size_t limit) {
  const std::lock_guard lock(mutex_);
  limit_ = limit;
  drop_surplus();
}

void Queue::recount(const std::function<Spending(const Entry&)>& say) {
  const std::lock_guard lock(mutex_);
  for (Page& page : pages_) {
    std::size_t at = page.begin;
    for (std::size_t i = 0; i < page.count; ++i) {
      const std::string_view packed = std::string_view(page.bytes).substr(at);
      set_spending(page.bytes.data() + at, say(unpacked(packed)));
      at += packed_bytes(packed);
    }
  }
}

// What is being written can't be dropped, and counts.
void Queue::drop_surplus() {
  while (waiting_ > 0 && waiting_ + taken_ > limit_) {
    Page& oldest = pages_.front();
    oldest.begin += packed_bytes(rest_of(oldest));
    --waiting_;
    ++dropped_;
    if (--oldest.count == 0) pages_.pop_front();
  }
}

bool Queue::wants_waking() {
  const std::lock_guard lock(mutex_);
  return std::exchange(wake_, false);
}

Queue::Pages Queue::take(std::size_t most) {
  const std::lock_guard lock(mutex_);
  Pages out;
  std::size_t count = 0;
  while (!pages_.empty() && (out.empty() || count + pages_.front().count <= most)) {
    count += pages_.front().count;
    out.push_back(std::move(pages_.front()));
    pages_.pop_front();
  }
  waiting_ -= count;
  taken_ = count;
  return out;
}

void Queue::done(Pages pages) {
  const std::lock_guard lock(mutex_);
  taken_ = 0;
  for (Page& page : pages) {
    if (spare_.size() == spare_pages_max) break;
    page.bytes.clear();
    page.begin = page.count = 0;
    spare_.push_back(std::move(page));
  }
}

void Queue::put_back(Pages pages) {
  const std::lock_guard lock(mutex_);
  waiting_ += std::exchange(taken_, 0);
  pages_.insert(pages_.begin(), std::make_move_iterator(pages.begin()),
                std::make_move_iterator(pages.end()));
  drop_surplus();
}

std::optional<TimePoint> Queue::since() const {
  const std::lock_guard lock(mutex_);
  return waiting_ == 0 ? std::nullopt : std::optional(since_);
}

std::size_t Queue::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_ + taken_;
}

std::uint64_t Queue::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

std::vector<Entry> entries_of(const Queue::Pages& pages) {
  std::vector<Entry> entries;
  for (const Queue::Page& page : pages) {
    std::string_view rest = rest_of(page);
    for (std::size_t i = 0; i < page.count; ++i) {
      entries.push_back(unpacked(rest));
      rest.remove_prefix(packed_bytes(rest));
    }
  }
  return entries;
}

}  // namespace ccrelay::ledger
