#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "effective_config.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace ccrelay::app {

constexpr int usage_error = 2;

/// Explains what stands behind it, as --help does behind a command.
constexpr char help_command[] = "help";

/// What the command line says; filled by CLI11, which everybody but command_line.cpp is spared.
struct CommandLine {
  AskedRelay asked;  ///< what --config, --url and --token-file say
  std::vector<std::string>
      client_arguments;      ///< what stands behind `claude` and its like; not read
  std::function<int()> run;  ///< of the command that was asked for
};

// Each command stands with its options in the file of its name; here is what they are made of.

/// A command below `parent`. `examples` are lines that --help shows at its end.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples, CommandLine& line, std::function<int()> run);

/// A word that needs a command behind it.
CLI::App* add_group(CLI::App& parent, const std::string& name, const std::string& description,
                    const std::string& examples);

/// Another name of a command.
void add_alias(CLI::App& command, const std::string& name);

/// Without --help: whatever is said belongs to another program.
void leave_unread(CLI::App& command);

/// An empty value comes from a "$VARIABLE" that is not set, and must not pass for a default.
CLI::Option* add_text(CLI::App& command, const std::string& name, std::string& value,
                      const std::string& description, const std::string& type);

/// A text that stands in a place of its own, and must.
void add_argument(CLI::App& command, const std::string& name, std::string& value,
                  const std::string& description, const std::string& type);

/// One of `choices`.
CLI::Option* add_choice(CLI::App& command, const std::string& name, std::string& value,
                        const std::string& description, const std::string& type,
                        const std::vector<std::string>& choices);

/// One or two of `choices`, with a comma between them.
void add_choices(CLI::App& command, const std::string& name, std::string& value,
                 const std::string& description, const std::string& type,
                 std::vector<std::string> choices);

void add_number(CLI::App& command, const std::string& name, int& value,
                const std::string& description, const std::string& type, int least, int most);
void add_number(CLI::App& command, const std::string& name, std::size_t& value,
                const std::string& description, const std::string& type, std::size_t least,
                std::size_t most);

void add_number(CLI::App& command, const std::string& name, double& value,
                const std::string& description, const std::string& type, double least, double most);

CLI::Option* add_flag(CLI::App& command, const std::string& name, bool& value,
                      const std::string& description);

/// Not both.
void exclude(CLI::Option& one, CLI::Option& other);

/// The command that was asked for, behind all that lead to it.
const CLI::App& last_command(const CLI::App& app);

/// Whether the command of that name runs a client, whose the words behind it are.
bool runs_a_client(const std::string& word);

/// Whether the command asks a running relay, and so takes --url and --token-file.
bool asks_a_relay(const CLI::App& command);

/// Does what the words say; returns the exit code.
int run_command_line(std::vector<std::string> words);

}  // namespace ccrelay::app
