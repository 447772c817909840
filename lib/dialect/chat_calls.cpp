#include "dialect/chat_calls.hpp"

#include "dialect/hub_turns.hpp"

namespace ccrelay::dialect {

std::string input_of_arguments(Json arguments) {
  if (!arguments.told()) return "{}";
  return arguments.is_string() ? input_from_arguments(arguments.text())
                               : input_from_arguments(arguments.raw());
}

}  // namespace ccrelay::dialect
