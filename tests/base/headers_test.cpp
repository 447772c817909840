#include <ccrelay/http.hpp>

#include <string>

#include "catch.hpp"

using namespace ccrelay;

namespace {

std::string text(const Headers& headers) {
  std::string out;
  for (const Header field : headers) {
    out.append(field.name).append("=").append(field.value).append(";");
  }
  return out;
}

}  // namespace

TEST_CASE("header fields keep their order and spelling", "[http]") {
  Headers headers{{"B", "1"}, {"a", "2"}};
  headers.add("b", "3");
  CHECK(text(headers) == "B=1;a=2;b=3;");
}

TEST_CASE("a header field is found by its name in any case", "[http]") {
  const Headers headers{{"X-Api-Key", "k"}};
  CHECK(headers.get("x-aPI-kEY") == "k");
}

TEST_CASE("of several header fields the first is found", "[http]") {
  const Headers headers{{"a", "1"}, {"A", "2"}};
  CHECK(headers.get("A") == "1");
}

TEST_CASE("a header field that is not there is not found", "[http]") {
  const Headers headers{{"ab", "1"}};
  CHECK_FALSE(headers.get("a").has_value());
}

TEST_CASE("an empty header value is a value", "[http]") {
  const Headers headers{{"a", ""}};
  CHECK(headers.get("a") == "");
}

TEST_CASE("setting a header field replaces all of its name and goes to the end", "[http]") {
  Headers headers{{"a", "1"}, {"b", "2"}, {"A", "3"}};
  headers.set("a", "4");
  CHECK(text(headers) == "b=2;a=4;");
}

TEST_CASE("removing a header field says how many there were", "[http]") {
  Headers headers{{"a", "1"}, {"b", "2"}, {"A", "3"}};
  CHECK(headers.remove("a") == 2);
  CHECK(text(headers) == "b=2;");
}

TEST_CASE("a copied list of header fields does not follow its original", "[http]") {
  Headers headers{{"a", "1"}};
  const Headers copy = headers;
  headers.set("a", "2");
  CHECK(text(copy) == "a=1;");
}

TEST_CASE("a target is split at its first question mark", "[http]") {
  RequestHead head;
  head.target = "/v1/models?limit=2?x";
  CHECK(head.path() == "/v1/models");
  CHECK(head.query() == "limit=2?x");
}

TEST_CASE("a target without a question mark has an empty query", "[http]") {
  RequestHead head;
  head.target = "/v1/models";
  CHECK(head.path() == "/v1/models");
  CHECK(head.query().empty());
}

TEST_CASE("every status that the relay makes has words", "[http]") {
  for (const int status : {200, 400, 401, 402, 403, 404, 405, 408, 413, 415, 426, 429, 431, 500,
                           502, 503, 504, 505, 529}) {
    INFO(status);
    CHECK_FALSE(reason_phrase(status).empty());
  }
}
