#include <ccrelay/config_load.hpp>

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codex_settings.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "config_client.hpp"
#include "files.hpp"
#include "running_relays.hpp"

namespace ccrelay::app {
namespace {

constexpr std::string_view codex_token_name = "model_providers.cc-relay.experimental_bearer_token";

Result<std::vector<ClientFile>> codex_files(const WantedRelay& relay) {
  const Result<std::string> file = codex_settings_file(process_environment());
  if (!file) return file.error();
  ClientFile settings{{*file, &toml_format()},
                      codex_values(relay.url, {"experimental_bearer_token", relay.token})};
  return std::vector<ClientFile>{std::move(settings)};
}

void warn_of_codex_obstacles(const WantedRelay& relay) {
  const Environment env = process_environment();
  if (const Result<std::string> file = codex_settings_file(env)) {
    const Result<std::optional<std::string>> text = read_file(*file, 4 << 20);
    if (text && *text) {
      for (const std::string& each : codex_obstacles(*file, **text)) say_warning(each);
    }
  }
  if (!relay.certificate.empty() && env("CODEX_CA_CERTIFICATE").value_or("").empty()) {
    say_warning(fmt::format(
        "Codex has no setting for the relay's certificate; export CODEX_CA_CERTIFICATE={}",
        absolute_path(relay.certificate)));
  }
  warn_of_proxy("Codex", relay);
}

const ConfiguredClient codex_client = {
    "codex",          "Codex",
    codex_token_name, "and no login of Codex's takes its place; configure one",
    codex_files,      warn_of_codex_obstacles,
    nullptr,
};

}  // namespace

void add_config_codex(CLI::App& config, CommandLine& line) {
  add_config_client(config, line, codex_client,
                    "Make the relay the provider in Codex's config.toml",
                    [&line] { return config_client_init(codex_client, line.asked, false); });
}

}  // namespace ccrelay::app
