#pragma once

#include <string>

#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

class JsonOut;

/// The JSON Schema that an answer has to follow (`output_config.format`), or a strict tool's call,
/// as each vendor takes it.

/// Whether OpenAI takes it with `strict: true`: there each object requires all of its properties
/// and allows no others, and only some keywords are known
/// (https://platform.openai.com/docs/guides/structured-outputs); any other is a 400. What is not so
/// goes with `strict: false`, as a client's own request would have.
bool may_be_strict(Json schema);

/// The same of a tool that the client wants strict, with objects closed that say nothing of further
/// properties; empty where that is not enough. Then only a tool that is not strict is taken: a
/// property that may be left out would have to be required.
std::string strict_schema(Json schema);

/// Whether a strict tool may have it at Anthropic's, once write_closed_schema() has written it:
/// none of its objects allows further properties of its own will, which is a 400 there
/// (https://platform.claude.com/docs/en/agents-and-tools/tool-use/strict-tool-use); to close that
/// would forbid what the tool is for.
bool may_be_closed(Json schema);

/// Writes it as Anthropic takes it: its objects allow no further properties, which is a 400 there
/// whatever else the schema says, and bounds that are a 400 too stand in the description, where the
/// model reads them, as Anthropic's own SDK writes them (npm @anthropic-ai/sdk,
/// transform-json-schema;
/// https://platform.claude.com/docs/en/build-with-claude/structured-outputs).
void write_closed_schema(JsonOut& out, Json schema);

}  // namespace ccrelay::dialect
