#include <string>
#include <vector>

#include "identity/refusal.hpp"
#include "identity/vault_scene.hpp"
#include "support/connect_proxy.hpp"

using namespace ccrelay;
using namespace ccrelay::identity;

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
