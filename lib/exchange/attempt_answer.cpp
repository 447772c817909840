#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "exchange/answer_looks.hpp"
#include "exchange/attempt.hpp"
#include "exchange/classify.hpp"
#include "exchange/trouble.hpp"
#include "exchange/unsupported.hpp"
#include "wire/error_type.hpp"
#include "wire/page_words.hpp"
#include "wire/rate_limit_headers.hpp"

// The second half of an Attempt: from the answer's head on.

namespace ccrelay::exchange {
namespace {

// The status that such an error usually has. Of those that are nobody's in particular who read the
// provider's own words knows more.
int in_band_status(const provider::ErrorMeaning& meaning, const wire::ProviderError& error,
                   const Interpreter* reader) {
  const int status = meaning.about != ErrorAbout::none && meaning.status >= 400
                         ? meaning.status
                         : wire::usual_status(error.type, error.code);
  return status == 500 && reader && reader->failed_status() > 500 ? reader->failed_status()
                                                                  : status;
}

}  // namespace

void Attempt::on_head(ResponseHead head) {
  last_byte_ = tools_.loop.now();
  heard_ = state::Heard::a_head;
  if (target_.was_silent) target_.provider_lease.hear();
  summary_.first_byte = last_byte_ - started_;
  summary_.status = head.status;
  if (has_record(target_.authority)) {
    learn_limits(head.headers);
  }
  const Meaning meaning =
      classify(request_.operation, target_.authority, head.status,
               head.headers.get(base::HeaderName::content_type).value_or(std::string_view()));
  // What a good status is worth, the stage finds out.
  const bool is_good = head.status >= 200 && head.status < 300;
  const bool is_error = head.status >= 400 && request_.operation != Operation::other;
  if (is_good || (meaning.pass_on && !is_error)) {
    summary_.outcome = is_good ? Outcome::success : meaning.outcome;
    head_ = std::move(head);
    auto decodes = AnswerStage::Decodes::by_head;
    auto decoder = is_good ? this->decoder(decodes) : nullptr;
    const bool must_be_read = is_translated() || (decoder && !interpreter_);
    if (is_good && must_be_read && !is_plain(head_)) {
      fail_encoded();
      return;
    }
    stage_.emplace(
        tools_.answer_reader, config_.stream,
        AnswerStage::What{
            request_.operation, is_translated() ? Dialect::anthropic : request_.dialect, head_,
            summary_.outcome, target_.authority, source(), request_.view.stream, frames(),
            tools_.shared.telemetry != nullptr, decodes, target_.entry->told_cost},
        std::move(decoder));
    timer_.arm(last_byte_ + target_.entry->stream_idle_timeout);
    phase_ = Phase::holding;
    stage_->holds() ? hold_for_a_while() : begin_passing();
    return;
  }
  phase_ = Phase::error_body;
  error_ =
      std::make_unique<ErrorAnswer>(tools_, request_, target_, meaning.outcome, std::move(head));
  timer_.arm(last_byte_ + config_.timeouts.error_body);
}

// An answer that has to be read, and can't be.
void Attempt::fail_encoded() {
  Failure failure;
  failure.detail = wire::quotable(
      fmt::format("answered {} in the coding \"{}\", though it was asked for none", head_.status,
                  head_.headers.get(base::HeaderName::content_encoding).value_or("")),
      {});
  sink_.on_attempt_failed(*this, std::move(failure));
}

// What reads a good answer into Anthropic's words, where it has others.
std::unique_ptr<AnswerDecoder> Attempt::decoder(AnswerStage::Decodes& decodes) {
  if (interpreter_) {
    const bool is_document = base::istarts_with(
        head_.headers.get(base::HeaderName::content_type).value_or(""), "application/json");
    bool is_stream = false;
    const auto keep = [this](std::uint64_t bytes) {
      const worker::Admission::Room room = worker::body_bytes_room(config_.server);
      // One that goes on as it is need not be understood.
      if (!is_translated()) {
        const bool has_room = held_answer_.keep_if_room(bytes, room);
        if (!has_room) stage_->stop_reading();
        return has_room;
      }
      const bool is_kept = held_answer_.keep(bytes, room);
      answer_has_no_room_ = answer_has_no_room_ || !is_kept;
      return is_kept;
    };
    if (auto own = interpreter_->decoder(head_, is_stream, keep)) {
      using Decodes = AnswerStage::Decodes;
      decodes = !is_stream                                  ? Decodes::document
                : is_document && interpreter_->translates() ? Decodes::stream_at_end
                                                            : Decodes::stream;
      return own;
    }
  }
  return target_.entry->provider->decoder(request_.operation, target_.dialect, head_);
}

// What reads the answer if its first bytes turn out to be a frame of AWS's, whatever its head says.
std::function<std::unique_ptr<AnswerDecoder>()> Attempt::frames() {
  if (!target_.entry->provider->speaks(Dialect::bedrock)) return {};
  return [this] {
    head_.headers.set("content-type", "application/vnd.amazon.eventstream");
    return target_.entry->provider->decoder(request_.operation, target_.dialect, head_);
  };
}

// Counting tokens has limits of its own at the providers: they say nothing of messages.
void Attempt::learn_limits(const Headers& headers) {
  if (request_.operation != Operation::messages) return;
  target_.key_lease.learn(wire::rate_limit_headers(headers, tools_.loop.clock().wall()),
                          tools_.loop.now());
}

void Attempt::begin_passing() {
  phase_ = Phase::passing;
  timer_.arm(last_byte_ + target_.entry->stream_idle_timeout);
  sink_.on_answer(*this);
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

void Attempt::on_all_given() {
  if (phase_ == Phase::passing) answer_sink_->on_answer_pause();
}

void Attempt::take(std::string_view bytes) {
  const AnswerStage::Step step = stage_->feed(bytes);
  keep_undecoded();
  if (phase_ == Phase::passing) {
    pass_on(step);
  } else {
    switch (step.verdict) {
      case AnswerStage::Verdict::undecided:
        hold_for_a_while();
        break;
      case AnswerStage::Verdict::pass:
        begin_passing();
        break;
      case AnswerStage::Verdict::failed:
        fail_held({});
        break;
    }
  }
  // Who took the bytes may have closed the attempt.
  if (!step.broken.empty() && transfer_) break_off(step.broken);
  if (answer_has_no_room_ && transfer_) break_off({});
}

// The part of a provider's own form that can't be decoded yet.
void Attempt::keep_undecoded() {
  const std::uint64_t bytes = stage_->undecoded_bytes();
  if (bytes == 0 && undecoded_ == 0) return;
  undecoded_ = bytes;
  if (!held_answer_.keep(bytes, worker::body_bytes_room(config_.server)))
    answer_has_no_room_ = true;
}

void Attempt::pass_on(const AnswerStage::Step& step) {
  if (!step.carried.empty()) answer_sink_->on_answer_body(step.carried);
  // Who took them may have closed the attempt.
  if (!step.shown.empty() && transfer_) answer_sink_->on_answer_body(step.shown);
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

void Attempt::hold_for_a_while() {
  if (hold_until_ != TimePoint{} || !stage_->may_be_shown_early()) return;
  hold_until_ = last_byte_ + config_.stream.hold;
  timer_.arm(std::min(hold_until_, last_byte_ + target_.entry->stream_idle_timeout));
}

// Whom an error inside a good answer comes from.
provider::ErrorSource Attempt::source() const {
  const ProviderConfig& config = *target_.entry->config;
  return {config.type, target_.model, config.errors, tools_.loop.clock().wall()};
}

void Attempt::fail_held(std::string_view detail) {
  if (answer_has_no_room_) {
    Failure failure = no_room_failure(worker::body_bytes_room(config_.server));
    failure.unsent = false;
    sink_.on_attempt_failed(*this, std::move(failure));
    return;
  }
  Failure failure = stage_->failure(detail);
  if (const auto* error = stage_->error()) take_in_band(failure, *error);
  sink_.on_attempt_failed(*this, std::move(failure));
}

// What an error inside a good answer means.
void Attempt::take_in_band(Failure& failure, const wire::ProviderError& error) {
  const WallTime wall = tools_.loop.clock().wall();
  const auto meaning = read_trouble(target_, 200, head_.headers, stage_->error_json(), wall);
  failure.detail = wire::quotable(std::move(failure.detail), {});
  if (meaning.about != ErrorAbout::none) {
    take_trouble(failure, meaning, request_, target_, provider_request(), head_.headers, wall);
  }
  if (failure.outcome == Outcome::rejected) {
    look_for_what_was_refused(failure, target_, provider_request(), meaning.status,
                              meaning.message);
  }
  failure.head = std::move(head_);
  const int status = in_band_status(meaning, error, interpreter_.get());
  // Its stream has nothing in it that could be the client's.
  if (is_translated()) {
    failure.head->status = status;
    failure.body = interpreter_->error_said(*failure.head, error.type, error.message);
    return;
  }
  // A stream had begun: so the client sees it. JSON gets the status that such an error usually has.
  if (!stage_->is_watched()) failure.head->status = status;
}

void Attempt::fail_with_error(bool whole) {
  sink_.on_attempt_failed(
      *this, error_->end(whole, {provider_request(), held_identity_, interpreter_.get()}));
}

void Attempt::end_answer(const upstream::TransferResult& result) {
  AnswerStage::Step step = stage_->end(result.end == upstream::End::complete);
  const bool whole = result.end == upstream::End::complete && step.broken.empty();
  const std::string& detail = step.broken.empty() ? result.detail : step.broken;
  if (phase_ == Phase::holding) {
    if (step.verdict == AnswerStage::Verdict::failed) {
      fail_held(detail);
      return;
    }
    begin_passing();
    timer_.cancel();
  } else {
    pass_on(step);
  }
  // Who took the answer's end may have closed the attempt.
  if (transfer_) answer_sink_->on_answer_end(whole, detail);
}

void Attempt::on_done(const upstream::TransferResult& result) {
  timer_.cancel();
  const bool whole = result.end == upstream::End::complete;
  switch (phase_) {
    case Phase::passing:
    case Phase::holding:
      end_answer(result);
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
      // Nor does this, and every other provider would be as far away.
      if (result.end == upstream::End::exhausted) {
        failure.outcome = Outcome::failed;
        failure.own = no_descriptor_answer();
      }
      sink_.on_attempt_failed(*this, std::move(failure));
      return;
  }
}

}  // namespace ccrelay::exchange
