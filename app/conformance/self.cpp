#include "self.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ccrelay::app::contract {
namespace {

constexpr std::string_view spent_key = "conformance-spent-key-4f1d8c2a96";
// Three minutes where 15 s are usual.
constexpr int slack = 12;

ProviderConfig provider_of(const ScriptedProvider& scripted, Format format) {
  ProviderConfig provider;
  provider.name = "scripted";
  const bool is_openai = (format & openai_formats) != 0;
  provider.type = is_openai            ? "openai"
                  : format == messages ? "anthropic"
                                       : std::string(to_string(format));
  provider.base_url = scripted.url() + (is_openai ? "/v1" : "");
  if (is_openai) provider.api = to_string(format);
  provider.credentials = Credentials::configured;
  provider.aws_region = format == bedrock ? "us-east-1" : "";
  provider.gcp_project_id = format == vertex ? "conformance" : "";
  provider.gcp_region = format == vertex ? "us-east5" : "";
  if (format != vertex) provider.keys.emplace_back().key = Secret(std::string(upstream_key));
  return provider;
}

}  // namespace

Result<std::unique_ptr<Relay>> start_self(const ScriptedProvider& provider, Subject& subject) {
  Config config;
  config.server.listen = "127.0.0.1:0";
  config.server.watch_config = false;
  config.providers = {provider_of(provider, subject.format)};
  if ((subject.format & other_formats) != 0) config.providers[0].models = {subject.model};
  ClientConfig client;
  client.name = "conformance";
  client.keys = {Secret(subject.key)};
  ClientConfig spent;
  spent.name = "spent";
  spent.keys = {Secret(std::string(spent_key))};
  spent.budget_day_nano_usd = 0;
  config.server.auth.clients = {client, spent};
  config.ledger.enabled = false;
  config.ledger.required = false;
  // It fails on purpose, and has no other beside it: a breaker would shut out what comes next.
  config.health.failure_threshold = 1'000;
  config.routing.failover_timeout = std::chrono::seconds(1);
  // How busy this machine is no check is about: 30 MiB may take their time, and so may the rest.
  config.timeouts.connect = std::chrono::seconds(60);
  subject.slack = slack;

  RelayOptions options;
  // Vertex's token comes from the scripted provider as well. Of this machine nothing is asked.
  options.environment =
      [address = provider.address()](std::string_view name) -> std::optional<std::string> {
    if (name == "GCE_METADATA_HOST") return address;
    return std::nullopt;
  };
  Result<std::unique_ptr<Relay>> relay = Relay::start(std::move(config), options);
  if (!relay) return relay.error();
  subject.url = "http://" + (*relay)->addresses().front();
  subject.budget_key = spent_key;
  subject.has_key = true;
  return relay;
}

}  // namespace ccrelay::app::contract
