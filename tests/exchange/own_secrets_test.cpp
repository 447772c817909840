#include "exchange/own_secrets.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;

TEST_CASE("the query's key is taken out, however it is written and however often", "[exchange]") {
  struct Case {
    const char* target;
    const char* key;
    const char* left;
  };
  const Case cases[] = {
      {"/x", "", "/x"},
      {"/x?", "", "/x?"},
      {"/x?alt=sse", "", "/x?alt=sse"},
      {"/x?key=k", "k", "/x"},
      {"/x?key=k&alt=sse", "k", "/x?alt=sse"},
      {"/x?alt=sse&key=k%2Fl", "k/l", "/x?alt=sse"},
      {"/x?a=1&key=k&b=%2f&key=l", "k", "/x?a=1&b=%2f"},
      {"/x?%6Bey=k", "k", "/x"},
      {"/x?key", "", "/x"},
      {"/x?key=", "", "/x"},
      {"/x?key=a=b", "a=b", "/x"},
      {"/x?monkey=1&keys=2&Key=3", "", "/x?monkey=1&keys=2&Key=3"},
      {"/x?a=b?key=c", "", "/x?a=b?key=c"},
  };
  for (const Case& one : cases) {
    INFO(one.target);
    RequestHead head;
    head.target = one.target;
    CHECK(take_query_key(head) == one.key);
    CHECK(head.target == one.left);
  }
}
