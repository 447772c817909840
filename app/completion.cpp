#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "command_line.hpp"
#include "commands.hpp"

namespace ccrelay::app {
namespace {

struct Word {
  std::string text;
  std::string description;
};

// One command: its place (" config cc"; empty for cc-relay itself) and what may follow it.
struct Command {
  std::string place;
  std::vector<Word> words;
};

// An option that takes a value. Without choices the shell offers files. No two commands mean
// different things by one name.
struct ValueOption {
  std::string name;
  std::string letter;  // `-c`, or empty
  std::vector<std::string> choices;
};

struct Completions {
  std::vector<Command> commands;
  std::vector<ValueOption> values;
};

std::string joined(const std::vector<std::string>& words, const std::string& separator) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : separator) + word;
  return out;
}

// CLI::IsMember shows itself as `TYPE:{one,other}`.
std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

void add_options(const CLI::App& app, Command& command, std::vector<ValueOption>& values) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) {  // it has a place instead of a name
      for (const std::string& choice : choices_of(*option)) command.words.push_back({choice, ""});
    }
    for (const std::string& name : option->get_lnames()) {
      command.words.push_back({"--" + name, option->get_description()});
      if (option->get_items_expected_max() > 0) {
        const auto& letters = option->get_snames();
        values.push_back(
            {"--" + name, letters.empty() ? "" : "-" + letters.front(), choices_of(*option)});
      }
    }
  }
}

// `root` has the options that are accepted behind every command, or behind those that ask a relay.
void add_common(const CLI::App& app, const CLI::App& root, Command& command) {
  for (const char* name : {"--config", "--url", "--token-file"}) {
    const bool is_taken = name == std::string_view("--config") || asks_a_relay(app);
    const CLI::Option* option = root.get_option_no_throw(name);
    if (option != nullptr && is_taken) command.words.push_back({name, option->get_description()});
  }
}

void collect(const CLI::App& app, const std::string& place, const CLI::App& root,
             Completions& line) {
  Command command{place, {}};
  const auto children = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* child : children) {
    command.words.push_back({child->get_name(), child->get_description()});
    for (const std::string& alias : child->get_aliases()) {
      command.words.push_back({alias, child->get_description()});
    }
  }
  // Without even --help, everything behind the command belongs to another program.
  if (app.get_help_ptr() != nullptr) {
    add_options(app, command, line.values);
    if (&app != &root) add_common(app, root, command);  // which has them already
  }
  line.commands.push_back(std::move(command));
  for (const CLI::App* child : children) {
    // What may stand behind the word is what may stand without it.
    if (child->get_name() == help_command) continue;
    collect(*child, place + " " + child->get_name(), root, line);
    for (const std::string& alias : child->get_aliases()) {
      Command same = line.commands.back();
      same.place = place + " " + alias;
      line.commands.push_back(std::move(same));
    }
  }
}

Completions command_line_of(const CLI::App& app) {
  Completions line;
  collect(app, "", app, line);
  return line;
}

std::string single_quoted(const std::string& text, const std::string& quote) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? quote : std::string(1, c);
  return out + "'";
}

std::string in_shell(const std::string& text) {
  return single_quoted(text, "'\\''");
}

// A pattern that matches every place but the root's.
std::string places(const std::vector<Command>& commands, const std::string& separator) {
  std::vector<std::string> all;
  for (const Command& command : commands) {
    if (!command.place.empty()) all.push_back(in_shell(command.place));
  }
  return joined(all, separator);
}

// A pattern of the option's names.
std::string names_of(const ValueOption& option) {
  return option.letter.empty() ? option.name : option.name + " | " + option.letter;
}

std::string bash(const Completions& line) {
  std::string out = fmt::format(
      "# bash completion for cc-relay; load it with: source <(cc-relay completion bash)\n"
      "_cc_relay() {{\n"
      "  local current=\"${{COMP_WORDS[COMP_CWORD]}}\" place=\"\" i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$place ${{COMP_WORDS[i]}}\" in\n"
      "      {}) place=\"$place ${{COMP_WORDS[i]}}\" ;;\n"
      "    esac\n"
      "  done\n"
      "  COMPREPLY=()\n"
      "  case \"${{COMP_WORDS[COMP_CWORD - 1]}}\" in\n",
      places(line.commands, " | "));
  for (const ValueOption& option : line.values) {
    out += fmt::format("    {}) COMPREPLY=($(compgen -W {} -- \"$current\")); return ;;\n",
                       names_of(option), in_shell(joined(option.choices, " ")));
  }
  out += "  esac\n  case \"$place\" in\n";
  for (const Command& command : line.commands) {
    std::vector<std::string> words;
    for (const Word& word : command.words) words.push_back(word.text);
    out += fmt::format("    {}) COMPREPLY=($(compgen -W {} -- \"$current\")) ;;\n",
                       in_shell(command.place), in_shell(joined(words, " ")));
  }
  return out + "  esac\n}\ncomplete -o default -F _cc_relay cc-relay\n";
}

std::string zsh(const Completions& line) {
  std::string out = fmt::format(
      "#compdef cc-relay\n"
      "# zsh completion for cc-relay; load it with: source <(cc-relay completion zsh)\n"
      "_cc_relay() {{\n"
      "  local place=\"\" word\n"
      "  local -a choices\n"
      "  for word in \"${{(@)words[2,CURRENT-1]}}\"; do\n"
      "    case \"$place $word\" in\n"
      "      {}) place=\"$place $word\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$words[CURRENT-1]\" in\n",
      places(line.commands, " | "));
  for (const ValueOption& option : line.values) {
    out += fmt::format(
        "    {}) {}; return ;;\n", names_of(option),
        option.choices.empty() ? "_files" : "compadd -- " + joined(option.choices, " "));
  }
  out += "  esac\n  case \"$place\" in\n";
  for (const Command& command : line.commands) {
    out += fmt::format("    {})\n      choices=(\n", in_shell(command.place));
    for (const Word& word : command.words) {
      out += "        " + in_shell(word.text + ":" + word.description) + "\n";
    }
    out += "      ) ;;\n";
  }
  return out +
         "  esac\n"
         "  _describe 'cc-relay' choices || _files\n"
         "}\n"
         "if [ \"$funcstack[1]\" = _cc_relay ]; then _cc_relay; else compdef _cc_relay cc-relay; "
         "fi\n";
}

// What fish shall know of a word: `-f`, that no file may stand there; `-x`, that one of these must.
std::string fish_word(const Word& word, const std::vector<ValueOption>& values) {
  if (word.text.rfind("--", 0) != 0) return "-f -a " + word.text;
  std::string out = "-l " + word.text.substr(2);
  for (const ValueOption& option : values) {
    if (option.name != word.text) continue;
    if (!option.letter.empty()) out += " -s " + option.letter.substr(1);
    return out +
           (option.choices.empty() ? " -r" : " -x -a " + in_shell(joined(option.choices, " ")));
  }
  return out;
}

std::string fish(const Completions& line) {
  std::string out = fmt::format(
      "# fish completion for cc-relay; load it with: cc-relay completion fish | source\n"
      "function __cc_relay_place\n"
      "    set -l place ''\n"
      "    for word in (commandline -opc)[2..-1]\n"
      "        switch \"$place $word\"\n"
      "            case {}\n"
      "                set place \"$place $word\"\n"
      "        end\n"
      "    end\n"
      "    echo -- \"$place\"\n"
      "end\n",
      places(line.commands, " "));
  for (const Command& command : line.commands) {
    for (const Word& word : command.words) {
      out += fmt::format("complete -c cc-relay -n 'test (__cc_relay_place) = \"{}\"' {} -d {}\n",
                         command.place, fish_word(word, line.values),
                         single_quoted(word.description, "\\'"));
    }
  }
  return out;
}

}  // namespace

std::string completion(const CLI::App& app, std::string_view shell) {
  const Completions line = command_line_of(app);
  if (shell == "bash") return bash(line);
  return shell == "zsh" ? zsh(line) : fish(line);
}

void add_completion(CLI::App& app, CommandLine& line) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* command = add_command(app, "completion", "Print a completion script for a shell",
                                  "  source <(cc-relay completion bash)\n"
                                  "  cc-relay completion fish | source",
                                  line, [&app, shell] {
                                    fmt::print("{}", completion(app, *shell));
                                    return 0;
                                  });
  add_choice(*command, "shell", *shell, "bash, zsh or fish", "SHELL", {"bash", "zsh", "fish"})
      ->required();
}

}  // namespace ccrelay::app
