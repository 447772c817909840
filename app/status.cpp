#include <fmt/format.h>

#include <chrono>

#include "commands.hpp"
#include "effective_config.hpp"
#include "http_get.hpp"
#include "json_splice.hpp"
#include "provider_list.hpp"

namespace ccrelay::app {
namespace {

constexpr std::chrono::seconds patience{5};

int not_running(const std::string& listen, const Error& why, bool json) {
  if (json) {
    fmt::print("{{\"running\":false,\"listen\":{},\"error\":{}}}\n", json_quoted(listen),
               json_quoted(why.message));
  } else {
    fmt::print("cc-relay is not running ({})\n", why.message);
  }
  return 1;
}

}  // namespace

int status(const std::string& config, bool json) {
  const Result<Config> effective = effective_config(config);
  if (!effective) return complain(effective.error().message);
  const std::string& listen = effective->server.listen;
  const Result<std::string> health = relay_health(effective->server, patience);
  if (!health) return not_running(listen, health.error(), json);

  const auto providers = provider_list(effective->server, client_token(*effective), patience);
  if (json) {
    fmt::print("{{\"running\":true,\"listen\":{},\"status\":{},\"providers\":{}}}\n",
               json_quoted(listen), json_quoted(*health),
               providers ? providers->json : std::string("null"));
  } else {
    fmt::print("cc-relay is running on {} ({})\n{}", listen, *health,
               providers ? providers->table : std::string());
  }
  if (!providers) say(fmt::format("cc-relay: {}\n", providers.error().message));
  return 0;
}

}  // namespace ccrelay::app
