#include <ccrelay/config_load.hpp>

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "command_line.hpp"
#include "commands.hpp"
#include "config_client.hpp"
#include "files.hpp"
#include "gemini_settings.hpp"
#include "printable.hpp"
#include "running_relays.hpp"

namespace ccrelay::app {
namespace {

Result<std::vector<ClientFile>> gemini_files(const WantedRelay& relay) {
  const Result<std::string> folder = gemini_folder(process_environment());
  if (!folder) return folder.error();
  return std::vector<ClientFile>{
      {{*folder + "/.env", &dotenv_format()},
       {{std::string(gemini_url_name), relay.url}, {std::string(gemini_key_name), relay.token}}},
      {{*folder + "/settings.json", &gemini_format()},
       {{"selectedType", std::string(gemini_auth_type)}}},
  };
}

void warn_of_gemini_variables(const Environment& env, const WantedRelay& relay) {
  for (const auto& [name, wanted] :
       {std::pair(gemini_url_name, relay.url), std::pair(gemini_key_name, relay.token)}) {
    const std::string here = env(name).value_or("");
    if (here.empty() || here == wanted) continue;
    say_warning(
        fmt::format("{} in the environment takes the place of that in .env; unset {}", name, name));
  }
  const Result<std::string> folder = gemini_folder(env);
  const std::string read = gemini_dotenv_file(env, current_folder());
  if (folder && !read.empty() && read != *folder + "/.env") {
    say_warning(
        fmt::format("{} is read here in place of {}/.env; put the two variables there, or "
                    "use cc-relay gemini",
                    read, *folder));
  }
}

void warn_of_gemini_obstacles(const WantedRelay& relay) {
  const Environment env = process_environment();
  warn_of_gemini_variables(env, relay);
  for (const GeminiAuth& each : gemini_auth_of(env, current_folder())) {
    if (each.type == gemini_auth_type) continue;
    say_warning(fmt::format("security.auth.{} = \"{}\" in {} leads past the relay; {}", each.member,
                            printable(each.type), each.file,
                            each.file == gemini_system_file(env)
                                ? "only whoever manages this machine can take it out"
                                : "take it out of that file"));
  }
  if (!relay.certificate.empty() && env("NODE_EXTRA_CA_CERTS").value_or("").empty()) {
    say_warning(fmt::format(
        "Gemini CLI has no setting for the relay's certificate; export NODE_EXTRA_CA_CERTS={}",
        absolute_path(relay.certificate)));
  }
  warn_of_proxy("Gemini CLI", relay);
}

const ConfiguredClient gemini_cli = {
    "gemini",        "Gemini CLI",
    gemini_key_name, "and no login of Gemini CLI's takes its place; configure one",
    gemini_files,    warn_of_gemini_obstacles,
    nullptr,
};

}  // namespace

void add_config_gemini(CLI::App& config, CommandLine& line) {
  add_config_client(config, line, gemini_cli,
                    "Set the relay's address and token in Gemini CLI's .env and settings.json",
                    [&line] { return config_client_init(gemini_cli, line.asked, false); });
}

}  // namespace ccrelay::app
