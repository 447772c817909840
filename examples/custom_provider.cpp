// A provider type of one's own: an in-house gateway that wants its key in a header of its own.
#include <ccrelay/provider.hpp>
#include <ccrelay/relay.hpp>

#include <iostream>

namespace {

class HouseGateway final : public ccrelay::Provider {
 public:
  explicit HouseGateway(const ccrelay::ProviderConfig& config) : base_url_(config.base_url) {}

  std::string_view owner() const override { return "house"; }
  std::string_view base_url() const override { return base_url_; }
  bool supports(ccrelay::Operation operation) const override {
    return operation == ccrelay::Operation::messages;
  }
  ccrelay::Result<ccrelay::OutboundRequest> build(
      const ccrelay::ProviderRequest& request,
      const ccrelay::Credential& credential) const override {
    const auto* key = std::get_if<ccrelay::ApiKey>(&credential);
    if (!key) return ccrelay::Error{ccrelay::ErrorCode::provider, "the house wants a key"};
    ccrelay::OutboundRequest out;
    out.url = base_url_ + "/llm" + request.head.target;
    out.headers = request.forwardable;
    out.headers.add("x-house-key", key->key.reveal());
    return out;  // no splices: the body goes on byte for byte
  }

 private:
  std::string base_url_;
};

}  // namespace

int main() {
  ccrelay::RelayOptions options;
  options.provider_types["house"] = [](const ccrelay::ProviderConfig& config)
      -> ccrelay::Result<std::unique_ptr<ccrelay::Provider>> {
    return std::unique_ptr<ccrelay::Provider>(std::make_unique<HouseGateway>(config));
  };
  ccrelay::ProviderConfig provider;
  provider.name = "gateway";
  provider.type = "house";
  provider.base_url = "http://127.0.0.1:9000";
  provider.keys.push_back({ccrelay::Secret("house-key"), 1, 1});
  ccrelay::Config config;
  config.server.listen = "127.0.0.1:0";
  config.providers.push_back(provider);
  auto relay = ccrelay::Relay::start(config, options);
  std::cout << (relay ? "relaying to the house gateway\n" : relay.error().message + "\n");
  return relay ? 0 : 1;
}
