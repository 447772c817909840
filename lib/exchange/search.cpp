#include "exchange/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "exchange/forecast.hpp"
#include "exchange/settle.hpp"
#include "exchange/steps.hpp"
#include "exchange/thinking.hpp"
#include "exchange/unsupported.hpp"
#include "provider/capabilities.hpp"

namespace ccrelay::exchange {
namespace {

using std::chrono::milliseconds;

constexpr int overload_repeats_max = 2;
constexpr milliseconds overload_pause_max{1000};

// Half of it and a random part of the other half, so that many clients don't come back together.
milliseconds overload_pause(int repeat, base::Rng& rng) {
  const auto longest = std::min(milliseconds(250) * (1 << repeat), overload_pause_max);
  return longest / 2 + milliseconds(rng.below(longest.count() / 2 + 1));
}

}  // namespace

Search::Search(worker::Tools& tools, const worker::Snapshot& snapshot, const ClientRequest& request,
               Plan plan, RequestSummary& summary, SearchSink& sink)
    : tools_(tools),
      snapshot_(snapshot),
      request_(request),
      summary_(summary),
      sink_(sink),
      picker_(tools.shared.keys, tools.shared.providers, tools.rng, snapshot, request,
              std::move(plan)),
      pause_(tools.loop.timers(), [this] { go_on(); }),
      silence_(tools.loop.timers(), [this] { on_silence(); }) {}

void Search::start() {
  trace_candidates();
  trace_costs();
  go_on();
}

// One after the other until something has failed or nobody says anything.
std::size_t Search::width() const {
  const std::size_t race =
      first_failure_ ? static_cast<std::size_t>(snapshot_.config.routing.race) : 1;
  return std::max(race, 1 + hedges_);
}

// While those that run are silent: when the last of them has been for long enough.
void Search::watch_silence() {
  const RoutingConfig& routing = snapshot_.config.routing;
  const auto at_once = static_cast<std::size_t>(std::max(routing.race, 2));
  const bool head_comes_early = request_.operation == Operation::count_tokens ||
                                (request_.operation == Operation::messages && request_.view.stream);
  if (routing.hedge.count() == 0 || !head_comes_early || running_.empty() ||
      running_.size() >= at_once) {
    silence_.cancel();
    return;
  }
  TimePoint last = running_.front()->started();
  for (const auto& attempt : running_) last = std::max(last, attempt->started());
  const TimePoint due = last + routing.hedge;
  // In the past: there was nobody else to ask.
  due > tools_.loop.now() ? silence_.arm(due) : silence_.cancel();
}

void Search::on_silence() {
  // A head that came, and is still held or read, may be worth something: it is waited for.
  const bool all_silent = std::all_of(running_.begin(), running_.end(),
                                      [](const auto& attempt) { return attempt->is_silent(); });
  if (!all_silent || !may_begin()) return;
  hedges_ = running_.size();
  trace("retry",
        fmt::format("no answer within {} ms (routing.hedge_ms): another provider is asked beside",
                    snapshot_.config.routing.hedge.count()));
  go_on();
}

// Begins as many attempts as may run now; nobody left and nothing running is the end.
void Search::go_on() {
  if (running_.empty()) hedges_ = 0;
  const std::size_t width = this->width();
  while (!over_ && running_.size() < width && may_begin()) {
    auto target = next_target();
    trace_skips();
    if (!target) break;
    begin(std::move(*target));
  }
  if (over_) {
    stop(Outcome::cancelled, "there is a fault in the request itself");
    give_up();
    return;
  }
  if (!repeats_.empty() && running_.size() < width && may_begin()) {
    const auto earliest =
        std::min_element(repeats_.begin(), repeats_.end(),
                         [](const Repeat& a, const Repeat& b) { return a.due < b.due; });
    pause_.arm(earliest->due);
  } else if (running_.empty()) {
    give_up();
    return;
  }
  watch_silence();
}

bool Search::may_begin() const {
  const RoutingConfig& routing = snapshot_.config.routing;
  return attempts_ < routing.max_attempts &&
         (!first_failure_ || tools_.loop.now() - *first_failure_ <= routing.failover_timeout);
}

// A repeat that is due; while one waits, others are asked only in a race.
std::optional<Target> Search::next_target() {
  const TimePoint now = tools_.loop.now();
  for (std::size_t i = 0; i < repeats_.size(); ++i) {
    if (repeats_[i].due > now) continue;
    const Repeat repeat = repeats_[i];
    repeats_.erase(repeats_.begin() + static_cast<std::ptrdiff_t>(i--));
    if (auto target = picker_.again(repeat.candidate, repeat.key, now)) {
      target->fresh = repeat.fresh;
      return target;
    }
    // Its key has no room any more; another one of the provider may.
  }
  if (!repeats_.empty() && width() <= 1) return {};
  if (hedges_ > 0 && !running_.empty()) {
    // Whoever says nothing with one key says nothing with another.
    std::vector<std::size_t> asked;
    for (const auto& attempt : running_) asked.push_back(attempt->target().candidate);
    for (const Repeat& repeat : repeats_) asked.push_back(repeat.candidate);
    return picker_.next_beside(asked, now);
  }
  return picker_.next(running_.empty() && repeats_.empty(), now);
}

void Search::begin(Target target) {
  ++attempts_;
  if (const auto* failed = std::exchange(failed_, nullptr); failed && failed != target.entry) {
    tools_.figures.failed_over(failed->config->name);
  }
  std::vector<Splice> cut = cuts_for(target);
  if (wants_steps(tools_)) {
    const std::string& provider = target.entry->config->name;
    if (picker_.plan().candidates[target.candidate].is_home) {
      keep_step(tools_, request_, "home", provider + " is the home of this conversation",
                {{"provider", provider}});
    }
    trace("picked",
          in_a_row({"attempt ", std::to_string(attempts_), ": ", provider, " with ",
                    target.fingerprint().empty() ? "no key" : target.key_label(), " (", target.why,
                    ")"}),
          {{"provider", provider}, {"key", std::string(target.fingerprint())}});
    if (!cut.empty()) {
      trace("stripped",
            fmt::format("{} thinking blocks of another issuer are left out", cut.size()));
    }
  }
  const std::size_t candidate = target.candidate;
  target.left_out = picker_.healing(candidate).left_out();
  target.without_reasoning = without_thinking_;
  // In a race others take the attempts that are left meanwhile.
  const RoutingConfig& routing = snapshot_.config.routing;
  target.may_be_repeated = may_be_sent_twice() && picker_.repeats(candidate) < 1 &&
                           routing.race <= 1 && attempts_ < routing.max_attempts;
  auto attempt =
      std::make_unique<Attempt>(tools_, snapshot_.config, request_, std::move(target), *this);
  std::optional<Failure> unstarted = attempt->start(std::move(cut));
  if (!unstarted) {
    if (wants_steps(tools_)) {
      const std::string& name = attempt->target().entry->config->name;
      keep_step(tools_, request_, "attempt",
                in_a_row({"attempt ", std::to_string(attempts_), ": ", name, " is asked"}),
                {{"provider", name}});
    }
    running_.push_back(std::move(attempt));
    sink_.on_attempt_begun();
    return;
  }
  Failure failure = std::move(*unstarted);
  failed_ = attempt->target().entry;
  over_ = is_last_word(failure);
  if (!first_failure_) first_failure_ = tools_.loop.now();
  picker_.pass_over(candidate);
  end(std::move(attempt), failure.outcome, failure.detail, &failure);
  failures_.note(std::move(failure), summary_.attempts.back().provider);
}

std::vector<Splice> Search::cuts_for(const Target& target) const {
  // Of what goes to a cloud in its own form nothing is cut.
  if (request_.view.thinking.empty() || target.dialect != Dialect::anthropic) return {};
  return thinking_cuts(tools_.shared.signatures, request_, issuer(*target.entry, target.model),
                       without_thinking_, tools_.loop.now());
}

void Search::on_attempt_failed(Attempt& attempt, Failure failure) {
  // Taken over first: what follows may begin other attempts.
  auto ended = release(attempt);
  failed_ = ended->target().entry;
  if (!first_failure_) first_failure_ = tools_.loop.now();
  // The same again would be refused again.
  failure.signature_refused = failure.signature_refused && ended->may_be_repaired();
  failure.will_repeat = may_begin() && may_repeat(*ended, failure);
  if (failure.will_repeat && wants_steps(tools_)) {
    const std::string& name = ended->target().entry->config->name;
    keep_step(tools_, request_, "retry", name + " is asked once more", {{"provider", name}});
  }
  after_failure(ended->target(), failure);
  const std::string provider = ended->target().entry->config->name;
  over_ = is_last_word(failure);
  end(std::move(ended), failure.outcome, failure.detail, &failure);
  failures_.note(std::move(failure), provider);
  go_on();
}

// A batch or a file that was made twice would stay.
bool Search::may_be_sent_twice() const {
  return request_.operation != Operation::other || request_.head.method == "GET" ||
         request_.head.method == "HEAD";
}

bool Search::may_repeat(const Attempt& attempt, const Failure& failure) {
  const Target& target = attempt.target();
  int& repeats = picker_.repeats(target.candidate);
  // Only what went along is refused: without it the next try is another one. In a race several may
  // be told so.
  if (failure.signature_refused) return true;
  if (!failure.unsupported.empty()) {
    return picker_.healing(target.candidate)
        .reduce(failure.unsupported, attempt.sent_betas(),
                provider::documented_betas(target.entry->config->type),
                request_.operation == Operation::count_tokens,
                snapshot_.config.routing.max_attempts - attempts_);
  }
  if (failure.identity_is_stale) return repeats < 1;
  switch (failure.outcome) {
    case Outcome::overloaded:
      // Never with an attempt that somebody who was not asked yet would need.
      return repeats < overload_repeats_max &&
             snapshot_.config.routing.max_attempts - attempts_ > picker_.untried() &&
             tools_.loop.now() + overload_pause_max - *first_failure_ <=
                 snapshot_.config.routing.failover_timeout;
    case Outcome::transport:
      // Where a pooled connection was lost after the request went out, nobody can tell whether the
      // provider saw it. It hardly ever did, and another provider would be asked all the same: here
      // the prompt's cache is.
      return (failure.unsent || (failure.stale && may_be_sent_twice())) && repeats < 1;
    default:
      return false;
  }
}

void Search::after_failure(const Target& target, const Failure& failure) {
  const TimePoint now = tools_.loop.now();
  if (failure.will_repeat) {
    Repeat repeat{target.candidate, target.key, now, failure.stale};
    if (failure.signature_refused) {
      without_thinking_ = true;
    } else if (failure.unsupported.empty()) {
      const int count = ++picker_.repeats(target.candidate);
      if (failure.outcome == Outcome::overloaded) repeat.due += overload_pause(count, tools_.rng);
    }
    repeats_.push_back(repeat);
    return;
  }
  // A limit or a refusal is the key's; anything else is the provider's, whichever key.
  switch (failure.outcome) {
    case Outcome::rate_limited:
    case Outcome::key_refused:
    case Outcome::no_access:
    case Outcome::exhausted:
      return;
    default:
      picker_.pass_over(target.candidate);
  }
}

void Search::on_answer(Attempt& attempt) {
  auto found = release(attempt);
  // What was left out is proven to have been refused, and only now.
  const Target& target = found->target();
  const Healing& healing = picker_.healing(target.candidate);
  if (found->head().status < 300 && !healing.is_idle()) {
    learn_unsupported(tools_, request_, target.entry->config->name, found->summary().model,
                      healing.proven(found->sent_betas()));
  }
  for (const auto& other : running_) {
    if (other->is_silent() && other->started() < found->started()) other->is_overtaken();
  }
  stop(Outcome::cancelled, "another attempt answered first");
  if (wants_steps(tools_)) {
    const std::string& name = target.entry->config->name;
    keep_step(
        tools_, request_, "commit",
        in_a_row({"the answer of ", name, " is passed on: ", std::to_string(found->head().status)}),
        {{"provider", name}});
  }
  sink_.on_found(std::move(found));
}

void Search::stop(Outcome outcome, std::string_view detail) {
  pause_.cancel();
  silence_.cancel();
  repeats_.clear();
  while (!running_.empty()) {
    auto attempt = std::move(running_.back());
    running_.pop_back();
    end(std::move(attempt), outcome, detail, nullptr);
  }
}

void Search::time_out(std::string_view detail) {
  for (std::size_t i = running_.size(); i-- > 0;) {
    if (running_[i]->age() < running_[i]->target().entry->first_byte_timeout) continue;
    auto attempt = std::move(running_[i]);
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    end(std::move(attempt), Outcome::timed_out, detail, nullptr);
  }
  stop(Outcome::cancelled, detail);
}

void Search::leave(std::string_view provider, std::string_view detail) {
  std::vector<Attempt*> there;
  for (const auto& attempt : running_) {
    if (attempt->target().entry->config->name == provider) there.push_back(attempt.get());
  }
  if (there.empty()) return;
  if (!first_failure_) first_failure_ = tools_.loop.now();
  for (Attempt* attempt : there) {
    auto ended = release(*attempt);
    picker_.pass_over(ended->target().candidate);
    Failure failure;
    failure.outcome = Outcome::cancelled;
    failure.detail = detail;
    failures_.note(std::move(failure), std::string(provider));
    end(std::move(ended), Outcome::cancelled, detail, nullptr);
  }
  go_on();
}

void Search::add_running(std::vector<AttemptSummary>& attempts, WallTime wall) const {
  for (const auto& attempt : running_) attempts.push_back(attempt->so_far(wall));
}

std::unique_ptr<Attempt> Search::release(Attempt& attempt) {
  const auto found = std::find_if(running_.begin(), running_.end(),
                                  [&](const auto& one) { return one.get() == &attempt; });
  auto released = std::move(*found);
  running_.erase(found);
  return released;
}

void Search::end(std::unique_ptr<Attempt> attempt, Outcome outcome, std::string_view detail,
                 const Failure* failure) {
  summary_.attempts.push_back(attempt->close(outcome, detail, failure));
  if (wants_steps(tools_)) {
    const AttemptSummary& ended = summary_.attempts.back();
    trace("outcome",
          in_a_row({ended.provider, ": ", to_string(outcome), " after ",
                    std::to_string(std::chrono::duration_cast<milliseconds>(ended.total).count()),
                    " ms: ", detail}),
          {{"provider", ended.provider}, {"outcome", std::string(to_string(outcome))}});
  }
  sink_.on_attempt_ended();
  // It may be on the stack.
  tools_.loop.bury(std::move(attempt));
}

void Search::give_up() {
  pause_.cancel();
  silence_.cancel();
  std::string error;
  const state::Outlook outlook = picker_.outlook(tools_.loop.now());
  std::optional<Duration> wait;
  if (outlook.soonest) wait = *outlook.soonest - tools_.loop.now();
  const bool of_client = !request_.access.may_spend_keys || !request_.access.own.empty();
  Answer answer =
      failures_.answer({wait, outlook.busy, outlook.refused, outlook.told, outlook.of_account,
                        static_cast<int>(request_.dialect), of_client, outlook.disabled},
                       error);
  if (!may_begin()) {
    trace("gave_up",
          "no further attempt: routing.max_attempts or routing.failover_timeout is reached");
  } else if (wants_steps(tools_)) {
    keep_step(tools_, request_, "gave_up", "nobody is left to ask");
  }
  sink_.on_nothing_found(std::move(answer), std::move(error));
}

void Search::trace_skips() {
  const auto skips = picker_.take_skips();
  if (!wants_steps(tools_)) return;
  for (const auto& skip : skips) {
    trace("passed_over", fmt::format("{}: {}", skip.provider, skip.why),
          {{"provider", std::string(skip.provider)}, {"reason", std::string(skip.why)}});
  }
}

// In the order in which they will be asked.
void Search::trace_costs() const {
  if (!request_.weighed || !wants_steps(tools_)) return;
  std::string costs;
  for (const Candidate& candidate : picker_.plan().candidates) {
    costs += fmt::format("{}{}{} {}", costs.empty() ? "" : ", ", candidate.entry->config->name,
                         candidate.is_home ? " (home)" : "", in_usd(candidate.expected_nano_usd));
  }
  trace("candidates", "expected cost in USD: " + costs);
}

void Search::trace_candidates() const {
  if (!wants_steps(tools_)) return;
  std::string names;
  for (const Candidate& candidate : picker_.plan().candidates) {
    names += (names.empty() ? "" : ", ") + candidate.entry->config->name;
  }
  keep_step(tools_, request_, "candidates", in_a_row({names, " (", snapshot_.strategy, ")"}),
            {{"strategy", snapshot_.strategy}});
}

void Search::trace(std::string_view event, std::string message,
                   std::vector<Note::Field> fields) const {
  tell_step(tools_, request_, event, std::move(message), std::move(fields));
}

}  // namespace ccrelay::exchange
