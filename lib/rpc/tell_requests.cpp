#include <ccrelay/management/v1/management.pb.h>

#include <variant>

#include "rpc/enums.hpp"
#include "rpc/tell.hpp"

namespace ccrelay::rpc {
namespace {

void tell(const management::TraceStep& step, messages::TraceStep& out) {
  out.set_at_us(step.at_us);
  out.set_event(step.event);
  out.set_message(step.message);
  for (const auto& [name, value] : step.fields) (*out.mutable_fields())[name] = value;
}

// What of an event has which place in the message.
struct Teller {
  messages::WatchRequestsResponse& out;

  void operator()(const management::Existing& event) const {
    rpc::tell(event.request, *out.mutable_existing());
  }
  void operator()(const management::Synced& event) const {
    out.mutable_synced()->set_existing(event.existing);
  }
  void operator()(const management::Started& event) const {
    rpc::tell(event.request, *out.mutable_started());
  }
  void operator()(const management::AttemptStarted& event) const {
    out.mutable_attempt_started()->set_id(event.id);
    rpc::tell(event.attempt, *out.mutable_attempt_started()->mutable_attempt());
  }
  void operator()(const management::AttemptEnded& event) const {
    out.mutable_attempt_ended()->set_id(event.id);
    rpc::tell(event.attempt, *out.mutable_attempt_ended()->mutable_attempt());
  }
  void operator()(const management::FirstByte& event) const {
    auto& first_byte = *out.mutable_first_byte();
    first_byte.set_id(event.id);
    first_byte.set_provider(event.provider);
    first_byte.set_status(event.status);
    first_byte.set_first_byte_us(event.first_byte_us);
  }
  void operator()(const management::Progress& event) const {
    auto& progress = *out.mutable_progress();
    progress.set_id(event.id);
    progress.set_state(told(event.state));
    progress.set_response_bytes(event.response_bytes);
    rpc::tell(event.usage, *progress.mutable_usage());
    progress.set_duration_us(event.duration_us);
  }
  void operator()(const management::Ended& event) const {
    rpc::tell(event.request, *out.mutable_ended());
  }
  void operator()(const management::Lost& event) const {
    auto& lost = *out.mutable_lost();
    lost.set_events(event.events);
    lost.set_ended(event.ended);
    lost.set_started(event.started);
  }
};

}  // namespace

void tell(const management::Attempt& attempt, messages::Attempt& out) {
  out.set_number(attempt.number);
  out.set_provider(attempt.provider);
  out.set_key(attempt.key);
  out.set_model(attempt.model);
  if (attempt.outcome) out.set_outcome(told(*attempt.outcome));
  out.set_status(attempt.status);
  out.set_detail(attempt.detail);
  out.set_start_us(attempt.start_us);
  out.set_connect_us(attempt.connect_us);
  if (attempt.first_byte_us) out.set_first_byte_us(*attempt.first_byte_us);
  if (attempt.duration_us) out.set_duration_us(*attempt.duration_us);
  out.set_dialect(attempt.dialect);
  out.set_translated(attempt.translated);
}

void tell(const management::Request& request, messages::Request& out) {
  out.set_id(request.id);
  out.set_request_id(request.request_id);
  out.set_session(request.session);
  out.set_client(request.client);
  out.set_client_address(request.client_address);
  out.set_method(request.method);
  out.set_path(request.path);
  out.set_model(request.model);
  out.set_model_sent(request.model_sent);
  out.set_stream(request.stream);
  out.set_state(told(request.state));
  out.set_provider(request.provider);
  out.set_key(request.key);
  out.set_attempt_count(request.attempt_count);
  tell(request.start_time, *out.mutable_start_time());
  out.set_duration_us(request.duration_us);
  if (request.first_byte_us) out.set_first_byte_us(*request.first_byte_us);
  out.set_request_bytes(request.request_bytes);
  out.set_response_bytes(request.response_bytes);
  tell(request.usage, *out.mutable_usage());
  tell(request.cost, *out.mutable_cost());
  out.set_status(request.status);
  if (request.ending) out.set_ending(told(*request.ending));
  out.set_error(request.error);
  for (const management::Attempt& attempt : request.attempts) tell(attempt, *out.add_attempts());
  for (const management::TraceStep& step : request.trace) tell(step, *out.add_trace());
  out.set_traced(request.traced);
  out.set_pings(request.pings);
  out.set_dialect(request.dialect);
}

void tell(const management::Event& event, messages::WatchRequestsResponse& out) {
  out.set_sequence(event.sequence);
  tell(event.time, *out.mutable_time());
  std::visit(Teller{out}, event.what);
}

}  // namespace ccrelay::rpc
