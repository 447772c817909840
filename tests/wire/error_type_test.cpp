#include "wire/error_type.hpp"

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;

TEST_CASE("each status has Anthropic's word", "[wire]") {
  const std::vector<std::pair<int, std::string>> cases{
      {400, "invalid_request_error"},
      {401, "authentication_error"},
      {403, "permission_error"},
      {404, "not_found_error"},
      {405, "invalid_request_error"},
      {408, "timeout_error"},
      {413, "request_too_large"},
      {429, "rate_limit_error"},
      {431, "invalid_request_error"},
      {500, "api_error"},
      {502, "api_error"},
      {503, "overloaded_error"},
      {504, "timeout_error"},
      {505, "api_error"},
      {529, "overloaded_error"},
  };
  for (const auto& [status, type] : cases) {
    INFO(status);
    CHECK(wire::error_type(status) == type);
  }
}
