#include "dialect/sse_events.hpp"

#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

void SseEvents::feed(std::string_view bytes) {
  if (!failed_) scanner_.feed(bytes);
}

void SseEvents::end() {
  if (failed_ || scanner_.between_events()) return;
  ending_ = true;
  // Ends the line, if it has not, then the event.
  scanner_.feed("\n\n");
}

void SseEvents::on_event(std::string_view name, std::string_view data) {
  if (failed_ || data.empty()) return;
  if (ending_ && data != "[DONE]" && !Json::read(data)) return;
  sink_.on_event(name, data);
}

void append_event(std::string& out, std::string_view name, std::string_view data) {
  if (!name.empty()) {
    out += "event: ";
    out += name;
    out += '\n';
  }
  out += "data: ";
  out += data;
  out += "\n\n";
}

}  // namespace ccrelay::dialect
