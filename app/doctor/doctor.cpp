#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "command_line.hpp"
#include "commands.hpp"
#include "table.hpp"

namespace ccrelay::app {
namespace checks {
namespace {

// The order in which they are told.
constexpr Check* table[] = {
    check_config_file,     check_config_permissions,
    check_config_current,  check_listen_port,
    check_listen_public,   check_tls_certificate,
    check_limits_files,    check_workers,
    check_service,         check_proxy,
    check_reach,           check_keys,
    check_identity,        check_models,
    check_clock,           check_ledger,
    check_prices,          check_clients,
    check_claude_settings, check_claude_version,
    check_codex_settings,  check_codex_version,
    check_gemini_settings, check_gemini_version,
};

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

// The first of these that is set decides (locale(7)).
bool speaks_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (!is_set(name)) continue;
    std::string value = std::getenv(name);
    for (char& c : value) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return value.find("UTF-8") != std::string::npos || value.find("UTF8") != std::string::npos;
  }
  return false;
}

bool shows_marks() {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return ::isatty(STDOUT_FILENO) == 1 && speaks_utf8() && !dumb && !is_set("NO_COLOR");
}

}  // namespace

Findings examine(const Facts& facts) {
  Findings found;
  for (Check* const check : table) check(facts, found);
  return found;
}

}  // namespace checks

int doctor(const DoctorOptions& options) {
  const Result<checks::Facts> facts = checks::gather(options);
  if (!facts) {
    complain(facts.error().message);
    return usage_error;
  }
  const checks::Findings found = checks::examine(*facts);
  const bool ok = found.count(checks::Status::error) == 0 &&
                  (!options.strict || found.count(checks::Status::warning) == 0);
  if (options.json) {
    checks::print_json(found, ok);
  } else {
    checks::print_text(found, checks::shows_marks());
  }
  return ok ? 0 : 1;
}

void add_doctor(CLI::App& app, CommandLine& line) {
  const auto options = std::make_shared<DoctorOptions>();
  CLI::App* command =
      add_command(app, "doctor", "Look for what keeps the relay from working, and say what to do",
                  "  cc-relay doctor\n  cc-relay doctor --provider anthropic\n"
                  "  cc-relay doctor --offline --json\n"
                  "It asks each provider with each key, by calls that cost nothing.\n"
                  "Exit code: 0 no errors, 1 errors (with --strict warnings too), 2 wrong usage.",
                  line, [&line, options] {
                    options->config = line.asked.config;
                    return doctor(*options);
                  });
  add_text(*command, "--provider", options->provider, "Of the providers look at this one", "NAME");
  add_flag(*command, "--offline", options->offline, "Ask no provider");
  add_number(*command, "--timeout", options->timeout_ms, "For all that is asked; default 10000",
             "MS", 100, 600'000);
  add_flag(*command, "--strict", options->strict, "Warnings count as errors");
  add_flag(*command, "--json", options->json, "One line of JSON");
}

}  // namespace ccrelay::app
