#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::app::contract {

class Bench;

/// The form in which the client speaks to the gateway; a bit each.
enum Format : std::uint8_t {
  messages = 1,
  bedrock = 2,
  vertex = 4,
  chat = 8,
  responses = 16,
  gemini = 32
};
/// Claude Code's.
constexpr unsigned claude_formats = messages | bedrock | vertex;
/// Those of OpenAI's clients and of Google's.
constexpr unsigned openai_formats = chat | responses;
constexpr unsigned other_formats = openai_formats | gemini;
constexpr unsigned any_format = claude_formats | other_formats;
std::string_view to_string(Format format);

/// must: a client breaks without it.
enum class Level : std::uint8_t { must, should };

enum class Outcome : std::uint8_t { pass, fail, skip };

/// What one check has found.
struct Verdict {
  Outcome outcome = Outcome::pass;
  std::string detail = {};  ///< of a failure what was sent, expected and came; why it was skipped
};

inline Verdict failed(std::string_view sent, std::string_view expected, std::string_view came) {
  std::string detail = "sent ";
  detail.append(sent).append("; expected ").append(expected).append("; came ").append(came);
  return {Outcome::fail, std::move(detail)};
}
/// It can't be said whether it holds, which is no better than that it doesn't.
inline Verdict not_judged(std::string_view why) {
  return {Outcome::fail, "could not be judged: " + std::string(why)};
}
inline Verdict skipped(std::string_view why) {
  return {Outcome::skip, std::string(why)};
}

/// One row of the contract, judged by what arrives at both ends.
struct Check {
  std::string_view id;  ///< `stream.bytes`: group, then what
  Level level = Level::must;
  unsigned formats = any_format;  ///< in which it means something
  std::string_view clause;        ///< what is demanded, in one sentence
  Verdict (*judge)(Bench& bench) = nullptr;
  bool needs_script = true;  ///< else a real provider does as well (--live)
  bool is_slow = false;      ///< waits for half a minute (--slow)
};

/// All of them, in the order in which they run: what may leave a gateway sulking comes last.
const std::vector<Check>& all_checks();

/// The groups, each in the file of its name.
std::vector<Check> routing_checks(), stream_flow_checks(), stream_content_checks(), header_checks(),
    auth_checks(), body_checks(), body_structure_checks(), http_checks(), budget_checks(),
    bedrock_checks(), vertex_checks(), surface_checks(), credential_checks(), native_body_checks(),
    stream_form_checks(), error_checks();

}  // namespace ccrelay::app::contract
