// A provider type of one's own, named in TOML with a setting of its own: a gateway that wants its
// key in another header, and knows models by other names. A fake one, here.
#include <curl/curl.h>
#include <ccrelay/config_load.hpp>
#include <ccrelay/relay.hpp>
#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>

#include <future>
#include <iostream>

using namespace ccrelay;
using namespace std::chrono_literals;

class HouseGateway final : public Provider {
 public:
  explicit HouseGateway(const ProviderConfig& entry)
      : base_url_(entry.base_url), team_(entry.settings.text("team").value_or("")) {}
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
    out.headers.set("accept-encoding", "identity");  // streams are read in passing
    out.headers.set("x-house-key", key->key.reveal());
    out.headers.set("x-house-team", team_);
    out.splices = mapped_model(request);  // the rest of the body goes on byte for byte
    return out;
  }

 private:
  std::string base_url_, team_;
};

int main() {
  testing::LoopHarness harness;
  testing::FakeProvider gateway(harness.loop());
  RelayOptions options;
  options.provider_types["house"] = {
      [](const ProviderConfig& entry) {
        return Result<std::unique_ptr<Provider>>(std::make_unique<HouseGateway>(entry));
      },
      {{"team", SettingRule::Kind::text, true}}};
  const std::string toml = R"(
[server]
listen = "127.0.0.1:0"
[[providers]]
name = "house"
type = "house"
team = "blue"
model_mapping = { "m" = "house-large" }
base_url = ")" + gateway.url() +
                           R"("
[[providers.keys]]
key = "house-key"
)";
  auto config = parse_config(toml, "relay.toml", {options.provider_types, {}, {}});
  if (!config) return std::cerr << config.error().message << '\n', 1;
  auto relay = Relay::attach(harness.loop(), *config, options);
  if (!relay) return std::cerr << relay.error().message << '\n', 1;
  const std::string url = "http://" + (*relay)->addresses()[0] + "/v1/messages";
  auto client = std::async(std::launch::async, [&url] {
    CURL* curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, R"({"model":"m","messages":[]})");
    curl_easy_perform(curl);  // prints the answer
    curl_easy_cleanup(curl);
  });
  if (!harness.run_until([&] { return client.wait_for(0s) == std::future_status::ready; })) {
    return 1;
  }
  const testing::RecordedRequest& got = gateway.requests().at(0);
  return got.head.headers.get("x-house-key") == "house-key" &&
                 got.head.headers.get("x-house-team") == "blue" &&
                 got.body == R"({"model":"house-large","messages":[]})"
             ? 0
             : 1;
}
