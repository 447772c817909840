#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/http.hpp>
#include <ccrelay/observer.hpp>
#include <ccrelay/provider.hpp>
#include <ccrelay/result.hpp>

#include <optional>
#include <string>

#include "exchange/answer.hpp"
#include "state/told.hpp"
#include "worker/admission.hpp"

namespace ccrelay::exchange {

/// Why an attempt came to nothing, and what the provider said, in case nobody does better.
struct Failure {
  Outcome outcome = Outcome::failed;
  std::string detail;
  bool unsent = false;  ///< surely nothing of the request reached the provider
  /// It could not be said in the provider's words; another one's may have them.
  bool uncarried = false;
  /// What the client is told where nobody else has.
  std::optional<Answer> when_uncarried = {};
  bool stale = false;  ///< a pooled connection was lost before an answer: it was probably closing
  bool will_repeat = false;          ///< the same provider and key are asked again
  bool signature_refused = false;    ///< a 400 for a thinking block's signature
  bool identity_is_stale = false;    ///< the identity it was refused with has been given up
  Unsupported unsupported;           ///< what a 400 says is not taken, and could be left out
  std::optional<ResponseHead> head;  ///< the provider's own answer, if there is a whole one
  std::string body;
  std::string in_words;       ///< for the client in place of a body that is no JSON
  std::optional<Answer> own;  ///< the relay's own last word: the request can't be sent as it is
  std::optional<Duration> retry_after;  ///< how long the provider asks to wait, if it says so
  std::optional<Duration> rest;         ///< how long key or model are set aside, where that is told
  /// What of the client's own choosing a request has that was refused: it proves nothing of the
  /// credential. Empty where it has no such thing.
  std::string chosen;
  /// What to tell the client where only a person can mend it; else empty.
  std::string for_person;
};

/// A request that could not be built for a provider. Where the fault is the client's, that is the
/// last word on it; where the relay has no descriptor left, nobody else could be asked either.
Failure unsendable(const Error& error);
/// What a client is told then.
Answer no_descriptor_answer();
/// There is no room for a body that is kept whole: a request's that is there twice when it is
/// translated, or an answer's. It will be the same with everybody.
Failure no_room_failure(const worker::Admission::Room& room);

/// There is a fault in the request itself, as the provider or the relay says: nobody else is asked.
inline bool is_last_word(const Failure& failure) {
  return failure.outcome == Outcome::rejected && (failure.head || failure.own) &&
         !failure.will_repeat;
}

/// What all attempts of a request came to, and the answer it gets when there will be no more.
class Failures {
 public:
  /// The next one of `provider`.
  void note(Failure failure, const std::string& provider);
  /// What is known of the keys that were not asked.
  struct Keys {
    std::optional<Duration> wait;  ///< until one of those that are out is free, if that can be told
    bool busy = false;             ///< one only waits for requests that are on their way
    bool refused = false;          ///< their providers have turned all of them away
    state::ToldPtr told = {};      ///< what was said of them then
    bool of_account = false;       ///< that was of an account
    int dialect = 0;               ///< of the client
    bool of_client = false;        ///< answers to the client's own credential: not ours to word
    bool disabled = false;         ///< an operator has disabled all of them
  };
  /// The most useful real answer: the last word on the request, else the last 429 with the soonest
  /// true wait, else the last provider error as it was, else one of the relay's own. `error` is
  /// what the log says.
  Answer answer(const Keys& keys, std::string& error) const;

 private:
  Answer choose(const Keys& keys, std::string& error) const;
  Answer last_said(const Failure& best, const std::optional<Duration>& soonest) const;

  std::optional<Failure> last_word_;
  std::optional<Failure> last_limit_;   // 429
  std::optional<Failure> last_answer_;  // any other error that a provider put into words
  std::optional<Failure> last_;         // without its body
  std::string last_provider_;
  bool for_person_ = true;  // nothing has happened that may pass by itself
  bool only_uncarried_ = true;
  std::optional<Answer> uncarried_;
};

}  // namespace ccrelay::exchange
