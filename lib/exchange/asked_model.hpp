#pragma once

#include <string>
#include <string_view>

namespace ccrelay::exchange {

/// Some clients take an answer for another model's when it calls itself otherwise than they asked:
/// Claude Code drops its thinking then. With `providers.answer_model = "asked"` an answer that is
/// not translated gets the name that was asked for where it says its own, and stays what it was
/// otherwise. `bytes` are whole events, or a whole document where it is no stream.
std::string with_model(std::string_view bytes, bool is_stream, std::string_view model);

}  // namespace ccrelay::exchange
