#include <fmt/format.h>

#include <utility>

#include "exchange/answer_looks.hpp"
#include "exchange/answer_stage.hpp"
#include "exchange/classify.hpp"
#include "wire/json_scan.hpp"

// The second half of an AnswerStage: what the answer was when it has ended.

namespace ccrelay::exchange {
namespace {

std::string in_words(const wire::ProviderError& error) {
  return fmt::format("in-band {}: {}", error.type, error.message);
}

}  // namespace

AnswerStage::Step AnswerStage::end(bool whole) {
  Step step;
  if (whole && decoder_) {
    decoded_.clear();
    if (const auto ended = decoder_->end(decoded_); !ended) step.broken = ended.error().message;
    whole = step.broken.empty();
    const bool had_failed = tap_ && tap_->failed();
    if (tap_) tap_->feed(decoded_);
    ended_early_ = shows_own() && tap_ && tap_->failed() && !had_failed;
    if (members_) members_->feed(decoded_);
    if (dialect_ == Dialect::anthropic && holds_) {
      kept_.append(decoded_);
      if (!decoded_.empty()) whole_ = kept_.size();
    } else if (dialect_ == Dialect::anthropic) {
      pass(decoded_, decoded_.size(), step);
    }
  }
  if (form_ == Form::stream) finish_last_event(whole, step);
  if (!holds_) {
    step.verdict = Verdict::pass;
    return step;
  }
  holds_ = false;
  switch (form_) {
    case Form::stream:
      step.verdict = whole && has_ended() && !tap_->failed() ? Verdict::pass : Verdict::failed;
      if (whole && !has_ended()) why_ = "the stream ended before its first event";
      break;
    case Form::json:
      step.verdict = judge_json(whole);
      break;
    case Form::unknown:
      if (whole) {
        fail(behind_space(kept_).empty()
                 ? "an empty body where JSON or an event stream was expected; check base_url"
                 : "text where JSON or an event stream was expected; check base_url");
      }
      step.verdict = Verdict::failed;
      break;
    case Form::decoded:
    case Form::opaque:
      step.verdict = whole ? Verdict::pass : Verdict::failed;
      break;
  }
  return step;
}

// Some leave out the blank line behind the last event. Half an event is nothing.
void AnswerStage::finish_last_event(bool whole, Step& step) {
  if (shows_own()) {
    finish_own_bytes(whole, step);
    return;
  }
  if (muted_ || through_ || tap_->between_events()) return;
  if (looks_of(kept_) == Looks::json) return;
  const auto end = kept_.find_last_not_of("\r\n");
  const bool may_be_whole = whole && end != std::string::npos && kept_[end] == '}';
  if (!tap_->finished() && !may_be_whole) return;
  const std::string separator(tap_->finished() ? "" : tap_->separator());
  if (holds_) {
    tap_->feed(separator);
    kept_ += separator;
    if (!tap_->failed()) whole_ = kept_.size();
  } else if (tap_->finished()) {
    step.carried += std::exchange(kept_, {});
  } else {
    pass_stream(separator, separator, step);
    step.carried += step.shown;
    step.shown = {};
  }
}

// What the decoder took for the last event, the client's reader will take too.
void AnswerStage::finish_own_bytes(bool whole, Step& step) {
  if (dialect_ == Dialect::bedrock || !whole || !has_ended() || through_) return;
  if (holds_) {
    whole_ = kept_.size();
  } else {
    step.carried += std::exchange(kept_, {});
  }
}

wire::UsageReader AnswerStage::usage_of_members() const {
  using Member = wire::MemberScan::Member;
  wire::UsageReader reader;
  reader.read_cost_in(usage_.cost_member());
  reader.read(members_->text(Member::usage));
  reader.set_model(wire::plain_string(members_->text(Member::model)));
  return reader;
}

UsageReport AnswerStage::usage() const {
  return members_ ? usage_of_members().report() : usage_.report();
}

std::optional<std::int64_t> AnswerStage::told_cost() const {
  return members_ ? usage_of_members().told_cost() : usage_.told_cost();
}

const wire::AnswerNames* AnswerStage::names() {
  wire::AnswerNames* names = usage_.names();
  if (names && members_) {
    using Member = wire::MemberScan::Member;
    names->id = wire::plain_string(members_->text(Member::id));
    names->stop_reason = wire::plain_string(members_->text(Member::stop_reason));
  }
  return names;
}

bool AnswerStage::is_told() const {
  if (tap_) return tap_->finished() && !tap_->failed();
  return is_message_ || (members_ && members_->whole());
}

AnswerStage::Verdict AnswerStage::judge_json(bool whole) {
  if (!whole) return Verdict::failed;
  const bool counts = operation_ == Operation::count_tokens;
  // What a client gets in another form than Anthropic's was read by the decoder.
  const bool is_own = decoder_ && shows_own();
  // There was no room to understand it.
  if (is_own && decoded_.empty()) return Verdict::pass;
  std::string& readable = is_own ? decoded_ : kept_;
  switch (facts_.read_answer(readable, {usage_, signatures_, error_})) {
    case wire::JsonAnswer::message:
      if (counts) break;
      is_message_ = true;
      return Verdict::pass;
    case wire::JsonAnswer::count:
      if (!counts) break;
      return Verdict::pass;
    case wire::JsonAnswer::unreadable:
      return Verdict::pass;
    case wire::JsonAnswer::error:
      failed_ = true;
      if (error_.type.empty()) error_.type = error_.code.empty() ? "error" : error_.code;
      return Verdict::failed;
    case wire::JsonAnswer::other:
      break;
  }
  fail(counts ? "JSON that is no count of tokens" : "JSON that is no message");
  return Verdict::failed;
}

const wire::ProviderError* AnswerStage::error() const {
  if (tap_) return tap_->failed() ? &tap_->error() : nullptr;
  return failed_ ? &error_ : nullptr;
}

Failure AnswerStage::failure(std::string_view detail) {
  Failure failure;
  failure.detail = why_.empty() ? std::string(detail) : why_;
  const auto* said = error();
  if (!said) return failure;
  failure.outcome = outcome_of_error();
  failure.detail = in_words(*said);
  if (!tap_) {
    failure.body = kept_;
  } else if (tap_->error_is_seen() || shows_own()) {
    failure.body = std::exchange(kept_, {});
  } else {
    failure.body = kept_.substr(0, whole_) + foreign_error_event();
  }
  return failure;
}

AnswerStage::Conclusion AnswerStage::conclude(bool whole, std::string_view detail) {
  if (ended_early_) return {Outcome::stream_broken, error()->message, true};
  if (const auto* said = error()) {
    // What is wrong with the request is no fault of the provider's.
    const bool rejected = outcome_of_error() == Outcome::rejected;
    return {rejected ? Outcome::rejected : Outcome::stream_broken, in_words(*said)};
  }
  // A stream that has said message_stop is whole, however the connection went then.
  if (tap_ && !unread_ ? !tap_->finished() : !whole) {
    std::string why = whole ? "the stream ended without message_stop" : std::string(detail);
    wire::ProviderError error;
    if (tap_ && whole && facts_.read_error(behind_space(kept_), error)) {
      if (error.type.empty()) error.type = "error";
      why = in_words(error);
    }
    return {Outcome::stream_broken, std::move(why), true};
  }
  return {outcome_, {}};
}

std::optional<std::string_view> AnswerStage::before_error() const {
  // Bedrock's client sees that its frames have no end.
  if (ended_early_ && dialect_ != Dialect::bedrock) return kept_.empty() ? "" : "\n\n";
  if (!tap_ || tap_->finished()) return {};
  if (!through_) return "";
  // Inside a frame nothing can be said; half a frame says enough.
  if (dialect_ == Dialect::bedrock) return {};
  return shows_own() ? "\n\n" : tap_->separator();
}

std::vector<wire::SignatureDigest> AnswerStage::take_signatures() {
  return tap_ ? tap_->take_signatures() : std::move(signatures_);
}

}  // namespace ccrelay::exchange
