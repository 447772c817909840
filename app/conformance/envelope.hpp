#pragma once

#include <string>
#include <string_view>

#include "check.hpp"
#include "client.hpp"

namespace ccrelay::app::contract {

/// Whether an answer is an error in the shape of this format's vendor: JSON with a message that
/// says something, and what its SDK tells errors apart by.
bool is_envelope(const Exchange& answer, Format format = messages);
/// That shape, for a report.
std::string_view envelope_words(Format format);
/// `error.type` of one of Anthropic's; empty without it.
std::string error_type_of(const Exchange& answer);
/// The text at a JSON pointer; empty without it.
std::string text_in(const std::string& json, const char* pointer);

}  // namespace ccrelay::app::contract
