#include "manage/subscriber.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "manage/filter.hpp"

namespace ccrelay::manage {
namespace {

using management::Event;
using management::RequestEventKind;
using worker::Happening;

constexpr std::int32_t events_default = 1024;
// Names and structure of an event, beside its longer texts.
constexpr std::size_t event_bytes = sizeof(Event) + 200;

std::size_t bytes_of(const management::Request& request) {
  return event_bytes + request.request_id.size() + request.session.size() + request.path.size() +
         request.model.size() + request.model_sent.size() + request.error.size() +
         request.client.size() + request.provider.size();
}

management::Request without_attempts(management::Request request) {
  request.attempts.clear();
  return request;
}

}  // namespace

Subscriber::Subscriber(management::RequestWatch watch, std::shared_ptr<worker::Watchers> watchers,
                       worker::Seat seat)
    : watchers_(std::move(watchers)),
      seat_(std::move(seat)),
      watch_(std::move(watch)),
      events_max_(static_cast<std::size_t>(watch_.queue_events > 0 ? watch_.queue_events
                                                                   : events_default)) {
  watch_.filter.states.clear();  // of what happens no state is asked
}

void Subscriber::end() {
  watchers_->remove(*this);
}

bool Subscriber::wants(RequestEventKind kind) const {
  return watch_.kinds.empty() ||
         std::find(watch_.kinds.begin(), watch_.kinds.end(), kind) != watch_.kinds.end();
}

// ---- by workers

void Subscriber::take(const std::vector<Happening>& batch) {
  const std::lock_guard lock(mutex_);
  const bool was_empty = queue_.empty();
  for (const Happening& happening : batch) tell(happening);
  wake(was_empty);
}

// What fitted once fits for ever.
bool Subscriber::appears(const Happening& happening) {
  const std::string& id = happening.request.id;
  const bool is_known = known_.count(id) > 0;
  if (happening.kind == RequestEventKind::started && is_known) return false;  // it was existing
  if (!is_known && !matches(watch_.filter, happening.request)) return false;
  if (happening.kind == RequestEventKind::ended) {
    known_.erase(id);
    progress_at_.erase(id);
    progress_told_.erase(id);
  } else if (!is_known) {
    known_.insert(id);
  }
  return true;
}

void Subscriber::tell(const Happening& happening) {
  if (is_over_ || !appears(happening) || !wants(happening.kind)) return;
  const management::Request& request = happening.request;
  const auto attempt = [&] {
    return happening.attempt < request.attempts.size() ? request.attempts[happening.attempt]
                                                       : management::Attempt();
  };
  if (happening.kind == RequestEventKind::progress) return tell_progress(happening);
  ++sequence_;
  const std::size_t bytes = bytes_of(request);
  if (!has_room(bytes)) return drop(happening.kind);
  Event event{sequence_, happening.time, management::Lost()};
  switch (happening.kind) {
    case RequestEventKind::started:
      event.what = management::Started{without_attempts(request)};
      break;
    case RequestEventKind::attempt_started:
      event.what = management::AttemptStarted{request.id, attempt()};
      break;
    case RequestEventKind::attempt_ended:
      event.what = management::AttemptEnded{request.id, attempt()};
      break;
    case RequestEventKind::first_byte:
      event.what = management::FirstByte{request.id, request.provider, request.status,
                                         request.first_byte_us.value_or(0)};
      break;
    case RequestEventKind::ended:
      event.what = management::Ended{without_attempts(request)};
      break;
    default:
      return;
  }
  push(std::move(event), bytes);
}

void Subscriber::tell_progress(const Happening& happening) {
  const management::Request& request = happening.request;
  if (watch_.progress_interval_ms == 0) return;
  const auto told = progress_told_.find(request.id);
  const std::chrono::milliseconds interval(watch_.progress_interval_ms);
  if (told != progress_told_.end() && happening.time - told->second < interval) return;
  management::Progress progress{request.id, request.state, request.response_bytes, request.usage,
                                request.duration_us};
  progress_told_[request.id] = happening.time;
  if (const auto waits = progress_at_.find(request.id); waits != progress_at_.end()) {
    Event& event = waiting()[waits->second - taken_].event;
    event.time = happening.time;
    event.what = std::move(progress);
    return;
  }
  ++sequence_;
  if (!has_room(event_bytes)) return;  // the next one tells as much
  push({sequence_, happening.time, std::move(progress)}, event_bytes);
  progress_at_[request.id] = taken_ + waiting().size() - 1;
}

bool Subscriber::has_room(std::size_t bytes) const {
  return queue_.size() + early_.size() < events_max_ && bytes_ + bytes <= bytes_max;
}

void Subscriber::drop(RequestEventKind kind) {
  ++dropped_;
  watchers_->dropped(1);
  ++lost_.events;
  lost_.ended += kind == RequestEventKind::ended;
  lost_.started += kind == RequestEventKind::started;
}

// What is missing is told at its place, before the next event.
void Subscriber::push(Event event, std::size_t bytes) {
  if (lost_.events > 0) waiting().push_back({{0, event.time, std::exchange(lost_, {})}});
  waiting().push_back({std::move(event), bytes});
  bytes_ += bytes;
}

void Subscriber::existing(const management::Request& request, WallTime now) {
  const std::lock_guard lock(mutex_);
  if (known_.count(request.id) > 0 || !matches(watch_.filter, request)) return;
  const std::size_t bytes = bytes_of(request);
  known_.insert(request.id);
  ++existing_;
  if (!has_room(bytes)) return drop(RequestEventKind::unspecified);
  queue_.push_back({{0, now, management::Existing{without_attempts(request)}}, bytes});
  bytes_ += bytes;
}

void Subscriber::synced(WallTime now) {
  const std::lock_guard lock(mutex_);
  const std::size_t before = queue_.size() + 1;
  queue_.push_back({{0, now, management::Synced{existing_}}});
  std::move(early_.begin(), early_.end(), std::back_inserter(queue_));
  early_.clear();
  for (auto& [id, place] : progress_at_) place += before;
  is_synced_ = true;
  wake(true);
}

void Subscriber::close() {
  const std::lock_guard lock(mutex_);
  is_over_ = true;
  ready_.notify_all();
  if (wake_) wake_();
}

void Subscriber::wake(bool was_empty) {
  if (!was_empty || queue_.empty()) return;
  ready_.notify_all();
  if (wake_) wake_();
}

// ---- by the reader

std::size_t Subscriber::take(std::vector<Event>& into, std::size_t most) {
  const std::lock_guard lock(mutex_);
  if (!is_synced_) return 0;
  std::size_t count = 0;
  for (; count < most && !queue_.empty(); ++count) {
    Waiting& next = queue_.front();
    if (const auto* progress = std::get_if<management::Progress>(&next.event.what)) {
      progress_at_.erase(progress->id);
    }
    into.push_back(std::move(next.event));
    bytes_ -= next.bytes;
    queue_.pop_front();
    ++taken_;
    // Nothing may come for long behind what is missing.
    if (queue_.empty() && lost_.events > 0) {
      queue_.push_back({{0, into.back().time, std::exchange(lost_, {})}});
    }
  }
  return count;
}

void Subscriber::on_ready(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
  if (wake_ && is_synced_ && (!queue_.empty() || is_over_)) wake_();
}

bool Subscriber::wait(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  return ready_.wait_for(lock, longest,
                         [this] { return (is_synced_ && !queue_.empty()) || is_over_; });
}

bool Subscriber::is_over() const {
  const std::lock_guard lock(mutex_);
  return is_over_;
}

std::uint64_t Subscriber::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace ccrelay::manage
