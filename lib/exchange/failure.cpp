#include "exchange/failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "http/header_rules.hpp"

namespace ccrelay::exchange {
namespace {

using std::chrono::seconds;

seconds whole_seconds(Duration wait) {
  return std::max(std::chrono::ceil<seconds>(wait), seconds(1));
}

int status_for(Outcome outcome) {
  switch (outcome) {
    case Outcome::timed_out:
      return 504;
    case Outcome::overloaded:
      return 529;
    case Outcome::not_here:
      return 404;
    default:
      return 502;
  }
}

}  // namespace

Failure unsendable(const Error& error) {
  Failure failure;
  failure.detail = error.message;
  failure.unsent = true;
  if (error.code == ErrorCode::client) {
    failure.outcome = Outcome::rejected;
    // A program's own provider may have no words for it.
    failure.own = error_answer(
        400, error.message.empty() ? "the request can't be sent as it is" : error.message);
  }
  return failure;
}

void Failures::note(Failure failure, const std::string& provider) {
  last_provider_ = provider;
  last_.emplace();
  last_->outcome = failure.outcome;
  last_->detail = failure.detail;
  last_->with_identity = failure.with_identity;
  if (failure.own) {
    last_word_ = std::move(failure);
    return;
  }
  if (!failure.head) return;
  // An endpoint that a provider does not offer is not found, whichever status it says that with: a
  // 501 would be retried.
  if (failure.outcome == Outcome::not_here && failure.head->status != 404) return;
  if (is_last_word(failure)) {
    last_word_ = std::move(failure);
  } else if (failure.outcome == Outcome::rate_limited) {
    last_limit_ = std::move(failure);
  } else if (failure.outcome != Outcome::key_refused) {
    // That a key of ours is bad is between the operator and the provider.
    last_answer_ = std::move(failure);
  }
}

Answer Failures::answer(const Keys& keys, std::string& error) const {
  // Who knows when requests end; a second is worth a try.
  const auto soonest = keys.busy ? std::optional<Duration>(seconds(1)) : keys.wait;
  const std::string wait = soonest ? std::to_string(whole_seconds(*soonest).count()) : "";
  if (const auto& best = last_word_ ? last_word_ : last_limit_ ? last_limit_ : last_answer_) {
    error = last_->detail;
    if (best->own) return *best->own;
    Answer answer;
    answer.status = best->head->status;
    answer.headers = http::forwardable_response_headers(best->head->headers, false);
    if (answer.status == 429 && soonest) {
      answer.headers.remove("retry-after-ms");
      answer.headers.set("retry-after", wait);
    } else if (answer.status == 429 && best->retry_after.value_or(seconds(1)) < seconds(1)) {
      answer.headers.set("retry-after", "1");  // at once, and again, helps nobody
    }
    answer.body = best->body;
    if (!best->in_words.empty()) {
      answer.message = best->in_words;
      // What spoke of the page is not true of these words.
      for (const std::string_view name :
           {"content-encoding", "content-language", "content-disposition", "accept-ranges", "etag",
            "last-modified", "digest", "content-digest", "content-md5"}) {
        answer.headers.remove(name);
      }
    }
    return answer;
  }
  const auto own = [&](int status, std::string message, const Headers& more = {}) {
    error = std::move(message);
    return error_answer(status, error, more);
  };
  const bool keys_are_out =
      !last_ || last_->outcome == Outcome::rate_limited || last_->outcome == Outcome::key_refused;
  if (soonest && keys_are_out && !keys.busy) {
    return own(429,
               fmt::format("every key for this model is at its limit or set aside; the first is "
                           "free in {} s",
                           wait),
               {{"retry-after", wait}});
  }
  if (!last_ && keys.refused) {
    return own(502,
               "every key for this model was refused by its provider a short while ago; check "
               "providers.keys");
  }
  if (!last_ || (keys.busy && keys_are_out)) {
    return own(503, "every provider for this model has as many requests as it may (max_in_flight)",
               {{"retry-after", "1"}});
  }
  if (last_->outcome == Outcome::key_refused) {
    return own(
        502, fmt::format("provider \"{}\" refused the relay's {} ({}); check {}", last_provider_,
                         last_->with_identity ? "identity" : "key", last_->detail,
                         last_->with_identity ? "what it may do at its cloud" : "providers.keys"));
  }
  return own(status_for(last_->outcome),
             fmt::format("provider \"{}\": {}", last_provider_, last_->detail));
}

}  // namespace ccrelay::exchange
