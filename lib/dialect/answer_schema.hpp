#pragma once

#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

class JsonOut;

/// The JSON Schema that an answer has to follow (`output_config.format`), as each vendor takes it.

/// Whether OpenAI takes it with `strict: true`: there each object requires all of its properties
/// and allows no others, and only some keywords are known
/// (https://platform.openai.com/docs/guides/structured-outputs); any other is a 400. What is not so
/// goes with `strict: false`, as a client's own request would have.
bool may_be_strict(Json schema);

/// Writes it as Anthropic takes it: its objects allow no further properties, which is a 400 there
/// whatever else the schema says, and bounds that are a 400 too stand in the description, where the
/// model reads them, as Anthropic's own SDK writes them (npm @anthropic-ai/sdk,
/// transform-json-schema;
/// https://platform.claude.com/docs/en/build-with-claude/structured-outputs).
void write_closed_schema(JsonOut& out, Json schema);

}  // namespace ccrelay::dialect
