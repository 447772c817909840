#include "wire/redact.hpp"

#include <vector>

#include "catch.hpp"

using namespace ccrelay::wire;

namespace {
constexpr std::size_t plenty = 1000;
}

TEST_CASE("values of members with secret names are blanked", "[wire]") {
  for (const char* name : {"api_key", "apiKey", "x-api-key", "API-KEY", "token", "access_token",
                           "password", "client_secret", "Authorization", "bearer", "credentials"}) {
    INFO(name);
    CHECK(redacted("{\"" + std::string(name) + "\" : \"canary\",\"a\":\"b\"}", plenty) ==
          "{\"" + std::string(name) + "\" : \"***\",\"a\":\"b\"}");
  }
}

TEST_CASE("counts of tokens are no secrets", "[wire]") {
  const std::string body = R"({"max_tokens":5,"budget_tokens":"7","max_token":"8"})";
  CHECK(redacted(body, plenty) == body);
}

TEST_CASE("a secret is blanked at any depth and behind escapes", "[wire]") {
  CHECK(redacted(R"({"a":[{"token":"x\"canary\\"},"token","t"]})", plenty) ==
        R"({"a":[{"token":"***"},"token","t"]})");
}

TEST_CASE("a text that mentions a secret's name is let be", "[wire]") {
  const std::string body = R"({"content":"my password: \"x\"","token_note":7})";
  CHECK(redacted(body, plenty) == body);
}

TEST_CASE("a broken body is redacted as far as it goes", "[wire]") {
  CHECK(redacted(R"({"token":"cana)", plenty) == R"({"token":"***")");
  CHECK(redacted(R"({"token)", plenty) == R"({"token)");
  CHECK(redacted(R"({"token":"x\)", plenty) == R"({"token":"***")");
}

TEST_CASE("a long body is cut and says so", "[wire]") {
  CHECK(redacted(R"({"a":"0123456789"})", 8) == "{\"a\":\"01…");
}

TEST_CASE("no part of a secret shows at any cut", "[wire]") {
  const std::string body = R"({"a":"b","token":"canary","c":"d"})";
  for (std::size_t cut = 0; cut <= body.size() + 1; ++cut) {
    INFO(cut);
    CHECK(redacted(body, cut).find("can") == std::string::npos);
  }
}
