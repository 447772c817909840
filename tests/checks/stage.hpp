#pragma once

#include <ccrelay/checks.hpp>
#include <ccrelay/relay.hpp>
#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "checks/probe.hpp"
#include "identity/desk.hpp"
#include "upstream/client.hpp"
#include "worker/snapshot.hpp"

namespace ccrelay::testing {

/// A look at one provider that is played by a script, on one loop with a manual clock.
class CheckStage {
 public:
  explicit CheckStage(const std::string& type, const std::string& key = "sk-check-canary")
      : loop(harness.loop(), harness.clock()), provider(harness.loop()) {
    entry.name = "one";
    entry.type = type;
    entry.base_url = provider.url();
    if (!key.empty()) entry.keys.push_back({Secret(key), 1, 1});
    if (type == "bedrock" || type == "anthropic_aws") entry.aws_region = "eu-west-1";
    if (type == "anthropic_aws") entry.workspace_id = "wrkspc_mine";
    if (type == "vertex" || type == "gemini_vertex") {
      entry.gcp_project_id = "my-project";
      entry.gcp_region = "global";
    }
  }
  ~CheckStage() {
    probe.reset();
    loop.empty_graveyard();
  }

  void begin() {
    Config config;
    config.providers = {entry};
    vaults.emplace([this](std::string_view name) -> std::optional<std::string> {
      const auto found = environment.find(std::string(name));
      if (found == environment.end()) return std::nullopt;
      return found->second;
    });
    auto built = worker::Snapshot::build(std::move(config), RelayOptions{}, *vaults);
    if (!built) FAIL(built.error().message);
    snapshot = *std::move(built);
    client.emplace(loop);
    desk.emplace(loop, *client);
    probe = std::make_unique<checks::Probe>(checks::Probe::Tools{loop, *client, *desk},
                                            snapshot->entries.at(0), [this] { done = true; });
    probe->begin();
  }
  /// What it came to, when it is over.
  const ProviderCheck& look() {
    begin();
    REQUIRE(harness.run_until([this] { return done; }));
    return probe->result();
  }
  const RecordedRequest& only_request() {
    REQUIRE(provider.requests().size() == 1);
    return provider.requests()[0];
  }

  LoopHarness harness;
  loop::Loop loop;
  FakeProvider provider;
  ProviderConfig entry;
  std::map<std::string, std::string> environment;
  std::optional<identity::Vaults> vaults;
  std::shared_ptr<const worker::Snapshot> snapshot;
  std::optional<upstream::Client> client;
  std::optional<identity::Desk> desk;
  std::unique_ptr<checks::Probe> probe;
  bool done = false;
};

}  // namespace ccrelay::testing
