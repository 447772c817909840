#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/json_text.hpp"
#include "support/said.hpp"

namespace ccrelay::testing {

/// A client of one dialect that holds a conversation: makes each request, reads the answer as its
/// SDK does, and sends back what it heard, byte for byte where its SDK does so. Pure. A value type.
class Agent {
 public:
  struct Tool {
    std::string name;
    std::string schema;  ///< JSON
  };
  Agent(dialect::Dialect dialect, bool stream) : dialect_(dialect), stream_(stream) {}

  std::string model = "asked";
  std::string system = "be brief";
  std::vector<Tool> tools;
  std::string more;             ///< members for the request, each with a comma in front
  bool thinks = false;          ///< asks for high effort
  bool keeps_reasoning = true;  ///< sends back what it heard of it
  std::string max_tokens = "1000";

  void ask(const std::string& text);
  /// The answers of a turn's calls, in one go.
  struct Result {
    std::string id;
    std::string text;
    bool is_error = false;
  };
  void results(const std::vector<Result>& results);
  /// A message of the system's in between, as Claude Code has one behind each result. Anthropic.
  void remind(const std::string& text);

  /// Path and query.
  std::string target() const;
  std::string body() const;
  /// Reads an answer and, when it is good, adds it to the conversation.
  Said hear(int status, std::string_view content_type, std::string_view answer);
  dialect::Dialect dialect() const { return dialect_; }
  bool streams() const { return stream_; }

 private:
  using Json = dialect::Json;
  struct Event {
    std::string name;
    std::string data;
  };
  Said hear_anthropic(std::string_view answer);
  Said hear_chat(std::string_view answer);
  Said hear_responses(std::string_view answer);
  Said hear_gemini(std::string_view answer);
  void hear_chat_message(Json message, Said& said);
  void hear_output(Json response, Said& said);
  void hear_parts(const std::vector<std::string>& parts, Said& said);
  std::vector<Event> events_of(std::string_view told, Said& said) const;
  std::string tools_json() const;

  dialect::Dialect dialect_;
  bool stream_;
  std::vector<std::string> history_;  // messages, items or contents as they go out
  std::vector<std::pair<std::string, std::string>> called_;  // gemini: name by id
};

}  // namespace ccrelay::testing
