#include "exchange/settle.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/clipped.hpp"
#include "exchange/settlement.hpp"

namespace ccrelay::exchange {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// What a person may have mended meanwhile is tried again after this.
constexpr minutes refused_key_rest{5};
constexpr minutes exhausted_rest{30};
// For a 429 that does not say how long: long enough to matter, short enough for a lone key.
constexpr seconds unknown_limit_rest{10};

// For those who ask while the key is set aside.
state::ToldPtr told_of(const ClientRequest& request, const Failure& failure) {
  auto told = std::make_shared<state::Told>();
  told->words = failure.for_person;
  told->dialect = static_cast<int>(request.dialect);
  // Of an error inside a 200 there is no answer that could be given again by itself.
  const bool is_whole = failure.for_person.empty() && failure.head && failure.head->status >= 400 &&
                        failure.in_words.empty();
  if (is_whole && failure.body.size() <= state::Told::body_bytes_max &&
      !failure.head->headers.contains("content-encoding")) {
    told->status = failure.head->status;
    told->content_type = failure.head->headers.get("content-type").value_or("");
    told->error_type = failure.head->headers.get("x-amzn-errortype").value_or("");
    told->body = failure.body;
  }
  return told;
}

std::string who(const AttemptSummary& summary) {
  if (summary.key == "identity") return "the relay's identity";
  return "key " +
         (summary.key_name.empty() ? summary.key : summary.key_name + " (" + summary.key + ")");
}

void note(worker::Tools& tools, const ClientRequest& request, const AttemptSummary& summary,
          std::string_view event, const std::string& message) {
  tools.report.note(Level::warn, event, message, request.id,
                    {{"provider", summary.provider},
                     {"key", summary.key},
                     {"model", base::clipped(summary.model)}});
}

std::string in_words(Duration rest) {
  const auto whole = std::chrono::ceil<seconds>(rest).count();
  return whole % 60 == 0 ? fmt::format("{} minutes", whole / 60) : fmt::format("{} s", whole);
}

void set_aside(worker::Tools& tools, const ClientRequest& request, Target& target,
               const AttemptSummary& summary, const Failure& failure) {
  state::KeyLease& lease = target.key_lease;
  const TimePoint now = tools.loop.now();
  auto told = told_of(request, failure);
  switch (failure.outcome) {
    case Outcome::key_refused: {
      const Duration rest = failure.rest.value_or(refused_key_rest);
      lease.refuse(now + rest, now, std::move(told));
      note(tools, request, summary, "key_refused",
           fmt::format("{} refused {} ({}); it is set aside for {}", summary.provider, who(summary),
                       failure.detail, in_words(rest)));
      return;
    }
    case Outcome::no_access: {
      const Duration rest = failure.rest.value_or(refused_key_rest);
      lease.bar(summary.model, now + rest, now, std::move(told));
      note(tools, request, summary, "no_access",
           fmt::format("{} does not let {} use {} ({}); it is not asked for that model for {}",
                       summary.provider, who(summary), summary.model, failure.detail,
                       in_words(rest)));
      return;
    }
    case Outcome::exhausted: {
      const Duration rest = failure.rest.value_or(exhausted_rest);
      lease.exhaust(now + rest, now, std::move(told));
      note(tools, request, summary, "key_exhausted",
           fmt::format("the account of {} at {} is exhausted or disabled ({}); it is set aside for "
                       "{}, then one request finds out",
                       who(summary), summary.provider, failure.detail, in_words(rest)));
      return;
    }
    case Outcome::rate_limited:
      lease.cool(summary.model, now + failure.retry_after.value_or(unknown_limit_rest), now,
                 std::move(told));
      return;
    default:
      lease.reject(now, failure.unsent);
  }
}

void settle_key(worker::Tools& tools, const ClientRequest& request, Target& target,
                const AttemptSummary& summary, const Failure* failure) {
  if (!has_record(target.authority)) return;
  state::KeyLease& lease = target.key_lease;
  const TimePoint now = tools.loop.now();
  if (!failure) {
    const bool good = summary.status >= 200 && summary.status < 300;
    good ? lease.settle(counted(summary.usage), now) : lease.reject(now);
    return;
  }
  // Counting tokens has limits and permissions of its own at the providers: they say nothing of
  // messages. An identity that has expired is fetched anew.
  const bool tells =
      request.operation == Operation::messages && !failure->will_repeat && failure->chosen.empty();
  if (tells) {
    set_aside(tools, request, target, summary, *failure);
  } else {
    lease.reject(now, failure->unsent);
    if (!failure->chosen.empty() && !failure->will_repeat) {
      note(tools, request, summary, "choice_refused",
           fmt::format("{} refused a request with {} of the client's ({}); {} stays in",
                       summary.provider, failure->chosen, failure->detail, who(summary)));
    }
  }
}

// What status says of the provider. That the client left, or that a model is not there, is no news
// of it, and counting may fail where answering does not.
void tell(state::Providers& providers, const AttemptSummary& summary, worker::Tools& tools) {
  switch (summary.outcome) {
    case Outcome::success:
    case Outcome::rejected:
      providers.note_success(summary.provider);
      return;
    case Outcome::cancelled:
    case Outcome::not_here:
      return;
    default:
      providers.note_failure(
          summary.provider,
          base::clipped(summary.detail.empty() ? to_string(summary.outcome) : summary.detail),
          tools.loop.clock().wall());
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
    // Limits and refusals are known by key and model: while they last nobody asks there, and other
    // models are served as ever.
    case Outcome::rate_limited:
    case Outcome::key_refused:
    case Outcome::no_access:
    case Outcome::exhausted:
    case Outcome::not_here:
    case Outcome::rejected:
    case Outcome::cancelled:
      return Mark::neutral;
  }
  return Mark::neutral;
}

void report(worker::Tools& tools, const std::string& provider, const state::Transition& transition,
            const std::string& request_id, bool counting) {
  const bool opens = transition.to == state::Breaker::State::open;
  if (opens && !counting) tools.figures.breaker_opened(provider);
  tools.report.note(opens ? Level::warn : Level::info, "breaker",
                    fmt::format("provider \"{}\": breaker{} {} -> {}", provider,
                                counting ? " of counting tokens" : "", to_string(transition.from),
                                to_string(transition.to)),
                    request_id,
                    {{"provider", provider}, {"state", std::string(to_string(transition.to))}});
}

void settle(worker::Tools& tools, const ClientRequest& request, Target& target,
            const AttemptSummary& summary, const Failure* failure, state::Heard heard) {
  const bool is_news = !failure || !failure->uncarried;
  if (request.operation != Operation::count_tokens && is_news) {
    tell(tools.shared.providers, summary, tools);
  }
  settle_key(tools, request, target, summary, failure);
  const AttemptEnd end{summary.outcome, failure};
  std::optional<Duration> first_byte;
  // A refusal tells of speed too; else a provider that only ever refuses would stay unknown, and
  // the unknown are asked first.
  const bool answered = summary.outcome == Outcome::success ||
                        summary.outcome == Outcome::rejected ||
                        summary.outcome == Outcome::not_here;
  if (answered && request.operation == Operation::messages) first_byte = summary.first_byte;
  const auto transition =
      target.provider_lease.settle(mark_of(end), first_byte, tools.loop.now(), heard);
  if (transition) {
    report(tools, summary.provider, *transition, request.id,
           request.operation == Operation::count_tokens);
  }
}

}  // namespace ccrelay::exchange
