#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace ccrelay::app {

struct AskedRelay;
struct CommandLine;

/// One function a command, each in the file of its name. They return the process's exit code:
/// results go to stdout, messages to stderr. `config` is what --config said, empty without it.

struct ServeOptions {
  std::string config;
  std::string listen;      ///< over the configuration's when not empty
  std::string manage;      ///< over manage.listen when not empty
  std::string grpc;        ///< over grpc.listen when not empty
  std::string log_level;   ///< as above
  std::string log_format;  ///< as above
  bool debug = false;
  bool demo = false;
};
int serve(const ServeOptions& options);

/// `quiet`: the exit code alone.
int status(const AskedRelay& asked, bool json, bool quiet);

struct UsageOptions {
  std::string config;
  std::string by;  ///< one or two keys with a comma between them; empty = day
  std::string since, until;
  std::string client, provider, model, session;
  std::string sort;
  std::string timezone;
  std::string file;
  std::size_t limit = 0;
  bool reprice = false;
  bool full = false;
  bool json = false;
  bool csv = false;
};
int usage(const UsageOptions& options);

struct DoctorOptions {
  std::string config;
  std::string provider;  ///< only this one; empty = all
  int timeout_ms = 10'000;
  bool offline = false;  ///< ask no provider
  bool strict = false;   ///< warnings count as errors
  bool json = false;
};
/// Looks at everything that a relay needs to work, and says what is wrong and what to do.
int doctor(const DoctorOptions& options);

struct ConformanceOptions {
  std::string url;  ///< of the gateway; empty with `self`
  std::string upstream = "127.0.0.1:0";
  std::string key, budget_key;
  std::string model;  ///< empty = one of the format's
  std::string format = "messages";
  std::vector<std::string> only;  ///< empty = all
  std::vector<std::string> skip;
  std::string junit;  ///< a file; empty = none
  bool self = false;
  bool slow = false;
  bool live = false;
  bool json = false;
};
/// Plays the client of a gateway and the provider behind it, and says what arrives of what was
/// sent.
int conformance(const ConformanceOptions& options);

int reload(const AskedRelay& asked);

/// `open`: in a browser, too.
int web(const AskedRelay& asked, bool open);

int config_init(const std::string& output, bool force);
int config_validate(const std::string& file);
int config_show(const std::string& config);

/// A fresh key for a client, and what the configuration has to say of it.
int client_new(const std::string& name, bool plain);

/// A completion script for `bash`, `zsh` or `fish`, made from the commands and options there are.
std::string completion(const CLI::App& app, std::string_view shell);

/// Each of these adds a command and its options to the command line, at the end of its file.
void add_serve(CLI::App& app, CommandLine& line);
void add_status(CLI::App& app, CommandLine& line);
void add_top(CLI::App& app, CommandLine& line);
void add_usage(CLI::App& app, CommandLine& line);
void add_reload(CLI::App& app, CommandLine& line);
void add_web(CLI::App& app, CommandLine& line);
void add_doctor(CLI::App& app, CommandLine& line);
void add_conformance(CLI::App& app, CommandLine& line);
void add_config_init(CLI::App& config, CommandLine& line);
void add_config_validate(CLI::App& config, CommandLine& line);
void add_config_show(CLI::App& config, CommandLine& line);
void add_config_cc(CLI::App& config, CommandLine& line);
void add_config_codex(CLI::App& config, CommandLine& line);
void add_config_gemini(CLI::App& config, CommandLine& line);
void add_client(CLI::App& app, CommandLine& line);
void add_claude(CLI::App& app, CommandLine& line);
void add_codex(CLI::App& app, CommandLine& line);
void add_gemini(CLI::App& app, CommandLine& line);
void add_completion(CLI::App& app, CommandLine& line);

/// When the result of a command did not get out.
constexpr std::string_view result_not_written = "the result could not be written";

/// Writes to stderr. When nobody takes it, there is nobody to tell; that is no failure.
void say(std::string_view text);
/// Says `cc-relay: warning: MESSAGE`.
void say_warning(std::string_view message);
/// Says `cc-relay: MESSAGE`; returns 1.
int complain(std::string_view message);

}  // namespace ccrelay::app
