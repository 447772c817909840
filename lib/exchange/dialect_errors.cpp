#include "exchange/dialect_errors.hpp"

#include "wire/event_stream.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::exchange {
namespace {

std::string_view exception_for(int status) {
  switch (status) {
    case 401:
    case 403:
      return "AccessDeniedException";
    case 404:
      return "ResourceNotFoundException";
    case 408:
    case 504:
      return "ModelTimeoutException";
    case 429:
      return "ThrottlingException";
    case 503:
    case 529:
      return "ServiceUnavailableException";
    default:
      return status >= 500 ? "InternalServerException" : "ValidationException";
  }
}

std::string message_json(std::string_view message) {
  return R"({"message":)" + wire::json_string(message) + '}';
}

}  // namespace

void in_words_of_bedrock(Answer& answer) {
  answer.body = message_json(answer.message);
  answer.head.headers.set("content-length", std::to_string(answer.body.size()));
  answer.head.headers.set("x-amzn-errortype", exception_for(answer.head.status));
}

std::string bedrock_stream_error(std::string_view message) {
  std::string frame;
  wire::append_event_exception(frame, "modelStreamErrorException", message_json(message));
  return frame;
}

}  // namespace ccrelay::exchange
