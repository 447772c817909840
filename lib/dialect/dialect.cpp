#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

std::string_view to_string(Dialect dialect) {
  switch (dialect) {
    case Dialect::anthropic:
      return "anthropic";
    case Dialect::chat:
      return "chat";
    case Dialect::responses:
      return "responses";
    case Dialect::gemini:
      return "gemini";
  }
  return "";
}

Refused refused(std::string param, std::string message) {
  Refused refusal;
  refusal.param = std::move(param);
  refusal.message = std::move(message);
  return refusal;
}

}  // namespace ccrelay::dialect
