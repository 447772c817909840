#include "exchange/failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "http/header_rules.hpp"
#include "wire/page_words.hpp"

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

Answer no_descriptor_answer() {
  return error_answer(503,
                      "the relay has no descriptor left for a connection to a provider; try again "
                      "shortly",
                      {{"retry-after", "1"}});
}

Failure no_room_failure(const worker::Admission::Room& room) {
  Failure failure;
  failure.outcome = Outcome::rejected;
  failure.detail = worker::no_room_for_body(room);
  failure.unsent = true;
  failure.own = error_answer(503, failure.detail, {{"retry-after", "1"}});
  return failure;
}

Failure unsendable(const Error& error) {
  Failure failure;
  failure.detail = error.message;
  failure.unsent = true;
  // Nothing is there, or what is there makes no sense; the words say where it was looked for.
  if (error.code == ErrorCode::config) failure.for_person = error.message;
  if (error.code == ErrorCode::limit) failure.own = no_descriptor_answer();
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
  last_->for_person = failure.for_person;
  last_->uncarried = failure.uncarried;
  only_uncarried_ = only_uncarried_ && failure.uncarried;
  if (failure.when_uncarried) uncarried_ = failure.when_uncarried;
  if (!failure.for_person.empty() && !failure.for_person.starts_with("provider \"")) {
    last_->for_person = fmt::format("provider \"{}\": {}", provider, failure.for_person);
  }
  const bool needs_person = !failure.for_person.empty() || failure.outcome == Outcome::exhausted;
  for_person_ = for_person_ && needs_person;
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
  } else if (failure.for_person.empty() && failure.outcome != Outcome::key_refused) {
    // What only a person can mend is told in words of the relay's.
    last_answer_ = std::move(failure);
  }
}

// What the provider said when it set the key aside that is asked for.
std::optional<Answer> told_answer(const Failures::Keys& keys) {
  if (!keys.told || keys.told->body.empty() || keys.told->dialect != keys.dialect) return {};
  Answer answer;
  answer.status = keys.told->status;
  if (!keys.told->content_type.empty()) {
    answer.headers.add("content-type", keys.told->content_type);
  }
  if (!keys.told->error_type.empty()) {
    answer.headers.add("x-amzn-errortype", keys.told->error_type);
  }
  answer.body = keys.told->body;
  return answer;
}

Answer Failures::answer(const Keys& keys, std::string& error) const {
  Answer answer = choose(keys, error);
  if (!keys.of_client && !answer.body.empty()) answer.body = wire::without_header_name(answer.body);
  return answer;
}

Answer Failures::last_said(const Failure& best, const std::optional<Duration>& soonest) const {
  Answer answer;
  answer.status = best.head->status;
  answer.headers = http::forwardable_response_headers(best.head->headers, false);
  // A 429 that is about the request itself says nothing of keys.
  if (answer.status == 429 && !last_word_) {
    if (soonest) {
      answer.headers.remove("retry-after-ms");
      answer.headers.set("retry-after", std::to_string(whole_seconds(*soonest).count()));
    } else if (best.retry_after.value_or(seconds(1)) < seconds(1)) {
      answer.headers.set("retry-after", "1");  // at once, and again, helps nobody
    }
  }
  answer.body = best.body;
  if (!best.in_words.empty()) {
    answer.message = best.in_words;
    // What spoke of the page is not true of these words.
    for (const std::string_view name :
         {"content-encoding", "content-language", "content-disposition", "accept-ranges", "etag",
          "last-modified", "digest", "content-digest", "content-md5"}) {
      answer.headers.remove(name);
    }
  }
  return answer;
}

Answer Failures::choose(const Keys& keys, std::string& error) const {
  // Who knows when requests end; a second is worth a try.
  const auto soonest = keys.busy ? std::optional<Duration>(seconds(1)) : keys.wait;
  const std::string wait = soonest ? std::to_string(whole_seconds(*soonest).count()) : "";
  const bool needs_person = for_person_ && !soonest;
  if (const auto& best = last_word_ ? last_word_ : last_limit_ ? last_limit_ : last_answer_) {
    error = last_->detail;
    if (best->own) return *best->own;
    Answer answer = last_said(*best, soonest);
    if (needs_person && best->outcome == Outcome::exhausted) {
      answer.headers.set("x-should-retry", "false");
    }
    return answer;
  }
  const auto own = [&](int status, std::string message, const Headers& more = {}) {
    error = std::move(message);
    return error_answer(status, error, more);
  };
  const Headers not_again{{"x-should-retry", "false"}};
  const bool keys_are_out = !last_ || last_->outcome == Outcome::rate_limited ||
                            last_->outcome == Outcome::key_refused ||
                            last_->outcome == Outcome::no_access;
  if (soonest && keys_are_out && !keys.busy) {
    error = fmt::format(
        "every key for this model is at its limit or set aside; the first is free in {} s", wait);
    if (auto told = told_answer(keys); told && told->status == 429) {
      told->headers.set("retry-after", wait);
      return *told;
    }
    return error_answer(429, error, {{"retry-after", wait}});
  }
  const auto busy = [&] {
    return own(503, "every provider for this model has as many requests as it may (max_in_flight)",
               {{"retry-after", "1"}});
  };
  if (keys.busy && keys_are_out) return busy();
  if (last_ && !last_->for_person.empty()) return own(403, last_->for_person, not_again);
  if (!last_ && keys.disabled) {
    return own(503, "every key for this model is disabled: an operator has said so");
  }
  if (!last_ && keys.refused) {
    if (auto told = told_answer(keys); told && keys.of_account) {
      error = "every key for this model is set aside: its account can pay for nothing";
      told->headers.set("x-should-retry", "false");
      return *told;
    }
    return own(403,
               keys.told && !keys.told->words.empty()
                   ? keys.told->words
                   : "every key for this model was refused by its provider a short while ago; "
                     "correct providers.keys and reload (SIGHUP)",
               not_again);
  }
  if (!last_) return busy();
  // Somebody else might have: there is nobody.
  if (only_uncarried_) {
    error = last_->detail;
    return uncarried_ ? *uncarried_ : error_answer(400, error);
  }
  return own(status_for(last_->outcome),
             fmt::format("provider \"{}\": {}", last_provider_, last_->detail));
}

}  // namespace ccrelay::exchange
