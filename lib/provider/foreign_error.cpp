#include "provider/foreign_error.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "wire/error_type.hpp"
#include "wire/json_members.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::provider {
namespace {

// Of a text that is no JSON, such as a load balancer's page.
constexpr std::size_t quoted_bytes_max = 300;

// Words that say more than the status does
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html,
// https://cloud.google.com/apis/design/errors). The status is the one that Anthropic's API has for
// the same thing.
struct Meaning {
  std::string_view word;
  int status;
};
constexpr std::array meanings{
    Meaning{"ModelErrorException", 500},
    Meaning{"ModelNotReadyException", 529},
    Meaning{"ModelTimeoutException", 504},
    Meaning{"ServiceUnavailableException", 529},
    Meaning{"ThrottlingException", 429},
    Meaning{"ServiceQuotaExceededException", 429},
    Meaning{"RESOURCE_EXHAUSTED", 429},
    Meaning{"UNAVAILABLE", 529},
    Meaning{"DEADLINE_EXCEEDED", 504},
    Meaning{"IncompleteSignature", 403},
    Meaning{"IncompleteSignatureException", 403},
    Meaning{"RequestExpired", 403},
    Meaning{"ExpiredTokenException", 403},
    Meaning{"InvalidSignatureException", 403},
    Meaning{"UnrecognizedClientException", 403},
};

// `ValidationException:http://internal…`, `com.amazon.coral#ValidationException`
std::string_view bare_word(std::string_view type) {
  type = type.substr(0, type.find(':'));
  if (const auto hash = type.rfind('#'); hash != std::string_view::npos) {
    type.remove_prefix(hash + 1);
  }
  return type;
}

// Google's streams tell of an error in an array.
std::string_view first_element(std::string_view body) {
  constexpr std::string_view space = " \t\r\n";
  const auto begin = body.find_first_not_of(space);
  if (begin == std::string_view::npos || body[begin] != '[') return body;
  const auto end = body.find_last_not_of(space);
  if (body[end] != ']' || end == begin) return body;
  return body.substr(begin + 1, end - begin - 1);
}

bool is_anthropic(const wire::JsonMembers& top) {
  const auto error = top.inside("error");
  return top.string("type") == "error" && error && error->find("type");
}

std::string first_words(std::string_view body) {
  std::string out;
  for (const char c : body.substr(0, quoted_bytes_max)) {
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  if (body.size() > quoted_bytes_max) out += "…";
  return out;
}

// A 400 that is about where the model is and not about the request: what Anthropic's API calls 404
// (seen at Bedrock in regions without the model, and at Vertex).
bool says_model_is_not_here(std::string_view message) {
  const std::string lower = base::lower(message);
  for (const std::string_view words :
       {"model identifier is invalid", "model id is invalid", "invalid model identifier",
        "with on-demand throughput isn", "is not servable in region",
        "model is not supported in this region", "model is not available in this region"}) {
    if (lower.find(words) != std::string::npos) return true;
  }
  return false;
}

// Clients look for Anthropic's wording, or for a token that a gateway gives them instead
// (https://code.claude.com/docs/en/llm-gateway-protocol).
std::string in_words_for_clients(std::string message) {
  const std::string lower = base::lower(message);
  const bool is_of_input = lower.find("input") != std::string::npos ||
                           lower.find("prompt") != std::string::npos ||
                           lower.find("token") != std::string::npos;
  const bool is_too_long = (is_of_input && lower.find("too long") != std::string::npos) ||
                           lower.find("too many input tokens") != std::string::npos ||
                           lower.find("exceeds the maximum number of tokens") != std::string::npos;
  if (is_too_long && lower.find("prompt is too long") == std::string::npos) {
    return "prompt is too long: " + message + " (capability_rejected: prompt_too_long)";
  }
  return message;
}

}  // namespace

std::optional<ForeignError> read_foreign_error(const Headers& headers, std::string_view body) {
  const auto top = wire::JsonMembers::read(first_element(body));
  if (!top || is_anthropic(*top)) return {};
  ForeignError error;
  if (const auto inner = top->inside("error")) {
    error.message = inner->string("message").value_or("");
    error.word = inner->string("status").value_or("");
  } else {
    auto message = top->string("message");
    if (!message) message = top->string("Message");
    error.message = message.value_or("");
    const auto type = headers.get("x-amzn-errortype");
    error.word = bare_word(type ? std::string(*type) : top->string("__type").value_or(""));
  }
  if (error.message.empty() && error.word.empty()) return {};
  if (error.message.empty()) error.message = error.word;
  return error;
}

void translate_foreign_error(ResponseHead& head, std::string& body, std::string_view cloud) {
  // Not in an array, which no client of Anthropic's would look into.
  const auto top = wire::JsonMembers::read(body);
  if (top && is_anthropic(*top)) return;
  std::string message;
  if (const auto error = read_foreign_error(head.headers, body)) {
    const auto meaning = std::find_if(meanings.begin(), meanings.end(),
                                      [&](const Meaning& one) { return one.word == error->word; });
    if (meaning != meanings.end()) head.status = meaning->status;
    if (head.status == 400 && says_model_is_not_here(error->message)) head.status = 404;
    message = head.status == 400 || head.status == 413 ? in_words_for_clients(error->message)
                                                       : error->message;
  } else {
    message = std::string(cloud) + " answered " + std::to_string(head.status);
    if (!body.empty()) message += ": " + first_words(body);
  }
  const auto id = head.headers.get("request-id");
  body = wire::error_envelope(wire::error_type(head.status), message, id.value_or(""));
  head.headers.set("content-type", "application/json");
  head.headers.remove("content-length");
  head.headers.remove("content-encoding");
}

}  // namespace ccrelay::provider
