#pragma once

#include <string>
#include <string_view>

#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

class JsonOut;

/// A call as its client reads it, by the kind of the tool it called.
struct ResponsesCall {
  ClientTool tool;
  std::string item_id;
  std::string call_id;
  std::string input;  ///< an object's text; of a custom tool, its text; empty: nothing came yet
};

/// What the id of an item begins with, as the vendor's do: `fc_` of a function's call.
std::string_view item_prefix(const ClientTool& tool);
/// The item of a call, `status` being `in_progress` or `completed`.
void write_call_item(JsonOut& json, const ResponsesCall& call, std::string_view status);
void write_message_item(JsonOut& json, std::string_view id, std::string_view part,
                        std::string_view status);
/// The part of a message; `annotations` are JSON objects with commas between.
std::string output_text_part(std::string_view text, std::string_view annotations);
/// `sealed` is its encrypted_content; empty: none.
void write_reasoning_item(JsonOut& json, std::string_view id, std::string_view text,
                          std::string_view sealed);

}  // namespace ccrelay::dialect
