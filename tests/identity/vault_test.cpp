#include <string>
#include <vector>

#include "identity/vault_scene.hpp"

using namespace ccrelay;
using namespace ccrelay::identity;

TEST_CASE("credentials are fetched once and kept", "[identity]") {
  VaultScene scene;
  CHECK(scene.state() == VaultState::unasked);
  CHECK(scene.asked() == 0);
  scene.reply(token("one"));
  CHECK(token_of(scene.get(*scene.vault)) == "one");
  CHECK(scene.now() == "one");
  scene.harness.advance(54min);
  CHECK(scene.now() == "one");
  CHECK(scene.asked() == 1);
  CHECK(scene.desk.fetches() == 0);
}

TEST_CASE("five minutes before they expire credentials are fetched anew, once, and used meanwhile",
          "[identity]") {
  VaultScene scene;
  scene.reply(token("one"));
  scene.get(*scene.vault);
  scene.service.enqueue(Script().hold().send(
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(token("two").size()) + "\r\n\r\n" +
      token("two")));
  scene.harness.advance(55min);
  for (int i = 0; i < 10; ++i) CHECK(scene.now() == "one");
  CHECK(scene.harness.run_until([&] { return scene.asked() == 2; }));
  for (int i = 0; i < 10; ++i) CHECK(scene.now() == "one");
  CHECK(scene.desk.fetches() == 1);
  CHECK(scene.vault->view(scene.harness.clock()).refreshing);
  CHECK(scene.state() == VaultState::ready);
  scene.service.release();
  CHECK(scene.harness.run_until([&] { return scene.desk.fetches() == 0; }));
  CHECK(scene.now() == "two");
  scene.harness.advance(54min);
  CHECK(scene.now() == "two");
  CHECK(scene.asked() == 2);
}

TEST_CASE("credentials whose refresh fails are used until they expire", "[identity]") {
  VaultScene scene;
  scene.reply(token("one"));
  scene.get(*scene.vault);
  scene.service.respond_with(
      [](const RecordedRequest&) { return Script::reply(503, "text/plain", "down"); });
  scene.harness.advance(55min);
  CHECK(scene.now() == "one");
  CHECK(scene.harness.run_until([&] { return scene.desk.fetches() == 0; }));
  const VaultView view = scene.vault->view(scene.harness.clock());
  CHECK(view.state == VaultState::ready);
  CHECK(view.last_error ==
        before + "Entra (POST " + scene.url() + "/t/oauth2/v2.0/token) answered 503");
  // Not again within ten seconds.
  CHECK(scene.now() == "one");
  scene.harness.advance(9s);
  CHECK(scene.now() == "one");
  CHECK(scene.asked() == 2);
  scene.harness.advance(1s);
  CHECK(scene.now() == "one");
  CHECK(scene.harness.run_until([&] { return scene.asked() == 3; }));
  CHECK(scene.harness.run_until([&] { return scene.desk.fetches() == 0; }));
  scene.harness.advance(5min - 11s);
  CHECK(scene.now() == "one");
  CHECK(scene.harness.run_until([&] { return scene.desk.fetches() == 0; }));
  scene.harness.advance(1s);
  CHECK(scene.state() == VaultState::failed);
  CHECK(scene.now() == view.last_error);
}

TEST_CASE("a refresh that works after one that failed leaves no error behind", "[identity]") {
  VaultScene scene;
  scene.reply("", 500);
  CHECK_FALSE(scene.get(*scene.vault).good());
  scene.harness.advance(retry_gap);
  scene.reply(token("one"));
  CHECK(token_of(scene.get(*scene.vault)) == "one");
  const VaultView view = scene.vault->view(scene.harness.clock());
  CHECK(view.last_error == "");
  CHECK(view.last_refresh == scene.wall());
  CHECK(view.expiry == scene.wall() + 1h);
  CHECK(view.source == "configuration (azure_client_secret)");
}

TEST_CASE("a fetch that failed is not repeated for ten seconds", "[identity]") {
  VaultScene scene;
  scene.reply("", 500);
  const Asker first = scene.get(*scene.vault);
  CHECK(scene.state() == VaultState::failed);
  scene.harness.advance(9999ms);
  CHECK(scene.now() == first.error());
  CHECK(scene.asked() == 1);
  scene.harness.advance(1ms);
  scene.reply(token("one"));
  CHECK(scene.now() == "(waits)");
  CHECK(scene.harness.run_until([&] { return scene.desk.fetches() == 0; }));
  CHECK(scene.now() == "one");
}

TEST_CASE("a token that lives shortly is refreshed half way", "[identity]") {
  VaultScene scene;
  scene.reply(token("one", 60));
  scene.get(*scene.vault);
  scene.harness.advance(29s);
  CHECK(scene.now() == "one");
  CHECK(scene.asked() == 1);
  scene.reply(token("two", 60));
  scene.harness.advance(1s);
  CHECK(scene.now() == "one");
  CHECK(scene.harness.run_until([&] { return scene.desk.fetches() == 0; }));
  CHECK(scene.now() == "two");
}

TEST_CASE("credentials that expired while nobody asked are waited for", "[identity]") {
  VaultScene scene;
  scene.reply(token("one"));
  scene.get(*scene.vault);
  scene.harness.advance(1h);
  CHECK(scene.state() == VaultState::unasked);
  scene.hold();
  CHECK(scene.now() == "(waits)");
  CHECK(scene.state() == VaultState::fetching);
}

TEST_CASE("all who wait are told by one fetch, in order", "[identity]") {
  VaultScene scene;
  scene.reply(token("one"));
  std::vector<std::unique_ptr<Asker>> askers;
  std::vector<int> order;
  for (int i = 0; i < 20; ++i) {
    askers.push_back(std::make_unique<Asker>());
    askers.back()->react = [&order, i] { order.push_back(i); };
    askers.back()->ask(*scene.vault, scene.desk);
    CHECK_FALSE(askers.back()->done());
  }
  CHECK(scene.desk.waits() == 20);
  CHECK(scene.harness.run_until([&] { return order.size() == 20; }));
  for (int i = 0; i < 20; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
  CHECK(token_of(*askers[19]) == "one");
  // The same object for all.
  CHECK(*askers[0]->results[0] == *askers[19]->results[0]);
  CHECK(scene.asked() == 1);
}

TEST_CASE("all who wait are told of a failure too", "[identity]") {
  VaultScene scene;
  scene.reply("", 500);
  Asker one;
  Asker two;
  one.ask(*scene.vault, scene.desk);
  two.ask(*scene.vault, scene.desk);
  CHECK(scene.harness.run_until([&] { return one.done() && two.done(); }));
  CHECK(one.error() == two.error());
  CHECK(one.error() ==
        before + "Entra (POST " + scene.url() + "/t/oauth2/v2.0/token) answered 500");
}

// ---- Refusals by the provider

TEST_CASE("credentials that a provider refused are dropped, and those alone", "[identity]") {
  VaultScene scene;
  const Clock& clock = scene.harness.clock();
  scene.reply(token("one"));
  const Held one = *scene.get(*scene.vault).results[0];
  CHECK(scene.vault->invalidate(one, clock));
  CHECK(scene.state() == VaultState::unasked);
  scene.reply(token("two"));
  const Asker again = scene.get(*scene.vault);
  CHECK(token_of(again) == "two");
  // Of a request that was under way all the time.
  CHECK(scene.vault->invalidate(one, clock));
  CHECK(scene.now() == "two");
  CHECK(scene.vault->invalidate(nullptr, clock));
  CHECK(scene.now() == "two");
}

TEST_CASE("a provider that refuses everything does not make a service suffer", "[identity]") {
  VaultScene scene;
  const Clock& clock = scene.harness.clock();
  scene.reply(token("one"));
  CHECK(scene.vault->invalidate(*scene.get(*scene.vault).results[0], clock));
  scene.reply(token("two"));
  const Held two = *scene.get(*scene.vault).results[0];
  CHECK_FALSE(scene.vault->invalidate(two, clock));
  CHECK(scene.now() == "two");
  scene.harness.advance(retry_gap);
  CHECK(scene.vault->invalidate(two, clock));
  scene.hold();
  CHECK(scene.now() == "(waits)");
  CHECK(scene.harness.run_until([&] { return scene.asked() == 3; }));
}

TEST_CASE("credentials may be refused while they are being refreshed", "[identity]") {
  VaultScene scene;
  scene.reply(token("one"));
  const Held one = *scene.get(*scene.vault).results[0];
  scene.harness.advance(56min);
  scene.reply(token("two"));
  CHECK(scene.now() == "one");
  CHECK(scene.vault->invalidate(one, scene.harness.clock()));
  CHECK(scene.state() == VaultState::fetching);
  Asker asker;
  asker.ask(*scene.vault, scene.desk);
  CHECK_FALSE(asker.done());
  CHECK(scene.harness.run_until([&] { return asker.done(); }));
  CHECK(token_of(asker) == "two");
  CHECK(scene.asked() == 2);
}
