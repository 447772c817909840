#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dialect/dialect.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// An error in the hub's words, on its way from a provider, or from the relay, to a client.
/// A value type.
struct HubError {
  int status = 500;
  std::string type = "api_error";
  std::string message;
  std::string code;   ///< OpenAI's, as a provider or the relay said it; empty: the type's own
  std::string param;  ///< OpenAI's
  std::optional<std::int64_t> retry_after_s;
};
HubError error_of(const Refused& refused);

/// Reads what a provider answered: a status of 400 and more, or one of success with an `error`
/// member. A body that is no JSON counts with its first 500 bytes of text, HTML taken off.
HubError read_error(Dialect provider, int status, std::string_view body,
                    std::string_view content_type = {});
/// The same of an error's object (or string) that stands inside something else, such as a stream.
HubError read_error_object(Dialect provider, int status, Json error);

/// Leaves the status of an error that a reader has found where it is asked for; the first counts.
/// The hub's words say less: an answer that makes no sense is a 502, and an `api_error`.
void tell_status(const AnswerContext& context, int status);

/// The status for a client of that dialect.
int error_status(Dialect client, const HubError& error);
/// The whole body: an envelope in the client's dialect. `request_id` is for Anthropic's.
std::string error_body(Dialect client, const HubError& error, std::string_view request_id = {});
/// The last event of a stream that cannot end well; of a responses client's only `error`'s value,
/// which belongs into `response.failed`.
std::string stream_error(Dialect client, const HubError& error);

}  // namespace ccrelay::dialect
