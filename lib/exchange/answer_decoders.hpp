#pragma once

#include <ccrelay/provider.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "dialect/translate.hpp"

namespace ccrelay::exchange {

/// Answers in other words than Anthropic's as an AnswerStage reads them (ccrelay/provider.hpp).

/// Counts so many bytes more that are kept until the answer's end; false: there is no room.
using HoldsBytes = std::function<bool(std::uint64_t)>;

/// What the translator writes, as it comes. `holds`, if given: all of it is kept until the end.
std::unique_ptr<AnswerDecoder> stream_decoder(std::unique_ptr<dialect::StreamTranslator> translator,
                                              HoldsBytes holds = {});
/// The same for a client that gets the provider's own bytes. `has_events`: Server-Sent Events, of
/// which only whole ones go on; else every byte may.
std::unique_ptr<AnswerDecoder> listening_decoder(
    std::unique_ptr<dialect::StreamTranslator> translator, bool has_events);
/// JSON of a provider's, or events where none were asked for: says nothing before its end.
/// `listens`: the client gets the bytes as they are, and what is too large, or finds no room, is
/// just not understood.
std::unique_ptr<AnswerDecoder> whole_decoder(dialect::Carried carried, std::string content_type,
                                             bool listens, HoldsBytes holds);

}  // namespace ccrelay::exchange
