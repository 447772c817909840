#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

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
  const std::chrono::milliseconds interval(tools_.shared.watchers->progress_ms());
  const TimePoint now = tools_.loop.now();
  if (interval.count() == 0 || now - progress_told_ < interval) return;
  progress_told_ = now;
  happens(management::RequestEventKind::progress);
}

// What it is to those who watch: see worker::Happening.
class Exchange::Told final : public worker::Happening {
 public:
  Told(const Exchange& exchange, management::RequestEventKind kind)
      : Happening(kind, exchange.number_, exchange.tools_.loop.clock().wall()),
        exchange_(exchange) {}

 private:
  management::Request whole() const override {
    management::Request out = exchange_.told();
    if (kind() == management::RequestEventKind::ended) {
      out.state = management::RequestState::ended;
      out.ending = exchange_.summary_.ending;
    }
    return out;
  }
  // What has begun last has done so behind all others that run, which stand behind those that
  // ended.
  management::Attempt attempt() const override {
    const auto& ended = exchange_.summary_.attempts;
    const bool is_over = kind() == management::RequestEventKind::attempt_ended;
    const WallTime begun = exchange_.summary_.began;
    if (is_over && ended.size() == 1 && exchange_.running() == 0) {
      return worker::told(ended.back(), 1, begun);
    }
    if (!is_over && ended.empty() && exchange_.search_ && exchange_.running() == 1) {
      std::vector<AttemptSummary> only;
      exchange_.search_->add_running(only, time());
      if (!only.empty()) {
        management::Attempt out = worker::told(only.front(), 1, begun);
        out.outcome.reset();
        out.duration_us.reset();
        return out;
      }
    }
    const auto& all = request()->attempts;
    return all.at(is_over ? ended.size() - 1 : all.size() - 1);
  }
  management::FirstByte first_byte() const override {
    const RequestSummary& summary = exchange_.summary_;
    const bool is_known = summary.status != 0 && summary.status != 499;
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(summary.first_byte);
    return {worker::request_id_text(number()), exchange_.attempt_->summary().provider,
            summary.status, is_known ? us.count() : 0};
  }

  const Exchange& exchange_;
};

// One branch where nobody watches.
void Exchange::happens(management::RequestEventKind kind) {
  worker::Watchers& watchers = *tools_.shared.watchers;
  if (watchers.any()) watchers.offer(Told(*this, kind));
}

std::size_t Exchange::running() const {
  return (attempt_ ? 1 : 0) + (search_ ? search_->running() : 0);
}

void Exchange::keep_trace() {
  if (!trace_.any()) return;
  keep_step(tools_, request_, "ended",
            in_a_row({std::to_string(summary_.status), " ", to_string(summary_.ending)}));
  tools_.shared.traces.keep(number_, trace_);
}

// As far as it is.
management::Request Exchange::told() const {
  const TimePoint now = tools_.loop.now();
  const WallTime wall = tools_.loop.clock().wall();
  const std::size_t running = this->running();
  management::Request out;
  if (running == 0) {
    out = worker::told(summary_, worker::request_id_text(number_));
  } else {
    RequestSummary summary = summary_;
    if (attempt_) summary.attempts.push_back(attempt_->so_far(wall));
    if (search_) search_->add_running(summary.attempts, wall);
    out = worker::told(summary, worker::request_id_text(number_));
  }
  out.duration_us = std::chrono::duration_cast<std::chrono::microseconds>(now - begun_).count();
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
