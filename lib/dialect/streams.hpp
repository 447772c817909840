#pragma once

#include <memory>

#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

/// Reads a provider's stream into the hub's; null for one that speaks the hub's words itself.
std::unique_ptr<StreamTranslator> stream_reader(Dialect provider, const AnswerContext& context);

/// Writes the hub's stream for a client; null for one that speaks the hub's words. `sse`: a Gemini
/// client wants events, else a JSON array.
std::unique_ptr<StreamTranslator> stream_writer(Dialect client, const AnswerContext& context,
                                                bool sse);

/// What the first writes is what the second reads; either may be null, for bytes that pass as they
/// are.
std::unique_ptr<StreamTranslator> two_steps(std::unique_ptr<StreamTranslator> first,
                                            std::unique_ptr<StreamTranslator> second);

}  // namespace ccrelay::dialect
