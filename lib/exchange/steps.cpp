#include "exchange/steps.hpp"

#include <chrono>
#include <utility>

#include "base/utf8.hpp"

namespace ccrelay::exchange {

bool wants_steps(const worker::Tools& tools) {
  return tools.happenings.wanted() || tools.shared.traces.wanted(tools.loop.now()) ||
         tools.report.wants(Level::debug);
}

void keep_step(worker::Tools& tools, const ClientRequest& request, std::string_view event,
               std::string message, const std::vector<Note::Field>& fields) {
  if (!request.trace) return;
  management::TraceStep step;
  step.at_us = std::chrono::duration_cast<std::chrono::microseconds>(tools.loop.now() -
                                                                     request.trace->begun())
                   .count();
  step.event = event;
  step.message = base::as_utf8(std::move(message));
  for (const Note::Field& field : fields) {
    step.fields[std::string(field.name)] = base::as_utf8(field.value);
  }
  request.trace->add(std::move(step));
}

void tell_step(worker::Tools& tools, const ClientRequest& request, std::string_view event,
               std::string message, std::vector<Note::Field> fields) {
  keep_step(tools, request, event, message, fields);
  tools.report.note(Level::debug, "trace", std::move(message), request.id, std::move(fields));
}

}  // namespace ccrelay::exchange
