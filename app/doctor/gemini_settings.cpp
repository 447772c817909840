#include "gemini_settings.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "claude_sources.hpp"
#include "files.hpp"
#include "printable.hpp"
#include "running_relays.hpp"
#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* gemini_settings_id = "gemini.settings";
constexpr const char* gemini_init = "set it anew: cc-relay config gemini init";

std::string gemini_place(std::string_view name, const GeminiVariable& variable) {
  return variable.file.empty() ? fmt::format("{} in the environment", name)
                               : fmt::format("{} in {}", name, variable.file);
}

// What to do about one that is wrong: the init writes the user's own file alone.
std::string gemini_remedy(const Facts& facts, std::string_view name,
                          const GeminiVariable& variable) {
  if (variable.file.empty()) return fmt::format("unset {}", name);
  const Result<std::string> folder = gemini_folder(facts.env);
  if (folder && variable.file == *folder + "/.env") return gemini_init;
  return "take it out of that file, or run: cc-relay gemini";
}

bool check_gemini_files(const Facts& facts, Findings& out) {
  bool fine = true;
  for (const std::string& file : gemini_settings_files(facts.env, facts.folder)) {
    const std::string why = gemini_unreadable(file);
    if (why.empty()) continue;
    fine = false;
    out.error(gemini_settings_id, file, why,
              "mend it: Gemini CLI does not start with a file that is no JSON");
  }
  return fine;
}

bool check_gemini_address(const Facts& facts, const std::string& url, Findings& out) {
  const std::string& base = facts.gemini_url.value;
  if (is_same_url(base, url)) return true;
  const bool versioned = is_same_url(base, url + "/v1") || is_same_url(base, url + "/v1beta");
  out.warning(gemini_settings_id, gemini_place(gemini_url_name, facts.gemini_url),
              versioned
                  ? "it ends in a version, and Gemini CLI puts /v1beta behind it"
                  : fmt::format("it leads to {} and not to the relay at {}", printable(base), url),
              versioned ? fmt::format("let it be {}", url)
                        : gemini_remedy(facts, gemini_url_name, facts.gemini_url));
  return false;
}

bool check_gemini_key(const Facts& facts, Findings& out) {
  const GeminiVariable& key = facts.gemini_key;
  if (key.value.empty()) {
    out.warning(gemini_settings_id, std::string(gemini_key_name),
                "it is neither in the environment nor beside the address, and Gemini CLI asks "
                "nobody without a key",
                gemini_init);
    return false;
  }
  if (facts.may_take(key.value)) return true;
  out.warning(gemini_settings_id, gemini_place(gemini_key_name, key),
              key.file.empty() && !facts.gemini_url.file.empty()
                  ? fmt::format("it takes the place of that in {}, and is not the key that the "
                                "relay takes",
                                facts.gemini_url.file)
                  : "it is not the key that the relay takes",
              gemini_remedy(facts, gemini_key_name, key));
  return false;
}

bool check_gemini_login(const Facts& facts, Findings& out) {
  const auto found = gemini_obstacle(facts.env, facts.folder);
  if (!found) return true;
  out.warning(gemini_settings_id, found->setting, found->effect, found->remedy);
  return false;
}

bool check_gemini_certificate(const Facts& facts, Findings& out) {
  const std::string& file = facts.contact->place.tls.cert_file;
  if (file.empty() || !facts.env("NODE_EXTRA_CA_CERTS").value_or("").empty()) return true;
  out.warning(gemini_settings_id, "NODE_EXTRA_CA_CERTS",
              "it is not set here, and Gemini CLI has no setting for the relay's certificate",
              fmt::format("export NODE_EXTRA_CA_CERTS={}", absolute_path(file)));
  return false;
}

// The user's own file leads to the relay, but another one is nearer.
bool check_gemini_nearer(const Facts& facts, const std::string& url, Findings& out) {
  const Result<std::string> folder = gemini_folder(facts.env);
  const std::string own = folder ? *folder + "/.env" : std::string();
  if (own.empty() || facts.gemini_dotenv == own || !facts.gemini_url.value.empty()) return true;
  const GeminiVariable there =
      gemini_variable([](std::string_view) { return std::nullopt; }, own, gemini_url_name);
  if (!is_same_url(there.value, url)) return true;
  out.warning(gemini_settings_id, facts.gemini_dotenv,
              fmt::format("it is read here in place of {}", own),
              "put the two variables there, or use cc-relay gemini");
  return false;
}

}  // namespace

void check_gemini_settings(const Facts& facts, Findings& out) {
  if (!check_gemini_files(facts, out)) return;
  const Result<std::string> url = facts.relay_url();
  if (!url) {
    out.skipped(gemini_settings_id, "", url.error().message);
    return;
  }
  if (!check_gemini_nearer(facts, *url, out)) return;
  if (facts.gemini_url.value.empty()) {
    out.skipped(gemini_settings_id, "",
                "they don't lead to the relay; cc-relay gemini needs no address, cc-relay config "
                "gemini init sets it");
    return;
  }
  bool fine = check_gemini_address(facts, *url, out);
  fine = (!fine || check_gemini_key(facts, out)) && fine;
  fine = check_gemini_login(facts, out) && fine;
  fine = check_gemini_certificate(facts, out) && fine;
  if (fine) out.ok(gemini_settings_id, "", fmt::format("they lead to the relay at {}", *url));
}

}  // namespace ccrelay::app::checks
