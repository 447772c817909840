#include <ccrelay/config.hpp>
#include <ccrelay/config_load.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "command_line.hpp"
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

// The vendors whose keys the environment has, as providers beside the template's own: without a
// file they are there, and would be gone with one. Where such a variable is not set, as in another
// terminal or a service, the others serve on, as they do without a file: ":-" says so, and a start
// names what it leaves out. $OLLAMA_HOST makes none: the template shows it, and behind Anthropic it
// would be asked for models that it has not.
std::string providers_of_environment() {
  std::string out;
  for (const ProviderConfig& provider : default_config(process_environment()).providers) {
    if (provider.keys.empty() || provider.type == "anthropic") continue;
    std::string variable = provider.type + "_API_KEY";
    for (char& c : variable) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    std::string models;
    for (const std::string& each : provider.models) {
      models += fmt::format("{}\"{}\"", models.empty() ? "" : ", ", each);
    }
    out += fmt::format(
        "\n# {} was set when this file was written. Where it is not, this provider is left out, "
        "with "
        "a\n# warning; without the :- the relay would not start there.\n[[providers]]\nname = "
        "\"{}\"\ntype = \"{}\"\n{}[[providers.keys]]\nkey = \"${{{}:-}}\"\n",
        variable, provider.name, provider.type,
        models.empty() ? "" : fmt::format("models = [{}]\n", models), variable);
  }
  return out;
}

// A word of a shell's command line.
std::string as_shell_word(const std::string& text) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("/._-+,:@%~").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return text;
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

// What a command must be told to read this file; nothing where it finds it by itself.
std::string option_for(const std::string& path) {
  const Result<std::string> found = find_config("", process_environment());
  std::error_code unknown;
  const bool is_found =
      found && !found->empty() && std::filesystem::equivalent(*found, path, unknown);
  return is_found ? "" : " --config " + as_shell_word(path);
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
  const auto written =
      write_file(*path, std::string(config_template()) + providers_of_environment(), 0600);
  if (!written) return complain(written.error().message);

  const std::string option = option_for(*path);
  fmt::print(
      "Created {}\n\n"
      "Next steps:\n"
      "  1. Edit it: providers and their keys (${{VAR}} takes a value from the environment).\n"
      "  2. Check it:                cc-relay config validate {}\n"
      "  3. Start the relay:         cc-relay serve{}\n"
      "  4. Point Claude Code at it: cc-relay config cc init{}\n"
      "     Codex or Gemini CLI:     the same with codex or gemini in place of cc\n"
      "  5. See whether it runs:     cc-relay status{}\n",
      *path, as_shell_word(*path), option, option, option);
  return 0;
}

void add_config_init(CLI::App& config, CommandLine& line) {
  struct Options {
    std::string output;
    bool force = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      config, "init", "Write a commented configuration to begin with",
      "  cc-relay config init\n  cc-relay config init --output relay.toml", line, [&line, options] {
        return config_init(options->output.empty() ? line.asked.config : options->output,
                           options->force);
      });
  add_text(*command, "-o,--output", options->output,
           "Where to; default ~/.config/cc-relay/config.toml", "FILE");
  add_flag(*command, "--force", options->force, "Replace a file that exists");
}

}  // namespace ccrelay::app
