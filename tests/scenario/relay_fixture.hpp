#pragma once

#include <ccrelay/observer.hpp>
#include <ccrelay/relay.hpp>
#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/raw_client.hpp"

namespace ccrelay::testing {

/// Keeps what the relay reports.
class RecordingObserver final : public Observer {
 public:
  void request_finished(const RequestSummary& summary) override { requests.push_back(summary); }
  void noted(const Note& note) override { notes.push_back(note); }
  Level note_level() const override { return Level::debug; }

  std::vector<RequestSummary> requests;
  std::vector<Note> notes;
};

/// The same after FakeProvider::release().
inline Script held(const Script& script) {
  Script out = Script().hold();
  for (const Script::Step& step : script.steps()) out.send(step.bytes);
  return out;
}

/// A relay in front of fake providers, with raw clients, on one loop with a manual clock.
/// Declare it first in a test; add providers, adjust `config`, then start().
class RelayFixture {
 public:
  RelayFixture();
  ~RelayFixture();

  /// Another provider, behind all that are there, with one key `sk-test-NAME`.
  FakeProvider& add_provider(const std::string& name, FakeProvider::Options provider_options = {});
  /// One that speaks TLS with this certificate of tests/data/tls, its CA in ca_file.
  FakeProvider& add_tls_provider(const std::string& name,
                                 const std::string& certificate = "server");
  /// Starts the relay with `config` as it is now; fails the test when that does not work.
  void start();
  /// Connects to the relay.
  std::unique_ptr<RawClient> connect(int receive_buffer = 0);

  /// A POST /v1/messages; `more_headers` are whole lines with CRLF.
  static std::string post(const std::string& body, const std::string& more_headers = {},
                          const std::string& path = "/v1/messages");
  static std::string get(const std::string& path, const std::string& more_headers = {});
  /// {"model":"claude-test","max_tokens":8,"messages":[…]} with "stream" as asked.
  static std::string body(bool stream);

  /// Sends and waits for one whole answer on a fresh connection.
  Answer ask(const std::string& request);
  /// Turns the loop until `done`; fails the test when that never happens.
  void until(const std::function<bool()>& done);
  /// Waits until the relay has reported `count` finished requests; the last one.
  const RequestSummary& finished(std::size_t count = 1);

  LoopHarness harness;
  RecordingObserver observer;
  Config config;
  RelayOptions options;
  std::vector<std::unique_ptr<FakeProvider>> providers;
  std::unique_ptr<Relay> relay;
};

}  // namespace ccrelay::testing
