#include <ccrelay/config_load.hpp>

#include <fmt/format.h>

#include <optional>

#include "commands.hpp"
#include "files.hpp"

namespace ccrelay::app {
namespace {

Result<std::string> usual_path() {
  const std::string directory = xdg_directory(process_environment(), "XDG_CONFIG_HOME", ".config");
  if (!directory.empty()) return directory + "/cc-relay/config.toml";
  return Error{ErrorCode::config,
               "neither HOME nor XDG_CONFIG_HOME is set; say where with --output FILE"};
}

// An existing file of any size and kind counts.
bool is_missing(const std::string& path) {
  const Result<std::optional<std::string>> there = read_file(path, 0);
  return there && !*there;
}

}  // namespace

int config_init(const std::string& output, bool force) {
  const Result<std::string> path = output.empty() ? usual_path() : Result<std::string>(output);
  if (!path) return complain(path.error().message);
  if (!force && !is_missing(*path)) {
    return complain(fmt::format("{} exists; use --force to replace it, or --output FILE", *path));
  }
  if (const auto made = make_directories(directory_of(*path)); !made) {
    return complain(made.error().message);
  }
  const auto written = write_file(*path, std::string(config_template()), 0600);
  if (!written) return complain(written.error().message);

  fmt::print(
      "Created {}\n\n"
      "Next steps:\n"
      "  1. Edit it: providers and their keys (${{VAR}} takes a value from the environment).\n"
      "  2. Check it:                cc-relay config validate {}\n"
      "  3. Start the relay:         cc-relay serve\n"
      "  4. Point Claude Code at it: cc-relay config cc init\n"
      "  5. See whether it runs:     cc-relay status\n",
      *path, *path);
  return 0;
}

}  // namespace ccrelay::app
