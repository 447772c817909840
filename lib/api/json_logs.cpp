#include <variant>

#include "api/json.hpp"

namespace ccrelay::api {

void append_json(std::string& out, const management::LogLevelState& state) {
  JsonObject object(out);
  object("level", state.level)("configured_level", state.configured_level);
  object("expire_time", state.expire_time);
}

void append_json(std::string& out, const management::LogLine& line) {
  JsonObject object(out);
  object("time", line.time)("level", line.level)("event", line.event)("message", line.message);
  object("id", line.id)("request_id", line.request_id)("fields", line.fields);
}

void append_json(std::string& out, const management::LogEvent& event) {
  JsonObject object(out);
  if (const auto* line = std::get_if<management::LogLine>(&event)) object("line", *line);
  if (const auto* lost = std::get_if<management::LinesLost>(&event)) object("lost", lost->lines);
}

}  // namespace ccrelay::api
