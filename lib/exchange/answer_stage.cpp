#include "exchange/answer_stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "exchange/classify.hpp"
#include "exchange/error_answer.hpp"

namespace ccrelay::exchange {
namespace {

bool is_readable(const ResponseHead& head) {
  return base::iequals(head.headers.get(base::HeaderName::content_encoding).value_or("identity"),
                       "identity");
}

std::string in_words(const wire::ProviderError& error) {
  return fmt::format("in-band {}: {}", error.type, error.message);
}

}  // namespace

AnswerStage::AnswerStage(wire::AnswerFacts& facts, const StreamConfig& limits, const What& what,
                         std::unique_ptr<AnswerDecoder> decoder)
    : facts_(facts),
      inspect_bytes_(static_cast<std::size_t>(limits.inspect_bytes)),
      dialect_(what.dialect),
      outcome_(what.outcome),
      operation_(what.operation),
      authority_(what.authority),
      source_(what.source),
      decoder_(std::move(decoder)) {
  const std::string_view type = what.head.headers.get(base::HeaderName::content_type).value_or("");
  const bool good = what.head.status >= 200 && what.head.status < 300;
  // Of a dialect in which streams are no Server-Sent Events, the decoder reads them.
  const bool is_stream =
      base::istarts_with(type, "text/event-stream") || (decoder_ && dialect_ != Dialect::anthropic);
  const bool is_message = is_readable(what.head) && good && what.operation == Operation::messages;
  if (is_message && is_stream) {
    tap_.emplace(facts_, inspect_bytes_, usage_);
    holds_ = true;
    held_bytes_max_ = static_cast<std::size_t>(limits.buffer_bytes);
  } else if (decoder_ && !is_stream) {
    holds_ = only_whole_ = true;
    held_bytes_max_ = std::max(inspect_bytes_, error_body_bytes_max);
  }
  reads_json_ = is_message && !is_stream && base::istarts_with(type, "application/json");
}

// What the bytes mean in Anthropic's form.
std::string_view AnswerStage::decode(std::string_view bytes, std::string& broken) {
  if (!decoder_) return bytes;
  decoded_.clear();
  if (const auto fed = decoder_->feed(bytes, decoded_); !fed) broken = fed.error().message;
  return decoded_;
}

AnswerStage::Step AnswerStage::feed(std::string_view bytes) {
  Step step;
  const std::string_view readable = decode(bytes, step.broken);
  const std::string_view shown = dialect_ == Dialect::anthropic ? readable : bytes;
  if (holds_) {
    step.verdict = hold(shown, readable);
    holds_ = step.verdict == Verdict::undecided;
  } else {
    watch(readable);
    step.verdict = Verdict::pass;
    step.shown = shown;
  }
  return step;
}

// As the status of that name.
Outcome AnswerStage::outcome_of_error() const {
  const auto meaning = provider::error_meaning(source_, 200, {}, tap_->error_data());
  if (meaning.about == ErrorAbout::none) return Outcome::failed;
  return outcome_of(meaning.about, operation_, authority_, meaning.status);
}

AnswerStage::Verdict AnswerStage::hold(std::string_view shown, std::string_view readable) {
  held_.append(shown);
  watch(readable);
  if (tap_ && tap_->answering()) return Verdict::pass;
  if (error()) {
    // What is wrong with the request is so everywhere: the client gets it as it came.
    return outcome_of_error() == Outcome::rejected ? Verdict::pass : Verdict::failed;
  }
  return held_.size() > held_bytes_max_ ? Verdict::pass : Verdict::undecided;
}

void AnswerStage::watch(std::string_view readable) {
  if (tap_) tap_->feed(readable);
  if (!reads_json_) return;
  if (json_.size() + readable.size() > inspect_bytes_) {
    reads_json_ = false;
    std::string().swap(json_);
  } else {
    json_.append(readable);
  }
}

AnswerStage::Step AnswerStage::end(bool whole) {
  Step step;
  if (whole && decoder_) {
    decoded_.clear();
    if (const auto ended = decoder_->end(decoded_); !ended) step.broken = ended.error().message;
    whole = step.broken.empty();
    watch(decoded_);
    if (dialect_ == Dialect::anthropic) step.shown = decoded_;
  }
  if (!holds_) {
    step.verdict = Verdict::pass;
    return step;
  }
  held_.append(std::exchange(step.shown, {}));
  holds_ = false;
  if (tap_) {
    step.verdict = whole && tap_->finished() ? Verdict::pass : Verdict::failed;
  } else {
    step.verdict = whole ? Verdict::pass : Verdict::failed;
  }
  return step;
}

Failure AnswerStage::failure(std::string_view detail) {
  Failure failure;
  failure.detail = detail;
  if (const auto* said = error()) {
    failure.outcome = outcome_of_error();
    failure.detail = in_words(*said);
    failure.body = held_.take();
  }
  return failure;
}

AnswerStage::Conclusion AnswerStage::conclude(bool whole, std::string_view detail) {
  if (const auto* said = error()) {
    // What is wrong with the request is no fault of the provider's.
    const bool rejected = outcome_of_error() == Outcome::rejected;
    return {rejected ? Outcome::rejected : Outcome::stream_broken, in_words(*said)};
  }
  // A stream that has said message_stop is whole, however the connection went then.
  if (tap_ ? !tap_->finished() : !whole) {
    return {Outcome::stream_broken,
            whole ? "the stream ended without message_stop" : std::string(detail), true};
  }
  if (reads_json_) {
    facts_.read_usage(json_, usage_);
    signatures_ = wire::SignatureScan().read_message(json_);
  }
  return {outcome_, {}};
}

std::optional<std::string_view> AnswerStage::before_error() const {
  if (!tap_ || tap_->finished()) return {};
  if (dialect_ == Dialect::bedrock) {
    // Inside a frame nothing can be said; half a frame says enough.
    if (!decoder_ || !decoder_->between_messages()) return {};
    return "";
  }
  return tap_->separator();
}

std::vector<wire::SignatureDigest> AnswerStage::take_signatures() {
  return tap_ ? tap_->take_signatures() : std::move(signatures_);
}

}  // namespace ccrelay::exchange
