#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialect/findings.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profile.hpp"

namespace ccrelay::dialect {

/// A search of the web, as other dialects' is written in the hub.
inline constexpr std::string_view hub_search_type = "web_search_20250305";

/// Whether an Anthropic tool is one that the provider itself runs, or that only Anthropic's models
/// know: all but those that the client describes.
bool is_hosted_tool(Json tool);

/// Writes a tool's schema with a type, which the APIs ask for: an absent one is that of an object
/// without members.
void write_typed_schema(JsonOut& json, Json schema);
std::string typed_schema(Json schema);

/// Which tools a request's hosted ones leave: they are left out beside others, and cannot be
/// carried when they are all there is or when `tool_choice` names one (section 3).
bool hosted_tools_needed(Json tools, Json tool_choice);

/// Cuts a list of tools that is longer than the provider takes, which it cannot carry; what
/// `tool_choice` names stays.
void cut_tools(std::vector<Json>& tools, Json tool_choice, const Profile& profile,
               Findings& findings);

}  // namespace ccrelay::dialect
