#include "sign/secrets.hpp"

#include <string>
#include <string_view>

#include "catch.hpp"

using namespace ccrelay::sign;

TEST_CASE("secrets are equal only when every byte is", "[sign]") {
  CHECK(equal_secrets("abc", "abc"));
  CHECK(equal_secrets("", ""));
  CHECK_FALSE(equal_secrets("abc", "abd"));
  CHECK_FALSE(equal_secrets("abc", "ab"));
  CHECK_FALSE(equal_secrets("abc", "abc "));
  CHECK_FALSE(equal_secrets("abc", "ABC"));
  CHECK_FALSE(equal_secrets("ab", "abab"));
  CHECK_FALSE(equal_secrets("abab", "ab"));
  CHECK_FALSE(equal_secrets("", "a"));
  CHECK_FALSE(equal_secrets("a", ""));
  CHECK_FALSE(equal_secrets(std::string_view("a\0b", 3), "a"));
}

TEST_CASE("a fingerprint is eight hex digits that stay the same", "[sign]") {
  const std::string one = fingerprint("sk-ant-one");
  CHECK(one.size() == 8);
  CHECK(one.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(fingerprint("sk-ant-one") == one);
  CHECK(fingerprint("sk-ant-two") != one);
}
