#include "../../app/json_splice.hpp"

#include <string>

#include "catch.hpp"

namespace ccrelay::app {
namespace {

JsonObject root_of(std::string_view text) {
  auto root = read_root(text);
  REQUIRE(root.has_value());
  return *std::move(root);
}

std::string added(std::string_view text) {
  const JsonObject root = root_of(text);
  return with_member(text, root, "k", "\"v\"", layout_of(text, root));
}

std::string removed(std::string_view text, std::string_view name, std::string_view inside = "") {
  const JsonObject root = root_of(text);
  REQUIRE(root.find(name) != nullptr);
  return without_member(text, root, *root.find(name), inside);
}

std::string error_of(std::string_view text) {
  const auto root = read_root(text);
  REQUIRE_FALSE(root.has_value());
  return root.error().message;
}

}  // namespace

TEST_CASE("a member is added in the manner of the last one", "[app]") {
  CHECK(added(R"({"a":1})") == R"({"a":1,"k":"v"})");
  CHECK(added(R"({ "a" : 1 })") == R"({ "a" : 1, "k" : "v" })");
  CHECK(added(R"({"a":1, "b":2})") == R"({"a":1, "b":2, "k":"v"})");
  CHECK(added("{\n\t\"a\": [1,\n2]\n}\n") == "{\n\t\"a\": [1,\n2],\n\t\"k\": \"v\"\n}\n");
  CHECK(added("{\r\n  \"a\": 1\r\n}") == "{\r\n  \"a\": 1,\r\n  \"k\": \"v\"\r\n}");
  CHECK(added("{\n  \"a\": 1,\n\n  \"b\": 2 }") ==
        "{\n  \"a\": 1,\n\n  \"b\": 2,\n  \"k\": \"v\" }");
}

TEST_CASE("an empty object gets its members on lines of their own", "[app]") {
  CHECK(added("{}") == "{\n  \"k\": \"v\"\n}");
  CHECK(added("{ }\r\n") == "{\r\n  \"k\": \"v\"\r\n}\r\n");
  CHECK(added("\xEF\xBB\xBF{}") == "\xEF\xBB\xBF{\n  \"k\": \"v\"\n}");
}

TEST_CASE("a member is taken out with its comma and nothing else", "[app]") {
  CHECK(removed(R"({"a":1, "b":2, "c":3})", "a") == R"({"b":2, "c":3})");
  CHECK(removed(R"({"a":1, "b":2, "c":3})", "b") == R"({"a":1, "c":3})");
  CHECK(removed(R"({"a":1, "b":2, "c":3})", "c") == R"({"a":1, "b":2})");
  CHECK(removed("{\n  \"a\": 1 ,\n  \"b\": 2\n}", "b") == "{\n  \"a\": 1 \n}");
  CHECK(removed("{\n  \"a\": 1\n}", "a", "\n") == "{\n}");
}

TEST_CASE("adding and taking out again gives the same bytes", "[app]") {
  for (const std::string text :
       {"{\"a\":1}", "{ \"a\" : {\"b\":[]} }", "{\n\t\"a\": 1\n}\n", "{\r\n  \"a\": \",\"\r\n}"}) {
    CHECK(removed(added(text), "k") == text);
  }
}

TEST_CASE("a value is replaced in its place", "[app]") {
  const std::string text = R"({"a": {"x": [1, 2]} , "b": null})";
  const JsonObject root = root_of(text);
  CHECK(with_value(text, *root.find("a"), "7") == R"({"a": 7 , "b": null})");
  CHECK(with_value(text, *root.find("b"), "\"y\"") == R"({"a": {"x": [1, 2]} , "b": "y"})");
}

TEST_CASE("keys compare decoded, and of duplicates the last counts", "[app]") {
  const std::string text = R"({"\u0065nv": {"a": 1}, "env": {"a": 2}, "x": {"env": 3}})";
  const JsonObject root = root_of(text);
  REQUIRE(root.members.size() == 3);
  CHECK(root.members[0].name == "env");
  CHECK(raw_value(text, *root.find("env")) == R"({"a": 2})");
  CHECK(root.find("en") == nullptr);
  const JsonObject env = read_object(text, root.find("env")->value);
  CHECK(raw_value(text, *env.find("a")) == "2");
}

TEST_CASE("strings are decoded", "[app]") {
  const std::string text = R"({"a": "\u00e4\n\"\\\/\ud83d\ude00", "b": 1})";
  const JsonObject root = root_of(text);
  CHECK(string_value(text, *root.find("a")) == "\xC3\xA4\n\"\\/\xF0\x9F\x98\x80");
  CHECK_FALSE(string_value(text, *root.find("b")).has_value());
}

TEST_CASE("half of a surrogate pair is a good string and stays as it is written", "[app]") {
  const std::string text = R"({"a": "x\ud83d"})";
  CHECK(string_value(text, *root_of(text).find("a")) == R"(x\ud83d)");
}

TEST_CASE("everything RFC 8259 allows is accepted", "[app]") {
  root_of(R"( {"a": [-0, 0.5, 1e9, 1.5E-3, -12], "b": [true, false, null], "": {"c": []}} )");
}

TEST_CASE("what is not strict JSON is refused with its place", "[app]") {
  CHECK(error_of("") == "an object was expected at line 1, column 1");
  CHECK(error_of("[]") == "an object was expected at line 1, column 1");
  CHECK(error_of("{\n  // comment\n}") == "expected a key or '}' at line 2, column 3");
  CHECK(error_of("{\"a\": 1,\n}") == "expected a key after ',' at line 2, column 1");
  CHECK(error_of("{\"a\": [1,]}") == "expected a value after ',' at line 1, column 10");
  CHECK(error_of("{\"a\" 1}") == "expected ':' after a key at line 1, column 6");
  CHECK(error_of("{\"a\": 1 \"b\": 2}") == "expected ',' or '}' at line 1, column 9");
  CHECK(error_of("{\"a\": 01}") == "expected ',' or '}' at line 1, column 8");
  CHECK(error_of("{\"a\": 1.}") == "expected a digit at line 1, column 9");
  CHECK(error_of("{\"a\": +1}") == "expected a value at line 1, column 7");
  CHECK(error_of("{\"a\": nul}") == "expected a value at line 1, column 7");
  CHECK(error_of("{\"a\": \"x") == "a string does not end at line 1, column 9");
  CHECK(error_of("{\"a\": \"x\ny\"}") ==
        "a control character stands inside a string at line 1, column 9");
  CHECK(error_of(R"({"a": "\x"})") ==
        "an unknown escape stands inside a string at line 1, column 9");
  CHECK(error_of(R"({"a": "\u12g4"})") == "\\u needs four hexadecimal digits at line 1, column 12");
  CHECK(error_of("{\"a\": ") == "the text ends where a value was expected at line 1, column 7");
  CHECK(error_of("{} x") == "unexpected text after the object at line 1, column 4");
  CHECK(error_of(std::string("{\"a\": 1}\0", 9)) ==
        "unexpected text after the object at line 1, column 9");
}

TEST_CASE("values nested too deeply are refused rather than read", "[app]") {
  const std::string deep = "{\"a\": " + std::string(100'000, '[') + "}";
  CHECK(error_of(deep) == "values are nested too deeply at line 1, column 263");
}

TEST_CASE("no cut of a good text is accepted", "[app]") {
  const std::string text = R"({"a": [1.5e3, "\u00e4\n", {"b": null}], "c": true})";
  root_of(text);
  for (std::size_t length = 0; length < text.size(); ++length) {
    CHECK_FALSE(read_root(std::string_view(text).substr(0, length)).has_value());
  }
}

TEST_CASE("text is quoted for JSON", "[app]") {
  CHECK(json_quoted("a\"b\\c\n\x7f\xC3\xA4") == "\"a\\\"b\\\\c\\u000a\\u007f\xC3\xA4\"");
}

}  // namespace ccrelay::app
