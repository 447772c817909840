#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dialect/chat_answer.hpp"
#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

/// From whom to whom one request goes: the room's front door puts the two steps together, from the
/// client's words to the hub's and from these to the provider's, and back for the answer. Between
/// two of the same dialect nothing is translated, and nobody comes here.
struct Way {
  Dialect client = Dialect::anthropic;
  Dialect provider = Dialect::anthropic;
  bool count = false;         ///< tokens are counted, instead of an answer made
  std::string asked_model;    ///< gemini clients: of the path; others have it in the body
  bool asked_stream = false;  ///< gemini clients: by the verb
  bool sse = true;            ///< gemini clients: `alt=sse`, else a stream is a JSON array
};

/// A request in the provider's words, and what the answer's translation needs of both steps. Its
/// own, but for the profile that the options had.
struct Carried {
  Way way;
  std::string body;
  std::vector<std::string> dropped;  ///< of both steps
  AnswerContext client;
  AnswerContext provider;
};

/// Each attempt begins with the client's own bytes. `options.model` is the model as the provider
/// knows it. The provider cannot be asked to count (chat): NotCarriable.
std::variant<Carried, Refused, NotCarriable> carry_request(const Way& way, std::string_view body,
                                                           const TranslateOptions& options);

/// A whole answer, JSON or events read to their end, of any status: as JSON in the client's words,
/// with the status for it.
TranslatedAnswer carry_answer(const Carried& carried, int status, std::string_view body,
                              std::string_view content_type);

/// A streamed answer of status 200. `content_type` is the provider's: one of JSON is read whole and
/// becomes a stream.
std::unique_ptr<StreamTranslator> carry_stream(const Carried& carried,
                                               std::string_view content_type);

}  // namespace ccrelay::dialect
