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
  edit->remove("tools[].strict");
  edit->remove("tools[].name");
  edit->remove("absent[].name");
  edit->remove("z[].name");
  CHECK(applied(body, edit->take_splices()) == R"({"tools":[{},{},7,{}],"z":1})");
}

TEST_CASE("what goes as a whole is not cut inside", "[provider]") {
  const std::string body = R"({"tools":[{"strict":true}],"z":1})";
  auto edit = BodyEdit::of(body);
  REQUIRE(edit);
  edit->remove("tools[].strict");
  edit->remove("tools");
  CHECK(applied(body, edit->take_splices()) == R"({"z":1})");
}

TEST_CASE("a path leads as far down as it says, and takes nothing else", "[provider]") {
  CHECK(without(R"({"a":{"b":1,"c":{"b":2}},"b":3})", {"a.b"}) == R"({"a":{"c":{"b":2}},"b":3})");
  CHECK(without(R"({"a":{"b":{"c":1}}})", {"a.b.c"}) == R"({"a":{"b":{}}})");
  CHECK(without(R"({"system":[{"cache_control":{"type":"e","scope":"g"}},{"text":"x"},"s"]})",
                {"system[].cache_control.scope"}) ==
        R"({"system":[{"cache_control":{"type":"e"}},{"text":"x"},"s"]})");
  CHECK(without(R"({"m":[{"c":[{"x":1,"y":2}]},{"c":"t"},{"c":[{"x":3}]}]})", {"m[].c[].x"}) ==
        R"({"m":[{"c":[{"y":2}]},{"c":"t"},{"c":[{}]}]})");
  CHECK(without(R"({"a":[[{"x":1}],{"x":2}]})", {"a[][].x"}) == R"({"a":[[{}],{"x":2}]})");
  // A path that ends or bends where the body does not.
  for (const char* path : {"a.b", "a[].b", "a[]", "a.", ".a", "", "a..b", "[]", "b"}) {
    INFO(path);
    CHECK(without(R"({"a":[1,"x"]})", {path}) == R"({"a":[1,"x"]})");
  }
  CHECK(without(R"({"a":{"b":1},"c":{"b":1,"d":2},"e":1})", {"a.b", "c.d", "e"}) ==
        R"({"a":{},"c":{"b":1}})");
}

TEST_CASE("any number of tools is walked through once, and members have a limit", "[provider]") {
  std::string tools, left;
  for (int i = 0; i < 40'000; ++i) {
    tools += R"({"name":"t","strict":true,"defer_loading":true},)";
    left += R"({"name":"t"},)";
  }
  CHECK(without(R"({"tools":[)" + tools + R"({}]})", {"tools[].strict", "tools[].defer_loading"}) ==
        R"({"tools":[)" + left + "{}]}");
  std::string members = "{";
  for (int i = 0; i < 4'000'000; ++i) members += R"("":0,)";
  const auto edit = BodyEdit::of(members + R"("model":"m"})");
  REQUIRE_FALSE(edit);
  CHECK(edit.error().code == ErrorCode::client);
  CHECK(edit.error().message.find("more members than anybody needs") != std::string::npos);
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
