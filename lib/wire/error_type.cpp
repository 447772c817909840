#include "wire/error_type.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace ccrelay::wire {
namespace {

struct Word {
  std::string_view word;
  int status;
};
constexpr std::array words{
    // https://docs.claude.com/en/api/errors
    Word{"invalid_request_error", 400},
    Word{"authentication_error", 401},
    Word{"billing_error", 402},
    Word{"permission_error", 403},
    Word{"not_found_error", 404},
    Word{"request_too_large", 413},
    Word{"rate_limit_error", 429},
    Word{"api_error", 500},
    Word{"timeout_error", 504},
    Word{"overloaded_error", 529},
    // https://platform.openai.com/docs/guides/error-codes
    Word{"invalid_api_key", 401},
    Word{"insufficient_quota", 429},
    Word{"rate_limit_exceeded", 429},
    Word{"context_length_exceeded", 400},
    Word{"model_not_found", 404},
    Word{"server_error", 500},
    Word{"engine_overloaded_error", 529},
    Word{"server_overloaded", 529},
    Word{"service_unavailable", 503},
    // https://cloud.google.com/apis/design/errors
    Word{"INVALID_ARGUMENT", 400},
    Word{"FAILED_PRECONDITION", 400},
    Word{"UNAUTHENTICATED", 401},
    Word{"PERMISSION_DENIED", 403},
    Word{"NOT_FOUND", 404},
    Word{"RESOURCE_EXHAUSTED", 429},
    Word{"INTERNAL", 500},
    Word{"UNAVAILABLE", 503},
    Word{"DEADLINE_EXCEEDED", 504},
};

int status_of(std::string_view text) {
  const auto found = std::find_if(words.begin(), words.end(),
                                  [text](const Word& one) { return one.word == text; });
  if (found != words.end()) return found->status;
  const auto number = base::parse_number(text);
  return number && *number >= 400 && *number < 600 ? static_cast<int>(*number) : 0;
}

}  // namespace

std::string_view error_type(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 408:
    case 504:
      return "timeout_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
    case 529:
      return "overloaded_error";
    default:
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
}

int usual_status(std::string_view type, std::string_view code) {
  if (const int status = status_of(type)) return status;
  const int status = status_of(code);
  return status ? status : 500;
}

}  // namespace ccrelay::wire
