#pragma once

#include "dialect/dialect.hpp"
#include "dialect/findings.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// Appends `tools` and `tool_choice` of an Anthropic request for those of chat completions. Custom
/// tools become functions with one text, and are noted in the context. `one_at_a_time`:
/// `parallel_tool_calls` is false.
void write_hub_tools(Json tools, Json tool_choice, bool one_at_a_time, AnswerContext& context,
                     Findings& findings, JsonOut& out);

}  // namespace ccrelay::dialect
