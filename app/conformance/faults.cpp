#include "faults.hpp"

#include <fmt/format.h>

namespace ccrelay::app::contract {

const std::vector<Fault>& faults_of(Format format) {
  static const std::vector<Fault> anthropic{
      {400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"},
      {404, "not_found_error", "model: claude-conformance"},
      {413, "request_too_large", "Request exceeds the maximum size"},
      {500, "api_error", "Internal server error"},
      {529, "overloaded_error", "Overloaded"},
      {429, "rate_limit_error", "This request would exceed your rate limit"},
      {403, "permission_error", "Your key has no permission for this", true},
      {401, "authentication_error", "invalid x-api-key", true},
  };
  // https://platform.openai.com/docs/guides/error-codes
  static const std::vector<Fault> openai{
      {400, "context_length_exceeded", "This model's maximum context length is 200000 tokens."},
      {404, "model_not_found", "The model `conformance` does not exist"},
      {413, "invalid_request_error", "Request exceeds the maximum size"},
      {500, "server_error", "The server had an error"},
      {503, "server_is_overloaded", "The engine is currently overloaded"},
      {429, "rate_limit_exceeded", "Rate limit reached. Please try again in 1s."},
      {403, "unsupported_country_region_territory", "Not available to you", true},
      {401, "invalid_api_key", "Incorrect API key provided", true},
  };
  // https://ai.google.dev/gemini-api/docs/troubleshooting
  static const std::vector<Fault> google{
      {400, "INVALID_ARGUMENT", "The input token count exceeds the maximum"},
      {404, "NOT_FOUND", "models/conformance is not found"},
      {413, "INVALID_ARGUMENT", "Request payload size exceeds the limit"},
      {500, "INTERNAL", "An internal error has occurred"},
      {503, "UNAVAILABLE", "The model is overloaded"},
      {429, "RESOURCE_EXHAUSTED", "Resource has been exhausted"},
      {403, "PERMISSION_DENIED", "Permission denied", true},
      {401, "UNAUTHENTICATED", "Request had invalid authentication credentials", true},
  };
  if (format == gemini) return google;
  return (format & openai_formats) != 0 ? openai : anthropic;
}

std::string fault_body(Format format, const Fault& fault) {
  if (format == gemini) {
    // google.rpc.RetryInfo; its SDK's clients wait as long as that says.
    const std::string_view details =
        fault.status == 429
            ? R"(,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1s"}])"
            : "";
    return fmt::format(
        R"({{"error": {{"code":{},"message":"{} \u00fc","status":"{}"{},"n":1.0}}}} )",
        fault.status, fault.message, fault.type, details);
  }
  if ((format & openai_formats) != 0) {
    const bool is_server = fault.status >= 500;
    const std::string_view type = fault.status == 429 ? "rate_limit_error"
                                  : is_server         ? "server_error"
                                                      : "invalid_request_error";
    const std::string code =
        fault.type.find("_error") == fault.type.npos ? fmt::format("\"{}\"", fault.type) : "null";
    return fmt::format(
        R"({{"error": {{"message":"{} \u00fc","type":"{}","param":null,"code":{},"n":1.0}}}} )",
        fault.message, type, code);
  }
  return fmt::format(
      R"({{"type": "error","error":{{"type":"{}","message":"{} \u00fc","n":1.0}},"request_id":"req_conformance"}} )",
      fault.type, fault.message);
}

Headers fault_headers(Format format, const Fault& fault) {
  Headers headers{{"request-id", "req_conformance"}};
  if (fault.status != 429 || format == gemini) return headers;
  headers.add("retry-after", "1");
  const std::string_view family =
      (format & openai_formats) != 0 ? "x-ratelimit-" : "anthropic-ratelimit-";
  const bool is_openai = (format & openai_formats) != 0;
  headers.add(fmt::format("{}{}", family, is_openai ? "limit-requests" : "requests-limit"), "60");
  headers.add(fmt::format("{}{}", family, is_openai ? "remaining-requests" : "requests-remaining"),
              "12");
  headers.add(fmt::format("{}conformance", family), "kept");
  return headers;
}

testing::Script fault_script(Format format, const Fault& fault) {
  return testing::Script::reply(fault.status, "application/json", fault_body(format, fault),
                                fault_headers(format, fault));
}

}  // namespace ccrelay::app::contract
