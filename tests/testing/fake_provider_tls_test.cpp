#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>

#include <string>

#include "catch.hpp"
#include "support/paths.hpp"
#include "support/tls_client.hpp"
#include "testing/provider_scene.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

FakeProvider::Options with_certificate() {
  FakeProvider::Options options;
  options.certificate_file = test_data() + "/tls/server.pem";
  options.key_file = test_data() + "/tls/server.key";
  return options;
}

}  // namespace

TEST_CASE("a provider with a certificate serves TLS", "[testing]") {
  LoopHarness harness;
  FakeProvider provider(harness.loop(), with_certificate());
  CHECK(provider.url() == "https://127.0.0.1:" + std::to_string(provider.port()));
  provider.enqueue(Script::stream("over TLS"));
  provider.enqueue(Script().send(std::string(100'000, 'x')).close());
  TlsClient::Options options;
  options.ca_file = test_data() + "/tls/ca.pem";
  options.alpn = "h2,http/1.1";
  TlsClient client(harness.loop(), provider.port(), options);
  client.send(messages());
  REQUIRE(harness.run_until([&] { return client.received().ends_with("0\r\n\r\n"); }));
  CHECK(client.answers()[0].status == 200);
  CHECK(client.protocol() == "http/1.1");

  const std::size_t before = client.received().size();
  client.send(messages());
  REQUIRE(harness.run_until([&] { return client.eof(); }));
  CHECK(client.received().size() - before == 100'000);
  CHECK(client.ended());  // close_notify came before FIN
}

TEST_CASE("a client that speaks no TLS to a TLS provider is sent away", "[testing]") {
  ProviderScene scene(with_certificate());
  scene.client.send(messages());
  CHECK(scene.harness.run_until([&scene] { return scene.client.gone(); }));
  CHECK(scene.provider.requests().empty());
}
