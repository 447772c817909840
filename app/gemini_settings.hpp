#pragma once

#include <ccrelay/config_load.hpp>
#include <ccrelay/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::app {

inline constexpr std::string_view gemini_url_name = "GOOGLE_GEMINI_BASE_URL";
inline constexpr std::string_view gemini_key_name = "GEMINI_API_KEY";
/// The way to log in with which Gemini CLI heeds those two.
inline constexpr std::string_view gemini_auth_type = "gemini-api-key";

/// The folder of Gemini CLI's settings: `.gemini` in $GEMINI_CLI_HOME or the home directory.
Result<std::string> gemini_folder(const Environment& env);
/// Settings that win over the user's own; whether or not it is there.
std::string gemini_system_file(const Environment& env);
/// The file of variables that Gemini CLI reads in `folder`: the nearest above, else the user's own;
/// empty when there is none.
std::string gemini_dotenv_file(const Environment& env, const std::string& folder);

/// A way to log in that a file of settings chooses (`selectedType`) or demands (`enforcedType`).
struct GeminiAuth {
  std::string file;
  std::string member;
  std::string type;
};
/// A variable as Gemini CLI finds it, and where: the environment wins over its file.
struct GeminiVariable {
  std::string value;  ///< empty: nowhere
  std::string file;   ///< empty: the environment
};
/// `dotenv` is what gemini_dotenv_file() gives.
GeminiVariable gemini_variable(const Environment& env, const std::string& dotenv,
                               std::string_view name);

/// Of all there is in a file; nothing when it can't be read.
std::vector<GeminiAuth> gemini_auth_in(const std::string& file);
/// What counts in `folder` for the way to log in, the strongest first.
std::vector<GeminiAuth> gemini_auth_of(const Environment& env, const std::string& folder);
/// The files in which that may stand, the strongest first, whether or not they are there.
std::vector<std::string> gemini_settings_files(const Environment& env, const std::string& folder);
/// Why Gemini CLI can't read such a file; empty: it can, or it is not there.
std::string gemini_unreadable(const std::string& file);

/// What in those settings keeps Gemini CLI from asking with the relay's key; none: they choose it.
struct GeminiObstacle {
  std::string setting;  ///< `security.auth.selectedType in FILE`
  std::string effect;
  std::string remedy;
};
std::optional<GeminiObstacle> gemini_obstacle(const Environment& env, const std::string& folder);

}  // namespace ccrelay::app
