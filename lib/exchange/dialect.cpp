#include "exchange/dialect.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "dialect/errors.hpp"
#include "dialect/surface.hpp"
#include "provider/native_request.hpp"
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

// As the relay means it; how a client's vendor says that is the dialects' business.
dialect::HubError hub_error(const Answer& answer) {
  dialect::HubError out;
  out.status = answer.status;
  out.type = answer.type.empty() ? wire::error_type(answer.status) : answer.type;
  out.message = answer.message;
  out.code = answer.code;
  out.param = answer.param;
  const auto wait = answer.headers.get(base::HeaderName::retry_after);
  if (const auto seconds = base::parse_number(wait.value_or(""))) {
    constexpr std::uint64_t one_day = 86'400;
    out.retry_after_s = static_cast<std::int64_t>(std::min(*seconds, one_day));
  }
  return out;
}

void print_error(const Answer& answer, Dialect dialect, std::string_view request_id, Printed& out) {
  out.head.headers.set("content-type", "application/json");
  if (dialect == Dialect::bedrock) {
    out.body = bedrock_error(answer.status, answer.message, out.head.headers);
    return;
  }
  const dialect::HubError error = hub_error(answer);
  out.head.status = dialect::error_status(vendor_dialect(dialect), error);
  out.body = dialect::error_body(vendor_dialect(dialect), error, request_id);
}

}  // namespace

std::string bedrock_error(int status, std::string_view message, Headers& headers) {
  headers.set("x-amzn-errortype", exception_for(status));
  return message_json(message);
}

dialect::Dialect vendor_dialect(Dialect dialect) {
  return provider::translated_dialect(dialect);
}

Printed print(const Answer& answer, Dialect dialect, std::string_view request_id) {
  Printed out;
  out.head.status = answer.status;
  out.head.headers = answer.headers;
  out.body = answer.body;
  if (!answer.message.empty()) print_error(answer, dialect, request_id, out);
  out.head.headers.add("content-length", std::to_string(out.body.size()));
  out.head.headers.add("x-request-id", request_id);
  return out;
}

std::string_view ping(Dialect dialect) {
  // Bedrock's frames have none.
  return dialect == Dialect::bedrock ? "" : dialect::keep_alive(vendor_dialect(dialect));
}

std::string stream_error(Dialect dialect, std::string_view message, std::string_view request_id,
                         const dialect::ResponsesSoFar* so_far) {
  if (dialect == Dialect::bedrock) {
    std::string frame;
    wire::append_event_exception(frame, "modelStreamErrorException", message_json(message));
    return frame;
  }
  dialect::HubError error;
  error.message = message;
  const dialect::Dialect words = vendor_dialect(dialect);
  if (words == dialect::Dialect::responses) {
    return so_far ? so_far->failed(error, request_id)
                  : dialect::ResponsesSoFar().failed(error, request_id);
  }
  if (words != dialect::Dialect::anthropic) return dialect::stream_error(words, error);
  return fmt::format("event: error\ndata: {}\n\n",
                     wire::error_envelope("api_error", message, request_id));
}

}  // namespace ccrelay::exchange
