#pragma once

#include <memory>
#include <string>

#include "scenario/front.hpp"
#include "support/paths.hpp"
#include "support/tls_client.hpp"

namespace ccrelay::testing {

inline std::string tls_file(const std::string& name) {
  return test_data() + "/tls/" + name;
}

/// Has the relay speak TLS with this certificate of tests/data/tls. Before start().
inline void speak_tls(RelayFixture& f, const std::string& certificate = "server") {
  f.config.server.tls.cert_file = tls_file(certificate + ".pem");
  f.config.server.tls.key_file = tls_file(certificate + ".key");
}

inline std::unique_ptr<TlsClient> tls_client(RelayFixture& f, TlsClient::Options options = {}) {
  return std::make_unique<TlsClient>(f.harness.loop(), f.relay->port(), std::move(options));
}

/// The whole of GET /v1/providers, where the counters are.
inline std::string counters(RelayFixture& f) {
  const auto client = tls_client(f);
  client->send(RelayFixture::get("/v1/providers", "Connection: close\r\n"));
  f.until([&] { return client->gone(); });
  const auto all = client->answers();
  return all.empty() ? "" : all.back().body;
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace ccrelay::testing
