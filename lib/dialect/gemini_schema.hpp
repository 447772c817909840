#pragma once

#include <string>

#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

class JsonOut;

/// A JSON Schema as Gemini's `parametersJsonSchema` and `responseJsonSchema` take it: without
/// `$schema` and `$id`, at every level. What is a name (below `properties`) or data (`enum`,
/// `default`) stays.
std::string gemini_json_schema(Json schema);
void write_gemini_json_schema(JsonOut& out, Json schema);

/// The same as the subset of OpenAPI 3.0 that is called `Schema` in Gemini's API, for servers that
/// know no other: `$ref` inlined (where it leads into itself: `{}`), `const` as `enum`, a list of
/// types as `nullable` or `anyOf`, `oneOf` as `anyOf`, `allOf` merged, unknown keywords left out.
std::string gemini_openapi_schema(Json schema);

/// Back: types in small letters, `nullable` as a list of types, counts as numbers. Takes a `Schema`
/// and a JSON Schema alike, keywords written `any_of` as well as `anyOf`.
std::string json_schema_of_gemini(Json schema);

/// A tool's schema has to say that it is an object; one that says nothing is of no parameters.
std::string as_object_schema(Json schema);
/// Whether it is one that says so already.
bool is_object_schema(Json schema);

}  // namespace ccrelay::dialect
