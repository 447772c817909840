#pragma once

#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "loop/loop.hpp"
#include "support/paths.hpp"
#include "upstream/client.hpp"

namespace ccrelay::upstream {

using testing::FakeProvider;
using testing::LoopHarness;
using testing::Script;

/// A sink that writes down what it is told, and a place for the transfer that tells it.
class Listener final : public TransferSink {
 public:
  enum class Event { connected, head, body, done };
  /// Called at each event, after it was written down.
  std::function<void(Event)> react = [](Event) {};
  /// What to say to a piece of the body, before it is written down.
  std::function<Flow(std::string_view)> flow = [](std::string_view) { return Flow::taken; };

  std::unique_ptr<Transfer> transfer;
  std::vector<bool> connected;  ///< `reused` of each time
  std::vector<ResponseHead> heads;
  std::string body;
  std::vector<TransferResult> results;

  bool done() const { return !results.empty(); }
  const TransferResult& result() const { return results.at(0); }
  int status() const { return heads.empty() ? 0 : heads[0].status; }
  std::string header(std::string_view name) const {
    return heads.empty() ? "" : std::string(heads[0].headers.get(name).value_or("(none)"));
  }

 private:
  void on_connected(bool reused) override {
    connected.push_back(reused);
    react(Event::connected);
  }
  void on_head(ResponseHead head) override {
    heads.push_back(std::move(head));
    react(Event::head);
  }
  Flow on_body(std::string_view bytes) override {
    if (flow(bytes) == Flow::pause) return Flow::pause;
    body.append(bytes);
    react(Event::body);
    return Flow::taken;
  }
  void on_done(const TransferResult& result) override {
    results.push_back(result);
    react(Event::done);
  }
};

/// A provider that speaks TLS, with this certificate of tests/data/tls.
inline FakeProvider::Options tls(const std::string& name = "server") {
  const std::string folder = testing::test_data() + "/tls/";
  FakeProvider::Options options;
  options.certificate_file = folder + name + ".pem";
  options.key_file = folder + name + ".key";
  return options;
}

/// In the clear, or with a certificate that holds for who trusts ca.pem.
inline FakeProvider::Options tls_or_not(bool with_tls) {
  return with_tls ? tls() : FakeProvider::Options();
}

/// A client and a provider on one loop.
struct Scene {
  explicit Scene(FakeProvider::Options options = {}) : provider(harness.loop(), options) {
    endpoint.origin = provider.url();
    if (options.certificate_file == tls().certificate_file)
      endpoint.ca_file = testing::test_data() + "/tls/ca.pem";
  }

  void start(Listener& listener, std::string method = "GET",
             std::vector<std::string_view> body = {}, const Headers& headers = {}) {
    listener.transfer = client.start(
        {endpoint, std::move(method), endpoint.origin + "/v1/messages", headers, std::move(body)},
        listener);
  }
  /// Starts and waits until it is done.
  void run(Listener& listener, std::string method = "GET", std::vector<std::string_view> body = {},
           const Headers& headers = {}) {
    start(listener, std::move(method), std::move(body), headers);
    REQUIRE(harness.run_until([&listener] { return listener.done(); }));
    REQUIRE(listener.results.size() == 1);
  }

  LoopHarness harness;
  loop::Loop loop{harness.loop(), harness.clock()};
  FakeProvider provider;
  Client client{loop};
  Destination endpoint;
};

}  // namespace ccrelay::upstream
