#include <fmt/format.h>
#include <langinfo.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "collect.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "dashboard.hpp"
#include "keys.hpp"
#include "place.hpp"
#include "terminal.hpp"
#include "text.hpp"
#include "view.hpp"

namespace ccrelay::app {
namespace {

struct TopOptions {
  std::string address;
  std::string token_file;
  double delay = 1;  // seconds
  bool once = false;
  bool json = false;
  bool plain = false;
  bool read_only = false;
  bool no_color = false;
  bool ascii = false;
  bool no_mouse = false;
};

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool is_dumb() {
  const char* kind = std::getenv("TERM");
  return kind == nullptr || *kind == '\0' || std::string(kind) == "dumb";
}

bool has_utf8() {
  return std::string(::nl_langinfo(CODESET)) == "UTF-8";
}

int complain_of(const std::vector<std::string>& why) {
  for (const std::string& line : why) {
    say((&line == &why.front() ? "cc-relay: " : "  ") + line + "\n");
  }
  return 1;
}

// Gives the rest of the time to whoever reads; false when nobody does any more.
bool rest(double seconds) {
  pollfd out{STDOUT_FILENO, 0, 0};
  ::poll(&out, 1, static_cast<int>(seconds * 1000));
  return (out.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0;
}

// Lines, for pipes and for whoever has them read out.
int print_lines(const top::Asked& asked, const TopOptions& options, bool once) {
  std::unique_ptr<top::Model> before;
  std::unique_ptr<top::Api> api;
  bool was_there = true;
  for (;;) {
    const Result<top::Place> place = top::find_place(asked);
    if (!place) return complain(place.error().message);
    if (!api || api->place().name != place->name || !was_there) {
      api = std::make_unique<top::Api>(*place);
    }
    top::Collected told = top::collect(*api);
    if (!told.why.empty()) {
      if (once || (was_there && !before)) return complain_of(told.why);
      if (was_there) fmt::print("{}\n", told.why.front());
      was_there = false;
    } else if (options.json) {
      fmt::print("{}\n", told.json);
      was_there = true;
    } else {
      if (!before) {
        fmt::print("{}", top::tables_text(told.model));
      } else {
        fmt::print("{}", top::summary_text(told.model));
        for (const std::string& line : top::news(*before, told.model)) fmt::print("{}\n", line);
      }
      was_there = true;
    }
    if (told.why.empty()) before = std::make_unique<top::Model>(std::move(told.model));
    if (std::fflush(stdout) != 0 || once) return 0;  // whether it got out is told behind
    if (!rest(options.delay)) return 0;
  }
}

int show_top(const std::string& config, const TopOptions& options) {
  const top::Asked asked{config, options.address, options.token_file};
  std::setlocale(LC_CTYPE, "");
  const bool has_terminal = ::isatty(STDOUT_FILENO) == 1 && ::isatty(STDIN_FILENO) == 1;
  const bool draws = has_terminal && !options.once && !options.json && !options.plain;
  if (!draws || is_dumb()) {
    const bool goes_on = options.json || (has_terminal && (options.plain || is_dumb()));
    return print_lines(asked, options, options.once || !goes_on);
  }
  if (!top::Terminal::is_built()) {
    return complain(
        "this build draws no dashboard (-Dtui=disabled): use --plain, --once or --json");
  }
  // What can't be found by asking again is said before anything is drawn.
  if (const Result<top::Place> place = top::find_place(asked); !place) {
    return complain(place.error().message);
  }
  const bool color = !options.no_color && !is_set("NO_COLOR");
  const auto terminal = top::Terminal::open({color, !options.no_mouse});
  if (!terminal) {
    say_warning("this kind of terminal ($TERM) can't be drawn on; these are lines instead");
    return print_lines(asked, options, false);
  }
  return top::run_dashboard(asked, *terminal, {options.ascii || !has_utf8(), options.read_only},
                            static_cast<int>(options.delay * 1000));
}

}  // namespace

void add_top(CLI::App& app, CommandLine& line) {
  const auto options = std::make_shared<TopOptions>();
  CLI::App* command =
      add_command(app, "top", "Watch a running relay, and steer it",
                  "  cc-relay top\n"
                  "  cc-relay top --address http://127.0.0.1:9091 --token-file token\n"
                  "  cc-relay top --once\n"
                  "  cc-relay top --json --delay 5 | jq .status.rates\n"
                  "Exit code: 0 seen, 1 no relay lets itself be watched, 2 wrong usage.",
                  line, [&line, options] { return show_top(line.asked.config, *options); });
  add_text(
      *command, "--address", options->address,
      "Its management: unix:PATH or http(s)://HOST:PORT; default: the configuration's relay, or "
      "the only one",
      "ADDRESS");
  add_text(*command, "--token-file", options->token_file,
           "File with a token of its management, for http(s)", "FILE");
  add_number(*command, "--delay", options->delay, "Seconds between two looks; default 1", "S", 0.2,
             10);
  add_flag(*command, "--once", options->once, "Print tables, once");
  add_flag(*command, "--json", options->json, "One line of JSON for each look");
  add_flag(*command, "--plain", options->plain, "Lines that follow each other, nothing drawn");
  add_flag(*command, "--read-only", options->read_only, "No key changes anything");
  add_flag(*command, "--no-color", options->no_color, "No colours; so does NO_COLOR");
  add_flag(*command, "--ascii", options->ascii, "No other characters than ASCII");
  add_flag(*command, "--no-mouse", options->no_mouse, "Leave the mouse to the terminal");
}

}  // namespace ccrelay::app
