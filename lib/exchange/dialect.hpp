#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/provider.hpp>

#include <string>
#include <string_view>

#include "dialect/dialect.hpp"
#include "dialect/responses_so_far.hpp"
#include "exchange/answer.hpp"

namespace ccrelay::exchange {

/// What the relay itself has to say to a client, in the client's dialect.

/// Whose words are spoken in it: in the clouds' forms Anthropic's.
dialect::Dialect vendor_dialect(Dialect dialect);

/// An answer as it goes out.
struct Printed {
  ResponseHead head;
  std::string body;
};
/// An error gets the envelope, and the status, of the client's vendor (dialect/errors.hpp; for
/// Bedrock https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html), every answer
/// its length and the request's id.
Printed print(const Answer& answer, Dialect dialect, std::string_view request_id);

/// The body of such an error for a client of Bedrock's, and its name in a header.
std::string bedrock_error(int status, std::string_view message, Headers& headers);

/// What may be put between two messages of a stream while a provider is silent, where a stream of a
/// Gemini client is a JSON array as well; empty where a dialect has nothing of the kind.
std::string_view ping(Dialect dialect);

/// What ends a stream of events in which something has gone wrong. For a client of the Responses
/// API it is a `response.failed`, of all that had been told before where `so_far` has it.
std::string stream_error(Dialect dialect, std::string_view message, std::string_view request_id,
                         const dialect::ResponsesSoFar* so_far = nullptr);

}  // namespace ccrelay::exchange
