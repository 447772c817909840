#include "api/input.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::management;
using api::Input;
using Texts = std::vector<std::string>;

namespace {

Input query(std::string_view text) {
  auto input = Input::of_query(text);
  REQUIRE(input);
  return std::move(*input);
}
Input body(std::string_view text) {
  auto input = Input::of_json(text);
  REQUIRE(input);
  return std::move(*input);
}
std::string mistake(const Input& input) {
  const auto refusal = input.mistake();
  if (!refusal) return {};
  CHECK(refusal->code == Code::invalid_argument);
  return refusal->message;
}
// What is wrong with a JSON body of whose field this is the type.
template <class T>
std::string wrong(std::string_view text) {
  Input input = body(text);
  T into{};
  input.take("field", into);
  CHECK(into == T{});
  return mistake(input);
}

}  // namespace

TEST_CASE("a query has dotted, repeated and encoded parameters") {
  Input input =
      query("filter.providers=a&filter.providers=b%26c&ended=true&page_size=-7&contains=x+y");
  Texts providers;
  bool ended = false;
  std::int32_t page_size = 0;
  std::string contains;
  input.take("filter.providers", providers);
  input.take("ended", ended);
  input.take("page_size", page_size);
  input.take("contains", contains);
  CHECK(providers == Texts{"a", "b&c"});
  CHECK(ended);
  CHECK(page_size == -7);
  CHECK(contains == "x y");
  CHECK(mistake(input).empty());
}

TEST_CASE("what a query does not say stays as it was") {
  Input input = query("");
  std::int64_t number = 5;
  std::string text = "t";
  input.take("number", number);
  input.take("text", text);
  CHECK(number == 5);
  CHECK(text == "t");
  CHECK(mistake(input).empty());
}

TEST_CASE("a parameter that nobody knows is named, with those that there are") {
  Input input = query("history=3");
  std::int32_t seconds = 0;
  input.take("history_seconds", seconds);
  CHECK(mistake(input) == "history: is not known here: there are history_seconds");
  CHECK(mistake(query("x=1")) == "x: is not known here: this call takes no fields");
  CHECK(mistake(query("&&")).empty());
}

TEST_CASE("a parameter of which there can be one is there once") {
  Input input = query("page_size=1&page_size=2");
  std::int32_t size = 0;
  input.take("page_size", size);
  CHECK(mistake(input) == "page_size: is there twice");
}

TEST_CASE("a body is a message in JSON, nested ones too") {
  Input input = body(
      R"({"reason":"so","ttl_ms":1000,"cancel_running":true,"filter":{"models":["a*","b"],"keys":[]}})");
  std::string reason;
  std::int64_t ttl = 0;
  bool cancel = false;
  Texts models, keys;
  input.take("reason", reason);
  input.take("ttl_ms", ttl);
  input.take("cancel_running", cancel);
  input.take("filter.models", models);
  input.take("filter.keys", keys);
  CHECK(reason == "so");
  CHECK(ttl == 1000);
  CHECK(cancel);
  CHECK(models == Texts{"a*", "b"});
  CHECK(keys.empty());
  CHECK(mistake(input).empty());
}

TEST_CASE("a body may be what any writer of proto3 JSON makes of it") {
  Input input = body(R"({"ttlMs":"9223372036854775807","cancelRunning":null,"timeoutMs":1e3})");
  std::int64_t ttl = 0, timeout = 0;
  bool cancel = true;
  input.take("ttl_ms", ttl);
  input.take("timeout_ms", timeout);
  input.take("cancel_running", cancel);
  CHECK(ttl == std::numeric_limits<std::int64_t>::max());
  CHECK(timeout == 1000);
  CHECK(cancel);
  CHECK(mistake(input).empty());
  CHECK(mistake(body("")).empty());
  CHECK(mistake(body(" {} ")).empty());
}

TEST_CASE("a field of another type is named") {
  CHECK(wrong<std::string>(R"({"field":1})") == "field: must be a string");
  CHECK(wrong<std::string>(R"({"field":{"a":1}})") == "field: must be a string");
  CHECK(wrong<std::string>(R"({"field":["a"]})") == "field: must be one value, not a list");
  CHECK(wrong<bool>(R"({"field":"true"})") == "field: must be true or false");
  CHECK(wrong<bool>(R"({"field":1})") == "field: must be true or false");
  CHECK(wrong<std::int32_t>(R"({"field":2147483648})") ==
        "field: must be a whole number from -2147483648 to 2147483647");
  const std::string whole =
      "field: must be a whole number from -9223372036854775808 to 9223372036854775807";
  for (const char* text : {"1.5", "true", "{}", "\"\"", "\"1x\"", "9223372036854775808", "1e400"}) {
    INFO(text);
    CHECK(wrong<std::int64_t>(R"({"field":)" + std::string(text) + '}') == whole);
  }
  CHECK(wrong<Texts>(R"({"field":"a"})") == "field: must be a list");
  CHECK(wrong<Texts>(R"({"field":[1]})") == "field: must be a list of strings");
  CHECK(wrong<Texts>(R"({"field":[null]})") == "field: must be a list of strings");
  CHECK(wrong<std::optional<WallTime>>(R"({"field":"yesterday"})") ==
        R"(field: must be a time such as "2026-01-31T09:00:00Z")");
}

TEST_CASE("a field that nobody knows is named as it was sent, also inside another") {
  Input input = body(R"({"filter":{"troubledOnly":true,"shape":1}})");
  bool troubled = false;
  input.take("filter.troubled_only", troubled);
  CHECK(troubled);
  CHECK(mistake(input) == "filter.shape: is not known here: there are filter.troubled_only");
  Input flat = body(R"({"filter":[]})");
  flat.take("filter.troubled_only", troubled);
  CHECK(mistake(flat) == "filter: must be an object");
  Input twice = body(R"({"a":1,"a":2})");
  std::int64_t a = 0;
  twice.take("a", a);
  CHECK(mistake(twice) == "a: is there twice");
}

TEST_CASE("an enum is its name or its number") {
  std::vector<RequestState> states;
  Input input = body(R"({"states":["REQUEST_STATE_WAITING",4]})");
  input.take("states", states);
  CHECK(states == std::vector{RequestState::waiting, RequestState::streaming});
  CHECK(mistake(input).empty());
  for (const char* bad : {R"({"kind":"waiting"})", R"({"kind":99})", R"({"kind":-1})"}) {
    Input wrong_one = body(bad);
    RequestState state{};
    wrong_one.take("kind", state);
    CHECK(mistake(wrong_one).substr(0, 49) == "kind: must be one of REQUEST_STATE_UNSPECIFIED, R");
  }
}

TEST_CASE("a body that is no object says at which byte") {
  for (const char* text : {"[]", "{", "3", "{\"a\":1}x", "{\"a\":\"\xff\"}"}) {
    INFO(text);
    const auto input = Input::of_json(text);
    REQUIRE_FALSE(input);
    CHECK(input.refusal().code == Code::invalid_argument);
    CHECK(input.refusal().message.substr(0, 27) == "the body is no JSON object:");
  }
}

TEST_CASE("however many fields there are, a few are looked at") {
  std::string many = "{", parameters;
  for (int i = 0; i < 3'000; ++i) {
    many += (i ? ",\"f" : "\"f") + std::to_string(i) + "\":1";
    parameters += "a=1&";
  }
  CHECK(mistake(body(many + '}')) == "body: has more than 1000 fields");
  CHECK_FALSE(Input::of_query(parameters));
}
