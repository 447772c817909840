#include <chrono>

#include "api/told.hpp"

namespace ccrelay::api {
namespace {

Answer list_providers(Asked& asked) {
  const auto page = page_of(asked.input);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  return told_page("providers", asked.manager.list_providers(page));
}

Answer get_provider(Asked& asked) {
  return told_one(asked, "provider", &management::Manager::provider);
}

Answer enable_provider(Asked& asked) {
  take_name(asked, "name");
  const management::Order order = order_with_reason(asked);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  return told("provider", asked.manager.enable_provider(asked.name, order), Warnings::none);
}

Answer disable_provider(Asked& asked) {
  take_name(asked, "name");
  management::Order order = order_with_reason(asked);
  std::int64_t ttl_ms = 0;
  asked.input.take("ttl_ms", ttl_ms);
  asked.input.take("cancel_running", order.cancel_running);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  order.ttl = std::chrono::milliseconds(ttl_ms);
  return told("provider", asked.manager.disable_provider(asked.name, order), Warnings::some);
}

Answer drain_provider(Asked& asked) {
  take_name(asked, "name");
  management::Order order = order_with_reason(asked);
  std::int64_t timeout_ms = 0;
  asked.input.take("timeout_ms", timeout_ms);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  order.ttl = std::chrono::milliseconds(timeout_ms);
  return told("provider", asked.manager.drain_provider(asked.name, order), Warnings::some);
}

Answer reset_breaker(Asked& asked) {
  take_name(asked, "provider");
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  return told("provider", asked.manager.reset_breaker(asked.name, order_of(asked)), Warnings::none);
}

constexpr Route provider_table[] = {
    {.method = "GET", .path = "/providers", .tell = list_providers},
    {.method = "POST", .path = "/providers/*:enable", .act = enable_provider},
    {.method = "POST", .path = "/providers/*:disable", .act = disable_provider},
    {.method = "POST", .path = "/providers/*:drain", .act = drain_provider},
    {.method = "POST", .path = "/providers/*:reset-breaker", .act = reset_breaker},
    {.method = "GET", .path = "/providers/*", .tell = get_provider},
};

}  // namespace

std::span<const Route> provider_routes() {
  return provider_table;
}

}  // namespace ccrelay::api
