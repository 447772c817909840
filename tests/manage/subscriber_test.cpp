#include "manage/subscriber.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "worker/told_request.hpp"

using namespace ccrelay;
using namespace ccrelay::management;
using manage::Subscriber;
using std::chrono::milliseconds;
using worker::Happening;
using worker::Watchers;
using Kind = RequestEventKind;

namespace {

/// Told with what stands in it.
struct Told {
  Kind kind;
  WallTime time;
  Request request;
};

Told happening(Kind kind, const std::string& id, int ms = 0) {
  Told out{kind, WallTime(milliseconds(ms)), {}};
  out.request.id = worker::request_id_text(worker::number_of(id));
  out.request.client = "ana";
  if (kind == Kind::attempt_started || kind == Kind::attempt_ended) {
    Attempt attempt;
    attempt.number = 1;
    attempt.provider = "one";
    out.request.attempts = {attempt};
  }
  return out;
}

class TestHappening final : public Happening {
 public:
  explicit TestHappening(const Told& told)
      : Happening(told.kind, worker::number_of(told.request.id), told.time), told_(told) {}
  int worded() const { return worded_; }

 private:
  Request whole() const override { return ++worded_, told_.request; }
  Attempt attempt() const override { return ++worded_, told_.request.attempts.at(0); }
  FirstByte first_byte() const override {
    return ++worded_, FirstByte{told_.request.id, "one", 200, 1};
  }

  const Told& told_;
  mutable int worded_ = 0;
};

std::string shortly(std::string id) {
  return id.erase(0, std::min(id.find_first_not_of('0'), id.size() - 1));
}

// "started:1 attempt_started:1 lost:3/1/2", what a reader gets.
std::string told(Subscriber& subscriber, std::size_t most = 1'000'000) {
  std::vector<Event> events;
  const std::size_t count = subscriber.take(events, most);
  CHECK(count == events.size());
  std::string out;
  for (const Event& event : events) {
    if (!out.empty()) out += ' ';
    std::visit(
        [&](const auto& what) {
          using What = std::decay_t<decltype(what)>;
          if constexpr (std::is_same_v<What, Existing>)
            out += "existing:" + shortly(what.request.id);
          if constexpr (std::is_same_v<What, Synced>) {
            out += "synced:" + std::to_string(what.existing);
          }
          if constexpr (std::is_same_v<What, Started>) out += "started:" + shortly(what.request.id);
          if constexpr (std::is_same_v<What, AttemptStarted>)
            out += "attempt_started:" + shortly(what.id);
          if constexpr (std::is_same_v<What, AttemptEnded>)
            out += "attempt_ended:" + shortly(what.id);
          if constexpr (std::is_same_v<What, FirstByte>) out += "first_byte:" + shortly(what.id);
          if constexpr (std::is_same_v<What, Progress>) {
            out += "progress:" + shortly(what.id) + "=" + std::to_string(what.response_bytes);
          }
          if constexpr (std::is_same_v<What, Ended>) out += "ended:" + shortly(what.request.id);
          if constexpr (std::is_same_v<What, Lost>) {
            out += "lost:" + std::to_string(what.events) + "/" + std::to_string(what.started) +
                   "/" + std::to_string(what.ended);
          }
        },
        event.what);
    if (event.sequence > 0) out += "#" + std::to_string(event.sequence);
  }
  return out;
}

struct Watch {
  explicit Watch(RequestWatch what = {})
      : watchers(std::make_shared<Watchers>()),
        subscriber(std::make_shared<Subscriber>(std::move(what), watchers)) {}
  void synced() {
    subscriber->synced({});
    CHECK(told(*subscriber) == "synced:0");
  }
  void happen(const std::vector<Told>& all) {
    for (const Told& one : all) happen(one);
  }
  /// How often it was put into words.
  int happen(const Told& one) {
    const TestHappening happening(one);
    subscriber->take(happening);
    return happening.worded();
  }
  std::string told_now() { return told(*subscriber); }
  std::string told_now(std::size_t most) { return told(*subscriber, most); }

  std::shared_ptr<Watchers> watchers;
  std::shared_ptr<Subscriber> subscriber;
};

}  // namespace

TEST_CASE("events come in their order, each with its number") {
  Watch watch;
  watch.synced();
  watch.happen({happening(Kind::started, "1"), happening(Kind::attempt_started, "1")});
  watch.happen({happening(Kind::attempt_ended, "1"), happening(Kind::first_byte, "1"),
                happening(Kind::ended, "1")});
  CHECK(watch.told_now() ==
        "started:1#1 attempt_started:1#2 attempt_ended:1#3 first_byte:1#4 ended:1#5");
  CHECK(watch.told_now().empty());
}

TEST_CASE("what ran before is told first, then that it is all, then what happened meanwhile") {
  Watch watch;
  watch.happen({happening(Kind::ended, "7")});
  watch.subscriber->existing(happening(Kind::started, "1").request, {});
  // Its start was on its way when it was told as running.
  watch.happen({happening(Kind::started, "1"), happening(Kind::started, "2")});
  CHECK(watch.told_now().empty());
  watch.subscriber->existing(happening(Kind::started, "2").request, {});
  watch.subscriber->synced({});
  CHECK(watch.told_now() == "existing:1 synced:1 ended:7#1 started:2#2");
}

TEST_CASE("a reader that is too slow is told how much it has lost, where it is missing") {
  RequestWatch what;
  what.queue_events = 16;
  Watch watch(what);
  watch.synced();
  for (int i = 0; i < 15; ++i) watch.happen({happening(Kind::started, std::to_string(i))});
  watch.happen({happening(Kind::attempt_started, "0"), happening(Kind::attempt_ended, "0"),
                happening(Kind::ended, "0"), happening(Kind::started, "99")});
  std::string said = watch.told_now();
  CHECK(said.substr(said.size() - 35) == "#15 attempt_started:0#16 lost:3/1/1");
  CHECK(watch.subscriber->dropped() == 3);
  CHECK(watch.watchers->dropped() == 3);
  // A loss that nothing was queued behind is told when the next event is, at its place.
  watch.happen({happening(Kind::ended, "1")});
  CHECK(watch.told_now() == "ended:1#20");
}

TEST_CASE("however many it wants, no more than a mebibyte waits for a reader") {
  RequestWatch what;
  what.queue_events = 65'536;
  Watch watch(what);
  watch.synced();
  Told large = happening(Kind::started, "x");
  large.request.path = std::string(10'000, 'p');
  for (int i = 0; i < 1000; ++i) {
    large.request.id = worker::request_id_text(static_cast<std::uint64_t>(i));
    watch.happen({large});
  }
  std::vector<Event> events;
  watch.subscriber->take(events, 1'000'000);
  CHECK(events.size() > 50);
  CHECK(events.size() < 106);
  CHECK(std::get<Lost>(events.back().what).events == 1000 - (events.size() - 1));
}

TEST_CASE("progress that waits is replaced and keeps its place and number") {
  RequestWatch what;
  what.progress_interval_ms = 100;
  Watch watch(what);
  watch.synced();
  watch.happen({happening(Kind::started, "1")});
  Told progress = happening(Kind::progress, "1", 0);
  progress.request.response_bytes = 10;
  watch.happen({progress, happening(Kind::started, "2")});
  progress.time += milliseconds(50);  // too early
  progress.request.response_bytes = 15;
  watch.happen({progress});
  progress.time += milliseconds(50);
  progress.request.response_bytes = 20;
  watch.happen({progress});
  CHECK(watch.told_now() == "started:1#1 progress:1=20#2 started:2#3");
  progress.time += milliseconds(100);
  progress.request.response_bytes = 30;
  watch.happen({progress});
  CHECK(watch.told_now() == "progress:1=30#4");
}

TEST_CASE("what a reader leaves stays in the queue, within its bounds") {
  RequestWatch what;
  what.queue_events = 16;
  Watch watch(what);
  watch.synced();
  for (int i = 0; i < 16; ++i) watch.happen({happening(Kind::started, std::to_string(i))});
  CHECK(watch.told_now(2) == "started:0#1 started:1#2");
  CHECK(watch.told_now(0).empty());
  // There is room for two again, of which one is taken.
  watch.happen({happening(Kind::started, "16")});
  CHECK(watch.told_now(1) == "started:2#3");
  for (int i = 17; i < 30; ++i) watch.happen({happening(Kind::started, std::to_string(i))});
  CHECK(watch.subscriber->dropped() == 11);
  CHECK(watch.told_now(15).substr(0, 12) == "started:3#4 ");
  CHECK(watch.told_now(1) == "started:18#19");
  CHECK(watch.subscriber->wait(milliseconds(0)));  // what is missing is still to be told
  CHECK(watch.told_now(1) == "lost:11/11/0");
  CHECK_FALSE(watch.subscriber->wait(milliseconds(0)));
  watch.happen({happening(Kind::started, "30")});
  CHECK(watch.told_now() == "started:30#31");
}

TEST_CASE("who takes one at a time is told no less, and the queue does not grow by what it lost") {
  RequestWatch what;
  what.queue_events = 16;
  Watch watch(what);
  watch.synced();
  std::vector<Event> events;
  for (int i = 0; i < 1000; ++i) {
    for (int j = 0; j < 3; ++j) watch.happen({happening(Kind::started, std::to_string(3 * i + j))});
    watch.subscriber->take(events, 1);
  }
  const std::size_t before = events.size();
  watch.subscriber->take(events, 1'000'000);
  CHECK(events.size() - before <= 18);
  std::uint64_t told = 0;
  for (const Event& event : events) {
    const auto* lost = std::get_if<Lost>(&event.what);
    told += lost ? lost->events : 1;
  }
  CHECK(told == 3000);
}

TEST_CASE("progress finds its place again when what stood before it has been taken") {
  RequestWatch what;
  what.progress_interval_ms = 100;
  Watch watch(what);
  watch.synced();
  const auto progress = [&](const std::string& id, int ms, std::uint64_t bytes) {
    Told out = happening(Kind::progress, id, ms);
    out.request.response_bytes = bytes;
    watch.happen({out});
  };
  watch.happen({happening(Kind::started, "1"), happening(Kind::started, "2")});
  progress("1", 0, 10);
  progress("2", 0, 11);
  CHECK(watch.told_now(1) == "started:1#1");
  progress("2", 100, 21);
  progress("1", 100, 20);
  CHECK(watch.told_now(2) == "started:2#2 progress:1=20#3");
  progress("1", 200, 30);
  progress("2", 200, 31);
  CHECK(watch.told_now() == "progress:2=31#4 progress:1=30#5");
}

TEST_CASE("nobody who did not ask for it is told of progress") {
  Watch watch;
  watch.synced();
  watch.happen({happening(Kind::progress, "1")});
  CHECK(watch.told_now().empty());
}

TEST_CASE("what fits a filter once fits for ever, and has its end") {
  RequestWatch what;
  what.filter.providers = {"one"};
  Watch watch(what);
  watch.synced();
  watch.happen({happening(Kind::started, "1"), happening(Kind::started, "2")});
  CHECK(watch.told_now().empty());
  watch.happen({happening(Kind::attempt_started, "1")});
  watch.happen(
      {happening(Kind::first_byte, "1"), happening(Kind::ended, "1"), happening(Kind::ended, "2")});
  CHECK(watch.told_now() == "attempt_started:1#1 first_byte:1#2 ended:1#3");
}

TEST_CASE("of states a watch is not asked") {
  RequestWatch what;
  what.filter.states = {RequestState::streaming};
  Watch watch(what);
  watch.synced();
  watch.happen({happening(Kind::started, "1")});
  CHECK(watch.told_now() == "started:1#1");
}

TEST_CASE("kinds that are not wanted push nothing out") {
  RequestWatch what;
  what.kinds = {Kind::ended};
  what.queue_events = 16;
  Watch watch(what);
  watch.synced();
  for (int i = 0; i < 100; ++i) watch.happen({happening(Kind::started, std::to_string(i))});
  watch.happen({happening(Kind::ended, "7")});
  CHECK(watch.told_now() == "ended:7#1");
}

TEST_CASE("a reader is woken when there is something again, and at the end") {
  Watch watch;
  int woken = 0;
  watch.subscriber->on_ready([&] { ++woken; });
  watch.subscriber->synced({});
  CHECK(woken == 1);
  watch.happen({happening(Kind::started, "1")});
  CHECK(woken == 1);
  CHECK(watch.told_now() == "synced:0 started:1#1");
  watch.happen({happening(Kind::started, "2"), happening(Kind::started, "3")});
  CHECK(woken == 2);
  CHECK_FALSE(watch.subscriber->is_over());
  watch.subscriber->close();
  CHECK(woken == 3);
  CHECK(watch.subscriber->is_over());
  CHECK(watch.subscriber->wait(milliseconds(0)));
  CHECK(watch.told_now() == "started:2#2 started:3#3");
}

TEST_CASE("readers have seats, so many at most, and one that goes makes room") {
  auto seats = std::make_shared<worker::Seats>();
  std::vector<worker::Seat> taken;
  for (int i = 0; i < 3; ++i) {
    taken.push_back(worker::Seat::take(seats, 3));
    CHECK(taken.back());
  }
  CHECK_FALSE(worker::Seat::take(seats, 3));
  CHECK(seats->taken() == 3);
  taken.pop_back();
  CHECK(worker::Seat::take(seats, 3));
  CHECK(seats->taken() == 2);
}

TEST_CASE("nothing is put into words that nobody takes, and who lags has no decisions recorded") {
  RequestWatch what;
  what.queue_events = 16;
  Watch watch(what);
  REQUIRE(watch.watchers->add(watch.subscriber, 0));
  watch.synced();
  CHECK(watch.watchers->any_keeps_up());
  for (int i = 0; i < 16; ++i) CHECK(watch.happen(happening(Kind::started, "1")) == 1);
  for (const Kind kind : {Kind::started, Kind::attempt_started, Kind::first_byte, Kind::ended}) {
    CHECK(watch.happen(happening(kind, "2")) == 0);
  }
  CHECK_FALSE(watch.watchers->any_keeps_up());
  std::vector<Event> events;
  watch.subscriber->take(events, 1);
  CHECK(watch.watchers->any_keeps_up());
  watch.happen({happening(Kind::started, "3"), happening(Kind::started, "4")});
  CHECK_FALSE(watch.watchers->any_keeps_up());
  // One that goes is no one who lags.
  watch.subscriber->end();
  CHECK_FALSE(watch.watchers->any_keeps_up());
  const auto next = std::make_shared<Subscriber>(RequestWatch(), watch.watchers);
  REQUIRE(watch.watchers->add(next, 0));
  CHECK(watch.watchers->any_keeps_up());
  next->end();  // as its reader does when it goes: until then the two hold each other
}

TEST_CASE("two who watch are told of a request in words that were made once") {
  auto watchers = std::make_shared<Watchers>();
  std::vector<std::shared_ptr<Subscriber>> all;
  for (int i = 0; i < 2; ++i) {
    all.push_back(std::make_shared<Subscriber>(RequestWatch(), watchers));
    REQUIRE(watchers->add(all.back(), 0));
    all.back()->synced({});
  }
  const Told told_one = happening(Kind::ended, "1");
  const TestHappening one(told_one);
  watchers->offer(one);
  CHECK(one.worded() == 1);
  for (const auto& each : all) {
    CHECK(told(*each) == "synced:0 ended:1#1");
    each->end();
  }
}

TEST_CASE("whoever watches hears that the relay stops, and nobody begins then") {
  auto watchers = std::make_shared<Watchers>();
  CHECK_FALSE(watchers->any());
  std::vector<std::unique_ptr<Subscription>> all;
  auto one = std::make_shared<Subscriber>(RequestWatch(), watchers);
  CHECK(watchers->add(one, 0));
  all.push_back(std::make_unique<Subscription>(one));
  auto one_more = std::make_shared<Subscriber>(RequestWatch(), watchers);
  CHECK(watchers->add(one_more, 500));
  CHECK(watchers->progress_ms() == 500);
  watchers->close();
  CHECK_FALSE(watchers->any());
  CHECK(one_more->is_over());
  CHECK_FALSE(watchers->add(one_more, 0));
  watchers.reset();
  all.clear();  // when the relay has gone
}
