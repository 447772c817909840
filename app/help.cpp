#include "help.hpp"

#include <string_view>
#include <utility>

#include "command_line.hpp"

namespace ccrelay::app {

std::string Help::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
  std::string help = CLI::Formatter::make_help(app, std::move(name), mode);
  add_common_options(*app, help);
  return CLI::detail::find_and_replace(help, "\n\n\n", "\n\n");
}

std::string Help::make_footer(const CLI::App* app) const {
  return "\n" + app->get_footer() + "\n";
}

// What every command takes is told with each of them, below --help, and what those take that ask
// a relay with these.
void Help::add_common_options(const CLI::App& app, std::string& help) const {
  const CLI::App* root = &app;
  while (root->get_parent() != nullptr) root = root->get_parent();
  if (root == &app || app.get_help_ptr() == nullptr) return;
  std::string options;
  for (const char* name : {"--config", "--url", "--token-file"}) {
    const CLI::Option* option = root->get_option_no_throw(name);
    const bool is_taken = name == std::string_view("--config") || asks_a_relay(app);
    if (option != nullptr && is_taken) options += make_option(option, false);
  }
  const auto place = help.find('\n', help.find("--help"));
  if (place != std::string::npos) help.insert(place + 1, options);
}

}  // namespace ccrelay::app
