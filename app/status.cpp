#include <fmt/format.h>

#include <chrono>

#include "commands.hpp"
#include "effective_config.hpp"
#include "http_get.hpp"
#include "json_splice.hpp"

namespace ccrelay::app {

int status(const std::string& config, bool json) {
  const Result<Config> effective = effective_config(config);
  if (!effective) return complain(effective.error().message);
  const std::string& listen = effective->server.listen;
  const Result<std::string> health = relay_health(listen, std::chrono::seconds(5));

  if (json) {
    fmt::print("{{\"running\":{},\"listen\":{},{}}}\n", health.has_value(), json_quoted(listen),
               health ? "\"status\":" + json_quoted(*health)
                      : "\"error\":" + json_quoted(health.error().message));
  } else if (health) {
    fmt::print("cc-relay is running on {} ({})\n", listen, *health);
  } else {
    fmt::print("cc-relay is not running ({})\n", health.error().message);
  }
  return health ? 0 : 1;
}

}  // namespace ccrelay::app
