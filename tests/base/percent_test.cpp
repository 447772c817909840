#include "base/percent.hpp"

#include "catch.hpp"

using namespace ccrelay::base;

TEST_CASE("percent-encoded octets are decoded, anything else stays", "[base]") {
  CHECK(percent_decoded("a%2Fb%2fc") == "a/b/c");
  CHECK(percent_decoded("%e4%B8%96") == "世");
  CHECK(percent_decoded("100%") == "100%");
  CHECK(percent_decoded("%2") == "%2");
  CHECK(percent_decoded("%zz%41") == "%zzA");
  CHECK(percent_decoded("") == "");
}

TEST_CASE("a dot segment is found however it is written", "[base]") {
  for (const char* path : {"/v1/../x", "/v1/..", "/..", "/v1/./x", "/v1/%2e%2E/x", "/v1/.%2e",
                           "/v1/a%2f..%2fx", "/v1/..%5cx", "..", "/v1/a\\..\\x"}) {
    INFO(path);
    CHECK(has_dot_segment(path));
  }
  for (const char* path :
       {"/v1/x", "/v1/...", "/v1/a..b", "/v1/.hidden", "/", "", "/v1/x..", "/v1//"}) {
    INFO(path);
    CHECK_FALSE(has_dot_segment(path));
  }
}
