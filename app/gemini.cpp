#include <fmt/format.h>

#include <string>
#include <vector>

#include "client_run.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "gemini_settings.hpp"

namespace ccrelay::app {
namespace {

constexpr RunClient gemini_program = {"gemini", "Gemini CLI", "npm install -g @google/gemini-cli",
                                      "NODE_EXTRA_CA_CERTS"};

// The way to log in is a matter of settings alone: no variable and no option says it.
Result<void> check_gemini_auth(const std::string&) {
  const auto found = gemini_obstacle(process_environment(), current_folder());
  if (!found) return {};
  return Error{ErrorCode::config,
               fmt::format("{} {}; {}", found->setting, found->effect, found->remedy)};
}

// The environment wins over every .env.
int gemini(const AskedRelay& asked, const std::vector<std::string>& arguments) {
  return run_through_relay(gemini_program, asked, check_gemini_auth,
                           [&](const std::string& url, const std::string& token) {
                             return RunPlan{arguments,
                                            {{std::string(gemini_url_name), url},
                                             {std::string(gemini_key_name), token}}};
                           });
}

}  // namespace

void add_gemini(CLI::App& app, CommandLine& line) {
  CLI::App* command =
      add_command(app, "gemini", "Run Gemini CLI through the relay, started if need be",
                  "  cc-relay gemini\n"
                  "  cc-relay gemini -p \"say hi\"\n"
                  "  cc-relay --url https://relay.example --token-file ~/relay-token gemini\n"
                  "Everything behind `gemini` goes to Gemini CLI as it is, --help too.",
                  line, [&line] { return gemini(line.asked, line.client_arguments); });
  leave_unread(*command);
}

}  // namespace ccrelay::app
