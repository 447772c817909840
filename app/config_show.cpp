#include <ccrelay/config_load.hpp>

#include <fmt/format.h>

#include "commands.hpp"
#include "effective_config.hpp"

namespace ccrelay::app {

int config_show(const std::string& config) {
  const Result<Config> effective = effective_config(config);
  if (!effective) return complain(effective.error().message);
  fmt::print("{}", show_config(*effective));
  return 0;
}

}  // namespace ccrelay::app
