// A relay inside another program: started on a thread of its own, with one provider.
//   ANTHROPIC_API_KEY=… ./embed
#include <ccrelay/relay.hpp>

#include <cstdlib>
#include <iostream>

int main() {
  const char* key = std::getenv("ANTHROPIC_API_KEY");

  ccrelay::Config config;
  config.server.listen = "127.0.0.1:0";  // any free port
  ccrelay::ProviderConfig provider;
  provider.name = "anthropic";
  provider.type = "anthropic";
  if (key) provider.keys.push_back({ccrelay::Secret(key), 1, 1});
  config.providers.push_back(provider);

  struct Printer final : ccrelay::Observer {
    void request_finished(const ccrelay::RequestSummary& request) override {
      std::cout << request.method << ' ' << request.path << " -> " << request.status << '\n';
    }
  } printer;

  ccrelay::RelayOptions options;
  options.observer = &printer;
  auto relay = ccrelay::Relay::start(config, options);
  if (!relay) {
    std::cerr << relay.error().message << '\n';
    return 1;
  }
  std::cout << "set ANTHROPIC_BASE_URL=http://127.0.0.1:" << (*relay)->port() << '\n';
  if (!std::getenv("CCRELAY_EXAMPLE_QUIT")) {
    std::cout << "press Enter to stop\n";
    std::cin.get();
  }
  (*relay)->stop();
  (*relay)->wait();
}
