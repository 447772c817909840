#include "dialect/sse_events.hpp"

#include <functional>
#include <utility>

#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

void SseEvents::feed(std::string_view bytes) {
  if (failed_) return;
  if (scanner_.between_events()) {
    while (!bytes.empty()) {
      const std::size_t taken = sink_.take_known(bytes);
      if (taken == 0) break;
      bytes.remove_prefix(taken);
    }
    if (bytes.empty()) return;
    fed_ = bytes;
  }
  scanner_.feed(bytes);
  fed_ = {};
}

EventFrame SseEvents::frame_of(std::string_view data) {
  const std::string_view fed = std::exchange(fed_, {});
  const std::less<const char*> before;
  const char* const end = fed.data() + fed.size();
  if (fed.empty() || before(data.data(), fed.data()) || !before(data.data(), end)) return {};
  const auto begin = static_cast<std::size_t>(data.data() - fed.data());
  const std::string_view rest = fed.substr(begin + data.size());
  const std::size_t behind = rest.starts_with("\n\n") ? 2 : rest.starts_with("\r\n\r\n") ? 4 : 0;
  if (behind == 0) return {};
  fed_ = rest.substr(behind);
  return {fed.substr(0, begin), rest.substr(0, behind)};
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
  sink_.frame = frame_of(data);
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
