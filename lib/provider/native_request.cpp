#include "provider/native_request.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "dialect/learning.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::provider {
namespace {

using namespace std::string_view_literals;

// What a cloud may be told of a client, and nothing else: any other header may be an instruction to
// the cloud's own front, which would act on it with the operator's credential.
constexpr std::array for_clouds{"content-type"sv, "content-encoding"sv, "accept"sv, "user-agent"sv};
constexpr std::array families_for_clouds{"x-stainless-"sv};
// With whose account something is done, and what is meant for others. Anything else goes on: Codex
// and the SDKs have headers of their own, and more of them with each version.
constexpr std::array kept_back{"openai-organization"sv, "openai-project"sv,
                               "x-goog-user-project"sv};
constexpr std::array families_kept_back{"anthropic-"sv, "x-amz"sv, "x-ms-"sv};

template <class Names, class Families>
bool is_among(std::string_view name, const Names& names, const Families& families) {
  const auto is_it = [name](std::string_view one) { return base::iequals(name, one); };
  const auto begins = [name](std::string_view one) { return base::istarts_with(name, one); };
  return std::any_of(names.begin(), names.end(), is_it) ||
         std::any_of(families.begin(), families.end(), begins);
}

bool is_passed_on(std::string_view name, Cloud cloud) {
  return cloud == Cloud::none ? !is_among(name, kept_back, families_kept_back)
                              : is_among(name, for_clouds, families_for_clouds);
}

}  // namespace

dialect::Dialect translated_dialect(Dialect dialect) {
  switch (dialect) {
    case Dialect::chat:
      return dialect::Dialect::chat;
    case Dialect::responses:
      return dialect::Dialect::responses;
    case Dialect::gemini:
      return dialect::Dialect::gemini;
    case Dialect::anthropic:
    case Dialect::bedrock:
    case Dialect::vertex:
      break;
  }
  return dialect::Dialect::anthropic;
}

Headers native_headers(const ProviderRequest& request, Cloud cloud) {
  Headers out;
  for (const Header field : request.forwardable) {
    if (is_passed_on(field.name, cloud)) out.add(field.name, field.value);
  }
  if (!request.body.empty() && !out.contains("content-type")) {
    out.add("content-type", "application/json");
  }
  if (request.translated && !out.contains("accept")) {
    out.add("accept", request.stream ? "text/event-stream" : "application/json");
  }
  // Streams and usage are read in passing, which compressed bytes would not allow.
  out.set("accept-encoding", "identity");
  return out;
}

Unsupported native_refusal(int status, std::string_view message, const ProviderRequest& request) {
  if (request.operation == Operation::other) return {};
  const auto begin = message.find_first_not_of(" \t\r\n");
  const bool is_answer =
      begin != std::string_view::npos && (message[begin] == '{' || message[begin] == '[');
  const std::string answer = is_answer
                                 ? std::string(message)
                                 : R"({"error":{"message":)" + wire::json_string(message) + "}}";
  std::string field =
      dialect::refused_field(translated_dialect(request.dialect), status, answer, request.body);
  // Of its own words a client must have this of the answer: without it another is no answer.
  const bool is_form = field == "response_format" || field == "text.format" ||
                       field.starts_with("generationConfig.response");
  if (is_form && !request.translated) return {};
  Unsupported out;
  if (!field.empty()) out.fields.push_back(std::move(field));
  return out;
}

}  // namespace ccrelay::provider
