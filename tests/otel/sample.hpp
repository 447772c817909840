#pragma once

#include <ccrelay/observer.hpp>

#include <chrono>
#include <string>

#include "observe/sample_request.hpp"
#include "otel/record.hpp"

namespace ccrelay::testing {

inline const std::string sample_trace = "0af7651916cd43dd8448eb211c80319c";

/// A request of a client that told its trace: one provider refused it, another answered.
inline RequestSummary traced_request() {
  using namespace std::chrono_literals;
  RequestSummary request = observe::sample_request();
  const std::string begin = "00-" + sample_trace + '-';
  request.started = TimePoint(100s);
  request.endpoint = "messages";
  request.traceparent = begin + "b7ad6b7169203331-01";
  request.tracestate = "v=1";
  request.own_traceparent = begin + "00000000000000aa-01";
  AttemptSummary& refused = request.attempts[0];
  refused.started = request.started + 10ms;
  refused.provider_type = "zai";
  refused.server = "https://api.z.ai";
  refused.traceparent = begin + "00000000000000bb-01";
  AttemptSummary& answered = request.attempts[1];
  answered.started = request.started + 20ms;
  answered.provider_type = "bedrock";
  answered.server = "http://[::1]:8443";
  answered.traceparent = begin + "00000000000000cc-01";
  answered.response_id = "msg_1";
  answered.stop_reason = "end_turn";
  answered.usage.charges[0].model = "claude-x-1";
  return request;
}

}  // namespace ccrelay::testing
