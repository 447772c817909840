#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "relay/attempt.hpp"
#include "relay/classify.hpp"
#include "relay/unsupported.hpp"
#include "wire/rate_limit_headers.hpp"
#include "wire/retry_after.hpp"
#include "wire/signature_refusal.hpp"

// The second half of an Attempt: from the answer's head on.

namespace ccrelay::relay {
namespace {

// An error's body beyond this is not kept; the client then gets an error of the relay's own.
constexpr std::size_t error_body_bytes_max = 64 * 1024;
// Of a provider's words in the log.
constexpr std::size_t words_bytes_max = 300;

// AWS quotes what it was sent, further down.
std::string first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  return std::string(text.substr(0, words_bytes_max));
}

// 401, or AWS's words for keys and tokens that are not good
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html).
bool blames_credentials(const ResponseHead& head) {
  if (head.status == 401) return true;
  const auto word = head.headers.get("x-amzn-errortype").value_or("");
  for (const std::string_view one :
       {"ExpiredToken", "UnrecognizedClient", "InvalidSignature", "InvalidClientTokenId",
        "IncompleteSignature", "RequestExpired", "SignatureDoesNotMatch"}) {
    if (word.find(one) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

void Attempt::on_head(ResponseHead head) {
  last_byte_ = tools_.loop.now();
  summary_.first_byte = last_byte_ - started_;
  summary_.status = head.status;
  if (target_.authority == Authority::key) {
    learn_limits(head.headers);
  }
  const Verdict verdict = classify(request_.operation, target_.authority, head.status,
                                   head.headers.get("content-type").value_or(std::string_view()));
  // In its own dialect a client gets a cloud's own words.
  translates_ = head.status >= 400 && request_.dialect == Dialect::anthropic &&
                target_.entry->provider->translates_errors();
  if (verdict.pass_on && !translates_) {
    summary_.outcome = verdict.outcome;
    head_ = std::move(head);
    if (head_.status < 300) {
      decoder_ = target_.entry->provider->decoder(request_.operation, request_.dialect, head_);
    }
    timer_.arm(last_byte_ + target_.entry->stream_idle_timeout);
    hold_or_pass();
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
    blames_credentials_ = blames_credentials(head);
    failure_.head = std::move(head);
  }
  timer_.arm(last_byte_ + config_.timeouts.error_body);
}

// Counting tokens has limits of its own at the providers: they say nothing of messages.
void Attempt::learn_limits(const Headers& headers) {
  if (request_.operation != Operation::messages) return;
  tools_.shared.keys.learn(target_.key_lease,
                           wire::rate_limit_headers(headers, tools_.loop.clock().wall()),
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
    if (failure_.body.size() + bytes.size() > error_body_bytes_max) {
      failure_.head.reset();
    } else {
      failure_.body.append(bytes);
    }
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

// Some providers say by a code in the body what the status does not.
void Attempt::finish_error_body() {
  wire::ProviderError error;
  if (translates_ && failure_.head) {
    translate_error();
  } else if (failure_.head && tools_.answer_reader.read_error(failure_.body, error)) {
    if (const auto said = target_.entry->provider->outcome_of(error.code)) {
      failure_.outcome = *said;
      failure_.detail += fmt::format(" with code {}", error.code);
    }
  }
  if (failure_.outcome == Outcome::key_refused && target_.authority == Authority::identity) {
    give_up_identity();
  }
  sink_.on_attempt_failed(*this, std::move(failure_));
}

// From here on it is as if the provider spoke Anthropic's form, and meant what that means.
void Attempt::translate_error() {
  const Provider& provider = *target_.entry->provider;
  provider.translate_error(*failure_.head, failure_.body);
  const int status = failure_.head->status;
  failure_.outcome =
      classify(request_.operation, target_.authority, status, "application/json").outcome;
  wire::ProviderError error;
  if (failure_.outcome != Outcome::rejected ||
      !tools_.answer_reader.read_error(failure_.body, error)) {
    return;
  }
  failure_.detail += ": " + first_line(error.message);
  failure_.signature_refused =
      may_be_repaired_ && wire::is_signature_refusal(status, failure_.body);
  // Counting may know less than answering does, and says nothing of it.
  if (request_.operation != Operation::messages) return;
  failure_.unsupported = provider.refused_in(status, error.message, provider_request());
  leave_out(failure_.unsupported, unsupported_);
}

// One that has expired or was revoked is fetched anew. That it may not do something is no reason.
void Attempt::give_up_identity() {
  failure_.with_identity = true;
  wire::ProviderError error;
  (void)tools_.answer_reader.read_error(failure_.body, error);
  failure_.identity_is_stale =
      blames_credentials_ && held_identity_ &&
      target_.entry->vault->invalidate(held_identity_, tools_.loop.clock());
  tools_.report.note(Level::warn, "identity_refused",
                     fmt::format("{} refused the relay's identity ({}): {}", summary_.provider,
                                 failure_.detail, first_line(error.message)),
                     request_.id);
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
      if (!whole) failure_.head.reset();
      finish_error_body();
      return;
    case Phase::authorizing:
    case Phase::connecting:
    case Phase::waiting:
      failure_.outcome = Outcome::transport;
      failure_.detail = whole ? "ended the connection without an answer" : result.detail;
      // A certificate does not get better by trying again.
      failure_.stale = result.stale;
      failure_.unsent = !result.request_sent && result.end != upstream::End::tls;
      sink_.on_attempt_failed(*this, std::move(failure_));
      return;
  }
}

}  // namespace ccrelay::relay
