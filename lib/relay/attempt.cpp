#include "relay/attempt.hpp"

#include <fmt/format.h>

#include "wire/retry_after.hpp"

namespace ccrelay::relay {
namespace {

// An error's body beyond this is not kept; the client then gets an error of the relay's own.
constexpr std::size_t error_body_bytes_max = 64 * 1024;

// The client's body with the splices in place, as pieces that point into both.
std::vector<std::string_view> pieces(std::string_view body, const std::vector<Splice>& splices) {
  std::vector<std::string_view> out;
  std::size_t at = 0;
  for (const Splice& splice : splices) {
    if (splice.offset > at) out.push_back(body.substr(at, splice.offset - at));
    if (!splice.replacement.empty()) out.push_back(splice.replacement);
    at = splice.offset + splice.length;
  }
  if (at < body.size()) out.push_back(body.substr(at));
  return out;
}

}  // namespace

Attempt::Attempt(Tools& tools, const TimeoutConfig& timeouts, Target target, Operation operation,
                 AttemptSink& sink)
    : tools_(tools),
      timeouts_(timeouts),
      target_(target),
      operation_(operation),
      sink_(sink),
      timer_(tools.loop.timers(), [this] { on_timeout(); }),
      started_(tools.loop.now()) {
  summary_.provider = target.entry->config->name;
  if (target.authority == Authority::key) summary_.key = target.entry->fingerprints[target.key];
  if (target.authority == Authority::client) summary_.key = "client";
}

void Attempt::start(OutboundRequest request, std::string_view body, bool stream) {
  request_ = std::move(request);
  timer_.arm(started_ + target_.entry->connect_timeout);
  transfer_ = tools_.upstream.start({target_.entry->endpoint, request_.method, request_.url,
                                     request_.headers, pieces(body, request_.splices), stream},
                                    *this);
  // Copied by now; a stream may go on for hours.
  request_.headers = {};
}

void Attempt::resume() {
  if (!paused_) return;
  paused_ = false;
  last_byte_ = tools_.loop.now();
  if (phase_ == Phase::passing) timer_.arm(last_byte_ + target_.entry->stream_idle_timeout);
  transfer_->resume();
}

void Attempt::on_connected(bool reused) {
  const TimePoint now = tools_.loop.now();
  if (!reused) summary_.connect = now - started_;
  phase_ = Phase::waiting;
  const milliseconds limit = target_.entry->first_byte_timeout;
  if (limit.count() > 0) {
    timer_.arm(now + limit);
  } else {
    timer_.cancel();
  }
}

void Attempt::on_head(ResponseHead head) {
  last_byte_ = tools_.loop.now();
  summary_.first_byte = last_byte_ - started_;
  summary_.status = head.status;
  const Verdict verdict = classify(operation_, target_.authority, head.status,
                                   head.headers.get("content-type").value_or(std::string_view()));
  if (verdict.pass_on) {
    phase_ = Phase::passing;
    summary_.outcome = verdict.outcome;
    timer_.arm(last_byte_ + target_.entry->stream_idle_timeout);
    sink_.on_answer(std::move(head));
    return;
  }
  phase_ = Phase::error_body;
  failure_.outcome = verdict.outcome;
  failure_.detail = fmt::format("answered {}", head.status);
  // Now: it counts even if the body never comes.
  failure_.retry_after = wire::retry_after(head.headers, tools_.loop.clock().wall());
  if (head.status < 300) {
    failure_.detail = fmt::format(
        "answered {} with an HTML page where JSON or an event stream was expected; check base_url",
        head.status);
  } else if (head.status < 400) {
    failure_.detail = fmt::format("answered {}, a redirect; check base_url", head.status);
  } else {
    failure_.head = std::move(head);
  }
  timer_.arm(last_byte_ + timeouts_.error_body);
}

upstream::Flow Attempt::on_body(std::string_view bytes) {
  last_byte_ = tools_.loop.now();
  if (phase_ == Phase::error_body) {
    if (failure_.body.size() + bytes.size() > error_body_bytes_max) {
      failure_.head.reset();
    } else {
      failure_.body.append(bytes);
    }
    return upstream::Flow::taken;
  }
  // The sink may destroy this attempt: nothing of it may be touched after Flow::taken.
  const upstream::Flow flow = sink_.on_answer_body(bytes);
  if (flow == upstream::Flow::pause) {
    paused_ = true;
    timer_.cancel();
  }
  return flow;
}

void Attempt::on_done(const upstream::TransferResult& result) {
  timer_.cancel();
  const bool whole = result.end == upstream::End::complete;
  switch (phase_) {
    case Phase::passing:
      sink_.on_answer_end(whole, result.detail);
      return;
    case Phase::error_body:
      if (!whole) failure_.head.reset();
      break;
    case Phase::connecting:
    case Phase::waiting:
      failure_.outcome = Outcome::transport;
      failure_.detail = whole ? "ended the connection without an answer" : result.detail;
      // A certificate does not get better by trying again.
      failure_.unsent = !result.request_sent && result.end != upstream::End::tls;
      break;
  }
  sink_.on_attempt_failed(std::move(failure_));
}

void Attempt::on_timeout() {
  const TimePoint now = tools_.loop.now();
  const Entry& entry = *target_.entry;
  switch (phase_) {
    case Phase::connecting:
      fail_timed_out(fmt::format("no connection to {} within {} ms (timeouts.connect_ms)",
                                 entry.endpoint.origin, entry.connect_timeout.count()));
      return;
    case Phase::waiting:
      fail_timed_out(fmt::format("no answer within {} ms (timeouts.first_byte_ms)",
                                 entry.first_byte_timeout.count()));
      return;
    case Phase::error_body:
      failure_.head.reset();
      transfer_.reset();
      sink_.on_attempt_failed(std::move(failure_));
      return;
    case Phase::passing:
      if (now - last_byte_ < entry.stream_idle_timeout) {
        timer_.arm(last_byte_ + entry.stream_idle_timeout);
        return;
      }
      transfer_.reset();
      sink_.on_answer_end(
          false, fmt::format("the provider sent nothing for {} ms (timeouts.stream_idle_ms)",
                             entry.stream_idle_timeout.count()));
      return;
  }
}

void Attempt::fail_timed_out(std::string detail) {
  transfer_.reset();
  failure_.outcome = Outcome::timed_out;
  failure_.detail = std::move(detail);
  sink_.on_attempt_failed(std::move(failure_));
}

}  // namespace ccrelay::relay
