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
/// Of all there is in a file; nothing when it can't be read.
std::vector<GeminiAuth> gemini_auth_in(const std::string& file);
/// What counts in `folder` for the way to log in, the strongest first.
std::vector<GeminiAuth> gemini_auth_of(const Environment& env, const std::string& folder);

}  // namespace ccrelay::app
