#include "api/errors.hpp"

#include <utility>
#include <vector>

#include "api/json.hpp"

namespace ccrelay::api {
namespace {

constexpr std::pair<std::string_view, int> statuses[] = {
    {"INVALID_ARGUMENT", 400},   {"UNAUTHENTICATED", 401}, {"PERMISSION_DENIED", 403},
    {"NOT_FOUND", 404},          {"ABORTED", 409},         {"FAILED_PRECONDITION", 409},
    {"RESOURCE_EXHAUSTED", 429}, {"UNAVAILABLE", 503},     {"DEADLINE_EXCEEDED", 504},
};

std::string_view name_of_code(management::Code code) {
  using management::Code;
  switch (code) {
    case Code::invalid_argument:
      return "INVALID_ARGUMENT";
    case Code::not_found:
      return "NOT_FOUND";
    case Code::failed_precondition:
      return "FAILED_PRECONDITION";
    case Code::aborted:
      return "ABORTED";
    case Code::resource_exhausted:
      return "RESOURCE_EXHAUSTED";
    case Code::unavailable:
      return "UNAVAILABLE";
    case Code::deadline_exceeded:
      return "DEADLINE_EXCEEDED";
  }
  return "INTERNAL";
}

using Diagnostics = std::vector<management::Diagnostic>;

Answer error_with(std::string_view code, std::string_view message, const Diagnostics& diagnostics) {
  Answer answer;
  answer.status = 500;
  for (const auto& [name, status] : statuses) {
    if (name == code) answer.status = status;
  }
  {
    JsonObject whole(answer.body);
    JsonObject error(whole.begin("error"));
    error("code", code)("message", message);
    if (!diagnostics.empty()) error("diagnostics", diagnostics);
  }
  return answer;
}

}  // namespace

Answer error_answer(std::string_view code, std::string_view message) {
  return error_with(code, message, {});
}

Answer error_answer(const management::Refusal& refusal) {
  return error_with(name_of_code(refusal.code), refusal.message, refusal.diagnostics);
}

management::Refusal wrong_field(std::string_view field, std::string_view what) {
  return {management::Code::invalid_argument, std::string(field) + ": " + std::string(what), {}};
}

}  // namespace ccrelay::api
