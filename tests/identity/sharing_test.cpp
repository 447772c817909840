#include <string>
#include <vector>

#include "identity/vault_scene.hpp"

using namespace ccrelay;
using namespace ccrelay::identity;

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
