#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench.hpp"
#include "check.hpp"

// When the bytes of a stream arrive.

namespace ccrelay::app::contract {
namespace {

using testing::Script;
using Steady = std::chrono::steady_clock;

bool has(const Seen& seen, const std::string& text) {
  return seen.client->body().find(text) != std::string::npos;
}

// A script that holds may hold again: until the client has its end, or a while has passed.
void let_go(Bench& bench, Seen& seen, milliseconds limit) {
  const auto end = Steady::now() + limit;
  while (!seen.client->over() && Steady::now() < end) {
    bench.provider().release();
    bench.client().run_until([&] { return seen.client->over(); }, milliseconds(10));
  }
  bench.client().abandon(*seen.client);
}

Verdict judge_stream_incremental(Bench& bench) {
  constexpr int words = 50;
  const std::size_t begin = first_word(bench.format());
  Script script = bench.stream_head();
  const std::vector<std::string> events = events_of(bench.format(), words);
  for (std::size_t at = 0; at < events.size(); ++at) {
    script.chunk(events[at]);
    const bool is_word = at >= begin && at < begin + words;
    if (is_word) script.hold();
  }
  script.last_chunk();
  Ask ask;
  ask.call = Call::stream;
  ask.answering = [script](std::size_t) { return script; };
  Seen seen = bench.begin(ask);
  for (int number = 1; number <= words; ++number) {
    const std::string word = word_in(bench.format(), number);
    const bool came = bench.client().run_until(
        [&] { return seen.client->over() || has(seen, word); }, bench.within(milliseconds(3'000)));
    if (!came || !has(seen, word)) {
      const std::string what = bench.told(*seen.client);
      let_go(bench, seen, milliseconds(2'000));
      return failed(fmt::format("{} events, one at a time", words),
                    fmt::format("event {} while the provider holds the next", number), what);
    }
    bench.provider().release();
  }
  bench.finish(seen);
  if (seen.client->clean()) return {};
  return failed("the end of the stream", "it", bench.told(*seen.client));
}

// An answer takes 2 s, but ends at once when all have arrived: then nothing is left to be seen.
Verdict judge_stream_parallel(Bench& bench) {
  constexpr int count = 50;
  constexpr milliseconds one{2'000};
  Ask ask;
  ask.call = Call::stream;
  Script script = bench.stream_head();
  const std::vector<std::string> events = events_of(bench.format(), 3);
  script.chunk(events.front()).hold();
  for (std::size_t at = 1; at < events.size(); ++at) script.chunk(events[at]);
  script.last_chunk();
  ask.answering = [script](std::size_t) { return script; };
  std::vector<Seen> all;
  for (int number = 0; number < count; ++number) all.push_back(bench.begin(ask));
  const auto arrived = [&] {
    std::size_t sum = 0;
    for (const Seen& each : all) sum += bench.provider().count(each.mark) > 0 ? 1 : 0;
    return sum;
  };
  const auto over = [&] {
    for (const Seen& each : all) {
      if (!each.client->over()) return false;
    }
    return true;
  };
  const auto begun = Steady::now();
  auto next = begun + one;
  while (!over() && Steady::now() < begun + bench.within(3 * one)) {
    const bool has_all = arrived() == count;
    if (has_all || Steady::now() >= next) {
      bench.provider().release();
      if (!has_all) next += one;
    }
    bench.client().run_until(over, milliseconds(has_all ? 10 : 50));
  }
  int whole = 0;
  for (Seen& each : all) {
    whole += each.client->clean() && each.client->status() == 200 ? 1 : 0;
    bench.client().abandon(*each.client);
    bench.provider().forget(each.mark);
  }
  if (whole == count) return {};
  return failed("50 streams at once, each of 2 s", "all of them within 6 s",
                fmt::format("{} whole answers", whole));
}

// Closes a stream once `is_time`; whether the provider sees it. `script` ends in a hold.
Verdict closed_when(Bench& bench, const Script& script, std::string_view sent,
                    const std::function<bool(const Seen&)>& is_time, milliseconds limit) {
  Ask ask;
  ask.call = Call::stream;
  ask.answering = [script](std::size_t) { return script; };
  Seen seen = bench.begin(ask);
  const bool came =
      bench.client().run_until([&] { return seen.client->over() || is_time(seen); }, limit);
  if (!came || seen.client->over()) {
    const std::string what = bench.told(*seen.client);
    let_go(bench, seen, milliseconds(500));
    bench.provider().forget(seen.mark);
    return not_judged(what);
  }
  const std::size_t before = bench.provider().cancelled();
  bench.client().abandon(*seen.client);
  const bool closed = bench.client().run_until(
      [&] { return bench.provider().cancelled() > before; }, bench.within(milliseconds(2'000)));
  bench.provider().release();
  bench.provider().forget(seen.mark);
  if (closed) return {};
  return failed(sent, "the provider's connection closed within 2 s", "nothing");
}

// Before the provider has answered, and amid its answer.
Verdict judge_stream_aborted(Bench& bench) {
  const Verdict early = closed_when(
      bench, Script().hold(), "a request, and closed the connection before its answer",
      [&bench](const Seen& seen) { return bench.provider().count(seen.mark) > 0; },
      bench.patience());
  if (early.outcome != Outcome::pass) return early;
  Script script = bench.stream_head();
  const std::vector<std::string> events = events_of(bench.format(), 1);
  for (std::size_t at = 0; at <= first_word(bench.format()); ++at) script.chunk(events[at]);
  script.hold();
  const std::string word = word_in(bench.format(), 1);
  const Verdict amid = closed_when(
      bench, script, "a request, and closed the connection amid its answer",
      [&word](const Seen& seen) { return has(seen, word); }, bench.within(milliseconds(1'000)));
  // That it did not arrive is another check's affair.
  const bool is_held_back = amid.detail.rfind("could not be judged", 0) == 0;
  return is_held_back ? Verdict() : amid;
}

// What fills a silence is a comment, an empty line or, for Claude Code, an event of its own (HTML
// Living Standard, section 9.2.6). To OpenAI's SDKs an event that they don't know is an answer's,
// and Google's takes nothing that does not begin with `data:`.
bool may_fill(Format format, std::string_view made) {
  constexpr std::string_view fillings[] = {"\n", "\r", ":", "event: ping", "event:ping"};
  const std::size_t known = (format & claude_formats) != 0 ? 5 : format == gemini ? 2 : 3;
  return std::any_of(fillings, fillings + known,
                     [made](std::string_view filling) { return made.rfind(filling, 0) == 0; });
}

// Every byte that comes in the silence comes between two events: what the provider sent was whole.
Verdict judge_stream_keepalive(Bench& bench) {
  Ask ask;
  ask.call = Call::stream;
  Script script = bench.stream_head();
  const std::vector<std::string> events = events_of(bench.format(), 1);
  for (std::size_t at = 0; at < events.size(); ++at) {
    script.chunk(events[at]);
    if (at == first_word(bench.format())) script.pause(std::chrono::seconds(40));
  }
  script.last_chunk();
  ask.answering = [script](std::size_t) { return script; };
  Seen seen = bench.begin(ask);
  const std::string word = word_in(bench.format(), 1);
  const bool began =
      bench.client().run_until([&] { return has(seen, word); }, bench.within(milliseconds(5'000)));
  if (!began) {
    bench.client().abandon(*seen.client);
    return not_judged("the first event did not arrive before the silence");
  }
  const std::size_t before = seen.client->body().size();
  const std::string more = "some byte within 30 s";
  bench.client().run_until(
      [&] { return seen.client->over() || seen.client->body().size() > before; },
      milliseconds(30'000));
  const std::string made = seen.client->body().substr(before);
  const bool over = seen.client->over();
  bench.client().abandon(*seen.client);
  bench.provider().forget(seen.mark);
  if (!over && may_fill(bench.format(), made)) return {};
  return failed("a stream that is silent for 40 s", more + ", in a form that its clients take",
                over           ? "the end of the stream"
                : made.empty() ? "nothing"
                               : bench.quoted(made));
}

}  // namespace

std::vector<Check> stream_flow_checks() {
  return {
      {"stream.incremental", Level::must, any_format,
       "each of 50 events arrives while the provider still holds the next",
       judge_stream_incremental},
      {"stream.abort", Level::must, any_format,
       "when the client closes, the provider sees it within 2 s", judge_stream_aborted},
      {"stream.parallel", Level::must, any_format,
       "50 streams at once end in the time of one, times 3", judge_stream_parallel},
      {"stream.keepalive", Level::should, messages | vertex | other_formats,
       "in a silence of 40 s some byte comes within 30 s, between events", judge_stream_keepalive,
       true, true},
  };
}

}  // namespace ccrelay::app::contract
