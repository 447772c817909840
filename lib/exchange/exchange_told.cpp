#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <utility>

#include "exchange/exchange.hpp"
#include "exchange/steps.hpp"
#include "worker/told_request.hpp"

// What those are told of a running request who look at it or watch: the management API.

namespace ccrelay::exchange {

void Exchange::on_attempt_begun() {
  happens(management::RequestEventKind::attempt_started);
}

void Exchange::on_attempt_ended() {
  happens(management::RequestEventKind::attempt_ended);
}

void Exchange::tell_progress() {
  const std::chrono::milliseconds interval(tools_.happenings.progress_ms());
  const TimePoint now = tools_.loop.now();
  if (interval.count() == 0 || now - progress_told_ < interval) return;
  progress_told_ = now;
  happens(management::RequestEventKind::progress);
}

// One branch where nobody watches.
void Exchange::happens(management::RequestEventKind kind) {
  using Kind = management::RequestEventKind;
  if (!tools_.happenings.wanted()) return;
  worker::Happening happening;
  happening.kind = kind;
  happening.request = told();
  const auto& attempts = happening.request.attempts;
  // The last of those that run has begun last; those that have ended stand before them.
  if (kind == Kind::attempt_started) happening.attempt = attempts.size() - 1;
  if (kind == Kind::attempt_ended) happening.attempt = summary_.attempts.size() - 1;
  if (kind == Kind::ended) {
    happening.request.state = management::RequestState::ended;
    happening.request.ending = summary_.ending;
  }
  tools_.happenings.add(std::move(happening));
}

void Exchange::keep_trace() {
  if (!trace_.any()) return;
  keep_step(tools_, request_, "ended",
            fmt::format("{} {}", summary_.status, to_string(summary_.ending)));
  tools_.shared.traces.keep(number_, trace_.steps());
}

// As far as it is.
management::Request Exchange::told() const {
  const TimePoint now = tools_.loop.now();
  const WallTime wall = tools_.loop.clock().wall();
  RequestSummary summary = summary_;
  if (attempt_) summary.attempts.push_back(attempt_->so_far(wall));
  if (search_) search_->add_running(summary.attempts, wall);
  summary.total = now - begun_;
  management::Request out = worker::told(summary, worker::request_id_text(number_));
  const auto running = (attempt_ ? 1 : 0) + (search_ ? search_->running() : 0);
  for (std::size_t i = out.attempts.size() - running; i < out.attempts.size(); ++i) {
    out.attempts[i].outcome.reset();
    out.attempts[i].duration_us.reset();
  }
  if (summary_.status == 0) out.first_byte_us.reset();
  switch (state_) {
    case State::reading:
      out.state = management::RequestState::reading;
      break;
    case State::searching:
      out.state =
          running > 0 ? management::RequestState::waiting : management::RequestState::routing;
      break;
    default:  // the client may still take what was its answer
      out.state = management::RequestState::streaming;
  }
  if (summary_.ending == Ending::complete) out.ending.reset();
  out.traced = trace_.any();
  return out;
}

}  // namespace ccrelay::exchange
