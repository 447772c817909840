#include "dialect/answer_schema.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "catch.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profiles.hpp"
#include "dialect/translate.hpp"

using namespace ccrelay::dialect;

namespace {

std::string closed(std::string_view schema) {
  std::string text;
  JsonOut out(text);
  write_closed_schema(out, Json(schema));
  return text;
}

// An object with a property that may be left out, and the same with nothing left open.
const std::string open_schema =
    R"({"type":"object","properties":{"n":{"type":"integer"}},"additionalProperties":true})";
const std::string closed_schema =
    R"({"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false})";

std::string request_of(Dialect client, const std::string& schema, const char* strict) {
  const std::string told = *strict ? std::string(",\"strict\":") + strict : std::string();
  switch (client) {
    case Dialect::anthropic:
      return R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],)"
             R"("output_config":{"format":{"type":"json_schema","schema":)" +
             schema + "}}}";
    case Dialect::chat:
      return R"({"model":"m","messages":[{"role":"user","content":"q"}],"response_format":)"
             R"({"type":"json_schema","json_schema":{"name":"n","schema":)" +
             schema + told + "}}}";
    case Dialect::responses:
      return R"({"model":"m","input":"q","text":{"format":{"type":"json_schema","name":"n",)"
             R"("schema":)" +
             schema + told + "}}}";
    default:
      return R"({"contents":[{"parts":[{"text":"q"}]}],"generationConfig":)"
             R"({"responseMimeType":"application/json","responseJsonSchema":)" +
             schema + "}}";
  }
}

// What the provider is told of the answer's form.
std::string sent(Dialect client, Dialect provider, const std::string& schema,
                 const char* strict = "") {
  const Profile profile =
      Profiles::shipped().of(provider == Dialect::anthropic ? "anthropic" : "openai", "m");
  TranslateOptions options;
  options.profile = &profile;
  options.model = "m";
  Way way;
  way.client = client;
  way.provider = provider;
  const auto carried = carry_request(way, request_of(client, schema, strict), options);
  REQUIRE(std::holds_alternative<Carried>(carried));
  const std::string body = std::get<Carried>(carried).body;
  const Json json(body);
  if (provider == Dialect::anthropic) return std::string(json["output_config"]["format"].raw());
  if (provider == Dialect::chat) return std::string(json["response_format"]["json_schema"].raw());
  return std::string(json["text"]["format"].raw());
}

}  // namespace

TEST_CASE("an answer's schema is strict where OpenAI would not refuse it", "[dialect]") {
  struct Row {
    std::string_view schema;
    bool strict;
  };
  const Row rows[] = {
      {closed_schema, true},
      {open_schema, false},
      {R"({"type":"object","properties":{},"additionalProperties":false})", true},
      {R"({"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]})", false},
      {R"({"type":"object","properties":{"n":{"type":"integer"},"m":{"type":"null"}},"required":["n"],"additionalProperties":false})",
       false},
      // At every level.
      {R"({"type":"object","properties":{"l":{"type":"array","items":{"type":"object"}}},"required":["l"],"additionalProperties":false})",
       false},
      {R"({"type":"object","properties":{"l":{"anyOf":[{"type":"null"},{"type":"object","properties":{}}]}},"required":["l"],"additionalProperties":false})",
       false},
      {R"({"type":"object","$defs":{"d":{"type":["object","null"]}},"properties":{},"additionalProperties":false})",
       false},
      {R"({"type":"object","properties":{"n":{"type":"object","properties":{"o":{"$ref":"#"}},"required":["o"],"additionalProperties":false}},"required":["n"],"additionalProperties":false,"$schema":"s"})",
       true},
      // What it knows, and what it does not.
      {R"({"type":"object","properties":{"n":{"type":"string","format":"date","pattern":"a","description":"d"}},"required":["n"],"additionalProperties":false})",
       true},
      {R"({"type":"object","properties":{"n":{"type":"string","format":"uri"}},"required":["n"],"additionalProperties":false})",
       false},
      {R"({"type":"object","properties":{"n":{"type":"string","minLength":1}},"required":["n"],"additionalProperties":false})",
       false},
      {R"({"type":"object","properties":{"n":{"type":"string","default":"d"}},"required":["n"],"additionalProperties":false})",
       false},
      {R"({"type":"object","properties":{"n":true},"required":["n"],"additionalProperties":false})",
       false},
      // Its root is an object.
      {R"({"type":"array","items":{"type":"string"}})", false},
      {R"({"type":"object","anyOf":[],"additionalProperties":false})", false},
      {R"({})", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.schema);
    CHECK(may_be_strict(Json(row.schema)) == row.strict);
  }
}

TEST_CASE("Anthropic gets an answer's schema closed, with what it refuses in words", "[dialect]") {
  struct Row {
    std::string_view from, to;
  };
  const Row rows[] = {
      {closed_schema,
       R"({"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false})"},
      {open_schema,
       R"({"type":"object","properties":{"n":{"type":"integer"}},"additionalProperties":false})"},
      {R"({"type":["null","object"]})",
       R"({"type":["null","object"],"additionalProperties":false})"},
      {R"({"properties":{"additionalProperties":{"type":"object"}}})",
       R"({"properties":{"additionalProperties":{"type":"object","additionalProperties":false}},"additionalProperties":false})"},
      {R"({"type":"array","items":{"type":"object","additionalProperties":{"type":"string"}}})",
       R"({"type":"array","items":{"type":"object","additionalProperties":false}})"},
      {R"({"$defs":{"d":{"type":"object"}},"anyOf":[{"$ref":"#/$defs/d"},{"type":"object"}]})",
       R"({"$defs":{"d":{"type":"object","additionalProperties":false}},"anyOf":[{"$ref":"#/$defs/d"},{"type":"object","additionalProperties":false}]})"},
      {R"({"oneOf":[{"type":"object"},{"type":"null"}]})",
       R"({"anyOf":[{"type":"object","additionalProperties":false},{"type":"null"}]})"},
      {R"({"$schema":"s","$id":"i","$comment":"c","type":"string"})", R"({"type":"string"})"},
      // Bounds.
      {R"({"type":"integer","minimum":1,"maximum":12345678901234567890})",
       R"({"type":"integer","description":"{minimum: 1, maximum: 12345678901234567890}"})"},
      {R"({"description":"how \"many\"","type":"string","maxLength":3})",
       R"({"type":"string","description":"how \"many\"\n\n{maxLength: 3}"})"},
      {R"({"description":"d","type":"string"})", R"({"description":"d","type":"string"})"},
      {R"({"type":"array","minItems":1,"maxItems":2})",
       R"({"type":"array","minItems":1,"description":"{maxItems: 2}"})"},
      {R"({"type":"array","minItems":2})", R"({"type":"array","description":"{minItems: 2}"})"},
      {R"({"type":"string","format":"uri"})", R"({"type":"string","format":"uri"})"},
      {R"({"type":"string","format":"x"})", R"({"type":"string","description":"{format: \"x\"}"})"},
      {R"({"enum":["a",1,null]})", R"({"enum":["a",1,null]})"},
      {R"({"enum":[{"a":1}]})", R"({"description":"{enum: [{\"a\":1}]}"})"},
      {R"({"const":1.0,"title":"t","default":2})", R"({"const":1.0,"title":"t","default":2})"},
      {R"(true)", R"(true)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.from);
    CHECK(closed(row.from) == row.to);
    CHECK(closed(closed(row.from)) == row.to);
  }
}

TEST_CASE("an answer's schema reaches each provider as it takes it, whoever asks", "[dialect]") {
  for (const Dialect client : {Dialect::chat, Dialect::responses, Dialect::gemini}) {
    CAPTURE(to_string(client));
    CHECK(
        sent(client, Dialect::anthropic, open_schema, "true") ==
        R"({"type":"json_schema","schema":)"
        R"({"type":"object","properties":{"n":{"type":"integer"}},"additionalProperties":false}})");
  }
  const auto openai = [](Dialect provider, const std::string& schema, const char* strict) {
    return provider == Dialect::chat
               ? R"({"name":"output","schema":)" + schema + ",\"strict\":" + strict + "}"
               : R"({"type":"json_schema","name":"output","schema":)" + schema +
                     ",\"strict\":" + strict + "}";
  };
  for (const Dialect provider : {Dialect::chat, Dialect::responses}) {
    for (const Dialect client :
         {Dialect::anthropic, Dialect::chat, Dialect::responses, Dialect::gemini}) {
      if (client == provider) continue;
      CAPTURE(to_string(client), to_string(provider));
      CHECK(sent(client, provider, open_schema) == openai(provider, open_schema, "false"));
      CHECK(sent(client, provider, closed_schema) == openai(provider, closed_schema, "true"));
      // Who says so knows better than the relay what is taken.
      const bool can_say = client == Dialect::chat || client == Dialect::responses;
      CHECK(sent(client, provider, open_schema, "true") ==
            openai(provider, open_schema, can_say ? "true" : "false"));
    }
  }
}

namespace {

// A request with a tool that the client wants strict, and the same tool once more under another
// name, as the provider gets it.
Carried strict_carried(Dialect client, Dialect provider, const std::string& schema,
                       const char* profile_name, bool twice = false) {
  const Profile profile = Profiles::shipped().of(profile_name, "m");
  TranslateOptions options;
  options.profile = &profile;
  options.model = "m";
  options.auto_cache = false;
  Way way;
  way.client = client;
  way.provider = provider;
  const auto tool = [&](const std::string& name) {
    const std::string function =
        R"("name":")" + name + R"(","strict":true,"parameters":)" + schema + "}";
    return client == Dialect::anthropic
               ? R"({"name":")" + name + R"(","strict":true,"input_schema":)" + schema + "}"
           : client == Dialect::chat ? R"({"type":"function","function":{)" + function + "}"
                                     : R"({"type":"function",)" + function;
  };
  const std::string tools =
      R"("tools":[)" + tool("f") + (twice ? "," + tool("g") : std::string()) + "]}";
  const std::string body =
      (client == Dialect::responses ? R"({"model":"m","input":"q",)"
                                    : R"({"model":"m","max_tokens":9,"messages":)"
                                      R"([{"role":"user","content":"q"}],)") +
      tools;
  auto carried = carry_request(way, body, options);
  REQUIRE(std::holds_alternative<Carried>(carried));
  return std::get<Carried>(std::move(carried));
}

// What the provider is told of such a tool.
std::string sent_tool(Dialect client, Dialect provider, const std::string& schema) {
  const Carried carried = strict_carried(client, provider, schema,
                                         provider == Dialect::anthropic ? "anthropic" : "openai");
  // It is told when what the client wanted is not carried, and only then.
  const bool dropped = carried.dropped == std::vector<std::string>{"strict"};
  CHECK((dropped || carried.dropped.empty()));
  const Json tool = Json::read(carried.body)["tools"].only_item();
  const Json told = provider == Dialect::chat ? tool["function"] : tool;
  const Json parameters = told[provider == Dialect::anthropic ? "input_schema" : "parameters"];
  CHECK(dropped == !told["strict"].is_true());
  return (told["strict"].is_true() ? "strict " : "") + std::string(parameters.raw());
}

}  // namespace

TEST_CASE("a strict tool's open schema is closed, or the tool is not strict", "[dialect]") {
  struct Row {
    const char* what;
    std::string schema;
    std::string openai;
    std::string anthropic;
  };
  const std::string map =
      R"({"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"string"}}},"required":["m"]})";
  const std::string optional =
      R"({"type":"object","properties":{"n":{"type":"integer"}},"additionalProperties":false})";
  const Row rows[] = {
      {"closed already", closed_schema, "strict " + closed_schema, "strict " + closed_schema},
      {"nothing in it", R"({"type":"object","properties":{}})",
       R"(strict {"type":"object","properties":{},"additionalProperties":false})",
       R"(strict {"type":"object","properties":{},"additionalProperties":false})"},
      {"open, and within as well",
       R"({"type":"object","properties":{"a":{"type":"array","items":{"type":["object","null"],"properties":{"x":{"type":"string"}},"required":["x"]}},"b":{"anyOf":[{"$ref":"#/$defs/d"},{"type":"null"}]}},"required":["a","b"],"$defs":{"d":{"type":"object","properties":{"y":{"type":"number"}},"required":["y"]}}})",
       R"(strict {"type":"object","properties":{"a":{"type":"array","items":{"type":["object","null"],"properties":{"x":{"type":"string"}},"required":["x"],"additionalProperties":false}},"b":{"anyOf":[{"$ref":"#/$defs/d"},{"type":"null"}]}},"required":["a","b"],"$defs":{"d":{"type":"object","properties":{"y":{"type":"number"}},"required":["y"],"additionalProperties":false}},"additionalProperties":false})",
       R"(strict {"type":"object","properties":{"a":{"type":"array","items":{"type":["object","null"],"properties":{"x":{"type":"string"}},"required":["x"],"additionalProperties":false}},"b":{"anyOf":[{"$ref":"#/$defs/d"},{"type":"null"}]}},"required":["a","b"],"$defs":{"d":{"type":"object","properties":{"y":{"type":"number"}},"required":["y"],"additionalProperties":false}},"additionalProperties":false})"},
      {"a property of that name",
       R"({"type":"object","properties":{"additionalProperties":{"type":"string"}},"required":["additionalProperties"]})",
       R"(strict {"type":"object","properties":{"additionalProperties":{"type":"string"}},"required":["additionalProperties"],"additionalProperties":false})",
       R"(strict {"type":"object","properties":{"additionalProperties":{"type":"string"}},"required":["additionalProperties"],"additionalProperties":false})"},
      {"what may be left out", optional, optional, "strict " + optional},
      {"a map", map, map, map},
      {"open of its own will", open_schema, open_schema, open_schema},
      {"bounds",
       R"({"type":"object","properties":{"n":{"type":"integer","minimum":1}},"required":["n"]})",
       R"(strict {"type":"object","properties":{"n":{"type":"integer","minimum":1}},"required":["n"],"additionalProperties":false})",
       R"(strict {"type":"object","properties":{"n":{"type":"integer","description":"{minimum: 1}"}},"required":["n"],"additionalProperties":false})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    for (const auto& [client, provider] : {std::pair{Dialect::anthropic, Dialect::chat},
                                           std::pair{Dialect::anthropic, Dialect::responses},
                                           std::pair{Dialect::chat, Dialect::responses},
                                           std::pair{Dialect::responses, Dialect::chat},
                                           std::pair{Dialect::chat, Dialect::anthropic},
                                           std::pair{Dialect::responses, Dialect::anthropic}}) {
      CAPTURE(to_string(client), to_string(provider));
      CHECK(sent_tool(client, provider, row.schema) ==
            (provider == Dialect::anthropic ? row.anthropic : row.openai));
    }
  }
}

TEST_CASE("a tool that is not strict any more is told of once, however many they are") {
  const std::string map = R"({"type":"object","additionalProperties":{"type":"string"}})";
  struct Row {
    Dialect provider;
    const char* profile;
    const std::string& schema;
  };
  const Row rows[] = {
      {Dialect::anthropic, "anthropic", map},
      {Dialect::chat, "openai", map},
      {Dialect::responses, "openai", map},
      // Who knows no strict tools gets none, whatever the schema.
      {Dialect::chat, "generic", closed_schema},
      {Dialect::gemini, "gemini", closed_schema},
  };
  for (const Row& row : rows) {
    for (const Dialect client : {Dialect::anthropic, Dialect::chat, Dialect::responses}) {
      if (client == row.provider) continue;
      CAPTURE(to_string(client), to_string(row.provider), row.profile);
      const Carried carried = strict_carried(client, row.provider, row.schema, row.profile, true);
      CHECK(carried.dropped == std::vector<std::string>{"strict"});
      CHECK(carried.body.find(R"("strict":true)") == std::string::npos);
      CHECK(carried.body.find(R"("name":"g")") != std::string::npos);
    }
  }
}
