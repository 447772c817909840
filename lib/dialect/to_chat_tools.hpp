#pragma once

#include "dialect/dialect.hpp"
#include "dialect/findings.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profile.hpp"

namespace ccrelay::dialect {

/// Appends `tools`, `tool_choice` and `parallel_tool_calls` of chat completions for those of an
/// Anthropic request. False when there is no tool that goes out.
bool write_chat_tools(Json tools, Json tool_choice, const Profile& profile, Names& names,
                      Findings& findings, JsonOut& out);

}  // namespace ccrelay::dialect
