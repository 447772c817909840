#pragma once

#include <ccrelay/manage.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/call.hpp"
#include "api/errors.hpp"
#include "api/json.hpp"

namespace ccrelay::api {

/// How a stream ends: because the relay stops, or because all was told that was asked for.
enum class End : bool { stopped, whole };

/// The end as an event of its own: what a gRPC stream ends with.
inline void append_end(std::string& sse, End end) {
  if (end == End::whole) return;
  sse += "event: error\ndata: " + error_answer("UNAVAILABLE", "the relay stops").body + "\n\n";
}

/// One message, as an event of SSE; JSON has no line breaks.
template <class Message>
void append_event(std::string& sse, const Message& message) {
  sse += "data: ";
  append_json(sse, message);
  sse += "\n\n";
}

/// About 16 KB: what is on its way to a reader is little beside its queue, which has its bounds.
inline constexpr std::size_t events_at_once = 32;

/// What a subscription of the Manager tells: its queue is the stream's, nothing is kept here.
template <class Event, class Subscription>
class EventStream final : public Stream {
 public:
  EventStream(std::unique_ptr<Subscription> subscription, End end)
      : subscription_(std::move(subscription)), end_(end) {}

  bool take(std::string& sse) override {
    // Asked before: what comes between the two calls is told, and the end is not told too early.
    const bool over = subscription_->is_over();
    std::vector<Event> events;
    const bool is_last = subscription_->take(events, events_at_once) < events_at_once && over;
    for (const Event& event : events) append_event(sse, event);
    if (is_last) append_end(sse, end_);
    return !is_last;
  }
  void on_ready(std::function<void()> wake) override { subscription_->on_ready(std::move(wake)); }

 private:
  const std::unique_ptr<Subscription> subscription_;
  const End end_;
};

template <class Event, class Subscription>
std::unique_ptr<Stream> stream_of(std::unique_ptr<Subscription> subscription,
                                  End end = End::stopped) {
  return std::make_unique<EventStream<Event, Subscription>>(std::move(subscription), end);
}

}  // namespace ccrelay::api
