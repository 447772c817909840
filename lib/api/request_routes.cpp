#include "api/event_stream.hpp"
#include "api/told.hpp"

namespace ccrelay::api {
namespace {

management::RequestFilter filter_of(Input& input) {
  management::RequestFilter filter;
  input.take("filter.providers", filter.providers);
  input.take("filter.keys", filter.keys);
  input.take("filter.clients", filter.clients);
  input.take("filter.models", filter.models);
  input.take("filter.sessions", filter.sessions);
  input.take("filter.states", filter.states);
  input.take("filter.troubled_only", filter.troubled_only);
  input.take("filter.min_duration_ms", filter.min_duration_ms);
  return filter;
}

Answer list_requests(Asked& asked) {
  const management::RequestFilter filter = filter_of(asked.input);
  bool ended = false;
  asked.input.take("ended", ended);
  const auto page = page_of(asked.input);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  return told_page("requests", asked.manager.list_requests(filter, ended, page));
}

Answer get_request(Asked& asked) {
  return told_one(asked, "request", &management::Manager::request);
}

Answer cancel_request(Asked& asked) {
  take_name(asked, "id");
  const management::Order order = order_with_reason(asked);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  return told("request", asked.manager.cancel(asked.name, order), Warnings::none);
}

Opened watch_requests(Asked& asked) {
  management::RequestWatch watch;
  watch.filter = filter_of(asked.input);
  asked.input.take("include_existing", watch.include_existing);
  asked.input.take("progress_interval_ms", watch.progress_interval_ms);
  asked.input.take("queue_events", watch.queue_events);
  asked.input.take("kinds", watch.kinds);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  auto subscription = asked.manager.watch(watch);
  if (!subscription) return error_answer(subscription.refusal());
  return stream_of<management::Event>(std::move(*subscription));
}

constexpr Route request_table[] = {
    {.method = "GET", .path = "/requests", .tell = list_requests},
    {.method = "GET", .path = "/requests:watch", .open = watch_requests},
    {.method = "POST", .path = "/requests/*:cancel", .act = cancel_request},
    {.method = "GET", .path = "/requests/*", .tell = get_request},
};

}  // namespace

std::span<const Route> request_routes() {
  return request_table;
}

}  // namespace ccrelay::api
