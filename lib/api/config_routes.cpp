#include "api/told.hpp"

namespace ccrelay::api {
namespace {

Answer get_config(Asked& asked) {
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  return told(asked.manager.config());
}

void validate_config(Asked& asked, const Done& done) {
  std::string toml;
  asked.input.take("toml", toml);
  if (const auto mistake = asked.input.mistake()) return done(error_answer(*mistake));
  asked.manager.validate_config(toml,
                                [done](const management::Reply<management::Validation>& worth) {
                                  done(worth ? told(*worth) : error_answer(worth.refusal()));
                                });
}

void reload_config(Asked& asked, const Done& done) {
  if (const auto mistake = asked.input.mistake()) return done(error_answer(*mistake));
  asked.manager.reload(order_of(asked),
                       [done](const management::Reply<management::ReloadReport>& report) {
                         done(report ? told(*report) : error_answer(report.refusal()));
                       });
}

constexpr Route config_table[] = {
    {.method = "GET", .path = "/config", .tell = get_config},
    {.method = "POST", .path = "/config:validate", .later = validate_config, .toml = "toml"},
    {.method = "POST", .path = "/config:reload", .act_later = reload_config},
};

}  // namespace

std::span<const Route> config_routes() {
  return config_table;
}

}  // namespace ccrelay::api
