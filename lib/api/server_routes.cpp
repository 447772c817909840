#include "api/errors.hpp"
#include "api/json.hpp"
#include "api/routes.hpp"

namespace ccrelay::api {
namespace {

void get_info(Asked& asked, const Done& done) {
  if (const auto mistake = asked.input.mistake()) return done(error_answer(*mistake));
  Answer answer;
  {
    JsonObject whole(answer.body);
    append_json(whole.begin("info"), asked.manager.info(), asked.call.caller);
  }
  done(std::move(answer));
}

void get_status(Asked& asked, const Done& done) {
  std::int32_t history_seconds = 0;
  asked.input.take("history_seconds", history_seconds);
  if (const auto mistake = asked.input.mistake()) return done(error_answer(*mistake));
  const auto status = asked.manager.status(history_seconds);
  if (!status) return done(error_answer(status.refusal()));
  Answer answer;
  JsonObject{answer.body}("status", *status);
  done(std::move(answer));
}

constexpr Route server_table[] = {
    {"GET", "/info", false, get_info},
    {"GET", "/status", false, get_status},
};

}  // namespace

std::span<const Route> server_routes() {
  return server_table;
}

}  // namespace ccrelay::api
