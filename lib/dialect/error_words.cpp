#include "dialect/error_words.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/ascii.hpp"
#include "wire/error_type.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::string_view too_long = "prompt is too long";

struct ErrorRow {
  std::string_view hub;
  int hub_status;
  OpenAiWords openai;  // a status of 0: the hub's
  GeminiWords gemini;
};
constexpr std::array error_rows{
    ErrorRow{
        "invalid_request_error", 400, {0, "invalid_request_error", ""}, {0, "INVALID_ARGUMENT"}},
    ErrorRow{"authentication_error",
             401,
             {401, "invalid_request_error", "invalid_api_key"},
             {401, "UNAUTHENTICATED"}},
    ErrorRow{"billing_error",
             402,
             {429, "insufficient_quota", "insufficient_quota"},
             {429, "RESOURCE_EXHAUSTED"}},
    ErrorRow{
        "permission_error", 403, {403, "invalid_request_error", ""}, {403, "PERMISSION_DENIED"}},
    ErrorRow{"not_found_error",
             404,
             {404, "invalid_request_error", "model_not_found"},
             {404, "NOT_FOUND"}},
    ErrorRow{
        "request_too_large", 413, {413, "invalid_request_error", ""}, {413, "INVALID_ARGUMENT"}},
    ErrorRow{"rate_limit_error",
             429,
             {429, "rate_limit_error", "rate_limit_exceeded"},
             {429, "RESOURCE_EXHAUSTED"}},
    ErrorRow{"api_error", 500, {0, "server_error", ""}, {0, "INTERNAL"}},
    ErrorRow{"timeout_error", 504, {504, "server_error", "timeout"}, {504, "DEADLINE_EXCEEDED"}},
    ErrorRow{"overloaded_error",
             529,
             {503, "server_error", "server_is_overloaded"},
             {503, "UNAVAILABLE"}},
};

const ErrorRow& error_row(const HubError& error) {
  for (const ErrorRow& row : error_rows) {
    if (row.hub == error.type) return row;
  }
  return error.status >= 500 ? error_rows[7] : error_rows[0];
}

bool says_too_long(std::string_view message) {
  return base::istarts_with(message, too_long);
}

bool contains(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

// Numbers of a text that may be counts of tokens, with where they stand; commas between digits
// belong to them.
struct Count {
  std::size_t at;
  std::uint64_t value;
};
std::vector<Count> counts_in(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::vector<Count> out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_digit(text[at])) continue;
    // Of a word such as gpt-4 or k2.
    const bool in_word =
        at > 0 && (text[at - 1] == '-' || text[at - 1] == '.' || text[at - 1] == '_' ||
                   (text[at - 1] >= 'a' && text[at - 1] <= 'z'));
    std::string digits;
    std::size_t end = at;
    for (; end < text.size(); ++end) {
      if (is_digit(text[end])) {
        digits += text[end];
      } else if (text[end] != ',' || end + 1 == text.size() || !is_digit(text[end + 1])) {
        break;
      }
    }
    const auto value = base::parse_number(digits);
    if (!in_word && value && *value >= 100) out.push_back({at, *value});
    at = end;
  }
  return out;
}

// ` N tokens > M maximum`, when the text has both numbers: M is the one behind `limit_at`.
std::string counts_told(std::string_view lower, std::size_t limit_at) {
  const std::vector<Count> counts = counts_in(lower);
  const auto limit = std::find_if(counts.begin(), counts.end(),
                                  [limit_at](const Count& count) { return count.at > limit_at; });
  if (limit == counts.end()) return {};
  std::uint64_t needed = 0;
  for (const Count& count : counts) needed = std::max(needed, count.value);
  if (needed <= limit->value) return {};
  return std::to_string(needed) + " tokens > " + std::to_string(limit->value) + " maximum";
}

}  // namespace

OpenAiWords openai_words(const HubError& error) {
  OpenAiWords words = error_row(error).openai;
  if (words.status == 0) words.status = error.status;
  if (error.type == "invalid_request_error" && says_too_long(error.message))
    words.code = "context_length_exceeded";
  if (!error.code.empty()) words.code = error.code;
  return words;
}

std::string_view response_failure_code(const HubError& error) {
  constexpr std::array<std::string_view, 5> acted_on{"rate_limit_exceeded", "server_is_overloaded",
                                                     "context_length_exceeded",
                                                     "insufficient_quota", "invalid_prompt"};
  const auto is_known = [&](std::string_view code) {
    return std::find(acted_on.begin(), acted_on.end(), code) != acted_on.end();
  };
  const std::string_view code = openai_words(error).code;
  if (is_known(code)) return code;
  return error.type == "invalid_request_error" ? "invalid_prompt" : "server_error";
}

GeminiWords gemini_words(const HubError& error) {
  GeminiWords words = error_row(error).gemini;
  if (words.status == 0) words.status = error.status;
  return words;
}

int status_of_word(std::string_view word) {
  if (word == "server_is_overloaded" || word == "overloaded") return 503;
  if (word == "invalid_prompt") return 400;
  if (word == "timeout") return 504;
  const int status = wire::usual_status(word, {});
  if (status != 500 || word == "server_error" || word == "api_error" || word == "INTERNAL")
    return status;
  return 0;
}

HubWords hub_words(int status, std::string_view code) {
  switch (status) {
    case 402:
      return {402, "billing_error"};
    case 408:
      return {504, "timeout_error"};
    case 422:
      return {400, "invalid_request_error"};
    case 503:
      return {529, "overloaded_error"};
    case 429:
      if (code == "insufficient_quota") return {402, "billing_error"};
      return {429, "rate_limit_error"};
    default:
      return {status, wire::error_type(status)};
  }
}

std::optional<std::string> prompt_too_long(std::string_view code, std::string_view message) {
  if (says_too_long(message)) return std::string(message);
  const std::string lower = base::lower(message);
  // What stands before the limit, in the words of OpenAI, vLLM and others, Gemini, llama.cpp.
  std::size_t limit_at = std::string::npos;
  if (contains(lower, "maximum context length")) limit_at = lower.find("maximum context length");
  if (contains(lower, "input token count") && contains(lower, "exceeds the maximum"))
    limit_at = lower.find("exceeds the maximum");
  if (limit_at == std::string::npos && code == "context_length_exceeded") {
    for (const std::string_view words : {"context window", "context size", "maximum", "limit"}) {
      limit_at = std::min(limit_at, lower.find(words));
    }
  } else if (limit_at == std::string::npos) {
    return {};
  }
  std::string out(too_long);
  out += ": ";
  if (const std::string counts =
          limit_at == std::string::npos ? std::string() : counts_told(lower, limit_at);
      !counts.empty()) {
    out += counts;
    out += ": ";
  }
  out += message;
  return out;
}

}  // namespace ccrelay::dialect
