#include "wire/request_view.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay::wire;

namespace {

struct Read {
  std::string wrong;
  RequestView view;
  std::string body;

  /// The bytes of each span.
  std::vector<std::string> spans() const {
    std::vector<std::string> out;
    for (const Span& span : view.model_spans) out.push_back(body.substr(span.offset, span.length));
    return out;
  }
};

Read read(const std::string& body) {
  RequestReader reader;
  Read out;
  out.body = body;
  out.wrong = reader.read(out.body, out.view);
  CHECK(out.body == body);
  return out;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a body's model, stream and user are read", "[wire]") {
  const Read r =
      read(R"({"model":"claude-x","stream":true,"metadata":{"a":1,"user_id":"u1"},"messages":[]})");
  CHECK(r.wrong.empty());
  CHECK(r.view.model == "claude-x");
  CHECK(r.view.stream);
  CHECK(r.view.user_id == "u1");
}

TEST_CASE("the model's span is the value with its quotes", "[wire]") {
  for (const char* body :
       {R"({"model":"m"})", R"({"model":"m" })", "{\"model\" :\t\"m\"\r\n , \"a\":\"}\"}",
        R"({"a":"model","model":"m","b":"m"})", R"({"a":[{"model":"x"}],"model":"m"})",
        " \n{\"model\":\"m\"}\n ", "{\"a\":\"\xC3\xBC\\u00fc\\\"\",\"model\":\"m\"}"}) {
    INFO(body);
    const Read r = read(body);
    CHECK(r.wrong.empty());
    CHECK(r.view.model == "m");
    CHECK(r.spans() == Texts{"\"m\""});
  }
}

TEST_CASE("the span of a model with escapes is exact", "[wire]") {
  const Read r = read(R"({"model" : "a\"b\\\u0063\\" , "x":"y"})");
  CHECK(r.view.model == "a\"b\\c\\");
  CHECK(r.spans() == Texts{R"("a\"b\\\u0063\\")"});
}

TEST_CASE("the span of a model longer than a parser's block is exact", "[wire]") {
  const std::string model(300, 'm');
  const Read r = read(R"({"x":1,"model":")" + model + R"("  ,"y":2})");
  CHECK(r.spans() == Texts{"\"" + model + "\""});
}

TEST_CASE("an escaped key that spells model is the model", "[wire]") {
  const Read r = read(R"({"mod\u0065l":"m","a":1})");
  CHECK(r.wrong.empty());
  CHECK(r.view.model == "m");
  CHECK(r.spans() == Texts{"\"m\""});
}

TEST_CASE("every one of several models is found, and the last counts", "[wire]") {
  const Read r = read(R"({"model":"first","a":{"model":"inner"},"\u006dodel": "last" })");
  CHECK(r.view.model == "last");
  CHECK(r.spans() == Texts{"\"first\"", "\"last\""});
}

TEST_CASE("a nested model is none of the relay's business", "[wire]") {
  const Read r = read(R"({"a":{"model":"inner"},"tools":[{"model":1}]})");
  CHECK(r.wrong == "the body names no \"model\"");
}

TEST_CASE("numbers of any size are let be", "[wire]") {
  const Read r =
      read(R"({"a":123456789012345678901234567890,"b":1e400,"c":-0.0,"d":1E-999,"model":"m"})");
  CHECK(r.wrong.empty());
  CHECK(r.view.model == "m");
}

TEST_CASE("stream is true only when it says so", "[wire]") {
  for (const char* body :
       {R"({"model":"m"})", R"({"model":"m","stream":false})", R"({"model":"m","stream":null})",
        R"({"model":"m","stream":"true"})", R"({"model":"m","a":{"stream":true}})"}) {
    INFO(body);
    const Read r = read(body);
    CHECK(r.wrong.empty());
    CHECK_FALSE(r.view.stream);
  }
}

TEST_CASE("metadata of an odd shape is no mistake", "[wire]") {
  for (const char* body :
       {R"({"metadata":null,"model":"m"})", R"({"metadata":[1],"model":"m"})",
        R"({"metadata":{"user_id":7},"model":"m"})", R"({"metadata":{},"model":"m"})"}) {
    INFO(body);
    const Read r = read(body);
    CHECK(r.wrong.empty());
    CHECK(r.view.model == "m");
    CHECK(r.view.user_id.empty());
  }
}

TEST_CASE("a missing or empty model is named", "[wire]") {
  CHECK(read("{}").wrong == "the body names no \"model\"");
  CHECK(read(R"({"messages":[]})").wrong == "the body names no \"model\"");
  CHECK(read(R"({"model":""})").wrong == "the body names no \"model\"");
}

TEST_CASE("a model that is no string is named", "[wire]") {
  for (const char* body : {R"({"model":1})", R"({"model":null})", R"({"model":["m"]})",
                           R"({"model":{"id":"m"}})", R"({"model":true})"}) {
    INFO(body);
    CHECK(read(body).wrong == "the body must be a JSON object whose \"model\" is a string");
  }
}

TEST_CASE("a body that is no object is named", "[wire]") {
  for (const char* body : {"[]", R"("model")", "[{\"model\":\"m\"}]"}) {
    INFO(body);
    CHECK(read(body).wrong == "the body must be a JSON object whose \"model\" is a string");
  }
}

TEST_CASE("a body that is no JSON is refused", "[wire]") {
  const std::string prefix = "the body is not valid JSON: ";
  for (const char* body :
       {"", " ", "{", "{\"model\":\"m\"", "{\"model\":\"m}", "{\"model\" \"m\"}",
        "{\"model\":\"m\",}", "{model:\"m\"}", "{'model':'m'}", "{\"model\":\"\\x\"}",
        "{\"model\":\"\xFF\"}", "{\"model\":\"m\"}}", "{\"model\":\"m\"} x",
        "{\"model\":\"m\"}{\"model\":\"n\"}", "nothing at all"}) {
    INFO(body);
    const std::string wrong = read(body).wrong;
    const bool refused = wrong.compare(0, prefix.size(), prefix) == 0 ||
                         wrong == "the body must be a JSON object whose \"model\" is a string";
    CHECK(refused);
  }
}

TEST_CASE("a reader goes on after a broken body", "[wire]") {
  RequestReader reader;
  RequestView broken, good;
  std::string body = "{\"model\":";
  CHECK_FALSE(reader.read(body, broken).empty());
  body = R"({"model":"m"})";
  CHECK(reader.read(body, good).empty());
  CHECK(good.model == "m");
}

TEST_CASE("a body of several megabytes is read, and a small one after it", "[wire]") {
  RequestReader reader;
  RequestView large, small;
  std::string body = R"({"messages":[")" + std::string(3 << 20, 'x') + R"("],"model":"m"})";
  CHECK(reader.read(body, large).empty());
  REQUIRE(large.model_spans.size() == 1);
  CHECK(large.model_spans[0].offset == body.size() - 4);
  CHECK(large.model_spans[0].length == 3);
  body = R"({"model":"n"})";
  CHECK(reader.read(body, small).empty());
  CHECK(small.model == "n");
}
