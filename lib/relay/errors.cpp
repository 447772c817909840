#include "relay/errors.hpp"

#include "wire/json_text.hpp"

namespace ccrelay::relay {

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

Answer json_answer(int status, std::string body, std::string_view request_id) {
  Answer answer;
  answer.head.status = status;
  answer.head.headers.add("content-type", "application/json");
  answer.head.headers.add("content-length", std::to_string(body.size()));
  answer.head.headers.add("x-request-id", request_id);
  answer.body = std::move(body);
  return answer;
}

Answer error_answer(int status, std::string_view message, std::string_view request_id,
                    const Headers& more) {
  Answer answer = json_answer(status, wire::error_envelope(error_type(status), message, request_id),
                              request_id);
  for (const Header header : more) answer.head.headers.add(header.name, header.value);
  return answer;
}

}  // namespace ccrelay::relay
