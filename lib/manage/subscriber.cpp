#include "manage/subscriber.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <type_traits>
#include <utility>

#include "manage/filter.hpp"
#include "worker/told_request.hpp"

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
std::size_t bytes_of(const management::Attempt& attempt) {
  return event_bytes + attempt.provider.size() + attempt.model.size() + attempt.detail.size();
}

management::Request without_attempts(const management::Request& request) {
  management::Request out = request;
  out.attempts.clear();
  return out;
}

bool takes_all(const management::RequestFilter& filter) {
  return filter.providers.empty() && filter.keys.empty() && filter.clients.empty() &&
         filter.models.empty() && filter.sessions.empty() && !filter.troubled_only &&
         filter.min_duration_ms <= 0;
}

}  // namespace

Subscriber::Subscriber(management::RequestWatch watch, std::shared_ptr<worker::Watchers> watchers,
                       worker::Seat seat)
    : watchers_(std::move(watchers)),
      seat_(std::move(seat)),
      watch_(std::move(watch)),
      events_max_(
          static_cast<std::size_t>(watch_.queue_events > 0 ? watch_.queue_events : events_default)),
      takes_all_(takes_all(watch_.filter)) {
  watch_.filter.states.clear();  // of what happens no state is asked
}

void Subscriber::end() {
  watchers_->remove(*this);
  const std::lock_guard lock(mutex_);
  set_full(false);
}

bool Subscriber::wants(RequestEventKind kind) const {
  return watch_.kinds.empty() ||
         std::find(watch_.kinds.begin(), watch_.kinds.end(), kind) != watch_.kinds.end();
}

// ---- by workers

void Subscriber::take(const Happening& happening) {
  const std::lock_guard lock(mutex_);
  const bool was_empty = queue_.empty();
  tell(happening);
  wake(was_empty);
}

// What fitted once fits for ever. Without a filter all that matters is what has been told as
// running already.
bool Subscriber::appears(const Happening& happening) {
  const std::uint64_t number = happening.number();
  const bool is_known = known_.count(number) > 0;
  if (happening.kind() == RequestEventKind::started && is_known) return false;  // it was existing
  if (!is_known && !takes_all_ && !matches(watch_.filter, *happening.request())) return false;
  if (happening.kind() == RequestEventKind::ended) {
    known_.erase(number);
    progress_at_.erase(number);
    progress_told_.erase(number);
  } else if (!is_known && (!takes_all_ || !is_synced_)) {
    known_.insert(number);
  }
  return true;
}

void Subscriber::tell(const Happening& happening) {
  if (is_over_ || !appears(happening) || !wants(happening.kind())) return;
  if (happening.kind() == RequestEventKind::progress) return tell_progress(happening);
  ++sequence_;
  // Nothing is put into words that there is no room for.
  if (!has_room(event_bytes) || !push(happening.time(), words_of(happening))) {
    drop(happening.kind());
  }
}

Subscriber::What Subscriber::words_of(const Happening& happening) {
  switch (happening.kind()) {
    case RequestEventKind::attempt_started:
      return management::AttemptStarted{worker::request_id_text(happening.number()),
                                        happening.attempt()};
    case RequestEventKind::attempt_ended:
      return management::AttemptEnded{worker::request_id_text(happening.number()),
                                      happening.attempt()};
    case RequestEventKind::first_byte:
      return happening.first_byte();
    default:
      return Whole{happening.kind(), happening.request()};
  }
}

void Subscriber::tell_progress(const Happening& happening) {
  if (watch_.progress_interval_ms == 0) return;
  const std::uint64_t number = happening.number();
  const auto told = progress_told_.find(number);
  const std::chrono::milliseconds interval(watch_.progress_interval_ms);
  if (told != progress_told_.end() && happening.time() - told->second < interval) return;
  const management::Request& request = *happening.request();
  management::Progress progress{request.id, request.state, request.response_bytes, request.usage,
                                request.duration_us};
  progress_told_[number] = happening.time();
  if (const auto waits = progress_at_.find(number); waits != progress_at_.end()) {
    Waiting& one = waiting()[waits->second - taken_];
    one.time = happening.time();
    one.what = std::move(progress);
    return;
  }
  ++sequence_;
  // Where there is no room the next one tells as much.
  if (push(happening.time(), std::move(progress))) {
    progress_at_[number] = taken_ + waiting().size() - 1;
  }
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
  set_full(true);
}

void Subscriber::set_full(bool full) {
  if (std::exchange(is_full_, full) != full) watchers_->is_full(full);
}

// What is missing is told at its place, before the next event. False where there is no room.
bool Subscriber::push(WallTime time, What what) {
  std::size_t bytes = event_bytes;
  if (const auto* whole = std::get_if<Whole>(&what)) bytes = bytes_of(*whole->request);
  if (const auto* one = std::get_if<management::AttemptStarted>(&what)) {
    bytes = bytes_of(one->attempt);
  }
  if (const auto* one = std::get_if<management::AttemptEnded>(&what)) {
    bytes = bytes_of(one->attempt);
  }
  if (!has_room(bytes)) return false;
  if (lost_.events > 0) waiting().push_back({0, time, std::exchange(lost_, {})});
  waiting().push_back({sequence_, time, std::move(what), bytes});
  bytes_ += bytes;
  return true;
}

void Subscriber::existing(const management::Request& request, WallTime now) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = worker::number_of(request.id);
  if (known_.count(number) > 0 || !matches(watch_.filter, request)) return;
  known_.insert(number);
  ++existing_;
  const std::size_t bytes = bytes_of(request);
  if (!has_room(bytes)) return drop(RequestEventKind::unspecified);
  queue_.push_back(
      {0, now,
       Whole{RequestEventKind::unspecified, std::make_shared<const management::Request>(request)},
       bytes});
  bytes_ += bytes;
}

void Subscriber::synced(WallTime now) {
  const std::lock_guard lock(mutex_);
  const std::size_t before = queue_.size() + 1;
  queue_.push_back({0, now, management::Synced{existing_}});
  std::move(early_.begin(), early_.end(), std::back_inserter(queue_));
  early_.clear();
  for (auto& [number, place] : progress_at_) place += before;
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

Event Subscriber::told(Waiting waiting) {
  Event event{waiting.sequence, waiting.time, {}};
  std::visit(
      [&event](auto&& what) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(what)>, Whole>) {
          event.what = std::move(what);
        } else if (what.kind == RequestEventKind::started) {
          event.what = management::Started{without_attempts(*what.request)};
        } else if (what.kind == RequestEventKind::ended) {
          event.what = management::Ended{without_attempts(*what.request)};
        } else {
          event.what = management::Existing{without_attempts(*what.request)};
        }
      },
      std::move(waiting.what));
  return event;
}

std::size_t Subscriber::take(std::vector<Event>& into, std::size_t most) {
  std::vector<Waiting> taken;
  {
    const std::lock_guard lock(mutex_);
    if (!is_synced_) return 0;
    while (taken.size() < most && !queue_.empty()) {
      Waiting& next = queue_.front();
      if (const auto* progress = std::get_if<management::Progress>(&next.what)) {
        progress_at_.erase(worker::number_of(progress->id));
      }
      bytes_ -= next.bytes;
      taken.push_back(std::move(next));
      queue_.pop_front();
      ++taken_;
      // Nothing may come for long behind what is missing.
      if (queue_.empty() && lost_.events > 0) {
        queue_.push_back({0, taken.back().time, std::exchange(lost_, {})});
      }
    }
    if (has_room(event_bytes)) set_full(false);
  }
  // Where no worker waits for it.
  for (Waiting& one : taken) into.push_back(told(std::move(one)));
  return taken.size();
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
