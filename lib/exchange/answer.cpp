#include "exchange/answer.hpp"

#include <utility>

namespace ccrelay::exchange {

Answer error_answer(int status, std::string_view message, const Headers& more) {
  Answer answer;
  answer.status = status;
  answer.headers = more;
  answer.message = message;
  return answer;
}

Answer json_answer(int status, std::string body) {
  Answer answer;
  answer.status = status;
  answer.headers.add("content-type", "application/json");
  answer.body = std::move(body);
  return answer;
}

}  // namespace ccrelay::exchange
