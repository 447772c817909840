#include "wire/redact.hpp"

#include <vector>

#include "catch.hpp"

using namespace ccrelay::wire;

namespace {
constexpr std::size_t plenty = 1000;
}

TEST_CASE("values of members with secret names are blanked", "[wire]") {
  for (const char* name : {"api_key", "apiKey", "x-api-key", "API-KEY", "token", "access_token",
                           "password", "client_secret", "Authorization", "bearer", "credentials",
                           "tokens", "refresh_tokens", "private_key", "Set-Cookie", "passphrase"}) {
    INFO(name);
    CHECK(redacted("{\"" + std::string(name) + "\" : \"canary\",\"a\":\"b\"}", plenty) ==
          "{\"" + std::string(name) + "\" : \"***\",\"a\":\"b\"}");
  }
}

TEST_CASE("counts of tokens are no secrets", "[wire]") {
  const std::string body =
      R"({"max_tokens":5,"budget_tokens":"7","max_token":"8","tokens": 9 ,"token_count":null})";
  CHECK(redacted(body, plenty) == body);
}

TEST_CASE("values under secret names are blanked whatever their kind", "[wire]") {
  for (const char* value :
       {"4711", "-1.5e3", "true", "{}", "[]", R"({"a":"canary"})", R"(["canary","canary"])",
        R"([["canary"],{"a":["}","\"]canary"]}])", R"({"max_tokens":4711})"}) {
    INFO(value);
    CHECK(redacted("{\"token\": " + std::string(value) + ",\"a\":\"b\"}", plenty) ==
          R"({"token": "***","a":"b"})");
    CHECK(redacted("[{\"token\":" + std::string(value) + "},1]", plenty) ==
          R"([{"token":"***"},1])");
  }
}

TEST_CASE("what is no count of tokens is blanked under the name of one", "[wire]") {
  CHECK(redacted(R"({"access_tokens":["canary"],"max_token":"canary7","tokens":{"a":1}})",
                 plenty) == R"({"access_tokens":"***","max_token":"***","tokens":"***"})");
}

TEST_CASE("a secret name is recognised behind escapes", "[wire]") {
  CHECK(redacted(R"({"api\u005fkey":"canary","p\u0061ssword":1,"\u00e4\token":"canary"})",
                 plenty) == R"({"api\u005fkey":"***","p\u0061ssword":"***","\u00e4\token":"***"})");
}

TEST_CASE("a secret is blanked at any depth and behind escapes", "[wire]") {
  CHECK(redacted(R"({"a":[{"token":"x\"canary\\"},"token","t"]})", plenty) ==
        R"({"a":[{"token":"***"},"token","t"]})");
}

TEST_CASE("a text that mentions a secret's name is let be", "[wire]") {
  const std::string body = R"({"content":"my password: \"x\"","say":["token","x"]})";
  CHECK(redacted(body, plenty) == body);
}

TEST_CASE("a broken body is redacted as far as it goes", "[wire]") {
  CHECK(redacted(R"({"token":"cana)", plenty) == R"({"token":"***")");
  CHECK(redacted(R"({"token)", plenty) == R"({"token)");
  CHECK(redacted(R"({"token":"x\)", plenty) == R"({"token":"***")");
  CHECK(redacted(R"({"token":{"a":["cana)", plenty) == R"({"token":"***")");
  CHECK(redacted(R"({"token":471)", plenty) == R"({"token":"***")");
  CHECK(redacted(R"({"token": 1 "canary", "a":2})", plenty) == R"({"token": "***", "a":2})");
  CHECK(redacted(R"({"token":})", plenty) == R"({"token":"***"})");
  CHECK(redacted(R"({"token":)", plenty) == R"({"token":)");
}

TEST_CASE("a long body is cut and says so", "[wire]") {
  CHECK(redacted(R"({"a":"0123456789"})", 8) == "{\"a\":\"01…");
}

TEST_CASE("no part of a secret shows at any cut", "[wire]") {
  const std::string body =
      R"({"a":"b","token":"canary","c":"d","tokens":["canary"],"secret":{"e":"canary"}})";
  for (std::size_t cut = 0; cut <= body.size() + 1; ++cut) {
    INFO(cut);
    CHECK(redacted(body, cut).find("can") == std::string::npos);
  }
}
