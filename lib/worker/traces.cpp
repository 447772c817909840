#include "worker/traces.hpp"

#include "base/utf8.hpp"

namespace ccrelay::worker {

std::vector<management::TraceStep> told(const std::vector<Step>& steps, TimePoint begun) {
  std::vector<management::TraceStep> out;
  out.reserve(steps.size());
  for (const Step& step : steps) {
    management::TraceStep& one = out.emplace_back();
    one.at_us = std::chrono::duration_cast<std::chrono::microseconds>(step.at - begun).count();
    one.event = step.event;
    one.message = base::as_utf8(step.message);
    for (const Note::Field& field : step.fields) {
      one.fields[std::string(field.name)] = base::as_utf8(field.value);
    }
  }
  return out;
}

}  // namespace ccrelay::worker
