#include <fmt/format.h>

#include <string>
#include <vector>

#include "client_run.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "gemini_settings.hpp"
#include "printable.hpp"

namespace ccrelay::app {
namespace {

constexpr RunClient gemini_program = {"gemini", "Gemini CLI", "npm install -g @google/gemini-cli",
                                      "NODE_EXTRA_CA_CERTS"};

// The way to log in is a matter of settings alone: no variable and no option says it.
Result<void> check_gemini_auth(const std::string&) {
  const Environment env = process_environment();
  const std::vector<GeminiAuth> said = gemini_auth_of(env, current_folder());
  bool selected = false;
  for (const GeminiAuth& each : said) {
    const bool enforced = each.member == "enforcedType";
    if (!enforced && selected) continue;  // a stronger one has said it
    selected = selected || !enforced;
    if (each.type == gemini_auth_type) continue;
    const bool own = gemini_folder(env) && each.file == *gemini_folder(env) + "/settings.json";
    return Error{ErrorCode::config,
                 fmt::format("security.auth.{} = \"{}\" in {} leads past the relay; {}",
                             each.member, printable(each.type), each.file,
                             own && !enforced ? "change that with: cc-relay config gemini init"
                                              : "take it out of that file")};
  }
  if (selected) return {};
  return Error{ErrorCode::config,
               fmt::format("Gemini CLI asks the relay when security.auth.selectedType is \"{}\" in "
                           "its settings; say so once with: cc-relay config gemini init",
                           gemini_auth_type)};
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
