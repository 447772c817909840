#include "exchange/held_answer.hpp"

#include <fmt/format.h>

#include "exchange/classify.hpp"
#include "wire/signature_refusal.hpp"

namespace ccrelay::exchange {

HeldAnswer::Verdict HeldAnswer::feed(std::string_view shown, std::string_view readable) {
  held_.append(shown);
  if (tap_) {
    tap_->feed(readable);
    if (tap_->answering()) return Verdict::pass;
    if (tap_->failed()) {
      // What is wrong with the request is so everywhere: the client gets it as it came.
      return classify_in_band(tap_->error().type) == Outcome::rejected ? Verdict::pass
                                                                       : Verdict::failed;
    }
  }
  return held_.size() > bytes_max_ ? Verdict::pass : Verdict::undecided;
}

HeldAnswer::Verdict HeldAnswer::end(bool whole) {
  if (tap_) return whole && tap_->finished() ? Verdict::pass : Verdict::failed;
  if (!whole) return Verdict::failed;
  signature_refused_ = wire::is_signature_refusal(400, held_.view());
  return signature_refused_ ? Verdict::failed : Verdict::pass;
}

Failure HeldAnswer::failure(std::string_view detail) {
  Failure failure;
  failure.detail = detail;
  if (signature_refused_) {
    failure.outcome = Outcome::rejected;
    failure.signature_refused = true;
    failure.body = held_.take();
  } else if (tap_ && tap_->failed()) {
    failure.outcome = classify_in_band(tap_->error().type);
    failure.detail = fmt::format("in-band {}: {}", tap_->error().type, tap_->error().message);
    failure.body = held_.take();
  }
  return failure;
}

}  // namespace ccrelay::exchange
