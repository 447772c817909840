#include <ccrelay/management/v1/management.pb.h>

#include <variant>

#include "rpc/enums.hpp"
#include "rpc/tell.hpp"

namespace ccrelay::rpc {

void tell(const management::LogLevelState& state, messages::GetLogLevelResponse& out) {
  out.set_level(told(state.level));
  out.set_configured_level(told(state.configured_level));
  if (state.expire_time) tell(*state.expire_time, *out.mutable_expire_time());
}

void tell(const management::LogLine& line, messages::LogLine& out) {
  tell(line.time, *out.mutable_time());
  out.set_level(told(line.level));
  out.set_event(line.event);
  out.set_message(line.message);
  out.set_id(line.id);
  out.set_request_id(line.request_id);
  for (const auto& [name, value] : line.fields) (*out.mutable_fields())[name] = value;
}

void tell(const management::LogEvent& event, messages::WatchLogsResponse& out) {
  if (const auto* line = std::get_if<management::LogLine>(&event)) {
    tell(*line, *out.mutable_line());
  } else {
    out.set_lost(std::get<management::LinesLost>(event).lines);
  }
}

}  // namespace ccrelay::rpc
