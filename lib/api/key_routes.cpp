#include <chrono>

#include "api/told.hpp"

namespace ccrelay::api {
namespace {

Answer list_keys(Asked& asked) {
  std::string provider;
  asked.input.take("provider", provider);
  const auto page = page_of(asked.input);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  return told_page("keys", asked.manager.list_keys(provider, page));
}

Answer get_key(Asked& asked) {
  return told_one(asked, "key", &management::Manager::key);
}

Answer enable_key(Asked& asked) {
  take_name(asked, "fingerprint");
  const management::Order order = order_with_reason(asked);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  return told("key", asked.manager.enable_key(asked.name, order), Warnings::none);
}

Answer disable_key(Asked& asked) {
  take_name(asked, "fingerprint");
  management::Order order = order_with_reason(asked);
  std::int64_t ttl_ms = 0;
  asked.input.take("ttl_ms", ttl_ms);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  order.ttl = std::chrono::milliseconds(ttl_ms);
  return told("key", asked.manager.disable_key(asked.name, order), Warnings::some);
}

Answer reset_key(Asked& asked) {
  take_name(asked, "fingerprint");
  bool reset_budgets = false;
  asked.input.take("reset_budgets", reset_budgets);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  return told("key", asked.manager.reset_key(asked.name, reset_budgets, order_of(asked)),
              Warnings::none);
}

constexpr Route key_table[] = {
    {.method = "GET", .path = "/keys", .tell = list_keys},
    {.method = "POST", .path = "/keys/*:enable", .act = enable_key},
    {.method = "POST", .path = "/keys/*:disable", .act = disable_key},
    {.method = "POST", .path = "/keys/*:reset", .act = reset_key},
    {.method = "GET", .path = "/keys/*", .tell = get_key},
};

}  // namespace

std::span<const Route> key_routes() {
  return key_table;
}

}  // namespace ccrelay::api
