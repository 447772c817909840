// Testing code against the fake provider: one loop, a manual clock, no network, no sleeping.
#include <ccrelay/relay.hpp>
#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>

#include <curl/curl.h>

#include <atomic>
#include <iostream>
#include <thread>

using namespace ccrelay::testing;

int main() {
  LoopHarness harness;
  FakeProvider provider(harness.loop());
  // The first answer is an overload; the relay is to try again without the client noticing.
  provider.enqueue(Script::error(500, "api_error", "a bad moment"));
  provider.enqueue(Script::message("all is well"));
  ccrelay::Config config;
  config.server.listen = "127.0.0.1:0";
  for (const char* name : {"first", "second"}) {
    ccrelay::ProviderConfig entry;
    entry.name = name;
    entry.type = "anthropic";
    entry.base_url = provider.url();
    entry.keys.push_back({ccrelay::Secret("sk-test"), 1, 1});
    config.providers.push_back(entry);
  }
  ccrelay::RelayOptions options;
  options.clock = &harness.clock();
  auto relay = ccrelay::Relay::attach(harness.loop(), config, options);
  if (!relay) return std::cerr << relay.error().message << '\n', 1;

  // The code under test: here a curl call on another thread.
  std::atomic<long> status{0};
  const std::string url = "http://127.0.0.1:" + std::to_string((*relay)->port()) + "/v1/messages";
  std::thread client([&] {
    CURL* curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, R"({"model":"m","messages":[]})");
    long code = -1;
    if (curl_easy_perform(curl) == CURLE_OK) {
      curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    }
    curl_easy_cleanup(curl);
    status = code;
  });
  const bool answered = harness.run_until([&] { return status != 0; });
  client.join();
  std::cout << "\nstatus " << status << " after " << provider.requests().size() << " tries\n";
  return answered && status == 200 && provider.requests().size() == 2 ? 0 : 1;
}
