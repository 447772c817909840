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

constexpr Route server_table[] = {
    {.method = "GET", .path = "/info", .tell = get_info},
    {.method = "GET", .path = "/status", .tell = get_status},
};

}  // namespace

std::span<const Route> server_routes() {
  return server_table;
}

}  // namespace ccrelay::api
