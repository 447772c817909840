#include <ccrelay/relay.hpp>

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "command_line.hpp"
#include "commands.hpp"
#include "help.hpp"
#include "hints.hpp"
#include "relay_place.hpp"

namespace ccrelay::app {
namespace {

// Cuts off what stands behind such a command: it is the client's, flags and all.
std::vector<std::string> cut_client_arguments(std::vector<std::string>& words) {
  const std::size_t place = command_place(words);
  if (place == words.size() || !runs_a_client(words[place])) return {};
  const auto rest = words.begin() + static_cast<std::ptrdiff_t>(place) + 1;
  std::vector<std::string> arguments(rest, words.end());
  words.erase(rest, words.end());
  return arguments;
}

// The options about the relay that is asked, which not every command does.
int check_asked(const CLI::App& app, CommandLine& line) {
  const CLI::App& command = last_command(app);
  if (!asks_a_relay(command) && !(line.asked.url.empty() && line.asked.token_file.empty())) {
    complain(fmt::format(
        "{} is for commands that ask a running relay: status, reload, claude, codex, gemini, "
        "config cc|codex|gemini init",
        line.asked.url.empty() ? "--token-file" : "--url"));
    return usage_error;
  }
  for (const char* name : {"--url", "--proxy-url", "--address"}) {
    const CLI::Option* option =
        (name == std::string_view("--url") ? app : command).get_option_no_throw(name);
    if (option == nullptr || option->count() == 0) continue;
    const std::string given = option->as<std::string>();
    if (given.rfind("unix:", 0) == 0) continue;
    if (const Result<std::string> url = checked_url(given, name); !url) {
      complain(url.error().message);
      return usage_error;
    }
  }
  return 0;
}

// Whether a command is missing behind what is there, as behind `config`.
bool ends_with_group(const CLI::App& app) {
  return last_command(app).get_require_subcommand_min() > 0;
}

int written(bool well, int code) {
  return well ? code : complain(result_not_written);
}

int wrong_usage(std::string_view message) {
  complain(message);
  say("Run with --help for more information.\n");
  return usage_error;
}

void add_config(CLI::App& app, CommandLine& line) {
  CLI::App* config = add_group(app, "config", "Make, check and show configurations",
                               "  cc-relay config init\n  cc-relay config validate relay.toml\n"
                               "  cc-relay config show");
  add_config_init(*config, line);
  add_config_validate(*config, line);
  add_config_show(*config, line);
  add_config_cc(*config, line);
  add_config_codex(*config, line);
  add_config_gemini(*config, line);
}

void add_version(CLI::App& app, CommandLine& line) {
  add_command(app, "version", "Print the version", "  cc-relay version", line, [] {
    fmt::print("cc-relay {}\n", version());
    return 0;
  });
}

// That it is listed, and offered by shells; with_help() has made --help of it before it is read.
void add_help(CLI::App& app, CommandLine& line) {
  const auto about = std::make_shared<std::string>();
  CLI::App* command =
      add_command(app, help_command, "Explain the program or a command",
                  "  cc-relay help\n  cc-relay help config validate", line, [about] { return 0; });
  add_text(*command, "command", *about, "What to explain; default: the program", "COMMAND");
}

}  // namespace

int run_command_line(std::vector<std::string> words) {
  CommandLine line;
  CLI::App app("Relay between LLM clients, such as Claude Code, and LLM providers", "cc-relay");
  app.formatter(std::make_shared<Help>());  // commands that are added take it over
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("-V,-v,--version", fmt::format("cc-relay {}", version()),
                       "Print the version");
  add_text(app, "-c,--config", line.asked.config, "Configuration file", "FILE");
  add_text(app, "--url", line.asked.url,
           "Ask the relay at this URL (status, reload, claude and its like, config cc init and its "
           "like)",
           "URL");
  add_text(app, "--token-file", line.asked.token_file,
           "File with the token which that relay asks for", "FILE");
  app.footer(
      "Examples:\n"
      "  cc-relay serve --demo      try it without any key\n"
      "  cc-relay config init       write a configuration\n"
      "  cc-relay claude            run Claude Code through the relay\n"
      "More: cc-relay COMMAND --help (cc-relay --help claude), man cc-relay");
  add_serve(app, line);
  add_status(app, line);
  add_top(app, line);
  add_usage(app, line);
  add_reload(app, line);
  add_web(app, line);
  add_doctor(app, line);
  add_conformance(app, line);
  add_config(app, line);
  add_client(app, line);
  add_claude(app, line);
  add_codex(app, line);
  add_gemini(app, line);
  add_version(app, line);
  add_completion(app, line);
  add_help(app, line);

  const bool asks_by_word = asks_for_help(words);
  words = with_help(std::move(words));
  line.client_arguments = cut_client_arguments(words);
  const std::vector<std::string> all = words;
  try {
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
    app.parse(std::move(words));
  } catch (const CLI::Success& wanted) {  // --help or --version
    if (const auto unknown = app.remaining(true); asks_by_word && !unknown.empty()) {
      return wrong_usage(about_unknown(app, unknown.front(), all));
    }
    app.exit(wanted);
    std::cout.flush();
    return written(std::cout.good(), 0);
  } catch (const CLI::ParseError& error) {
    const std::vector<std::string> unknown = app.remaining(true);
    if (!unknown.empty()) return wrong_usage(about_unknown(app, unknown.front(), all));
    const bool lacks_something = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    if (lacks_something && ends_with_group(app)) {
      fmt::print("{}", app.help());
      return written(std::fflush(stdout) == 0, 0);
    }
    return wrong_usage(error.what());
  }
  if (const int wrong = check_asked(app, line); wrong != 0) return wrong;
  const int code = line.run();
  // What an earlier flush has lost is gone from the buffer, and only this still tells of it.
  return written(std::fflush(stdout) == 0 && std::ferror(stdout) == 0, code);
}

}  // namespace ccrelay::app
