#pragma once

#include <ccrelay/config_load.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::app {

/// A place that Claude Code takes settings from: a file, or the environment it is started in.
struct ClaudeSource {
  enum class Kind { environment, user, project, local, managed };
  Kind kind = Kind::user;
  std::string name;  ///< the file, or `the environment`
  std::string text;  ///< its JSON, an object; empty for the environment
  Environment env;   ///< of the environment alone

  /// A string below `env`; empty when it is not there.
  std::string variable(std::string_view name) const;
  std::string api_key_helper() const;
  /// As a person finds it: `env.NAME in FILE`, `NAME in the environment`.
  std::string place_of(std::string_view name) const;
};

/// Those that there are, the weakest first; the managed ones come last, and nothing wins over them.
/// What is not strict JSON is left out: Claude Code says that itself.
std::vector<ClaudeSource> claude_sources(const Environment& env, const std::string& folder);

/// Headers that Claude Code adds to its requests.
inline constexpr std::string_view custom_headers_name = "ANTHROPIC_CUSTOM_HEADERS";

/// The variables that lead Claude Code past ANTHROPIC_BASE_URL when they are set: to a cloud, to a
/// gateway of its own, through a socket.
const std::vector<std::string_view>& claude_switches();
/// Whether a switch's value turns it on.
bool is_on(std::string_view value);

/// What keeps Claude Code from the relay at `url`, or sends it there with another credential than
/// the relay's, in one source. `own_login`: the credential is Claude Code's business.
struct Obstacle {
  std::string setting;  ///< as place_of() has it
  std::string effect;   ///< what it does
};
std::vector<Obstacle> obstacles_in(const ClaudeSource& source, const std::string& url,
                                   bool own_login);
/// What to do about one of that source.
std::string remedy_for(const ClaudeSource& source, const Obstacle& obstacle);

/// Equal but for slashes at the end.
bool is_same_url(std::string a, std::string b);

/// What $ANTHROPIC_CUSTOM_HEADERS holds, a header a line, without those that carry a credential.
std::string without_credentials(std::string_view headers);

/// The value that counts of those that are no managed settings: the last one that is not empty.
std::string effective_variable(const std::vector<ClaudeSource>& sources, std::string_view name);

}  // namespace ccrelay::app
