#include "scenario/relay_fixture.hpp"

#include <uv.h>

#include "catch.hpp"
#include "support/paths.hpp"

namespace ccrelay::testing {

RelayFixture::RelayFixture() {
  config.server.listen = "127.0.0.1:0";
  options.observer = &observer;
  options.clock = &harness.clock();
  options.random_seed = 7;
}

RelayFixture::~RelayFixture() = default;

FakeProvider& RelayFixture::add_provider(const std::string& name,
                                         FakeProvider::Options provider_options) {
  provider_options.clock = &harness.clock();
  providers.push_back(std::make_unique<FakeProvider>(harness.loop(), provider_options));
  ProviderConfig entry;
  entry.name = name;
  entry.type = "anthropic";
  entry.base_url = providers.back()->url();
  entry.keys.push_back({Secret("sk-test-" + name), 1, 1});
  config.providers.push_back(entry);
  return *providers.back();
}

FakeProvider& RelayFixture::add_tls_provider(const std::string& name,
                                             const std::string& certificate) {
  const std::string folder = test_data() + "/tls/";
  FakeProvider::Options provider_options;
  provider_options.certificate_file = folder + certificate + ".pem";
  provider_options.key_file = folder + certificate + ".key";
  FakeProvider& provider = add_provider(name, provider_options);
  config.providers.back().ca_file = folder + "ca.pem";
  return provider;
}

void RelayFixture::start() {
  auto started = Relay::attach(harness.loop(), config, options);
  if (!started) FAIL(started.error().message);
  relay = std::move(*started);
}

std::unique_ptr<RawClient> RelayFixture::connect(int receive_buffer) {
  return std::make_unique<RawClient>(harness.loop(), relay->port(), receive_buffer);
}

std::string RelayFixture::post(const std::string& body, const std::string& more_headers,
                               const std::string& path) {
  return "POST " + path + " HTTP/1.1\r\nHost: relay\r\nContent-Type: application/json\r\n" +
         more_headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string RelayFixture::get(const std::string& path, const std::string& more_headers) {
  return "GET " + path + " HTTP/1.1\r\nHost: relay\r\n" + more_headers + "\r\n";
}

std::string RelayFixture::body(bool stream) {
  return std::string(R"({"model":"claude-test","max_tokens":8,)") +
         R"("messages":[{"role":"user","content":"hi"}],"stream":)" + (stream ? "true}" : "false}");
}

Answer RelayFixture::ask(const std::string& request) {
  const auto client = connect();
  client->send(request);
  until([&] {
    const auto answers = client->answers();
    return (!answers.empty() && answers.back().complete && answers.back().status >= 200) ||
           client->gone();
  });
  const auto answers = client->answers();
  return answers.empty() ? Answer{} : answers.back();
}

void RelayFixture::until(const std::function<bool()>& done) {
  REQUIRE(harness.run_until(done));
}

const RequestSummary& RelayFixture::finished(std::size_t count) {
  until([&] { return observer.requests.size() >= count; });
  return observer.requests.back();
}

}  // namespace ccrelay::testing
