#include "command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

namespace ccrelay::app {

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples, CommandLine& line, std::function<int()> run) {
  CLI::App* command = parent.add_subcommand(name, description);
  command->footer("Examples:\n" + examples);
  command->callback([&line, run = std::move(run)] { line.run = run; });
  return command;
}

CLI::App* add_group(CLI::App& parent, const std::string& name, const std::string& description,
                    const std::string& examples) {
  CLI::App* group = parent.add_subcommand(name, description);
  group->require_subcommand(1);
  group->footer("Examples:\n" + examples);
  return group;
}

void add_alias(CLI::App& command, const std::string& name) {
  command.alias(name);
}

void leave_unread(CLI::App& command) {
  command.set_help_flag();
}

CLI::Option* add_text(CLI::App& command, const std::string& name, std::string& value,
                      const std::string& description, const std::string& type) {
  const auto check = [](std::string& text) {
    return text.empty() ? std::string("must not be empty") : std::string();
  };
  return command.add_option(name, value, description)
      ->check(CLI::Validator(check, ""))
      ->type_name(type);
}

void add_argument(CLI::App& command, const std::string& name, std::string& value,
                  const std::string& description, const std::string& type) {
  add_text(command, name, value, description, type)->required();
}

CLI::Option* add_choice(CLI::App& command, const std::string& name, std::string& value,
                        const std::string& description, const std::string& type,
                        const std::vector<std::string>& choices) {
  return command.add_option(name, value, description)
      ->check(CLI::IsMember(choices))
      ->type_name(type);
}

void add_choices(CLI::App& command, const std::string& name, std::string& value,
                 const std::string& description, const std::string& type,
                 std::vector<std::string> choices) {
  // Shown, and offered by shells, as a choice is.
  std::string shown = fmt::format("{{{}}}", fmt::join(choices, ","));
  const auto check = [choices = std::move(choices), shown](std::string& text) -> std::string {
    std::size_t count = 0;
    for (std::size_t at = 0; at <= text.size(); ++count) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      const std::string one = text.substr(at, end - at);
      if (std::find(choices.begin(), choices.end(), one) == choices.end()) {
        return fmt::format("{} not in {}", one, shown);
      }
      if (count == 1 && text.substr(0, at - 1) == one) return fmt::format("{} twice", one);
      at = end + 1;
    }
    return count > 2 ? "one or two keys, with a comma between them" : std::string();
  };
  add_text(command, name, value, description, type)->check(CLI::Validator(check, shown));
}

void add_number(CLI::App& command, const std::string& name, int& value,
                const std::string& description, const std::string& type, int least, int most) {
  command.add_option(name, value, description)->check(CLI::Range(least, most))->type_name(type);
}

void add_number(CLI::App& command, const std::string& name, std::size_t& value,
                const std::string& description, const std::string& type, std::size_t least,
                std::size_t most) {
  command.add_option(name, value, description)->check(CLI::Range(least, most))->type_name(type);
}

void add_number(CLI::App& command, const std::string& name, double& value,
                const std::string& description, const std::string& type, double least,
                double most) {
  command.add_option(name, value, description)->check(CLI::Range(least, most))->type_name(type);
}

CLI::Option* add_flag(CLI::App& command, const std::string& name, bool& value,
                      const std::string& description) {
  return command.add_flag(name, value, description);
}

void exclude(CLI::Option& one, CLI::Option& other) {
  one.excludes(&other);
}

const CLI::App& last_command(const CLI::App& app) {
  const CLI::App* at = &app;
  for (auto parsed = at->get_subcommands(); !parsed.empty(); parsed = at->get_subcommands()) {
    at = parsed.front();
  }
  return *at;
}

bool runs_a_client(const std::string& word) {
  return word == "claude" || word == "codex" || word == "gemini";
}

bool asks_a_relay(const CLI::App& command) {
  const std::string name = command.get_name();
  if (name == "init") return command.get_parent()->get_name() != "config";  // of a client
  const bool inner =
      command.get_parent() != nullptr && command.get_parent()->get_parent() != nullptr;
  return name == "status" || name == "reload" || (runs_a_client(name) && !inner);
}

}  // namespace ccrelay::app
