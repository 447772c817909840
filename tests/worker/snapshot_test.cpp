#include "worker/snapshot.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::worker;
using std::chrono::milliseconds;

namespace {

identity::Vaults vaults{[](std::string_view) { return std::nullopt; }};

ProviderConfig entry(const std::string& name) {
  ProviderConfig config;
  config.name = name;
  config.type = "anthropic";
  config.keys.push_back({Secret("sk-" + name), 1, 1});
  return config;
}

std::shared_ptr<const Snapshot> build(const Config& config) {
  auto snapshot = Snapshot::build(config, {}, vaults);
  if (!snapshot) FAIL(snapshot.error().message);
  return *snapshot;
}

/// A snapshot of one provider.
std::shared_ptr<const Snapshot> build(const ProviderConfig& provider) {
  Config config;
  config.providers.push_back(provider);
  return build(config);
}

class OwnProvider final : public Provider {
 public:
  std::string_view owner() const override { return "me"; }
  std::string_view base_url() const override { return "http://127.0.0.1:1"; }
  bool supports(Operation) const override { return true; }
  Result<OutboundRequest> build(const ProviderRequest&, const Credential&) const override {
    return OutboundRequest{};
  }
};

}  // namespace

TEST_CASE("a disabled provider is no entry", "[relay]") {
  Config config;
  config.providers = {entry("one"), entry("two")};
  config.providers[0].enabled = false;
  const auto snapshot = build(config);
  REQUIRE(snapshot->entries.size() == 1);
  CHECK(snapshot->entries[0].config->name == "two");
}

TEST_CASE("entries refer to the snapshot's own configuration", "[relay]") {
  const auto snapshot = build(entry("one"));
  CHECK(snapshot->entries[0].config == &snapshot->config.providers[0]);
}

TEST_CASE("keys are known by a fingerprint that does not contain them", "[relay]") {
  const auto snapshot = build(entry("one"));
  REQUIRE(snapshot->entries[0].pool.keys.size() == 1);
  CHECK(snapshot->entries[0].pool.keys[0].fingerprint.size() == 8);
}

TEST_CASE("a provider without models serves all", "[relay]") {
  CHECK(build(entry("one"))->entries[0].serves("anything"));
}

TEST_CASE("the longest mapping of a model wins, an exact one before all", "[relay]") {
  ProviderConfig config = entry("one");
  config.model_mapping = {
      {"*", "any"}, {"claude-*", "short"}, {"claude-opus-*", "long"}, {"claude-opus-5", "exact"}};
  const auto snapshot = build(config);
  const Entry& made = snapshot->entries[0];
  CHECK(made.upstream_model("claude-opus-5") == "exact");
  CHECK(made.upstream_model("claude-opus-5-5") == "long");
  CHECK(made.upstream_model("claude-sonnet") == "short");
  CHECK(made.upstream_model("gpt") == "any");
}

TEST_CASE("a model without mapping keeps its name", "[relay]") {
  CHECK(build(entry("one"))->entries[0].upstream_model("claude-x") == "claude-x");
}

TEST_CASE("an endpoint is the base URL without its path", "[relay]") {
  ProviderConfig config = entry("one");
  config.base_url = "https://api.example.com:8443/some/path";
  CHECK(build(config)->entries[0].destination.origin == "https://api.example.com:8443");
}

TEST_CASE("a provider's own proxy goes before the environment's", "[relay]") {
  Config config;
  config.proxy.https = "http://env:1";
  config.proxy.no_proxy = "localhost";
  config.providers = {entry("environment"), entry("own"), entry("direct")};
  config.providers[1].proxy = "http://own:2";
  config.providers[2].proxy = "none";
  const auto snapshot = build(config);
  CHECK(snapshot->entries[0].destination.proxy == "http://env:1");
  CHECK(snapshot->entries[0].destination.no_proxy == "localhost");
  CHECK(snapshot->entries[1].destination.proxy == "http://own:2");
  CHECK(snapshot->entries[1].destination.no_proxy.empty());
  CHECK(snapshot->entries[2].destination.proxy.empty());
}

TEST_CASE("a provider on this machine is not reached through the environment's proxy", "[relay]") {
  Config config;
  config.proxy.http = config.proxy.https = "http://env:1";
  for (const char* url : {"http://localhost:11434", "http://127.0.0.1:1", "https://[::1]:2/x",
                          "http://LOCALHOST", "http://127.9.9.9"}) {
    config.providers = {entry("one")};
    config.providers[0].base_url = url;
    INFO(url);
    CHECK(build(config)->entries[0].destination.proxy.empty());
    config.providers[0].proxy = "http://own:2";
    CHECK(build(config)->entries[0].destination.proxy == "http://own:2");
  }
  for (const char* url :
       {"http://localhost.example.com", "http://1270.0.0.1", "https://api.z.ai"}) {
    config.providers = {entry("one")};
    config.providers[0].base_url = url;
    INFO(url);
    CHECK(build(config)->entries[0].destination.proxy == "http://env:1");
  }
}

TEST_CASE("a provider's own timeouts go before the common ones", "[relay]") {
  Config config;
  config.providers = {entry("one")};
  config.providers[0].first_byte_timeout = milliseconds(0);
  config.providers[0].connect_timeout = milliseconds(7);
  const auto snapshot = build(config);
  CHECK(snapshot->entries[0].first_byte_timeout == milliseconds(0));
  CHECK(snapshot->entries[0].connect_timeout == milliseconds(7));
  CHECK(snapshot->entries[0].stream_idle_timeout == config.timeouts.stream_idle);
}

TEST_CASE("a program may bring a provider type of its own", "[relay]") {
  ProviderConfig config = entry("one");
  config.type = "mine";
  Config whole;
  whole.providers = {config};
  RelayOptions options;
  options.provider_types["mine"] = [](const ProviderConfig&) -> Result<std::unique_ptr<Provider>> {
    return std::unique_ptr<Provider>(std::make_unique<OwnProvider>());
  };
  const auto snapshot = Snapshot::build(whole, options, vaults);
  REQUIRE(snapshot.has_value());
  CHECK((*snapshot)->entries[0].provider->owner() == "me");
}

TEST_CASE("a provider that cannot be made is an error of the configuration", "[relay]") {
  ProviderConfig config = entry("one");
  config.type = "mine";
  Config whole;
  whole.providers = {config};
  RelayOptions options;
  options.provider_types["mine"] = [](const ProviderConfig&) -> Result<std::unique_ptr<Provider>> {
    return Error{ErrorCode::config, "not today"};
  };
  const auto snapshot = Snapshot::build(whole, options, vaults);
  REQUIRE_FALSE(snapshot.has_value());
  CHECK(snapshot.error().message == "not today");
}

TEST_CASE("a router goes over to the next snapshot unless its settings change", "[relay]") {
  Config config;
  config.routing.strategy = "round_robin";
  config.providers = {entry("one")};
  const auto first = build(config);
  config.routing.debug = true;
  const auto second = Snapshot::build(config, {}, vaults, first.get());
  REQUIRE(second);
  CHECK((*second)->router == first->router);
  config.routing.strategy = "shuffle";
  const auto third = Snapshot::build(config, {}, vaults, second->get());
  REQUIRE(third);
  CHECK((*third)->router != first->router);
  CHECK((*third)->router->name() == "shuffle");
}

TEST_CASE("a provider that is not at its vendor's own address may be a relay", "[relay]") {
  const auto may_be = [](const std::string& type, const std::string& base_url) {
    ProviderConfig config = entry("one");
    config.type = type;
    config.base_url = base_url;
    return build(config)->entries[0].may_be_relay;
  };
  CHECK_FALSE(may_be("anthropic", ""));
  CHECK_FALSE(may_be("anthropic", "https://api.anthropic.com"));
  CHECK_FALSE(may_be("anthropic", "https://API.anthropic.com/any/path"));
  CHECK_FALSE(may_be("zai", ""));
  CHECK(may_be("anthropic", "http://127.0.0.1:1"));
  CHECK(may_be("anthropic", "https://relay.example"));
  CHECK(may_be("anthropic", "http://api.anthropic.com"));
  CHECK(may_be("zai", "https://api.anthropic.com"));
}
