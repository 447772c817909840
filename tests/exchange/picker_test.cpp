#include <chrono>
#include <string>

#include "exchange/scene.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;
using std::chrono::seconds;

namespace {

std::string name_of(const std::optional<Target>& target) {
  return target ? target->entry->config->name : "nobody";
}

/// The next one, which is held until the end of the test.
struct Walk {
  explicit Walk(Scene& scene) : scene(scene), picker(scene.picker()) {}
  std::string next(bool all_have_failed = false) {
    auto target = picker.next(all_have_failed, scene.now);
    const std::string name = name_of(target);
    if (target) held.push_back(std::move(*target));
    return name;
  }
  std::string skipped() {
    std::string out;
    for (const auto& skip : picker.take_skips()) {
      out += std::string(skip.provider) + ": " + std::string(skip.why) + "; ";
    }
    return out;
  }
  Scene& scene;
  Picker picker;
  std::vector<Target> held;
};

}  // namespace

TEST_CASE("a target is a provider and a key of it, with all that is needed there", "[exchange]") {
  Scene s;
  s.add("a").model_mapping["m"] = "mapped";
  s.start();
  Picker picker = s.picker();
  const auto target = picker.next(false, s.now);
  REQUIRE(target);
  CHECK(target->candidate == 0);
  CHECK(target->authority == Authority::key);
  CHECK(target->fingerprint() == s.fingerprint(0));
  CHECK(target->model == "mapped");
  CHECK(target->health == state::Breaker::State::closed);
  CHECK_FALSE(target->fresh);
  CHECK(s.providers.view("a", s.now).in_flight == 1);
}

TEST_CASE("a target that is dropped gives back its place", "[exchange]") {
  Scene s;
  s.add("a").max_in_flight = 1;
  s.config.providers[0].keys[0].max_in_flight = 1;
  s.start();
  { Picker(s.picker()).next(false, s.now); }
  CHECK(s.providers.view("a", s.now).in_flight == 0);
  CHECK(Walk(s).next() == "a");
}

TEST_CASE("a walk goes through the keys of a provider, then to the next one", "[exchange]") {
  Scene s;
  s.add("a").keys.push_back({Secret("sk-a-2"), 1, 1});
  s.add("b");
  s.start();
  Walk walk(s);
  CHECK(walk.next() == "a");
  CHECK(walk.next() == "a");
  CHECK(walk.held[0].key != walk.held[1].key);
  CHECK(walk.next() == "b");
  CHECK(walk.next() == "nobody");
  CHECK(walk.next(true) == "nobody");
}

TEST_CASE("whoever has been passed over is not asked with another key", "[exchange]") {
  Scene s;
  s.add("a").keys.push_back({Secret("sk-a-2"), 1, 1});
  s.add("b");
  s.start();
  Walk walk(s);
  CHECK(walk.next() == "a");
  walk.picker.pass_over(0);
  CHECK(walk.next() == "b");
  CHECK(walk.next(true) == "nobody");
}

TEST_CASE("without a key of the configuration there is one chance", "[exchange]") {
  Scene s;
  s.add("local", "ollama", false);
  s.add("claude", "anthropic", false);
  s.start();
  s.request.access.own.add("x-api-key", "sk-ant-own");
  s.request.access.own_is_anthropic = true;
  Walk walk(s);
  CHECK(walk.next() == "local");
  CHECK(walk.held[0].fingerprint().empty());
  CHECK(walk.next() == "claude");
  CHECK(walk.held[1].fingerprint() == "client");
  CHECK(walk.next() == "nobody");
}

// ---- breakers

TEST_CASE("a breaker that opens behind a plan's back shuts out as well", "[exchange]") {
  Scene s;
  s.add_all({"a", "b"});
  s.start();
  Walk walk(s);
  s.break_off("a");
  CHECK(walk.next() == "b");
  CHECK(walk.skipped() == "a: its breaker is open; ");
  CHECK(walk.skipped().empty());
}

TEST_CASE("whoever is shut out is asked when all others have failed", "[exchange]") {
  Scene s;
  s.add_all({"a", "b"});
  s.start();
  s.break_off("a");
  Walk walk(s);
  CHECK(walk.next() == "b");
  CHECK(walk.next(false) == "nobody");
  CHECK(walk.next(true) == "a");
  CHECK(walk.held[1].health == state::Breaker::State::open);
  CHECK(walk.next(true) == "nobody");
}

TEST_CASE("a lone provider is asked whatever its breaker says", "[exchange]") {
  Scene s;
  s.add("a");
  s.start();
  s.break_off("a");
  CHECK(Walk(s).next(true) == "a");
}

TEST_CASE("whoever was passed over stays so when all have failed", "[exchange]") {
  Scene s;
  s.add_all({"a", "b"});
  s.start();
  s.break_off("a");
  Walk walk(s);
  walk.picker.pass_over(1);  // the last one, now that it is shut out
  CHECK(walk.next() == "b");
  CHECK(walk.next(true) == "nobody");
}

// ---- room

TEST_CASE("a provider with as many requests as it may have is passed by, and never forced",
          "[exchange]") {
  Scene s;
  s.add("a").max_in_flight = 1;
  s.add("b");
  s.start();
  const auto busy = s.occupy("a");
  Walk walk(s);
  CHECK(walk.next() == "b");
  CHECK(walk.skipped() == "a: it has max_in_flight requests; ");
  CHECK(walk.next(true) == "nobody");
}

TEST_CASE("a key without room is passed by, and asked once it has room", "[exchange]") {
  Scene s;
  s.add("a").keys[0].max_in_flight = 1;
  s.add("b");
  s.start();
  auto first = s.picker().next(false, s.now);
  REQUIRE(first);
  Walk walk(s);
  CHECK(walk.next() == "b");
  CHECK(walk.skipped() == "a: no key is free; ");
  CHECK(s.providers.view("a", s.now).in_flight == 1);
  first.reset();
  CHECK(walk.next() == "a");
}

TEST_CASE("a key that rests for one model is free for another", "[exchange]") {
  Scene s;
  s.add_all({"a", "b"});
  s.start();
  s.keys.cool(s.key_id(0), "m", s.now + seconds(30));
  CHECK(Walk(s).next() == "b");
  s.request.view.model = "other";
  CHECK(Walk(s).next() == "a");
  s.request.view.model = "m";
  s.now += seconds(30);
  CHECK(Walk(s).next() == "a");
}

TEST_CASE("counting tokens is held up by no limit of messages", "[exchange]") {
  Scene s;
  s.add_all({"a", "b"});
  s.start();
  s.keys.cool(s.key_id(0), "m", s.now + seconds(30));
  s.request.operation = Operation::count_tokens;
  CHECK(Walk(s).next() == "a");
}

TEST_CASE("at home only what is new in a request counts against a key's limits", "[exchange]") {
  // 4000 bytes are about 1000 tokens; the provider has cached 3600 bytes of them. Some 100 are in
  // use: a key of which nothing is used takes a request of any size.
  struct Case {
    std::uint64_t known_bytes;
    const char* asked;
  };
  const Case cases[] = {{3600, "a"}, {0, "b"}, {5000, "b"}};
  for (const auto& [known_bytes, asked] : cases) {
    INFO(known_bytes);
    Scene s;
    s.add("a").keys[0].itpm_limit = 250;
    s.add("b");
    s.start();
    s.request.body.assign(400, 'x');
    const auto another = s.picker().next(false, s.now);
    s.request.body.assign(4000, 'x');
    s.lives_at("a", s.fingerprint(0), known_bytes);
    CHECK(Walk(s).next() == asked);
  }
}

TEST_CASE("away from home all of a request counts", "[exchange]") {
  Scene s;
  ProviderConfig& a = s.add("a");
  a.priority = 2;
  a.keys[0].itpm_limit = 250;
  s.add("b");
  s.start();
  s.request.body.assign(400, 'x');
  const auto another = s.picker().next(false, s.now);
  s.request.body.assign(4000, 'x');
  s.lives_at("b", s.fingerprint(1), 3600);
  CHECK(s.plan().affinity == "away");
  CHECK(Walk(s).next() == "b");
}

TEST_CASE("a conversation keeps its key", "[exchange]") {
  Scene s;
  for (int i = 0; i < 4; ++i) {
    if (i == 0) s.add("a");
    if (i > 0) s.config.providers[0].keys.push_back({Secret("sk-a-" + std::to_string(i)), 1, 1});
  }
  s.start();
  for (std::size_t key = 0; key < 4; ++key) {
    s.homes.move(7, "a", s.fingerprint(0, key), 0, s.now);
    s.goes_on();
    Walk walk(s);
    CHECK(walk.next() == "a");
    CHECK(walk.held[0].key == key);
  }
}

// ---- in place

TEST_CASE("a repeat is for the same key or none", "[exchange]") {
  Scene s;
  s.add("a").keys.push_back({Secret("sk-a-2"), 1, 1});
  s.start();
  Picker picker = s.picker();
  const auto first = picker.next(false, s.now);
  REQUIRE(first);
  const auto again = picker.again(0, first->key, s.now);
  REQUIRE(again);
  CHECK(again->key == first->key);
  s.keys.cool(s.key_id(0, first->key), "m", s.now + seconds(9));
  CHECK_FALSE(picker.again(0, first->key, s.now));
}

TEST_CASE("a repeat at a provider that was forced is forced", "[exchange]") {
  Scene s;
  s.add_all({"a", "b"});
  s.start();
  s.break_off("a");
  Walk walk(s);
  CHECK(name_of(walk.picker.again(0, 0, s.now)) == "b");
  CHECK(name_of(walk.picker.again(1, 0, s.now)) == "a");
}

TEST_CASE("whoever has neither been asked nor passed over is untried", "[exchange]") {
  Scene s;
  s.add_all({"a", "b", "c"});
  s.start();
  Walk walk(s);
  CHECK(walk.picker.untried() == 3);
  walk.next();
  CHECK(walk.picker.untried() == 2);
  walk.picker.pass_over(2);
  CHECK(walk.picker.untried() == 1);
}

// ---- what is waited for

TEST_CASE("the soonest of the keys that rest is what a request waits for", "[exchange]") {
  Scene s;
  s.add_all({"a", "b"});
  s.start();
  s.keys.cool(s.key_id(0), "m", s.now + seconds(30));
  s.keys.cool(s.key_id(1), "m", s.now + seconds(20));
  const auto outlook = s.picker().outlook(s.now);
  CHECK(outlook.soonest == s.now + seconds(20));
  CHECK_FALSE(outlook.busy);
  CHECK_FALSE(outlook.refused);
}

TEST_CASE("whoever has failed is not waited for", "[exchange]") {
  Scene s;
  s.add_all({"a", "b"});
  s.start();
  s.keys.cool(s.key_id(0), "m", s.now + seconds(30));
  s.keys.cool(s.key_id(1), "m", s.now + seconds(20));
  Picker picker = s.picker();
  picker.pass_over(1);
  CHECK(picker.outlook(s.now).soonest == s.now + seconds(30));
}

TEST_CASE("keys that are refused are told apart from those that are busy", "[exchange]") {
  Scene s;
  s.add_all({"a", "b"});
  s.config.providers[1].keys[0].max_in_flight = 1;
  s.start();
  s.keys.refuse(s.key_id(0), s.now + seconds(300));
  CHECK_FALSE(s.picker().outlook(s.now).refused);
  const auto busy = s.picker().next(false, s.now);
  REQUIRE(busy);
  CHECK(s.picker().outlook(s.now).busy);
  s.keys.refuse(s.key_id(1), s.now + seconds(300));
  CHECK(s.picker().outlook(s.now).refused);
}
