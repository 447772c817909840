#include <string>
#include <utility>

#include "catch.hpp"
#include "support/vendor.hpp"

using namespace ccrelay::dialect;
using namespace ccrelay::testing;

namespace {

// What the fake vendor says to a strict tool of that schema, or to a strict answer.
int status_for(Dialect dialect, const std::string& schema, bool answer) {
  std::string body = dialect == Dialect::responses
                         ? R"({"model":"m","store":false,"input":[{"type":"message",)"
                           R"("role":"user","content":[{"type":"input_text","text":"q"}]}],)"
                           R"("include":["reasoning.encrypted_content"],)"
                         : R"({"model":"m","max_tokens":9,"messages":)"
                           R"([{"role":"user","content":"q"}],)";
  const std::string strict = R"("strict":true,)";
  const std::string parameters = R"("parameters":)" + schema + "}";
  if (dialect == Dialect::anthropic) {
    body += answer ? R"("output_config":{"format":{"type":"json_schema","schema":)" + schema + "}}}"
                   : R"("tools":[{"name":"f",)" + strict + R"("input_schema":)" + schema + "}]}";
  } else if (dialect == Dialect::chat) {
    body += answer ? R"("response_format":{"type":"json_schema","json_schema":{"name":"a",)" +
                         strict + R"("schema":)" + schema + "}}}"
                   : R"("tools":[{"type":"function","function":{"name":"f",)" + strict +
                         parameters + "}]}";
  } else {
    body += answer ? R"("text":{"format":{"type":"json_schema","name":"a",)" + strict +
                         R"("schema":)" + schema + "}}}"
                   : R"("tools":[{"type":"function","name":"f",)" + strict + parameters + "]}";
  }
  Vendor vendor(dialect);
  const int status = vendor.answer("/", body).status;
  for (const std::string& refusal : vendor.refusals())
    if (refusal.find("additionalProperties' ") == std::string::npos) FAIL(refusal);
  return status;
}

}  // namespace

TEST_CASE("fake vendors refuse a strict schema that is open at whatever depth") {
  const std::string closed =
      R"({"type":"object","properties":{"x":{"type":"string"}},"required":["x"],"additionalProperties":false})";
  const std::string open = R"({"type":"object","properties":{}})";
  const std::string optional =
      R"({"type":"object","properties":{"x":{"type":"string"}},"additionalProperties":false})";
  const auto around = [](const std::string& member) {
    return R"({"type":"object","properties":{"a":)" + member +
           R"(},"required":["a"],"additionalProperties":false,"$defs":{"d":)" + member + "}}";
  };
  for (const Dialect dialect : {Dialect::anthropic, Dialect::chat, Dialect::responses}) {
    for (const bool answer : {false, true}) {
      CAPTURE(to_string(dialect), answer);
      const auto status = [&](const std::string& schema) {
        CAPTURE(schema);
        return status_for(dialect, schema, answer);
      };
      CHECK(status(closed) == 200);
      CHECK(status(around(closed)) == 200);
      CHECK(status(around(R"({"type":"array","items":)" + closed + "}")) == 200);
      // Properties may have the names of keywords.
      CHECK(status(R"({"type":"object","properties":{"type":{"type":"string"},"properties":)"
                   R"({"type":"string"}},"required":["type","properties"],)"
                   R"("additionalProperties":false})") == 200);
      CHECK(status(open) == 400);
      CHECK(status(around(open)) == 400);
      CHECK(status(around(around(open))) == 400);
      CHECK(status(around(R"({"type":"array","items":)" + open + "}")) == 400);
      CHECK(status(around(R"({"anyOf":[{"type":"null"},)" + open + "]}")) == 400);
      CHECK(status(around(R"({"type":["object","null"],"properties":{}})")) == 400);
      // OpenAI wants all of them required.
      CHECK(status(around(optional)) == (dialect == Dialect::anthropic ? 200 : 400));
    }
  }
}
