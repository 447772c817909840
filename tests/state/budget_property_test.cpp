#include <algorithm>
#include <iterator>
#include <list>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "catch.hpp"
#include "state/keys.hpp"

using namespace ccrelay;
using namespace ccrelay::state;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::vector<std::size_t> none_tried;

/// What a budget was charged, moment by moment, to be summed up the slow way.
struct Ledger {
  struct Entry {
    TimePoint time;
    std::uint64_t amount;
    std::uint64_t over;  ///< of it what no reservation knew
  };
  struct Sums {
    std::uint64_t minute = 0;   ///< of the last 60 s
    std::uint64_t longest = 0;  ///< of the last 61 s
    std::uint64_t over = 0;     ///< of the last 60 s, what no reservation knew
  };
  std::vector<Entry> entries;
  std::uint64_t bound = 0;  ///< the minute's sum right after the last admission

  Ledger() { entries.reserve(100); }  // more than a schedule makes: addresses stay

  Entry* add(TimePoint now, std::uint64_t amount, std::uint64_t over = 0) {
    REQUIRE(entries.size() < entries.capacity());
    return &entries.emplace_back(Entry{now, amount, over});
  }
  Sums sums(TimePoint now) const {
    Sums sums;
    const TimePoint minute_ago = now - seconds(60), longest_ago = now - seconds(61);
    for (const Entry *entry = entries.data(), *end = entry + entries.size(); entry < end; ++entry) {
      if (entry->time > longest_ago) sums.longest += entry->amount;
      if (entry->time <= minute_ago) continue;
      sums.minute += entry->amount;
      sums.over += entry->over;
    }
    return sums;
  }
};

struct Running {
  KeyLease lease;
  TimePoint began;
  Ledger::Entry *request, *input, *output, *both;
};

/// One key, driven at random and watched from the outside.
class Schedule {
 public:
  explicit Schedule(base::Rng& rng) : rng_(rng) {
    pool_.keys.push_back({"aa", {}, 1});
    reload();
  }

  void step() {
    now_ += milliseconds(rng_.below(3) == 0 ? rng_.below(40'000) : rng_.below(1500));
    const auto what = rng_.below(20);
    if (what == 0)
      reload();
    else if (what < 11 || running_.empty())
      reserve();
    else
      end();
    check();
  }

  void finish() {
    while (!running_.empty()) end();
    check();
    now_ += seconds(62);
    const KeyReport after = report();
    REQUIRE(after.requests.used == 0);
    REQUIRE(after.input_tokens.used == 0);
    REQUIRE(after.output_tokens.used == 0);
    REQUIRE(after.tokens.used == 0);
  }

  int taken() const { return taken_; }
  int turned_away() const { return turned_away_; }

 private:
  KeyReport report() { return keys_.report(pool_, now_).front(); }

  void reload() {
    limits_ = {rng_.below(8), rng_.below(3) * 3000, rng_.below(3) * 2000, rng_.below(3) * 4000,
               static_cast<int>(rng_.below(5))};
    pool_.keys[0].limits = limits_;
    keys_.configure({&pool_});
  }

  void reserve() {
    const KeyReport before = report();
    Ask ask{pool_, "m", none_tried};
    ask.input_estimate = rng_.below(1500);
    ask.counts_tokens = rng_.below(10) != 0;
    Choice choice = keys_.choose(ask, now_);
    if (!choice.index) {
      ++turned_away_;
      if (choice.outlook.soonest) REQUIRE(*choice.outlook.soonest > now_);
      return;
    }
    ++taken_;
    const KeyReport after = report();
    const std::uint64_t in = after.input_tokens.used - before.input_tokens.used;
    const std::uint64_t out = after.output_tokens.used - before.output_tokens.used;
    REQUIRE(in == (ask.counts_tokens ? ask.input_estimate : 0));
    const std::uint64_t one = ask.counts_tokens ? 1 : 0;
    admit(requests_, one, limits_.requests);
    admit(input_, in, limits_.input_tokens);
    admit(output_, out, limits_.output_tokens);
    admit(both_, in + out, limits_.tokens);
    running_.push_back({std::move(choice.lease), now_, requests_.add(now_, one),
                        input_.add(now_, in), output_.add(now_, out), both_.add(now_, in + out)});
    for (Ledger* ledger : {&requests_, &input_, &output_, &both_}) {
      ledger->bound = ledger->sums(now_).minute;
    }
    if (limits_.in_flight > 0) {
      REQUIRE(running_.size() <= static_cast<std::size_t>(limits_.in_flight));
    }
  }

  void admit(const Ledger& ledger, std::uint64_t amount, std::uint64_t limit) const {
    const std::uint64_t used = ledger.sums(now_).minute;
    if (limit == 0 || amount == 0 || used == 0 || used + amount <= limit) return;
    FAIL(amount << " let through with " << used << " of " << limit << " used");
  }

  void end() {
    auto chosen =
        std::next(running_.begin(), static_cast<std::ptrdiff_t>(rng_.below(running_.size())));
    Running run = std::move(*chosen);
    running_.erase(chosen);
    const bool counts = run.input->amount + run.output->amount > 0;
    switch (rng_.below(4)) {
      case 0: {
        const bool unsent = rng_.below(2) == 0;
        run.lease.reject(now_, unsent);
        if (unsent) run.request->amount = 0;
        nothing_used(run);
        break;
      }
      case 1:
        run.lease = {};
        nothing_used(run);
        break;
      default: {
        const std::uint64_t input = 1 + rng_.below(2500);
        const std::uint64_t output = rng_.below(3000);
        const std::uint64_t wrote = rng_.below(500);
        const std::uint64_t wrote_1h = rng_.below(200);
        run.lease.settle({{input, output, wrote, wrote_1h, rng_.below(90'000)}}, now_);
        if (counts) settled(run, input + wrote + wrote_1h, output);
      }
    }
  }

  static void nothing_used(const Running& run) {
    run.input->amount = run.output->amount = run.both->amount = 0;
  }

  void settled(const Running& run, std::uint64_t in, std::uint64_t out) {
    // In whole seconds, as the windows count.
    const auto second = [](TimePoint time) {
      return std::chrono::floor<seconds>(time.time_since_epoch()).count();
    };
    if (second(now_) - second(run.began) > 60) {
      output_.add(now_, out, out);
      both_.add(now_, out, out);
      return;
    }
    correct(*run.input, in);
    correct(*run.output, out);
    correct(*run.both, in + out);
  }

  static void correct(Ledger::Entry& entry, std::uint64_t real) {
    if (real > entry.amount) entry.over = real - entry.amount;
    entry.amount = real;
  }

  void check() {
    const KeyReport now = report();
    REQUIRE(now.in_flight == static_cast<int>(running_.size()));
    check(requests_, now.requests.used);
    check(input_, now.input_tokens.used);
    check(output_, now.output_tokens.used);
    check(both_, now.tokens.used);
  }

  // The window is a minute, up to a second too long; beyond what was admitted there is only what
  // reservations underestimated.
  void check(const Ledger& ledger, std::uint64_t used) const {
    const Ledger::Sums sums = ledger.sums(now_);
    const std::uint64_t bound = ledger.bound + sums.over;
    // A REQUIRE for each of so many checks would take most of the time.
    if (sums.minute <= used && used <= sums.longest && sums.minute <= bound) return;
    FAIL("used " << used << ", last minute " << sums.minute << ", last 61 s " << sums.longest
                 << ", let through " << bound);
  }

  base::Rng& rng_;
  TimePoint now_ = TimePoint(seconds(1000));
  Keys keys_;
  Pool pool_{"p", PoolStrategy::least_loaded, {}};
  KeyLimits limits_;
  Ledger requests_, input_, output_, both_;
  std::list<Running> running_;
  int taken_ = 0, turned_away_ = 0;
};

}  // namespace

TEST_CASE("whatever happens, budgets balance and no minute has more than its limit", "[state]") {
  constexpr std::uint64_t seed = 31;
  base::Rng rng(seed);
  int taken = 0, turned_away = 0;
  for (int round = 0; round < 10'000; ++round) {
    INFO("seed " << seed << ", round " << round);
    Schedule schedule(rng);
    for (int i = 0; i < 30; ++i) schedule.step();
    schedule.finish();
    taken += schedule.taken();
    turned_away += schedule.turned_away();
  }
  // Else there was nothing to see.
  CHECK(taken > 30'000);
  CHECK(turned_away > 30'000);
}
