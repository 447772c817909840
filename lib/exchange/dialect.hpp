#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/provider.hpp>

#include <string>
#include <string_view>

#include "exchange/answer.hpp"

namespace ccrelay::exchange {

/// What the relay itself has to say to a client, in the client's dialect.

/// An answer as it goes out.
struct Printed {
  ResponseHead head;
  std::string body;
};
/// An error gets Anthropic's envelope or the form of Bedrock's
/// (https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html), every answer its
/// length and the request's id.
Printed print(const Answer& answer, Dialect dialect, std::string_view request_id);

/// What may be put between two messages of a stream while a provider is silent; empty where a
/// dialect has nothing of the kind.
std::string_view ping(Dialect dialect);

/// What ends a stream in which something has gone wrong.
std::string stream_error(Dialect dialect, std::string_view message, std::string_view request_id);

}  // namespace ccrelay::exchange
