#include <chrono>

#include "api/event_stream.hpp"
#include "api/told.hpp"

namespace ccrelay::api {
namespace {

Answer get_log_level(Asked& asked) {
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  return told(asked.manager.log_level());
}

Answer set_log_level(Asked& asked) {
  management::LogLevel level = management::LogLevel::unspecified;
  std::int64_t ttl_ms = 0;
  asked.input.take("level", level);
  asked.input.take("ttl_ms", ttl_ms);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  management::Order order = order_of(asked);
  order.ttl = std::chrono::milliseconds(ttl_ms);
  const auto reply = asked.manager.set_log_level(level, order);
  if (!reply) return error_answer(reply.refusal());
  Answer answer;
  JsonObject{answer.body}("level", reply->now.level)("changed", reply->changed);
  return answer;
}

Opened watch_logs(Asked& asked) {
  management::LogWatch watch;
  asked.input.take("min_level", watch.min_level);
  asked.input.take("tail", watch.tail);
  asked.input.take("request", watch.request);
  asked.input.take("contains", watch.contains);
  asked.input.take("queue_lines", watch.queue_lines);
  asked.input.take("no_follow", watch.no_follow);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  auto subscription = asked.manager.watch_logs(watch);
  if (!subscription) return error_answer(subscription.refusal());
  const auto end = watch.no_follow ? End::whole : End::stopped;
  return stream_of<management::LogEvent>(std::move(*subscription), end);
}

constexpr Route log_table[] = {
    {.method = "GET", .path = "/log-level", .tell = get_log_level},
    {.method = "POST", .path = "/log-level", .act = set_log_level},
    {.method = "GET", .path = "/logs:watch", .open = watch_logs},
};

}  // namespace

std::span<const Route> log_routes() {
  return log_table;
}

}  // namespace ccrelay::api
