#include "config/problems.hpp"

#include <ccrelay/config_load.hpp>

namespace ccrelay {

Result<void> validate(const Config& config) {
  return validate(config, {});
}

Result<void> validate(const Config& config, const Strategies& strategies) {
  std::string message;
  for (const auto& problem : config::problems_of(config, strategies)) {
    if (!message.empty()) message += '\n';
    if (problem.in_prices_file) message += "pricing.prices_file: ";
    message += problem.message;
  }
  if (message.empty()) return {};
  return Error{ErrorCode::config, std::move(message)};
}

}  // namespace ccrelay
