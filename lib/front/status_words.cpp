#include "front/status_words.hpp"

#include <ccrelay/ledger.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace ccrelay::front {
namespace {

using std::chrono::milliseconds;

std::string behind_colon(const std::string& text) {
  return text.empty() ? std::string() : ": " + text;
}

std::string refused_words(const worker::Entry& entry, worker::Shared& shared, TimePoint now) {
  std::string names;
  Duration soonest = Duration::max();
  const auto reports = shared.keys.report(entry.pool, now);
  for (std::size_t i = 0; i < reports.size(); ++i) {
    names += (names.empty() ? "" : ", ") + entry.pool.keys[i].label();
    soonest = std::min(soonest, reports[i].refused_for);
  }
  return fmt::format("refuses {} {}, tried again in {}; check [[providers.keys]]",
                     reports.size() == 1 ? "its key" : "all its keys", names, span_text(soonest));
}

std::string limited_words(const worker::Entry& entry, worker::Shared& shared, TimePoint now) {
  const std::vector<std::size_t> none;
  const state::Outlook outlook = shared.keys.outlook({entry.pool, {}, none}, now);
  if (outlook.of_account) {
    Duration soonest = Duration::max();
    for (const auto& key : shared.keys.report(entry.pool, now)) {
      if (key.exhausted) soonest = std::min(soonest, key.exhausted_for);
    }
    return fmt::format(
        "the account of {} is exhausted or disabled, tried again in {}; mend it and "
        "reload (SIGHUP)",
        entry.pool.keys.size() == 1 ? "its key" : "its keys", span_text(soonest));
  }
  std::string out = "every key is at its limit or set aside";
  if (outlook.soonest) out += ", the first is free in " + span_text(*outlook.soonest - now);
  return out;
}

// It took requests and said nothing: others go first.
std::string silence_words(const state::ProviderView& view, TimePoint now) {
  const std::string times =
      view.silences > 1 ? fmt::format("was silent {} times", view.silences) : "was silent";
  if (now >= view.silent_until) {
    return fmt::format("asked last until a request has shown whether it answers, since it {}",
                       times);
  }
  return fmt::format("asked last for {} more, since it {}", span_text(view.silent_until - now),
                     times);
}

// `disabled by uid:1000, for 21 s more: maintenance`
std::string operator_words(const state::OperatorWord& word, std::string_view what, TimePoint now) {
  std::string out =
      fmt::format("{} by {}", what == "draining" ? "draining, as told" : what, word.by);
  if (word.until && now < *word.until) out += ", for " + span_text(*word.until - now) + " more";
  return out + behind_colon(word.reason);
}

std::string words_of(const ProviderState& state, const worker::Entry& entry,
                     const state::ProviderView& view, worker::Shared& shared, const Clock& clock) {
  const TimePoint now = clock.now();
  const std::string failures =
      fmt::format("{} failure{}", view.failures, view.failures == 1 ? "" : "s");
  if (view.admin != state::Admin::enabled) {
    return operator_words(shared.providers.word(entry.config->name), state.health, now);
  }
  if (state.health == "open") {
    return fmt::format("left out {} more after {}{}", span_text(view.half_open_at - now), failures,
                       behind_colon(state.news.error));
  }
  if (state.health == "keys_refused") return refused_words(entry, shared, now);
  if (state.health == "limited") {
    return limited_words(entry, shared, now) +
           (state.news.failing ? behind_colon(state.news.error) : "");
  }
  if (state.health == "no_identity") {
    return "its cloud gives the relay no identity" +
           behind_colon(entry.vault->view(clock).last_error);
  }
  if (state.health == "half_open") {
    if (view.failures == 0) return "let in again, trusted after a few more good answers";
    return fmt::format("let in for a try after {}{}", failures, behind_colon(state.news.error));
  }
  std::string out;
  if (state.news.failing) out = "its last request failed: " + state.news.error;
  if (state.is_silent) out += (out.empty() ? "" : "; ") + silence_words(view, now);
  return out.empty() ? "ok" : out;
}

}  // namespace

// "ok", or what keeps the provider from taking a request now.
std::string_view health_of(const worker::Entry& entry, const state::ProviderView& view,
                           worker::Shared& shared, const Clock& clock) {
  const TimePoint now = clock.now();
  if (view.state == state::Breaker::State::open) return "open";
  const auto& keys = entry.pool.keys;
  if (!keys.empty()) {
    const bool none_left = std::all_of(keys.begin(), keys.end(), [&](const auto& key) {
      return shared.keys.refused(key.record_id(), now);
    });
    if (none_left) return "keys_refused";
    if (!shared.keys.any_free(entry.pool, {}, now)) return "limited";
  }
  if (entry.vault && entry.vault->view(clock).state == identity::VaultState::failed) {
    return "no_identity";
  }
  return view.state == state::Breaker::State::half_open ? "half_open" : "ok";
}

ProviderState state_of(const worker::Entry& entry, worker::Shared& shared, const Clock& clock) {
  const auto view = shared.providers.view(entry.config->name, clock.now());
  ProviderState state;
  state.health = view.admin == state::Admin::disabled   ? "disabled"
                 : view.admin == state::Admin::draining ? "draining"
                                                        : health_of(entry, view, shared, clock);
  state.news = shared.providers.news(entry.config->name);
  state.is_silent = view.asked_last;
  state.words = words_of(state, entry, view, shared, clock);
  return state;
}

Verdict verdict_on(const worker::Snapshot& snapshot, worker::Shared& shared, const Clock& clock) {
  if (shared.draining) {
    return {"not serving", "it is draining: it stops when what runs has ended"};
  }
  if (shared.ledger && !shared.ledger->may_serve()) {
    return {"not serving",
            "its ledger can't be written, and ledger.required says that nothing is "
            "relayed then"};
  }
  if (snapshot.entries.empty()) {
    return {"not serving", "no provider is configured; add [[providers]]"};
  }
  std::string troubles;
  bool any_serves = false;
  bool all_fail = true;
  for (const worker::Entry& entry : snapshot.entries) {
    const ProviderState state = state_of(entry, shared, clock);
    any_serves = any_serves || state.can_serve();
    all_fail = all_fail && state.news.failing;
    if (state.is_well()) continue;
    troubles +=
        fmt::format("{}{}: {}", troubles.empty() ? "" : "; ", entry.config->name, state.words);
  }
  if (!any_serves) return {"not serving", "no provider can take a request: " + troubles};
  if (all_fail) return {"not serving", "the last request to each provider failed: " + troubles};
  if (!troubles.empty()) return {"degraded", std::move(troubles)};
  return {"serving", {}};
}

std::string span_text(Duration span) {
  using namespace std::chrono;
  const auto whole = std::max(ceil<milliseconds>(span), milliseconds(0));
  if (whole < seconds(1)) return fmt::format("{} ms", whole.count());
  if (whole < minutes(2)) return fmt::format("{} s", ceil<seconds>(whole).count());
  const auto all = ceil<minutes>(whole).count();
  if (all < 120) return fmt::format("{} min", all);
  return fmt::format("{} h {} min", all / 60, all % 60);
}

std::string time_text(WallTime time) {
  return fmt::format("{:%FT%TZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

}  // namespace ccrelay::front
