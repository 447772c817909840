#pragma once

#include <ccrelay/checks.hpp>
#include <ccrelay/config_load.hpp>
#include <ccrelay/result.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "claude_sources.hpp"
#include "codex_settings.hpp"
#include "commands.hpp"
#include "gemini_settings.hpp"
#include "relay_contact.hpp"
#include "relay_report.hpp"

namespace ccrelay::app::checks {

/// The running relay's own word on its configuration's file as it is now, read in its environment.
struct Judgement {
  std::string mistakes;  ///< a line each; empty: it could take it
  std::vector<std::string>
      changes;  ///< against what it has in force: `routing.debug: false → true`
};

/// All that the checks look at, got together once, at the same time where it takes time.
struct Facts {
  DoctorOptions asked;
  Environment env;
  std::chrono::system_clock::time_point now;

  std::string path;       ///< of the configuration; empty: what is built in
  std::string not_found;  ///< why there is none, where one was asked for
  std::string mistakes;   ///< all of them, a line each; empty: it is good
  /// Mistakes that are none to the relay that runs: it has variables that this shell has not.
  std::vector<std::string> unset;
  Config config;  ///< as far as it can be read

  std::optional<RelayContact> contact;
  std::optional<Meeting> meeting;  ///< none: nobody answers
  bool wants_certificate = false;  ///< none, as what answers takes nobody without one
  /// Of a relay that may be trusted with its token, or whose management lets this user in.
  std::optional<RelayReport> report;
  std::chrono::system_clock::time_point reported_at;
  std::string report_refused;  ///< why there is none of such a one

  std::optional<Judgement> judged;  ///< by its management; none: it has none for this user

  /// By our relay, of the tokens of clients whose settings lead to it; those it was not asked about
  /// are not in it.
  std::map<std::string, bool> tokens_taken;

  std::vector<ProviderCheck> providers;
  std::string providers_unasked;  ///< why there are none

  std::string folder;  ///< where it was asked
  std::vector<ClaudeSource> claude;
  CodexSettings codex;
  std::string gemini_dotenv;  ///< the file of variables that Gemini CLI reads there
  GeminiVariable gemini_url, gemini_key;
  /// What they say of themselves; none: not installed.
  std::optional<std::string> claude_version, codex_version, gemini_version;

  bool is_ours() const { return meeting && meeting->trusted(); }
  /// Where Claude Code asks, the managed settings included; empty: nothing says so.
  std::string claude_url() const;
  /// What Codex shows whom it asks: of `env_key` before `experimental_bearer_token`; may be empty.
  std::string codex_token() const;
  /// False where the relay is known not to take this token of a client's, or none if it is empty.
  bool may_take(const std::string& token) const;
  /// Where a client on this machine finds the relay; an error says why that is not known.
  Result<std::string> relay_url() const;
};

/// Blocks for as long as `asked` allows. An error: the command line is wrong, such as a provider
/// that there is none of.
Result<Facts> gather(const DoctorOptions& asked);

/// What `PROGRAM --version` says, of which the first line counts; none where it is not installed,
/// empty where it says nothing in that time.
std::optional<std::string> installed_version(const char* program,
                                             std::chrono::milliseconds timeout);

}  // namespace ccrelay::app::checks
