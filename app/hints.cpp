#include "hints.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <utility>

#include "command_line.hpp"

namespace ccrelay::app {
namespace {

/// A command of other programs, or one that is no command of this one, and how to do it.
struct Hint {
  std::string_view words;  ///< with a blank between them
  std::string_view what;
};

constexpr Hint commands[] = {
    {"start run up server proxy daemon listen gateway", "cc-relay serve starts the relay"},
    {"stop kill down shutdown quit exit",
     "systemctl stop cc-relay stops the service, Ctrl-C (SIGTERM) a relay that was started by "
     "hand"},
    {"restart",
     "systemctl restart cc-relay; a new configuration needs none: the relay reads it when it "
     "changes, or at cc-relay reload"},
    {"refresh reconfigure", "cc-relay reload has the relay read its configuration again"},
    {"logs log tail journal",
     "journalctl -u cc-relay shows a service's log; else it is where logging.output says, or on "
     "the relay's own terminal"},
    {"init setup configure new", "cc-relay config init writes a configuration to begin with"},
    {"validate check lint verify", "cc-relay config validate checks a configuration"},
    {"show dump", "cc-relay config show prints the effective configuration"},
    {"cc settings install", "cc-relay config cc init points Claude Code at the relay"},
    {"code claude-code", "cc-relay claude runs Claude Code through the relay"},
    {"demo try", "cc-relay serve --demo needs no key"},
    {"health ping ps list info state providers models keys info stats",
     "cc-relay status says how the relay and its providers are"},
    {"login logout auth",
     "keys stand in the configuration, under [[providers.keys]]; cc-relay "
     "config init writes one to begin with"},
    {"diagnose diagnostics troubleshoot checkup", "cc-relay doctor looks for what is wrong"},
    {"contract compliance compat compatibility selftest self-test",
     "cc-relay conformance --self checks this relay, cc-relay conformance URL any gateway"},
    {"uninstall", "cc-relay config cc remove takes Claude Code's settings back"},
};

bool is_among(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const auto end = words.find(' ');
    if (words.substr(0, end) == word) return true;
    if (end == std::string_view::npos) return false;
    words.remove_prefix(end + 1);
  }
  return false;
}

/// `--port=80` -> `80`; of `--port 80` what follows; empty when it is no number.
std::string number_behind(std::string_view option, const std::vector<std::string>& words) {
  std::string value;
  if (const auto equals = option.find('='); equals != std::string_view::npos) {
    value = option.substr(equals + 1);
  } else if (const auto at = std::find(words.begin(), words.end(), option);
             at != words.end() && at + 1 != words.end()) {
    value = *(at + 1);
  }
  const bool is_number =
      !value.empty() && value.size() <= 5 &&
      std::all_of(value.begin(), value.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  return is_number ? value : std::string();
}

std::string hint_for_option(std::string_view option, const std::vector<std::string>& words) {
  const std::string_view name = option.substr(0, option.find('='));
  if (is_among("--port -p -P --http-port", name)) {
    const std::string port = number_behind(option, words);
    return fmt::format("write cc-relay serve --listen 127.0.0.1:{}", port.empty() ? "PORT" : port);
  }
  if (is_among("--host --bind --address --addr --interface --hostname -H -b -l", name)) {
    return "write cc-relay serve --listen ADDRESS:PORT";
  }
  if (is_among("--config-file --conf --cfg --file -f", name)) {
    return "write --config FILE (or -c FILE)";
  }
  if (is_among("--verbose --log --loglevel", name)) return "write --log-level debug (or --debug)";
  if (is_among("--quiet --silent -q", name)) return "write --log-level error";
  if (is_among("--daemon --daemonize --background --detach -d", name)) {
    return "a service manager runs it in the background: systemctl start cc-relay";
  }
  if (is_among("--api-key --key --token", name)) {
    return "keys stand in the configuration, under [[providers.keys]], where no list of processes "
           "shows them";
  }
  return {};
}

/// Insertions, deletions, replacements and swaps of neighbours between two words.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> earlier(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], earlier[j - 2] + 1);
      }
    }
    std::swap(earlier, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t word_bytes_max = 64;  // the work grows with its square
  if (word.size() > word_bytes_max) return {};
  std::string best;
  std::size_t allowed = std::max<std::size_t>(1, word.size() / 3);
  for (const std::string& one : known) {
    const std::size_t found = distance(word, one);
    if (found > allowed || (found == allowed && !best.empty()) || found >= one.size()) continue;
    best = one;
    allowed = found;
  }
  return best;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

/// `serve`, when that command knows the option and it stood before it.
std::string owner_of(const CLI::App& app, std::string_view option) {
  for (const CLI::App* command : commands_of(app)) {
    for (const CLI::Option* one : command->get_options()) {
      for (const std::string& name : one->get_lnames()) {
        if ("--" + name == option && name != "help") return command->get_name();
      }
    }
    if (const auto below = owner_of(*command, option); !below.empty()) {
      return command->get_name() + " " + below;
    }
  }
  return {};
}

// Options with a value that may stand before a command.
bool takes_next(std::string_view word) {
  return word == "-c" || word == "--config" || word == "--url" || word == "--token-file";
}
bool has_value(std::string_view word) {
  if (word.size() > 2 && word.substr(0, 2) == "-c") return true;  // -cFILE
  const std::size_t equals = word.find('=');
  return equals != std::string_view::npos && takes_next(word.substr(0, equals));
}

}  // namespace

std::size_t command_place(const std::vector<std::string>& words) {
  std::size_t at = 0;
  while (at < words.size() && (takes_next(words[at]) || has_value(words[at]))) {
    at += takes_next(words[at]) ? 2 : 1;
  }
  return std::min(at, words.size());
}

bool asks_for_help(const std::vector<std::string>& words) {
  const std::size_t place = command_place(words);
  if (place == words.size() || words[place] != help_command) return false;
  // Of itself it tells as every command does.
  return place + 1 == words.size() || (words[place + 1] != "--help" && words[place + 1] != "-h");
}

std::vector<std::string> with_help(std::vector<std::string> words) {
  if (words.empty()) return {"--help"};
  if (!asks_for_help(words)) return words;
  const std::size_t place = command_place(words);
  const auto about = words.erase(words.begin() + static_cast<std::ptrdiff_t>(place));
  if (about == words.end() || !runs_a_client(*about)) {
    words.emplace_back("--help");
  } else {  // before the word, whose own is what stands behind it
    words.insert(about, "--help");
    words.resize(place + 2);
  }
  return words;
}

std::string about_unknown(const CLI::App& app, std::string_view word,
                          const std::vector<std::string>& words) {
  const CLI::App& command = last_command(app);
  if (word.size() > 1 && word.front() == '-') {
    const std::string name(word.substr(0, word.find('=')));
    if (const auto owner = owner_of(app, name); !owner.empty()) {
      return fmt::format("{} belongs behind its command: cc-relay {} {} …", name, owner, name);
    }
    if (const auto hint = hint_for_option(word, words); !hint.empty()) {
      return fmt::format("{} is no option; {}", name, hint);
    }
    const auto near = nearest(name, options_of(command));
    return near.empty() ? fmt::format("{} was not expected", word)
                        : fmt::format("{} is no option; did you mean {}?", name, near);
  }
  std::vector<std::string> names;
  for (const CLI::App* one : commands_of(command)) {
    names.push_back(one->get_name());
    for (const std::string& alias : one->get_aliases()) names.push_back(alias);
  }
  if (names.empty()) return fmt::format("{} was not expected", word);
  if (&command == &app) {
    for (const Hint& hint : commands) {
      if (is_among(hint.words, word)) return fmt::format("{} is no command; {}", word, hint.what);
    }
  }
  const auto near = nearest(word, names);
  if (!near.empty()) return fmt::format("{} is no command; did you mean {}?", word, near);
  return fmt::format("{} is no command; one of: {}", word, fmt::join(names, ", "));
}

}  // namespace ccrelay::app
