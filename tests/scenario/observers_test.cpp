#include <functional>
#include <string>

#include "catch.hpp"
#include "scenario/h2_stage.hpp"
#include "scenario/throwing.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// What an observer of the embedding program may do from inside its methods.

namespace {

class Doing final : public Observer {
 public:
  void request_finished(const RequestSummary&) override { ++finished, act("request_finished"); }
  void noted(const Note&) override { ++notes, act("noted"); }
  Level note_level() const override { return act("note_level"), Level::debug; }
  void turn_ended() override { ++turns, act("turn_ended"); }

  std::string where;
  std::function<void()> what;
  int finished = 0;
  int notes = 0;
  int turns = 0;
  mutable int acted = 0;

 private:
  void act(const char* method) const {
    if (where != method || !what) return;
    ++acted;
    what();
  }
};

int ask(RelayFixture& f, bool http2) {
  if (!http2) return f.ask(RelayFixture::post(RelayFixture::body(true))).status;
  auto client = h2_connect(f);
  return ended(f, *client, client->post(RelayFixture::body(true))).answer.status;
}

}  // namespace

TEST_CASE("what an observer throws reaches nobody", "[scenario][own]") {
  const std::string kind = GENERATE("exception", "int", "bad_alloc");
  const bool http2 = GENERATE(false, true);
  Doing observer;
  observer.where = GENERATE("request_finished", "noted", "note_level", "turn_ended");
  observer.what = [kind] { throw_one(kind); };
  RelayFixture f;
  f.options.observer = &observer;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  CHECK(ask(f, http2) == 200);
  CHECK(ask(f, http2) == 200);
  CHECK(provider.requests().size() == 2);
  f.until([&] { return observer.finished == 2; });
  CHECK(observer.acted >= 2);
}

TEST_CASE("an observer may reload the relay from any of its methods", "[scenario][own]") {
  Doing observer;
  observer.where = GENERATE("request_finished", "noted", "turn_ended");
  const bool http2 = GENERATE(false, true);
  INFO(observer.where);
  RelayFixture f;
  f.options.observer = &observer;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  f.start();
  bool done = false;
  observer.what = [&] {
    if (done || !f.relay) return;
    done = true;
    Config next = f.config;
    next.providers.erase(next.providers.begin());
    CHECK(f.relay->reload(next));
    CHECK_FALSE(f.relay->stopped());
    CHECK(f.relay->in_flight() <= 1);
    CHECK(f.relay->port() != 0);
  };
  CHECK(ask(f, http2) == 200);
  f.until([&] { return done; });
  CHECK(ask(f, http2) == 200);
  CHECK(one.requests().size() <= 1);
  CHECK(two.requests().size() >= 1);
}

TEST_CASE("an observer may stop the relay from any of its methods, and what runs is finished",
          "[scenario][own]") {
  Doing observer;
  observer.where = GENERATE("request_finished", "noted", "turn_ended");
  const bool http2 = GENERATE(false, true);
  INFO(observer.where);
  RelayFixture f;
  f.options.observer = &observer;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  observer.what = [&] {
    // The turn in which the relay began to listen ends before there is a request.
    const bool early = observer.where == "turn_ended" && observer.finished == 0;
    if (f.relay && !early) f.relay->stop();
  };
  CHECK(ask(f, http2) == 200);
  CHECK(provider.requests().size() == 1);
  f.until([&] { return f.relay->stopped(); });
  CHECK(observer.finished == 1);
}

TEST_CASE("what a program's proofs throw leaves the relay without one", "[scenario][own]") {
  const std::string kind = GENERATE("exception", "int", "bad_alloc");
  RelayFixture f;
  f.options.proofs = [kind](std::string_view) {
    throw_one(kind);
    return std::vector<std::string>{"never"};
  };
  f.add_provider("one");
  f.start();
  const Answer answer = f.ask(RelayFixture::get("/?nonce=0123456789abcdef"));
  CHECK(answer.status == 200);
  CHECK(answer.body.find(R"("proofs":[])") != std::string::npos);
}

TEST_CASE("a request is told once, behind its notes, and the turn's end behind that",
          "[scenario][own]") {
  struct Order final : Observer {
    void request_finished(const RequestSummary&) override { said += 'r'; }
    void noted(const Note& note) override {
      if (!note.request_id.empty()) said += 'n';
    }
    Level note_level() const override { return Level::debug; }
    void turn_ended() override {
      if (!said.empty()) said += 't';
    }
    std::string said;
  } observer;
  RelayFixture f;
  f.options.observer = &observer;
  f.add_provider("one");
  f.start();
  observer.said.clear();
  CHECK(ask(f, false) == 200);
  f.until([&] { return observer.said.ends_with("rt"); });
  CHECK(observer.said.find('n') < observer.said.find('r'));
  CHECK(observer.said.rfind('n') < observer.said.find('r'));
  CHECK(observer.said.find('r') == observer.said.rfind('r'));
}
