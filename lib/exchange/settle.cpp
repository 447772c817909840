#include "exchange/settle.hpp"

#include <fmt/format.h>

namespace ccrelay::exchange {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr minutes refused_key_rest{5};
// For a 429 that does not say how long: long enough to matter, short enough for a lone key.
constexpr seconds unknown_limit_rest{10};

void settle_key(worker::Tools& tools, const ClientRequest& request, Target& target,
                const AttemptSummary& summary, const Usage& usage, const Failure* failure) {
  if (target.authority != Authority::key) return;
  state::KeyLease& lease = target.key_lease;
  const TimePoint now = tools.loop.now();
  if (!failure) {
    const bool good = summary.status >= 200 && summary.status < 300;
    good ? lease.settle(usage, now) : lease.reject(now);
    return;
  }
  // Counting tokens has limits and permissions of its own at the providers: they say nothing of
  // messages.
  const bool tells = request.operation == Operation::messages;
  if (tells && failure->outcome == Outcome::key_refused) {
    lease.refuse(now + refused_key_rest, now);
    tools.report.note(
        Level::warn, "key_refused",
        fmt::format("{} refused key {} ({}); it is set aside for 5 minutes", summary.provider,
                    summary.key, failure->detail),
        request.id,
        {{"provider", summary.provider}, {"key", summary.key}, {"model", summary.model}});
  } else if (tells && failure->outcome == Outcome::rate_limited) {
    lease.cool(summary.model, now + failure->retry_after.value_or(unknown_limit_rest), now);
  } else {
    lease.reject(now, failure->unsent);
  }
}

}  // namespace

state::Breaker::Mark mark_of(const AttemptEnd& end) {
  using Mark = state::Breaker::Mark;
  switch (end.outcome) {
    case Outcome::success:
      return Mark::success;
    case Outcome::transport:
      return end.failure && end.failure->will_repeat ? Mark::neutral : Mark::failure;
    case Outcome::failed:
      // It was not even asked: the request could not be built for it.
      if (end.failure && end.failure->unsent) return Mark::neutral;
      return Mark::failure;
    case Outcome::timed_out:
    case Outcome::stream_broken:
      return Mark::failure;
    case Outcome::overloaded:
      // Asked again in place: the last answer counts, not each.
      return end.failure && end.failure->will_repeat ? Mark::neutral : Mark::failure;
    case Outcome::rate_limited:
      // An identity is the only one.
      if (end.authority == Authority::identity) return Mark::failure;
      // One limited key is no fault of the provider; when all are, it can't serve.
      return end.authority == Authority::key && end.operation == Operation::messages &&
                     !end.a_key_is_free
                 ? Mark::failure
                 : Mark::neutral;
    case Outcome::key_refused:
      if (end.authority == Authority::identity && !(end.failure && end.failure->will_repeat)) {
        return Mark::failure;
      }
      return Mark::neutral;
    case Outcome::not_here:
    case Outcome::rejected:
    case Outcome::cancelled:
      return Mark::neutral;
  }
  return Mark::neutral;
}

void report(worker::Tools& tools, const std::string& provider, const state::Transition& transition,
            const std::string& request_id) {
  const bool opens = transition.to == state::Breaker::State::open;
  tools.report.note(opens ? Level::warn : Level::info, "breaker",
                    fmt::format("provider \"{}\": breaker {} -> {}", provider,
                                to_string(transition.from), to_string(transition.to)),
                    request_id,
                    {{"provider", provider}, {"state", std::string(to_string(transition.to))}});
}

void settle(worker::Tools& tools, const ClientRequest& request, Target& target,
            const AttemptSummary& summary, const Usage& usage, const Failure* failure) {
  settle_key(tools, request, target, summary, usage, failure);
  const bool is_limit = summary.outcome == Outcome::rate_limited;
  const bool a_key_is_free =
      !is_limit || target.authority != Authority::key ||
      tools.shared.keys.any_free(target.entry->pool, summary.model, tools.loop.now());
  const AttemptEnd end{request.operation, target.authority, summary.outcome, failure,
                       a_key_is_free};
  std::optional<Duration> first_byte;
  // A refusal tells of speed too; else a provider that only ever refuses would stay unknown, and
  // the unknown are asked first.
  const bool answered = summary.outcome == Outcome::success ||
                        summary.outcome == Outcome::rejected ||
                        summary.outcome == Outcome::not_here;
  if (answered && request.operation == Operation::messages) first_byte = summary.first_byte;
  const auto transition = target.provider_lease.settle(mark_of(end), first_byte, tools.loop.now());
  if (transition) report(tools, summary.provider, *transition, request.id);
}

}  // namespace ccrelay::exchange
