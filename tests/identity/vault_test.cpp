#include <string>
#include <vector>

#include "identity/limits.hpp"
#include "identity/refusal.hpp"
#include "identity/scene.hpp"
#include "support/connect_proxy.hpp"

using namespace ccrelay;
using namespace ccrelay::identity;

namespace {

const AzureAccess application{"t", "c", Secret("canary-secret")};

std::string token(const std::string& name, int seconds = 3600) {
  return R"({"access_token":")" + name + R"(","expires_in":)" + std::to_string(seconds) + "}";
}

/// A scene with one vault, whose credentials come from one request to the service.
struct VaultScene : Scene {
  VaultScene() {
    variables["AZURE_AUTHORITY_HOST"] = url();
    vault = open(application);
  }
  std::string now() {
    Asker asker;
    asker.ask(*vault, desk);
    if (asker.ticket) return "(waits)";
    return asker.good() ? token_of(asker) : asker.error();
  }
  VaultState state() const { return vault->view(harness.clock()).state; }
  std::size_t asked() const { return service.requests().size(); }
  void hold() { service.enqueue(Script().hold()); }

  std::shared_ptr<Vault> vault;
};

const std::string before = "configuration (azure_client_secret): ";

}  // namespace

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

// ---- What services do

TEST_CASE("a service that stalls is given up after five seconds", "[identity]") {
  VaultScene scene;
  const bool after_head = GENERATE(false, true);
  scene.service.enqueue(after_head
                            ? Script().send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{").hold()
                            : Script().hold());
  Asker asker;
  asker.ask(*scene.vault, scene.desk);
  CHECK(scene.harness.run_until([&] { return scene.asked() == 1; }));
  scene.harness.advance(4999ms);
  CHECK_FALSE(asker.done());
  scene.harness.advance(1ms);
  CHECK(asker.error() ==
        before + "Entra (POST " + scene.url() +
            "/t/oauth2/v2.0/token) took longer than the 5 s there are for getting credentials; it "
            "is tried again after a while");
  CHECK(scene.harness.run_until([&] { return scene.service.connections_open() == 0; }));
  CHECK(scene.client.running() == 0);
}

TEST_CASE("the five seconds are for all steps together", "[identity]") {
  Scene scene;
  scene.variables.erase("AWS_EC2_METADATA_DISABLED");
  scene.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = scene.url();
  scene.service.respond_with([](const RecordedRequest&) {
    return Script().hold().send("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx");
  });
  const auto vault = scene.open(AwsAccess{});
  Asker asker;
  asker.ask(*vault, scene.desk);
  for (std::size_t step = 1; step <= 2; ++step) {
    CHECK(scene.harness.run_until([&] { return scene.service.requests().size() == step; }));
    scene.harness.advance(2s);
    scene.service.release();
  }
  CHECK(scene.harness.run_until([&] { return scene.service.requests().size() == 3; }));
  scene.harness.advance(999ms);
  CHECK_FALSE(asker.done());
  scene.harness.advance(1ms);
  CHECK(asker.done());
  CHECK(asker.error().find("/x) took longer than the 5 s") != std::string::npos);
}

TEST_CASE("a service that refuses connections or cuts them is told", "[identity]") {
  VaultScene scene;
  scene.service.enqueue(Script().send("HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{").reset());
  const std::string who = before + "Entra (POST " + scene.url() + "/t/oauth2/v2.0/token) ";
  const std::string cut = scene.get(*scene.vault).error();
  CHECK(cut.rfind(who + "could not be reached: ", 0) == 0);
  CHECK(cut.size() > who.size() + 25);
  std::string closed;
  {
    const FakeProvider gone(scene.harness.loop());
    closed = gone.url();
  }
  scene.harness.settle();
  scene.variables["AZURE_AUTHORITY_HOST"] = closed;
  AzureAccess other = application;
  other.scope = "s";
  CHECK(scene.get(other).error().rfind(
            before + "Entra (POST " + closed + "/t/oauth2/v2.0/token) could not be reached: ", 0) ==
        0);
  scene.variables["AZURE_AUTHORITY_HOST"] = scene.url();
  other.scope = "s2";
  scene.service.enqueue(Script().send("no http\r\n\r\n").close());
  CHECK(scene.get(other).error().rfind(who + "could not be reached: ", 0) == 0);
}

TEST_CASE("token services are asked through the proxy, this machine is not", "[identity]") {
  VaultScene scene;
  testing::ConnectProxy proxy(scene.harness.loop());
  const Route route{proxy.url(), "", ""};
  scene.reply(token("direct"));
  CHECK(token_of(scene.get(*scene.vaults.open({application, route}))) == "direct");
  CHECK(proxy.heads().empty());
  scene.variables["AZURE_AUTHORITY_HOST"] = "https://login.example";
  AzureAccess other = application;
  other.scope = "s";
  CHECK(scene.get(*scene.vaults.open({other, route}))
            .error()
            .rfind(before + "Entra (POST https://login.example/t/oauth2/v2.0/token) could not be "
                            "reached: ",
                   0) == 0);
  REQUIRE(proxy.heads().size() == 1);
  CHECK(proxy.heads()[0].rfind("CONNECT login.example:443 ", 0) == 0);
}

TEST_CASE("a path that is a secret is not shown", "[identity]") {
  Scene scene;
  Ask ask;
  ask.who = "somebody";
  ask.url = scene.url() + "/canary?canary";
  ask.hide_path = true;
  ask.then = [](const Answer& answer) { return refused(answer, ""); };
  const Chain chain{{{"link", [&](WallTime) { return ask; }}}, ""};
  const auto vault = std::make_shared<Vault>(chain, Route{});
  scene.reply("", 404);
  CHECK(scene.get(*vault).error() == "link: somebody (GET " + scene.url() + "/***) answered 404");
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

// ---- Sharing

TEST_CASE("descriptions that say the same share a vault", "[identity]") {
  Scene scene;
  const AwsAccess aws{"r", "id", Secret("s"), Secret("t"), "p"};
  const auto first = scene.open(aws);
  CHECK(scene.open(aws) == first);
  std::vector<std::shared_ptr<Vault>> others;
  const auto differs = [&](const Description& description) {
    auto vault = scene.vaults.open(description);
    CHECK(vault != first);
    for (const auto& other : others) CHECK(vault != other);
    others.push_back(std::move(vault));
  };
  for (int field = 0; field < 5; ++field) {
    AwsAccess other = aws;
    if (field == 0) other.region = "x";
    if (field == 1) other.access_key_id = "x";
    if (field == 2) other.secret_access_key = Secret("x");
    if (field == 3) other.session_token = Secret("x");
    if (field == 4) other.profile = "x";
    differs({other, {}});
  }
  differs({AwsAccess{"", "rid", Secret("s"), Secret("t"), "p"}, {}});
  differs({GoogleAccess{""}, {}});
  differs({GoogleAccess{"f"}, {}});
  differs({AzureAccess{"t", "c", Secret("s"), "x"}, {}});
  differs({AzureAccess{"tc", "", Secret("s"), "x"}, {}});
  differs({AzureAccess{"t", "c", Secret("s"), "y"}, {}});
  differs({AzureAccess{"t", "c", Secret("z"), "x"}, {}});
  differs({aws, {"http://proxy", "", ""}});
  differs({aws, {"", "http://proxy", ""}});
  differs({aws, {"", "", "ca.pem"}});
  CHECK(scene.vaults.size() == 1 + others.size());
}

TEST_CASE("a vault lives as long as somebody has it", "[identity]") {
  VaultScene scene;
  scene.reply(token("one"));
  scene.get(*scene.vault);
  // A reloaded configuration finds it.
  auto again = scene.open(application);
  scene.vault.reset();
  Asker asker;
  asker.ask(*again, scene.desk);
  CHECK(token_of(asker) == "one");
  again.reset();
  CHECK(scene.vaults.size() == 0);
  scene.reply(token("two"));
  CHECK(token_of(scene.get(*scene.open(application))) == "two");
}

TEST_CASE("a vault that nobody has any more finishes its fetch", "[identity]") {
  VaultScene scene;
  scene.reply(token("one"));
  Asker asker;
  asker.ask(*scene.vault, scene.desk);
  scene.vault.reset();
  CHECK(scene.vaults.size() == 1);
  CHECK(scene.harness.run_until([&] { return asker.done(); }));
  CHECK(token_of(asker) == "one");
  asker.ticket.reset();
  scene.harness.settle();
  CHECK(scene.vaults.size() == 0);
}

TEST_CASE("what is shown of a vault has no secret in it", "[identity]") {
  VaultScene scene;
  const auto shown = [&] {
    const VaultView view = scene.vault->view(scene.harness.clock());
    return view.source + view.last_error;
  };
  scene.reply(R"({"error":"canary-secret","error_description":"canary-secret"})", 400);
  scene.get(*scene.vault);
  CHECK(shown().find("***: ***") != std::string::npos);
  CHECK(shown().find("canary") == std::string::npos);
  scene.harness.advance(retry_gap);
  scene.reply(token("canary-token"));
  CHECK(scene.get(*scene.vault).good());
  CHECK(shown().find("canary") == std::string::npos);
}
