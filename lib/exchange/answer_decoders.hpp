#pragma once

#include <ccrelay/provider.hpp>

#include <memory>
#include <string>

#include "dialect/translate.hpp"

namespace ccrelay::exchange {

/// Answers in other words than Anthropic's as an AnswerStage reads them (ccrelay/provider.hpp).

/// What the translator writes, as it comes.
std::unique_ptr<AnswerDecoder> stream_decoder(
    std::unique_ptr<dialect::StreamTranslator> translator);
/// The same for a client that gets the provider's own bytes. `has_events`: Server-Sent Events, of
/// which only whole ones go on; else every byte may.
std::unique_ptr<AnswerDecoder> listening_decoder(
    std::unique_ptr<dialect::StreamTranslator> translator, bool has_events);
/// JSON of a provider's, or events where none were asked for: says nothing before its end.
/// `listens`: the client gets the bytes as they are, and what is too large is just not understood.
std::unique_ptr<AnswerDecoder> whole_decoder(dialect::Carried carried, std::string content_type,
                                             bool listens);

}  // namespace ccrelay::exchange
