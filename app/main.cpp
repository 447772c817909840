#include <ccrelay/relay.hpp>
#include <ccrelay/usage_table.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "effective_config.hpp"
#include "hints.hpp"
#include "relay_place.hpp"

namespace ccrelay::app {

void say(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void say_warning(std::string_view message) {
  say(fmt::format("cc-relay: warning: {}\n", message));
}

int complain(std::string_view message) {
  say(fmt::format("cc-relay: {}\n", message));
  return 1;
}

namespace {

constexpr int usage_error = 2;
constexpr std::string_view not_written = "the result could not be written";

// What the command line says; filled by CLI11.
struct CommandLine {
  std::string config;
  AskedRelay asked;
  ServeOptions serve;
  DoctorOptions doctor;
  bool status_json = false;
  bool status_quiet = false;
  UsageOptions usage;
  std::string init_output;
  bool init_force = false;
  std::string validate_file;
  std::string proxy_url;
  bool own_login = false;
  std::string client_name;
  bool client_plain = false;
  std::string shell;
  std::vector<std::string> claude_arguments;  // not seen by CLI11
  std::function<int()> run;
};

// Footers hold examples, line by line. Newer versions of CLI11 would fill them as paragraphs; older
// ones put the blank line before a footer by themselves.
class Help final : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override {
    std::string help = CLI::Formatter::make_help(app, std::move(name), mode);
    add_common_options(*app, help);
    return CLI::detail::find_and_replace(help, "\n\n\n", "\n\n");
  }
  std::string make_footer(const CLI::App* app) const override {
    return "\n" + app->get_footer() + "\n";
  }

 private:
  // What every command takes is told with each of them, below --help, and what those take that ask
  // a relay with these.
  void add_common_options(const CLI::App& app, std::string& help) const {
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
  static bool asks_a_relay(const CLI::App& app) {
    return app.get_name() == "status" ||
           (app.get_name() == "init" && app.get_parent()->get_name() == "cc");
  }
};

// An empty value comes from a "$VARIABLE" that is not set, and must not pass for a default.
CLI::Option* add_text(CLI::App& command, const std::string& name, std::string& value,
                      const std::string& description, const std::string& type) {
  const auto check = [](std::string& text) {
    return text.empty() ? std::string("must not be empty") : std::string();
  };
  return command.add_option(name, value, description)
      ->check(CLI::Validator(check, ""))
      ->type_name(type);
}

CLI::App* add(CLI::App& parent, const std::string& name, const std::string& description,
              const std::string& examples, CommandLine& line, std::function<int()> run) {
  CLI::App* command = parent.add_subcommand(name, description);
  command->footer("Examples:\n" + examples);
  command->callback([&line, run = std::move(run)] { line.run = run; });
  return command;
}

void add_serve(CLI::App& app, CommandLine& line) {
  ServeOptions& options = line.serve;
  CLI::App* serve = add(app, "serve", "Run the relay until SIGTERM or Ctrl-C",
                        "  cc-relay serve\n"
                        "  cc-relay serve --demo              try it without any key\n"
                        "  cc-relay serve --config relay.toml --log-format json\n"
                        "Signals: SIGHUP reads the configuration again, SIGUSR1 reopens the log "
                        "file.",
                        line, [&line] {
                          line.serve.config = line.config;
                          return ccrelay::app::serve(line.serve);
                        });
  add_text(*serve, "--listen", options.listen, "Address and port to listen on", "ADDRESS");
  serve->add_option("--log-level", options.log_level, "Least level to log")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->type_name("LEVEL");
  serve->add_option("--log-format", options.log_format, "json or text")
      ->check(CLI::IsMember({"json", "text"}))
      ->type_name("FORMAT");
  serve->add_flag("--debug", options.debug, "Log level debug, and debug headers in answers");
  serve->add_flag("--demo", options.demo, "Answer from a built-in fake provider");
}

void add_status(CLI::App& app, CommandLine& line) {
  CLI::App* status = add(
      app, "status", "Say whether the relay serves, and how its providers and keys are",
      "  cc-relay status\n  cc-relay status --json\n"
      "  cc-relay status --quiet || echo \"it does not serve\"\n"
      "Exit code: 0 it serves, 1 it does not (or none runs), 2 wrong usage.",
      line,
      [&line] { return ccrelay::app::status(line.asked, line.status_json, line.status_quiet); });
  status->add_flag("--json", line.status_json, "One line of JSON");
  status->add_flag("-q,--quiet", line.status_quiet, "Say nothing; the exit code tells");
}

// One or two of the keys; shown, and offered by shells, as a choice is.
std::string wrong_keys(const std::string& by) {
  std::size_t count = 0;
  for (std::size_t at = 0; at <= by.size(); ++count) {
    const std::size_t end = std::min(by.find(',', at), by.size());
    const std::string key = by.substr(at, end - at);
    if (std::find(usage_key_names.begin(), usage_key_names.end(), key) == usage_key_names.end()) {
      return fmt::format("{} not in {{{}}}", key, fmt::join(usage_key_names, ","));
    }
    at = end + 1;
  }
  return count > 2 ? "one or two keys, with a comma between them" : std::string();
}

void add_usage(CLI::App& app, CommandLine& line) {
  UsageOptions& options = line.usage;
  CLI::App* usage =
      add(app, "usage", "Tell what requests used and cost, from the ledger",
          "  cc-relay usage\n"
          "  cc-relay usage --by model --since this-month\n"
          "  cc-relay usage --by day,client --since 7d --json\n"
          "Times: 2026-11-29, 2026-11, 2026-11-29T12:00:00Z, 12h, 7d, 4w, today, yesterday,\n"
          "this-week, this-month, last-month.\n"
          "Exit code: 0 told, 1 there is no ledger or it can't be read, 2 wrong usage.",
          line, [&line] {
            line.usage.config = line.config;
            return ccrelay::app::usage(line.usage);
          });
  add_text(*usage, "--by", options.by, "One or two keys, with a comma between them; default day",
           "KEY")
      ->check(CLI::Validator([](std::string& by) { return wrong_keys(by); },
                             fmt::format("{{{}}}", fmt::join(usage_key_names, ","))));
  add_text(*usage, "--since", options.since, "From then on; default 30d, of months 12", "WHEN");
  add_text(*usage, "--until", options.until, "Up to then; a date means the end of it", "WHEN");
  add_text(*usage, "--client", options.client, "Only this client's", "NAME");
  add_text(*usage, "--provider", options.provider, "Only at this provider", "NAME");
  add_text(*usage, "--model", options.model, "Only of this model as it was sent; * for anything",
           "GLOB");
  add_text(*usage, "--session", options.session, "Only of this session", "ID");
  usage->add_option("--sort", options.sort, "The order of rows; default: time, of names cost")
      ->check(CLI::IsMember({"cost", "tokens", "requests", "name", "time"}))
      ->type_name("ORDER");
  usage->add_option("--limit", options.limit, "At most so many rows")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
      ->type_name("N");
  add_text(*usage, "--timezone", options.timezone,
           "Europe/Berlin, local or UTC; default: the ledger's", "ZONE");
  add_text(*usage, "--file", options.file, "This ledger instead of the relay's", "PATH");
  usage->add_flag("--reprice", options.reprice, "Costs by today's prices, not those of then");
  usage->add_flag("--full", options.full, "All digits");
  CLI::Option* json = usage->add_flag("--json", options.json, "One line of JSON");
  usage->add_flag("--csv", options.csv, "Comma-separated values")->excludes(json);
}

void add_reload(CLI::App& app, CommandLine& line) {
  add(app, "reload", "Have the running relay read its configuration again",
      "  cc-relay reload\n"
      "  cc-relay reload --config /etc/cc-relay/config.toml\n"
      "Says what has changed. Exit code: 0 it is in force, 1 it has a mistake (the old one "
      "stays),\n"
      "or no relay runs, 2 wrong usage.",
      line, [&line] { return ccrelay::app::reload(line.asked); });
}

void add_doctor(CLI::App& app, CommandLine& line) {
  DoctorOptions& options = line.doctor;
  CLI::App* doctor =
      add(app, "doctor", "Look for what keeps the relay from working, and say what to do",
          "  cc-relay doctor\n  cc-relay doctor --provider anthropic\n"
          "  cc-relay doctor --offline --json\n"
          "It asks each provider with each key, by calls that cost nothing.\n"
          "Exit code: 0 no errors, 1 errors (with --strict warnings too), 2 wrong usage.",
          line, [&line] {
            line.doctor.config = line.config;
            return ccrelay::app::doctor(line.doctor);
          });
  add_text(*doctor, "--provider", options.provider, "Of the providers look at this one", "NAME");
  doctor->add_flag("--offline", options.offline, "Ask no provider");
  doctor->add_option("--timeout", options.timeout_ms, "For all that is asked; default 10000")
      ->check(CLI::Range(100, 600'000))
      ->type_name("MS");
  doctor->add_flag("--strict", options.strict, "Warnings count as errors");
  doctor->add_flag("--json", options.json, "One line of JSON");
}

void add_claude_settings(CLI::App& config, CommandLine& line) {
  CLI::App* cc = config.add_subcommand("cc", "Point Claude Code at the relay, or back");
  cc->require_subcommand(1);
  cc->footer("Examples:\n  cc-relay config cc init\n  cc-relay config cc remove");
  CLI::App* init =
      add(*cc, "init", "Set the relay's address and token in Claude Code's settings.json",
          "  cc-relay config cc init\n"
          "  cc-relay config cc init --url https://relay.example --token-file ~/relay-token",
          line, [&line] { return config_cc_init(line.asked, line.own_login); });
  add_text(*init, "--proxy-url", line.proxy_url, "The older name of --url", "URL");
  init->add_flag("--own-login", line.own_login, "Set the address only; Claude Code's login stays");
  add(*cc, "remove", "Take back what init set, and nothing else", "  cc-relay config cc remove",
      line, [] { return config_cc_remove(); });
}

void add_config(CLI::App& app, CommandLine& line) {
  CLI::App* config = app.add_subcommand("config", "Make, check and show configurations");
  config->require_subcommand(1);
  config->footer(
      "Examples:\n  cc-relay config init\n  cc-relay config validate relay.toml\n"
      "  cc-relay config show");

  CLI::App* init =
      add(*config, "init", "Write a commented configuration to begin with",
          "  cc-relay config init\n  cc-relay config init --output relay.toml", line, [&line] {
            const std::string& output = line.init_output;
            return config_init(output.empty() ? line.config : output, line.init_force);
          });
  add_text(*init, "-o,--output", line.init_output,
           "Where to; default ~/.config/cc-relay/config.toml", "FILE");
  init->add_flag("--force", line.init_force, "Replace a file that exists");

  CLI::App* check =
      add(*config, "validate", "Check a configuration and list every mistake",
          "  cc-relay config validate\n  cc-relay config check relay.toml", line, [&line] {
            const std::string& file = line.validate_file;
            return config_validate(file.empty() ? line.config : file);
          });
  check->alias("check");
  add_text(*check, "file", line.validate_file, "The file; default: the one serve would take",
           "FILE");

  add(*config, "show", "Print the effective configuration, secrets masked",
      "  cc-relay config show\n  cc-relay --config relay.toml config show", line,
      [&line] { return config_show(line.config); });
  add_claude_settings(*config, line);
}

void add_client(CLI::App& app, CommandLine& line) {
  CLI::App* client = app.add_subcommand("client", "Make keys for the clients of a shared relay");
  client->require_subcommand(1);
  client->footer("Examples:\n  cc-relay client new ana");
  CLI::App* fresh =
      add(*client, "new", "Print a fresh key and what to put into the configuration for it",
          "  cc-relay client new ana\n"
          "  cc-relay client new ana --plain",
          line, [&line] { return client_new(line.client_name, line.client_plain); });
  add_text(*fresh, "name", line.client_name, "Who gets the key", "NAME")->required();
  fresh->add_flag("--plain", line.client_plain,
                  "Put the key itself into the configuration, not its hash");
}

void add_rest(CLI::App& app, CommandLine& line) {
  CLI::App* claude =
      add(app, "claude", "Run Claude Code through the relay, started if need be",
          "  cc-relay claude\n"
          "  cc-relay claude -p \"say hi\"\n"
          "  cc-relay --url https://relay.example --token-file ~/relay-token claude\n"
          "Everything behind `claude` goes to Claude Code as it is, --help too.",
          line, [&line] { return ccrelay::app::claude(line.asked, line.claude_arguments); });
  claude->set_help_flag();
  add(app, "version", "Print the version", "  cc-relay version", line, [] {
    fmt::print("cc-relay {}\n", version());
    return 0;
  });
  CLI::App* complete = add(app, "completion", "Print a completion script for a shell",
                           "  source <(cc-relay completion bash)\n"
                           "  cc-relay completion fish | source",
                           line, [&app, &line] {
                             fmt::print("{}", completion(app, line.shell));
                             return 0;
                           });
  complete->add_option("shell", line.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("SHELL");
}

// Options with a value that may stand before the command `claude`.
bool takes_next(const std::string& word) {
  return word == "-c" || word == "--config" || word == "--url" || word == "--token-file";
}
bool has_value(const std::string& word) {
  if (word.size() > 2 && word.compare(0, 2, "-c") == 0) return true;  // -cFILE
  const std::size_t equals = word.find('=');
  return equals != std::string::npos && takes_next(word.substr(0, equals));
}

// Cuts off what stands behind the command `claude`: it is Claude Code's, flags and all.
std::vector<std::string> cut_claude_arguments(std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (takes_next(words[i])) {
      ++i;
    } else if (words[i] == "claude") {
      const auto rest = words.begin() + static_cast<std::ptrdiff_t>(i) + 1;
      std::vector<std::string> arguments(rest, words.end());
      words.erase(rest, words.end());
      return arguments;
    } else if (!has_value(words[i])) {
      break;
    }
  }
  return {};
}

// The options about the relay that is asked, which not every command does.
int check_asked(const CLI::App& app, CommandLine& line) {
  const CLI::App* config = app.get_subcommand("config");
  const bool asks = app.got_subcommand("status") || app.got_subcommand("reload") ||
                    app.got_subcommand("claude") ||
                    config->get_subcommand("cc")->got_subcommand("init");
  if (!asks && !(line.asked.url.empty() && line.asked.token_file.empty())) {
    complain(fmt::format(
        "{} is for commands that ask a running relay: status, reload, claude, config cc init",
        line.asked.url.empty() ? "--token-file" : "--url"));
    return usage_error;
  }
  std::string option = "--url";
  if (!line.proxy_url.empty()) {
    option = "--proxy-url";
    line.asked.url = line.proxy_url;
  }
  line.asked.config = line.config;
  if (line.asked.url.empty() || line.asked.url.rfind("unix:", 0) == 0) return 0;
  const Result<std::string> url = checked_url(line.asked.url, option);
  if (url) return 0;
  complain(url.error().message);
  return usage_error;
}

// Whether a command is missing behind what is there, as behind `config`.
bool ends_with_group(const CLI::App& app) {
  const CLI::App* at = &app;
  for (auto parsed = at->get_subcommands(); !parsed.empty(); parsed = at->get_subcommands()) {
    at = parsed.front();
  }
  return at->get_require_subcommand_min() > 0;
}

int written(bool well, int code) {
  return well ? code : complain(not_written);
}

int wrong_usage(std::string_view message) {
  complain(message);
  say("Run with --help for more information.\n");
  return usage_error;
}

int run(std::vector<std::string> words) {
  CommandLine line;
  CLI::App app("Relay between LLM clients, such as Claude Code, and LLM providers", "cc-relay");
  app.formatter(std::make_shared<Help>());  // commands that are added take it over
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("-V,-v,--version", fmt::format("cc-relay {}", version()),
                       "Print the version");
  add_text(app, "-c,--config", line.config, "Configuration file", "FILE");
  add_text(app, "--url", line.asked.url,
           "Ask the relay at this URL (status, reload, claude, config cc init)", "URL");
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
  add_usage(app, line);
  add_reload(app, line);
  add_doctor(app, line);
  add_config(app, line);
  add_client(app, line);
  add_rest(app, line);

  const bool asks_by_word = !words.empty() && words.front() == "help";
  words = with_help(std::move(words));
  line.claude_arguments = cut_claude_arguments(words);
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
  return written(std::fflush(stdout) == 0, code);
}

// A descriptor 0 to 2 that came closed would be given to the next file or connection.
void open_standard_streams() {
  int descriptor = 0;
  do {
    descriptor = ::open("/dev/null", O_RDWR);
  } while (descriptor >= 0 && descriptor <= STDERR_FILENO);
  if (descriptor >= 0) ::close(descriptor);
}

}  // namespace
}  // namespace ccrelay::app

int main(int count, char** words) {
  ccrelay::app::open_standard_streams();
  try {
    return ccrelay::app::run({words + 1, words + count});
  } catch (const std::exception& error) {
    // {fmt} throws when a long result does not get out; what it says names no file.
    if (std::ferror(stdout) != 0) return ccrelay::app::complain(ccrelay::app::not_written);
    return ccrelay::app::complain(error.what());
  }
}
