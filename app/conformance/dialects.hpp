#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format.hpp"

namespace ccrelay::app::contract {

/// How clients and providers of OpenAI's chat completions and responses and of Google's Gemini
/// write what format.hpp has of all: npm openai's resources/chat/completions and
/// resources/responses, npm @google/genai's types. Pure.

std::string dialect_target(Format format, Call call, std::string_view model);
std::string_view dialect_path_end(Format format, Call call);
std::string dialect_body(Format format, Call call, std::string_view model, std::string_view fields,
                         std::string_view messages);
std::vector<std::string> dialect_events(Format format, const std::vector<std::string>& texts);

/// JSON that answers a call; it says "Hello." or counts 41237 tokens.
std::string dialect_answer(Format format, Call call);

/// Members of a body, known to each gateway, written as JSON allows and no parser keeps.
std::string dialect_odd_fields(Format format);
/// A stream with blanks, fields and line ends that a parser does not keep.
std::string dialect_odd_stream(Format format);
/// A stream's error behind content.
std::string dialect_stream_error(Format format);

}  // namespace ccrelay::app::contract
