#include "provider/body_edit.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using provider::BodyEdit;

namespace {

std::string applied(const std::string& body, const std::vector<Splice>& splices) {
  std::string out;
  std::size_t at = 0;
  for (const Splice& splice : splices) {
    REQUIRE(splice.offset >= at);
    out += body.substr(at, splice.offset - at) + splice.replacement;
    at = splice.offset + splice.length;
  }
  return out + body.substr(at);
}

std::string without(const std::string& body, const std::vector<std::string>& names) {
  auto edit = BodyEdit::of(body);
  REQUIRE(edit);
  for (const auto& name : names) edit->remove(name);
  return applied(body, edit->take_splices());
}

}  // namespace

TEST_CASE("members go with one comma, wherever they stand", "[provider]") {
  CHECK(without(R"({"a":1,"b":2,"c":3})", {"a"}) == R"({"b":2,"c":3})");
  CHECK(without(R"({"a":1,"b":2,"c":3})", {"b"}) == R"({"a":1,"c":3})");
  CHECK(without(R"({"a":1,"b":2,"c":3})", {"c"}) == R"({"a":1,"b":2})");
  CHECK(without(R"({"a":1,"b":2,"c":3})", {"a", "b"}) == R"({"c":3})");
  CHECK(without(R"({"a":1,"b":2,"c":3})", {"b", "c"}) == R"({"a":1})");
  CHECK(without(R"({"a":1,"b":2,"c":3})", {"a", "c"}) == R"({"b":2})");
  CHECK(without(R"({"a":1,"b":2,"c":3})", {"a", "b", "c"}) == "{}");
  CHECK(without(R"({"a":1})", {"a"}) == "{}");
  CHECK(without("{}", {"a"}) == "{}");
  CHECK(without(R"({"a":1,"b":2,"a":3})", {"a"}) == R"({"b":2})");
  CHECK(without("{ \"a\" : 1 ,\n \"b\" : [2] }", {"b"}) == "{ \"a\" : 1  }");
  CHECK(without(R"({"a\u0062":1,"c":2})", {"ab"}) == R"({"c":2})");
}

TEST_CASE("what is inserted stands first", "[provider]") {
  const auto with = [](const std::string& body, const std::vector<std::string>& removed) {
    auto edit = BodyEdit::of(body);
    REQUIRE(edit);
    for (const auto& name : removed) edit->remove(name);
    edit->insert("v", "\"1\"");
    edit->insert("w", "[]");
    return applied(body, edit->take_splices());
  };
  CHECK(with(R"({"a":1})", {}) == R"({"v":"1","w":[],"a":1})");
  CHECK(with(R"({"a":1,"b":2})", {"a"}) == R"({"v":"1","w":[],"b":2})");
  CHECK(with(R"({"a":1})", {"a"}) == R"({"v":"1","w":[]})");
  CHECK(with("{}", {}) == R"({"v":"1","w":[]})");
}

TEST_CASE("a value is replaced wherever the name stands", "[provider]") {
  const std::string body = R"({"model":"a","x":{"model":"b"},"model":"c"})";
  auto edit = BodyEdit::of(body);
  REQUIRE(edit);
  edit->replace("model", "\"z\"");
  CHECK(applied(body, edit->take_splices()) == R"({"model":"z","x":{"model":"b"},"model":"z"})");
}

TEST_CASE("members go from each object of an array", "[provider]") {
  const std::string body =
      R"({"tools":[{"name":"a","strict":true},{"strict":false},7,{"name":"c"}],"z":1})";
  auto edit = BodyEdit::of(body);
  REQUIRE(edit);
  edit->remove_in_each("tools", "strict");
  edit->remove_in_each("tools", "name");
  edit->remove_in_each("absent", "name");
  edit->remove_in_each("z", "name");
  CHECK(applied(body, edit->take_splices()) == R"({"tools":[{},{},7,{}],"z":1})");
}

TEST_CASE("what goes as a whole is not cut inside", "[provider]") {
  const std::string body = R"({"tools":[{"strict":true}],"z":1})";
  auto edit = BodyEdit::of(body);
  REQUIRE(edit);
  edit->remove_in_each("tools", "strict");
  edit->remove("tools");
  CHECK(applied(body, edit->take_splices()) == R"({"z":1})");
}

TEST_CASE("a body that is no object is refused in words", "[provider]") {
  for (const std::string body : {"", "[]", "{", "{\"a\":1}x", "null"}) {
    INFO(body);
    const auto edit = BodyEdit::of(body);
    REQUIRE_FALSE(edit);
    CHECK(edit.error().code == ErrorCode::client);
    CHECK(edit.error().message.find("not a JSON object") != std::string::npos);
  }
}
