#include "gemini_settings.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "config_client.hpp"
#include "files.hpp"
#include "json_splice.hpp"
#include "printable.hpp"
#include "settings_edit.hpp"

namespace ccrelay::app {
namespace {

constexpr std::size_t gemini_bytes_max = 4 << 20;

bool is_there(const std::string& file) {
  return ::access(file.c_str(), F_OK) == 0;
}

}  // namespace

Result<std::string> gemini_folder(const Environment& env) {
  for (const char* name : {"GEMINI_CLI_HOME", "HOME"}) {
    if (std::string home = env(name).value_or(""); !home.empty()) return home + "/.gemini";
  }
  return no_settings_folder("Gemini CLI", "GEMINI_CLI_HOME");
}

std::string gemini_system_file(const Environment& env) {
  const std::string named = env("GEMINI_CLI_SYSTEM_SETTINGS_PATH").value_or("");
  if (!named.empty()) return named;
#ifdef __APPLE__
  return "/Library/Application Support/GeminiCli/settings.json";
#else
  return "/etc/gemini-cli/settings.json";
#endif
}

std::string gemini_dotenv_file(const Environment& env, const std::string& folder) {
  const Result<std::string> own = gemini_folder(env);
  std::vector<std::string> places;
  for (std::string at = folder; !at.empty() && at.front() == '/'; at = directory_of(at)) {
    const std::string here = at == "/" ? at : at + "/";
    places.push_back(here + ".gemini/.env");
    places.push_back(here + ".env");
    if (at == "/") break;
  }
  if (own) {
    places.push_back(*own + "/.env");
    places.push_back(directory_of(*own) + "/.env");
  }
  for (const std::string& each : places) {
    if (is_there(each)) return each;
  }
  return "";
}

std::vector<GeminiAuth> gemini_auth_in(const std::string& file) {
  std::vector<GeminiAuth> found;
  const Result<std::optional<std::string>> text = read_file(file, gemini_bytes_max);
  if (!text || !*text) return found;
  Result<JsonObject> object = read_root(**text, JsonComments::allowed);
  for (const char* name : {"security", "auth"}) {
    const JsonMember* member = object ? object->find(name) : nullptr;
    if (member == nullptr || !is_object(**text, *member)) return found;
    object = read_object(**text, member->value);
  }
  for (const char* name : {"enforcedType", "selectedType"}) {
    const JsonMember* member = object->find(name);
    const auto value = member == nullptr ? std::nullopt : string_value(**text, *member);
    if (value && !value->empty()) found.push_back({file, name, *value});
  }
  return found;
}

GeminiVariable gemini_variable(const Environment& env, const std::string& dotenv,
                               std::string_view name) {
  if (std::string here = env(std::string(name)).value_or(""); !here.empty()) {
    return {std::move(here), {}};
  }
  GeminiVariable found;
  const auto text = dotenv.empty()
                        ? Result<std::optional<std::string>>(std::optional<std::string>())
                        : read_file(dotenv, gemini_bytes_max);
  if (!text || !*text) return found;
  for (SettingsValue& each : dotenv_values(**text)) {
    if (each.name == name) found = {std::move(each.value), dotenv};
  }
  return found;
}

std::vector<std::string> gemini_settings_files(const Environment& env, const std::string& folder) {
  std::vector<std::string> files = {gemini_system_file(env)};
  const Result<std::string> own = gemini_folder(env);
  // In the home itself the user's settings are no project's.
  if (!own || *own != folder + "/.gemini") files.push_back(folder + "/.gemini/settings.json");
  if (own) files.push_back(*own + "/settings.json");
  return files;
}

std::string gemini_unreadable(const std::string& file) {
  const Result<std::optional<std::string>> text = read_file(file, gemini_bytes_max);
  if (!text) return text.error().message;
  if (!*text) return {};
  const Result<JsonObject> root = read_root(**text, JsonComments::allowed);
  return root ? std::string() : root.error().message;
}

std::vector<GeminiAuth> gemini_auth_of(const Environment& env, const std::string& folder) {
  std::vector<GeminiAuth> found;
  for (const std::string& file : gemini_settings_files(env, folder)) {
    for (GeminiAuth& each : gemini_auth_in(file)) found.push_back(std::move(each));
  }
  return found;
}

std::optional<GeminiObstacle> gemini_obstacle(const Environment& env, const std::string& folder) {
  bool selected = false;
  for (const GeminiAuth& each : gemini_auth_of(env, folder)) {
    const bool enforced = each.member == "enforcedType";
    if (!enforced && selected) continue;  // a stronger one has said it
    selected = selected || !enforced;
    if (each.type == gemini_auth_type) continue;
    const Result<std::string> own = gemini_folder(env);
    const bool is_own = own && each.file == *own + "/settings.json";
    return GeminiObstacle{fmt::format("security.auth.{} = \"{}\" in {}", each.member,
                                      printable(each.type), each.file),
                          "leads past the relay",
                          is_own && !enforced ? "change that with: cc-relay config gemini init"
                          : each.file == gemini_system_file(env)
                              ? "only whoever manages this machine can take it out"
                              : "take it out of that file"};
  }
  if (selected) return {};
  return GeminiObstacle{
      "security.auth.selectedType",
      fmt::format("is not set: Gemini CLI asks the relay when it is \"{}\" in its settings",
                  gemini_auth_type),
      "say so once with: cc-relay config gemini init"};
}

}  // namespace ccrelay::app
