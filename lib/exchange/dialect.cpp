#include "exchange/dialect.hpp"

#include <fmt/format.h>

#include "wire/error_type.hpp"
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

Printed print(const Answer& answer, Dialect dialect, std::string_view request_id) {
  Printed out;
  out.head.status = answer.status;
  out.head.headers = answer.headers;
  out.body = answer.body;
  if (!answer.message.empty()) {
    out.head.headers.set("content-type", "application/json");
    if (dialect == Dialect::bedrock) {
      out.head.headers.set("x-amzn-errortype", exception_for(answer.status));
      out.body = message_json(answer.message);
    } else {
      out.body =
          wire::error_envelope(answer.type.empty() ? wire::error_type(answer.status) : answer.type,
                               answer.message, request_id);
    }
  }
  out.head.headers.add("content-length", std::to_string(out.body.size()));
  out.head.headers.add("x-request-id", request_id);
  return out;
}

std::string_view ping(Dialect dialect) {
  // Bedrock's frames have none.
  return dialect == Dialect::bedrock ? "" : "event: ping\ndata: {\"type\": \"ping\"}\n\n";
}

std::string stream_error(Dialect dialect, std::string_view message, std::string_view request_id) {
  if (dialect == Dialect::bedrock) {
    std::string frame;
    wire::append_event_exception(frame, "modelStreamErrorException", message_json(message));
    return frame;
  }
  return fmt::format("event: error\ndata: {}\n\n",
                     wire::error_envelope("api_error", message, request_id));
}

}  // namespace ccrelay::exchange
