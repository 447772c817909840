#include "codex_settings.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "files.hpp"
#include "printable.hpp"
#include "running_relays.hpp"
#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* codex_settings_id = "codex.settings";
constexpr const char* codex_init = "set it anew: cc-relay config codex init";

std::string codex_place(const Facts& facts, std::string_view name, std::size_t line) {
  return fmt::format("{} in {}:{}", name, facts.codex.file, line);
}

// A setting of the provider that Codex asks.
std::string codex_place(const Facts& facts, std::string_view name) {
  const auto found = facts.codex.entry.find(name);
  return codex_place(
      facts, fmt::format("model_providers.{}.{}", facts.codex.provider.text, name),
      found == facts.codex.entry.end() ? facts.codex.provider.line : found->second.line);
}

// Why the settings are none that lead to the relay; false: they are, or are meant to be.
bool is_codex_elsewhere(const Facts& facts, const std::string& url, Findings& out) {
  const CodexSettings& codex = facts.codex;
  const std::string base = codex.said("base_url");
  const bool asked = codex.provider.text == codex_provider || is_same_url(base, url + "/v1") ||
                     is_same_url(base, url);
  if (asked) return false;
  const std::string& built_in = codex.openai_base_url.text;
  if (!built_in.empty() && is_same_url(built_in, url + "/v1")) {
    out.warning(codex_settings_id,
                codex_place(facts, "openai_base_url", codex.openai_base_url.line),
                "Codex's own provider tries a websocket first, and sends the key or the login that "
                "it has for OpenAI",
                "take it out, and make the relay a provider: cc-relay config codex init");
  } else if (codex.has_relay) {
    const std::string chosen =
        codex.provider.line == 0
            ? "is not set: Codex asks its own provider"
            : fmt::format("is \"{}\", which leads past the relay", printable(codex.provider.text));
    out.warning(codex_settings_id, fmt::format("model_provider in {}", codex.file), chosen,
                fmt::format("let it be \"{}\": cc-relay config codex init", codex_provider));
  } else {
    out.skipped(codex_settings_id, "",
                "they don't lead to the relay; cc-relay codex needs none, cc-relay config codex "
                "init sets them");
  }
  return true;
}

bool check_codex_address(const Facts& facts, const std::string& url, Findings& out) {
  const std::string base = facts.codex.said("base_url");
  if (is_same_url(base, url + "/v1")) return true;
  const std::string effect =
      is_same_url(base, url)
          ? "it lacks /v1, behind which Codex puts /responses"
          : fmt::format("it leads to \"{}\" and not to the relay at {}", printable(base), url);
  out.warning(codex_settings_id, codex_place(facts, "base_url"), effect,
              fmt::format("let it be {}/v1: cc-relay config codex init", url));
  return false;
}

// How it asks: the relay serves POST /v1/responses, and answers a websocket with 426.
bool check_codex_way(const Facts& facts, Findings& out) {
  bool fine = true;
  const std::string wire = facts.codex.said("wire_api");
  if (!wire.empty() && wire != "responses") {
    fine = false;
    out.warning(codex_settings_id, codex_place(facts, "wire_api"),
                fmt::format("Codex no longer knows \"{}\"", printable(wire)),
                "let it be \"responses\": cc-relay config codex init");
  }
  if (facts.codex.said("supports_websockets") == "true") {
    fine = false;
    out.warning(codex_settings_id, codex_place(facts, "supports_websockets"),
                "the relay takes no websockets, so that each session begins with one that fails",
                "take it out");
  }
  return fine;
}

bool check_codex_credential(const Facts& facts, Findings& out) {
  bool fine = true;
  const auto warn = [&](std::string_view setting, const std::string& effect,
                        const std::string& advice) {
    fine = false;
    out.warning(codex_settings_id, codex_place(facts, setting), effect, advice);
  };
  const auto& entry = facts.codex.entry;
  const std::string token = facts.codex_token();
  const std::string variable = facts.codex.said("env_key");
  for (const char* each : {"auth", "requires_openai_auth"}) {
    if (entry.count(each) == 0 || facts.codex.said(each) == "false") continue;
    warn(each, "says another credential than the relay's token", "take it out");
  }
  if (!variable.empty()) {
    if (token.empty()) {
      warn("env_key", fmt::format("{} is not set here", printable(variable)),
           fmt::format("export {}, or: cc-relay config codex init", printable(variable)));
    } else if (!facts.may_take(token)) {
      warn("env_key",
           fmt::format("what {} holds is not the token that the relay takes", printable(variable)),
           "put the relay's token there");
    }
  } else if (!token.empty() && !facts.may_take(token)) {
    warn("experimental_bearer_token", "it is not the one that the relay takes", codex_init);
  } else if (token.empty() && fine && !facts.may_take("")) {
    warn("experimental_bearer_token", "it is not there, and the relay asks for a token",
         codex_init);
  }
  return fine;
}

bool check_codex_certificate(const Facts& facts, Findings& out) {
  const std::string& file = facts.contact->place.tls.cert_file;
  if (file.empty() || !facts.env("CODEX_CA_CERTIFICATE").value_or("").empty()) return true;
  out.warning(codex_settings_id, "CODEX_CA_CERTIFICATE",
              "it is not set here, and Codex has no setting for the relay's certificate",
              fmt::format("export CODEX_CA_CERTIFICATE={}", absolute_path(file)));
  return false;
}

}  // namespace

void check_codex_settings(const Facts& facts, Findings& out) {
  if (!facts.codex.unreadable.empty()) {
    out.error(codex_settings_id, facts.codex.file, facts.codex.unreadable,
              "mend it: Codex does not start with a file that is no TOML");
    return;
  }
  const Result<std::string> url = facts.relay_url();
  if (!url) {
    out.skipped(codex_settings_id, "", url.error().message);
    return;
  }
  if (is_codex_elsewhere(facts, *url, out)) return;
  bool fine = check_codex_address(facts, *url, out);
  fine = check_codex_way(facts, out) && fine;
  fine = check_codex_credential(facts, out) && fine;
  fine = check_codex_certificate(facts, out) && fine;
  if (fine) out.ok(codex_settings_id, "", fmt::format("they lead to the relay at {}", *url));
}

}  // namespace ccrelay::app::checks
