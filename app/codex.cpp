#include <fmt/format.h>

#include <string>
#include <vector>

#include "client_run.hpp"
#include "codex_settings.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "json_splice.hpp"

namespace ccrelay::app {
namespace {

constexpr RunClient codex_program = {"codex", "Codex", "npm install -g @openai/codex",
                                     "CODEX_CA_CERTIFICATE"};
// Where Codex finds the token for this run: its command line everybody could read.
constexpr const char* codex_token_variable = "CC_RELAY_TOKEN";

// `-c` wins over every file but managed ones. What is said of the provider is one table, so that
// nothing of one with its name in a file stays beside it; a setting of the user's comes later, and
// counts.
std::vector<std::string> codex_arguments(const std::string& url,
                                         const std::vector<std::string>& arguments) {
  std::string table;
  std::vector<std::string> words;
  for (const SettingsValue& each : codex_values(url, {"env_key", codex_token_variable})) {
    const std::size_t dot = each.name.rfind('.');
    const std::string setting =
        fmt::format("{} = {}", each.name.substr(dot + 1), json_quoted(each.value));
    if (dot == std::string::npos) {
      words.insert(words.end(), {"-c", setting});
    } else {
      table += (table.empty() ? "" : ", ") + setting;
    }
  }
  words.insert(words.end(),
               {"-c", fmt::format("model_providers.{} = {{ {} }}", codex_provider, table)});
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

int codex(const AskedRelay& asked, const std::vector<std::string>& arguments) {
  return run_through_relay(
      codex_program, asked, [](const std::string&) { return Result<void>(); },
      [&](const std::string& url, const std::string& token) {
        return RunPlan{codex_arguments(url, arguments), {{codex_token_variable, token}}};
      });
}

}  // namespace

void add_codex(CLI::App& app, CommandLine& line) {
  CLI::App* command =
      add_command(app, "codex", "Run Codex through the relay, started if need be",
                  "  cc-relay codex\n"
                  "  cc-relay codex exec \"say hi\"\n"
                  "  cc-relay --url https://relay.example --token-file ~/relay-token codex\n"
                  "Everything behind `codex` goes to Codex as it is, --help too.",
                  line, [&line] { return codex(line.asked, line.client_arguments); });
  leave_unread(*command);
}

}  // namespace ccrelay::app
