#include <ccrelay/config_load.hpp>

#include <fmt/format.h>

#include <string>

#include "command_line.hpp"
#include "commands.hpp"
#include "effective_config.hpp"

namespace ccrelay::app {

int config_show(const std::string& config) {
  const Result<Config> effective = effective_config(config);
  if (!effective) return complain(effective.error().message);
  fmt::print("{}", show_config(*effective));
  return 0;
}

void add_config_show(CLI::App& config, CommandLine& line) {
  add_command(config, "show", "Print the effective configuration, secrets masked",
              "  cc-relay config show\n  cc-relay --config relay.toml config show", line,
              [&line] { return config_show(line.asked.config); });
}

}  // namespace ccrelay::app
