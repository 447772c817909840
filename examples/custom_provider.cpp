// A provider type of one's own: a gateway that wants its key in another header. A fake one, here.
#include <curl/curl.h>
#include <ccrelay/relay.hpp>
#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>

#include <future>

using namespace ccrelay;
using namespace std::chrono_literals;

class HouseGateway final : public Provider {
 public:
  explicit HouseGateway(const ProviderConfig& config) : base_url_(config.base_url) {}
  std::string_view owner() const override { return "house"; }
  std::string_view base_url() const override { return base_url_; }
  bool supports(Operation operation) const override { return operation == Operation::messages; }
  Result<OutboundRequest> build(const ProviderRequest& request,
                                const Credential& credential) const override {
    const auto* key = std::get_if<ApiKey>(&credential);
    if (!key) return Error{ErrorCode::provider, "the house wants a key"};
    OutboundRequest out;
    out.url = base_url_ + "/llm" + request.head.target;
    out.headers = request.forwardable;
    out.headers.add("x-house-key", key->key.reveal());
    return out;  // no splices: the body goes on byte for byte
  }

 private:
  std::string base_url_;
};

int main() {
  testing::LoopHarness harness;
  testing::FakeProvider gateway(harness.loop());
  RelayOptions options;
  options.provider_types["house"] = [](const ProviderConfig& entry) {
    return Result<std::unique_ptr<Provider>>(std::make_unique<HouseGateway>(entry));
  };
  Config config;
  config.server.listen = "127.0.0.1:0";
  ProviderConfig& entry = config.providers.emplace_back();
  entry.name = entry.type = "house";
  entry.base_url = gateway.url();
  entry.keys.push_back({Secret("house-key"), 1, 1});
  auto relay = Relay::attach(harness.loop(), config, options);
  if (!relay) return 1;
  const std::string url = "http://" + (*relay)->addresses()[0] + "/v1/messages";
  auto client = std::async(std::launch::async, [&url] {
    CURL* curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, R"({"model":"m","messages":[]})");
    curl_easy_perform(curl);  // prints the answer
    curl_easy_cleanup(curl);
  });
  if (!harness.run_until([&] { return client.wait_for(0s) == std::future_status::ready; }))
    return 1;
  return gateway.requests().at(0).head.headers.get("x-house-key") == "house-key" ? 0 : 1;
}
