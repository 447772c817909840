#include <ccrelay/manage_status.hpp>

#include <functional>
#include <memory>
#include <utility>

#include "api/event_stream.hpp"
#include "api/told.hpp"

namespace ccrelay::api {
namespace {

Answer get_info(Asked& asked) {
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  Answer answer;
  {
    JsonObject whole(answer.body);
    append_json(whole.begin("info"), asked.manager.info(), asked.call.caller);
  }
  return answer;
}

Answer get_status(Asked& asked) {
  std::int32_t history_seconds = 0;
  asked.input.take("history_seconds", history_seconds);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  return told("status", asked.manager.status(history_seconds));
}

// The whole again and again: what is told is as it is then, and nothing waits.
class StatusStream final : public Stream {
 public:
  explicit StatusStream(std::unique_ptr<management::StatusSubscription> subscription)
      : subscription_(std::move(subscription)) {}

  bool take(std::string& sse) override {
    const bool over = subscription_->is_over();
    management::Status status;
    if (subscription_->take(status)) {
      sse += "data: ";
      JsonObject{sse}("status", status);
      sse += "\n\n";
    }
    if (over) append_end(sse, End::stopped);
    return !over;
  }
  void on_ready(std::function<void()> wake) override { subscription_->on_ready(std::move(wake)); }

 private:
  const std::unique_ptr<management::StatusSubscription> subscription_;
};

Opened watch_status(Asked& asked) {
  management::StatusWatch watch;
  asked.input.take("interval_ms", watch.interval_ms);
  asked.input.take("history_seconds", watch.history_seconds);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  auto subscription = asked.manager.watch_status(watch);
  if (!subscription) return error_answer(subscription.refusal());
  return std::make_unique<StatusStream>(std::move(*subscription));
}

constexpr Route server_table[] = {
    {.method = "GET", .path = "/info", .tell = get_info},
    {.method = "GET", .path = "/status", .tell = get_status},
    {.method = "GET", .path = "/status:watch", .open = watch_status},
};

}  // namespace

std::span<const Route> server_routes() {
  return server_table;
}

}  // namespace ccrelay::api
