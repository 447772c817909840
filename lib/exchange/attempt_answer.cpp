#include <algorithm>

#include "base/ascii.hpp"
#include "exchange/attempt.hpp"
#include "exchange/classify.hpp"
#include "wire/rate_limit_headers.hpp"
#include "wire/retry_after.hpp"

// The second half of an Attempt: from the answer's head on.

namespace ccrelay::exchange {

void Attempt::on_head(ResponseHead head) {
  last_byte_ = tools_.loop.now();
  summary_.first_byte = last_byte_ - started_;
  summary_.status = head.status;
  if (target_.authority == Authority::key) {
    learn_limits(head.headers);
  }
  const Meaning meaning = classify(request_.operation, target_.authority, head.status,
                                   head.headers.get("content-type").value_or(std::string_view()));
  if (meaning.pass_on && !is_translated(*target_.entry, request_, head.status)) {
    summary_.outcome = meaning.outcome;
    head_ = std::move(head);
    if (head_.status < 300) {
      decoder_ = target_.entry->provider->decoder(request_.operation, request_.dialect, head_);
    }
    timer_.arm(last_byte_ + target_.entry->stream_idle_timeout);
    hold_or_pass();
    return;
  }
  phase_ = Phase::error_body;
  error_ =
      std::make_unique<ErrorAnswer>(tools_, request_, target_, meaning.outcome, std::move(head));
  timer_.arm(last_byte_ + config_.timeouts.error_body);
}

// Counting tokens has limits of its own at the providers: they say nothing of messages.
void Attempt::learn_limits(const Headers& headers) {
  if (request_.operation != Operation::messages) return;
  target_.key_lease.learn(wire::rate_limit_headers(headers, tools_.loop.clock().wall()),
                          tools_.loop.now());
}

// A stream is held until its first real event, and a 400 that may be about a thinking block until
// it is known whether it is. Anything else goes on as it comes.
void Attempt::hold_or_pass() {
  const Headers& headers = head_.headers;
  const bool readable =
      base::iequals(headers.get("content-encoding").value_or("identity"), "identity");
  const bool good = head_.status >= 200 && head_.status < 300;
  if (readable && good && request_.operation == Operation::messages && is_stream()) {
    tap_.emplace(tools_.answer_reader, static_cast<std::size_t>(config_.stream.inspect_bytes),
                 usage_);
    held_.emplace(*tap_, static_cast<std::size_t>(config_.stream.buffer_bytes));
  } else if ((readable && head_.status == 400 && may_be_repaired_) || (decoder_ && !is_stream())) {
    held_.emplace(error_body_bytes_max);
  }
  if (held_) {
    phase_ = Phase::holding;
  } else {
    begin_passing();
  }
}

void Attempt::begin_passing() {
  phase_ = Phase::passing;
  timer_.arm(last_byte_ + target_.entry->stream_idle_timeout);
  sink_.on_answer(*this);
}

// Of a dialect in which streams are no Server-Sent Events, the decoder reads them.
bool Attempt::is_stream() const {
  const auto type = head_.headers.get("content-type").value_or("");
  return base::istarts_with(type, "text/event-stream") ||
         (decoder_ && request_.dialect != Dialect::anthropic);
}

upstream::Flow Attempt::on_body(std::string_view bytes) {
  last_byte_ = tools_.loop.now();
  if (phase_ == Phase::error_body) {
    error_->feed(bytes);
  } else if (phase_ == Phase::passing && answer_sink_->full()) {
    paused_ = true;
    timer_.cancel();
    return upstream::Flow::pause;
  } else {
    take(bytes);
  }
  return upstream::Flow::taken;
}

void Attempt::take(std::string_view bytes) {
  std::string broken;
  std::string_view readable = bytes;
  if (decoder_) {
    decoded_.clear();
    if (const auto fed = decoder_->feed(bytes, decoded_); !fed) broken = fed.error().message;
    readable = decoded_;
  }
  const std::string_view shown = request_.dialect == Dialect::anthropic ? readable : bytes;
  if (phase_ == Phase::holding) {
    hold(shown, readable);
  } else {
    if (tap_) tap_->feed(readable);
    if (!shown.empty()) answer_sink_->on_answer_body(shown);
  }
  // Who took the bytes may have closed the attempt.
  if (!broken.empty() && transfer_) break_off(broken);
}

// The answer makes no sense any more.
void Attempt::break_off(const std::string& detail) {
  transfer_.reset();
  timer_.cancel();
  if (phase_ == Phase::passing) {
    answer_sink_->on_answer_end(false, detail);
  } else {
    fail_held(detail);
  }
}

void Attempt::hold(std::string_view shown, std::string_view readable) {
  if (hold_until_ == TimePoint{}) {
    hold_until_ = last_byte_ + config_.stream.hold;
    timer_.arm(std::min(hold_until_, last_byte_ + target_.entry->stream_idle_timeout));
  }
  switch (held_->feed(shown, readable)) {
    case HeldAnswer::Verdict::undecided:
      break;
    case HeldAnswer::Verdict::pass:
      begin_passing();
      break;
    case HeldAnswer::Verdict::failed:
      fail_held({});
      break;
  }
}

void Attempt::fail_held(std::string_view detail) {
  Failure failure = held_->failure(detail);
  failure.retry_after = wire::retry_after(head_.headers, tools_.loop.clock().wall());
  if (!failure.body.empty()) failure.head = std::move(head_);
  if (tap_ && tap_->failed()) {
    const auto& error = tap_->error();
    if (const auto said = target_.entry->provider->outcome_of(error.code)) failure.outcome = *said;
  }
  sink_.on_attempt_failed(*this, std::move(failure));
}

void Attempt::fail_with_error(bool whole) {
  sink_.on_attempt_failed(
      *this, error_->end(whole, {provider_request(), held_identity_, may_be_repaired_}));
}

// What is wrong at the end of the bytes; empty if they end well.
std::string Attempt::end_decoder() {
  if (!decoder_) return {};
  decoded_.clear();
  const auto ended = decoder_->end(decoded_);
  if (phase_ == Phase::holding) {
    held_->feed(decoded_, decoded_);
  } else if (!decoded_.empty()) {
    answer_sink_->on_answer_body(decoded_);
  }
  return ended ? std::string() : ended.error().message;
}

void Attempt::on_done(const upstream::TransferResult& result) {
  timer_.cancel();
  bool whole = result.end == upstream::End::complete;
  std::string detail = result.detail;
  if (whole && (phase_ == Phase::holding || phase_ == Phase::passing)) {
    detail = end_decoder();
    whole = detail.empty();
  }
  switch (phase_) {
    case Phase::passing:
      answer_sink_->on_answer_end(whole, detail);
      return;
    case Phase::holding:
      if (held_->end(whole) == HeldAnswer::Verdict::pass) {
        begin_passing();
        timer_.cancel();
        answer_sink_->on_answer_end(whole, detail);
      } else {
        fail_held(whole ? "the stream ended before its first event" : detail);
      }
      return;
    case Phase::error_body:
      fail_with_error(whole);
      return;
    case Phase::authorizing:
    case Phase::connecting:
    case Phase::waiting:
      Failure failure;
      failure.outcome = Outcome::transport;
      failure.detail = whole ? "ended the connection without an answer" : result.detail;
      failure.stale = result.stale;
      // A certificate does not get better by trying again.
      failure.unsent = !result.request_sent && result.end != upstream::End::tls;
      sink_.on_attempt_failed(*this, std::move(failure));
      return;
  }
}

}  // namespace ccrelay::exchange
