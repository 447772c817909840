#include "exchange/errors.hpp"

#include "wire/error_type.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::exchange {

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
  Answer answer = json_answer(
      status, wire::error_envelope(wire::error_type(status), message, request_id), request_id);
  for (const Header header : more) answer.head.headers.add(header.name, header.value);
  answer.message = message;
  return answer;
}

}  // namespace ccrelay::exchange
