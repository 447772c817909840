#include "exchange/steps.hpp"

#include <cstddef>
#include <utility>

namespace ccrelay::exchange {

bool wants_steps(const worker::Tools& tools) {
  return tools.shared.watchers->any_keeps_up() || tools.shared.traces.wanted(tools.loop.now()) ||
         tools.report.wants(Level::debug);
}

std::string in_a_row(std::initializer_list<std::string_view> texts) {
  std::size_t bytes = 0;
  for (const std::string_view text : texts) bytes += text.size();
  std::string out;
  out.reserve(bytes);
  for (const std::string_view text : texts) out += text;
  return out;
}

void keep_step(worker::Tools& tools, const ClientRequest& request, std::string_view event,
               std::string message, std::vector<Note::Field> fields) {
  if (!request.trace) return;
  request.trace->add({tools.loop.now(), event, std::move(message), std::move(fields)});
}

void tell_step(worker::Tools& tools, const ClientRequest& request, std::string_view event,
               std::string message, std::vector<Note::Field> fields) {
  if (tools.report.wants(Level::debug)) {
    tools.report.note(Level::debug, "trace", message, request.id, fields);
  }
  keep_step(tools, request, event, std::move(message), std::move(fields));
}

}  // namespace ccrelay::exchange
