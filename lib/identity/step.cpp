#include "identity/step.hpp"

namespace ccrelay::identity {

Step and_then(Step step, std::function<Step(const Issued&, WallTime now)> next, WallTime now) {
  if (const auto* credentials = std::get_if<Issued>(&step.kind)) return next(*credentials, now);
  if (auto* ask = std::get_if<Ask>(&step.kind)) {
    ask->then = [then = std::move(ask->then), next = std::move(next)](const Answer& answer) {
      return and_then(then(answer), next, answer.now);
    };
  } else if (auto* command = std::get_if<Command>(&step.kind)) {
    command->then = [then = std::move(command->then),
                     next = std::move(next)](const Printed& printed) {
      return and_then(then(printed), next, printed.now);
    };
  }
  return step;
}

}  // namespace ccrelay::identity
