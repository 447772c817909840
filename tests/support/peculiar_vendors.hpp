#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dialect/json_text.hpp"

// What each vendor of OpenAI's chat refuses, and how peculiar its answers are: a server for each
// row of lib/dialect/profiles.toml, found by its host as a user has it.

namespace ccrelay::testing {

/// One server's habits.
struct Quirks {
  std::string profile;
  std::string url;  ///< empty: on this machine, and its profile is named
  std::string model;
  std::string fields;  ///< what it knows beside model, messages, tools and stream
  std::string must;    ///< what a request of a model that thinks must have, one in a line
  std::string back;    ///< the member that brings reasoning back; empty: it knows none
  std::string back_value;
  std::string forced;  ///< the only tool_choice it takes for a call; empty: it knows none
  std::string named;   ///< the same for a certain one
  std::string unknown = R"({"error":{"message":"Unrecognized request argument supplied: @",)"
                        R"("type":"invalid_request_error","param":null,"code":null}})";
  int unknown_status = 400;
  std::string thinking = "hm, so";
  std::vector<std::string> ids{"call_1", "call_2"};  ///< as a client is told them; empty: made
  std::vector<std::string> chunks;                   ///< of an answer with two calls
  std::string message;
  std::string usage = R"({"prompt_tokens":50,"completion_tokens":9,"total_tokens":59,)"
                      R"("prompt_tokens_details":{"cached_tokens":20},)"
                      R"("completion_tokens_details":{"reasoning_tokens":4}})";
  std::string usage_place = "usage";
  /// What else it refuses, in its words.
  std::function<std::string(dialect::Json body)> refuses = [](dialect::Json) {
    return std::string();
  };
  std::string type = "openai";
  bool strange = true;  ///< a client that knows nothing of it fails
};

std::vector<Quirks> all_quirks();
/// A server that nobody knows.
Quirks generic();

/// A chunk of a streamed answer; what follows a member begins with a comma.
std::string delta(const std::string& members, const std::string& finish = "null",
                  const std::string& of_choice = {}, const std::string& of_chunk = {});
std::string openai_error(const std::string& message);
/// Of a request's messages, a blank behind each.
std::string roles_of(dialect::Json body);

}  // namespace ccrelay::testing
