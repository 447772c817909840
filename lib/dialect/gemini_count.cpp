#include "dialect/from_gemini.hpp"
#include "dialect/gemini_member.hpp"
#include "dialect/gemini_request.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

std::string gemini_count_answer(std::string_view gemini) {
  const auto count = gemini_integer(Json::read(gemini)["totalTokens"]);
  if (!count) return {};
  std::string body;
  JsonOut(body).object().number("input_tokens", *count).end();
  return body;
}

std::string to_gemini_count_answer(std::string_view hub) {
  const auto count = Json::read(hub)["input_tokens"].integer();
  if (!count) return {};
  std::string body;
  JsonOut(body).object().number("totalTokens", *count).end();
  return body;
}

}  // namespace ccrelay::dialect
