#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

/// What a client wants of the path it asked.
enum class Ask : std::uint8_t {
  message,    ///< an answer of a model, streamed or not
  count,      ///< how many tokens a request has
  models,     ///< gemini: the list
  model,      ///< gemini: one of it
  websocket,  ///< responses over a websocket: refused with 426, so that Codex takes HTTPS
  stored,     ///< an answer or conversation that the provider keeps: only it can tell
};

struct Asked {
  Dialect dialect = Dialect::anthropic;
  Ask ask = Ask::message;
  std::string model;    ///< gemini: of the path, decoded; others have it in the body
  bool stream = false;  ///< gemini: by the verb; others say it in the body
  bool sse = false;     ///< gemini: `alt=sse`, else a stream is a JSON array
};

/// What a request's line asks for; nothing for a path that is no part of a dialect. The list of
/// models under /v1/models is Anthropic's and OpenAI's alike, and not told here.
std::optional<Asked> asked_by(std::string_view method, std::string_view path,
                              std::string_view query);

/// In whose envelope an error about that path is told, also when nothing is there.
Dialect envelope_for(std::string_view path);

/// What says in a stream's silence that it lives, between two events.
std::string_view keep_alive(Dialect client);

/// A query's value, percent-decoded; nothing when it is not there.
std::optional<std::string> query_value(std::string_view query, std::string_view name);
/// The query without a value: Gemini's clients may put their credential into `key`, which is
/// neither logged nor sent on.
std::string query_without(std::string_view query, std::string_view name);

}  // namespace ccrelay::dialect
