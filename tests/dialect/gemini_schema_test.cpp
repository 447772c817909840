#include "dialect/gemini_schema.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"

using namespace ccrelay::dialect;

namespace {

struct Row {
  std::string_view from;
  std::string_view to;
};

}  // namespace

TEST_CASE("a JSON Schema goes to Gemini without its own name and dialect, at every level") {
  const std::vector<Row> rows{
      {R"({"$schema":"http://json-schema.org/draft-07/schema#","$id":"x","type":"object"})",
       R"({"type":"object"})"},
      {R"({"type":"array","items":{"$id":"y","type":"string"}})",
       R"({"type":"array","items":{"type":"string"}})"},
      {R"({"anyOf":[{"$schema":"s","type":"null"},{"type":"integer"}]})",
       R"({"anyOf":[{"type":"null"},{"type":"integer"}]})"},
      // A property may have any name.
      {R"({"type":"object","properties":{"$id":{"$id":"z","type":"string"}}})",
       R"({"type":"object","properties":{"$id":{"type":"string"}}})"},
      {R"({"$defs":{"a":{"$id":"q"}},"$ref":"#/$defs/a"})",
       R"({"$defs":{"a":{}},"$ref":"#/$defs/a"})"},
      // Data is no schema.
      {R"({"enum":["$id",{"$id":1}],"default":{"$schema":2}})",
       R"({"enum":["$id",{"$id":1}],"default":{"$schema":2}})"},
      // Numbers and the order of keys stay.
      {R"({"maximum":12345678901234567890,"minimum":1.0,"multipleOf":1e2})",
       R"({"maximum":12345678901234567890,"minimum":1.0,"multipleOf":1e2})"},
      {R"({"additionalProperties":false,"required":["b","a"]})",
       R"({"additionalProperties":false,"required":["b","a"]})"},
  };
  for (const Row& row : rows) {
    INFO(row.from);
    CHECK(gemini_json_schema(Json(row.from)) == row.to);
  }
}

TEST_CASE("for servers that know no JSON Schema it becomes Gemini's subset of OpenAPI") {
  const std::vector<Row> rows{
      {R"({"type":"string","description":"d","format":"uuid","additionalProperties":false})",
       R"({"type":"STRING","description":"d"})"},
      {R"({"type":"string","format":"date-time"})", R"({"type":"STRING","format":"date-time"})"},
      {R"({"const":"a"})", R"({"type":"STRING","enum":["a"]})"},
      {R"({"type":"integer","enum":[1,2]})", R"({"type":"INTEGER"})"},
      {R"({"type":["string","null"]})", R"({"type":"STRING","nullable":true})"},
      {R"({"type":["string","number"]})", R"({"anyOf":[{"type":"STRING"},{"type":"NUMBER"}]})"},
      {R"({"oneOf":[{"type":"string"},{"type":"integer"}]})",
       R"({"anyOf":[{"type":"STRING"},{"type":"INTEGER"}]})"},
      {R"({"anyOf":[{"type":"string"},{"type":"null"}],"description":"d"})",
       R"({"type":"STRING","nullable":true,"description":"d"})"},
      {R"({"allOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},)"
       R"({"properties":{"b":{"type":"integer"}},"required":["b"]}]})",
       R"({"type":"OBJECT","properties":{"a":{"type":"STRING"},"b":{"type":"INTEGER"}},)"
       R"("required":["a","b"]})"},
      {R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"boolean"}}})",
       R"({"type":"OBJECT","properties":{"a":{"type":"BOOLEAN"}}})"},
      // A list of itself: the second time there is nothing more to say.
      {R"({"$ref":"#/definitions/N","definitions":{"N":{"type":"object","properties":)"
       R"({"next":{"$ref":"#/definitions/N"}}}}})",
       R"({"type":"OBJECT","properties":{"next":{}}})"},
      {R"({"$ref":"#/$defs/a~1b","$defs":{"a/b":{"type":"number"}}})", R"({"type":"NUMBER"})"},
      {R"({"$ref":"https://example.com/x.json"})", "{}"},
      {R"({"type":"array"})", R"({"type":"ARRAY","items":{}})"},
      {R"({"type":"array","items":{"type":"string"},"minItems":1,"uniqueItems":true})",
       R"({"type":"ARRAY","minItems":1,"items":{"type":"STRING"}})"},
      {R"({"properties":{"a":{"type":"string"}},"required":["a","ghost"]})",
       R"({"type":"OBJECT","properties":{"a":{"type":"STRING"}},"required":["a"]})"},
      {"true", "{}"},
  };
  for (const Row& row : rows) {
    INFO(row.from);
    CHECK(gemini_openapi_schema(Json(row.from)) == row.to);
  }
}

TEST_CASE("references that multiply end somewhere") {
  std::string schema = R"({"$ref":"#/$defs/d0","$defs":{)";
  for (int i = 0; i < 60; ++i) {
    const std::string next = R"({"$ref":"#/$defs/d)" + std::to_string(i + 1) + "\"}";
    schema +=
        "\"d" + std::to_string(i) + R"(":{"properties":{"a":)" + next + R"(,"b":)" + next + "}},";
  }
  schema += R"("d60":{"type":"string"}}})";
  CHECK(gemini_openapi_schema(Json(schema)).size() < 1000000);
}

TEST_CASE("Gemini's schemas become JSON Schema") {
  const std::vector<Row> rows{
      {R"({"type":"OBJECT","properties":{"A":{"type":"STRING"}},"propertyOrdering":["A"]})",
       R"({"type":"object","properties":{"A":{"type":"string"}}})"},
      {R"({"type":"STRING","nullable":true})", R"({"type":["string","null"]})"},
      {R"({"type":"STRING","nullable":false})", R"({"type":"string"})"},
      {R"({"type":"STRING","nullable":true,"format":"enum","enum":["a"]})",
       R"({"type":["string","null"],"enum":["a",null]})"},
      {R"({"anyOf":[{"type":"INTEGER"}],"nullable":true})",
       R"({"anyOf":[{"type":"integer"},{"type":"null"}]})"},
      {R"({"any_of":[{"type":"NUMBER"}]})", R"({"anyOf":[{"type":"number"}]})"},
      {R"({"type":"ARRAY","items":{"type":"BOOLEAN"},"max_items":"3"})",
       R"({"type":"array","items":{"type":"boolean"},"maxItems":3})"},
      {R"({"type":["string","null"],"nullable":true})", R"({"type":["string","null"]})"},
      // A property that is called like a keyword is none.
      {R"({"type":"OBJECT","properties":{"max_items":{"type":"STRING"},"type":{"type":"INTEGER"}}})",
       R"({"type":"object","properties":{"max_items":{"type":"string"},"type":{"type":"integer"}}})"},
      {R"({"enum":["OBJECT"],"default":"STRING"})", R"({"enum":["OBJECT"],"default":"STRING"})"},
  };
  for (const Row& row : rows) {
    INFO(row.from);
    CHECK(json_schema_of_gemini(Json(row.from)) == row.to);
  }
}

TEST_CASE("a tool's schema says that it is an object") {
  const std::vector<Row> rows{
      {"", R"({"type":"object","properties":{}})"},
      {"{}", R"({"type":"object","properties":{}})"},
      {"null", R"({"type":"object","properties":{}})"},
      {R"({"properties":{"a":{}}})", R"({"type":"object","properties":{"a":{}}})"},
      {R"({"type":"object"})", R"({"type":"object"})"},
  };
  for (const Row& row : rows) {
    INFO(row.from);
    CHECK(as_object_schema(Json(row.from)) == row.to);
  }
}
