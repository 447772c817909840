#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

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

void add_options(const CLI::App& app, std::vector<Word>& words) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      words.push_back({"--" + name, option->get_description()});
    }
  }
}

// `global` are the options that are accepted behind every command.
void collect(const CLI::App& app, const std::string& place, const std::vector<Word>& global,
             std::vector<Command>& commands) {
  Command command{place, {}};
  std::vector<const CLI::App*> children = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* child : children) {
    command.words.push_back({child->get_name(), child->get_description()});
  }
  // Without even --help, everything behind the command belongs to another program.
  if (app.get_help_ptr() != nullptr) {
    add_options(app, command.words);
    command.words.insert(command.words.end(), global.begin(), global.end());
  }
  commands.push_back(std::move(command));
  for (const CLI::App* child : children) {
    collect(*child, place + " " + child->get_name(), global, commands);
  }
}

std::vector<Command> commands_of(const CLI::App& app) {
  std::vector<Word> global;
  if (const CLI::Option* config = app.get_option_no_throw("--config")) {
    global.push_back({"--config", config->get_description()});
  }
  std::vector<Command> commands;
  collect(app, "", global, commands);
  // The root has its own --config already.
  commands.front().words.pop_back();
  return commands;
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
  std::string out;
  for (const Command& command : commands) {
    if (command.place.empty()) continue;
    if (!out.empty()) out += separator;
    out += in_shell(command.place);
  }
  return out;
}

std::string bash(const std::vector<Command>& commands) {
  std::string out = fmt::format(
      "# bash completion for cc-relay; load it with: source <(cc-relay completion bash)\n"
      "_cc_relay() {{\n"
      "  local current=\"${{COMP_WORDS[COMP_CWORD]}}\" place=\"\" i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$place ${{COMP_WORDS[i]}}\" in\n"
      "      {}) place=\"$place ${{COMP_WORDS[i]}}\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$place\" in\n",
      places(commands, " | "));
  for (const Command& command : commands) {
    std::string words;
    for (const Word& word : command.words) words += (words.empty() ? "" : " ") + word.text;
    out += fmt::format("    {}) COMPREPLY=($(compgen -W {} -- \"$current\")) ;;\n",
                       in_shell(command.place), in_shell(words));
  }
  return out + "  esac\n}\ncomplete -o default -F _cc_relay cc-relay\n";
}

std::string zsh(const std::vector<Command>& commands) {
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
      "  case \"$place\" in\n",
      places(commands, " | "));
  for (const Command& command : commands) {
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

std::string fish(const std::vector<Command>& commands) {
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
      places(commands, " "));
  for (const Command& command : commands) {
    for (const Word& word : command.words) {
      const bool option = word.text.rfind("--", 0) == 0;
      out +=
          fmt::format("complete -c cc-relay -n 'test (__cc_relay_place) = \"{}\"' {} {} -d {}\n",
                      command.place, option ? "-l" : "-a", option ? word.text.substr(2) : word.text,
                      single_quoted(word.description, "\\'"));
    }
  }
  return out;
}

}  // namespace

std::string completion(const CLI::App& app, std::string_view shell) {
  const std::vector<Command> commands = commands_of(app);
  if (shell == "bash") return bash(commands);
  return shell == "zsh" ? zsh(commands) : fish(commands);
}

}  // namespace ccrelay::app
