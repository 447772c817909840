#pragma once

#include <ccrelay/provider.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "dialect/translate.hpp"

namespace ccrelay::exchange {

/// Answers in other words than Anthropic's as an AnswerStage reads them (ccrelay/provider.hpp).

/// Is told how many bytes of an answer are kept by now; false: there is no room for more than
/// before.
using AnswerRoom = std::function<bool(std::uint64_t)>;

/// What the translator writes, as it comes. `room`, if given, is for what it keeps.
std::unique_ptr<AnswerDecoder> stream_decoder(std::unique_ptr<dialect::StreamTranslator> translator,
                                              AnswerRoom room = {});
/// The same for a client that gets the provider's own bytes. `has_events`: Server-Sent Events, of
/// which only whole ones go on; else every byte may. Where there is no room it does not listen any
/// more, and says nothing from then on.
std::unique_ptr<AnswerDecoder> listening_decoder(
    std::unique_ptr<dialect::StreamTranslator> translator, bool has_events, AnswerRoom room);
/// JSON of a provider's, or events where none were asked for: says nothing before its end.
/// `listens`: the client gets the bytes as they are, and what is too large, or finds no room, is
/// just not understood.
std::unique_ptr<AnswerDecoder> whole_decoder(dialect::Carried carried, std::string content_type,
                                             bool listens, AnswerRoom room);

}  // namespace ccrelay::exchange
