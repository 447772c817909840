#include <openssl/ssl.h>

#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/tls_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

namespace {

std::string stream_body() {
  std::string out;
  for (const auto& event : Script::events("hello")) out += event;
  return out;
}

std::string error_of(F& f) {
  const auto relay = Relay::attach(f.harness.loop(), f.config, f.options);
  return relay ? "started" : relay.error().message;
}

}  // namespace

TEST_CASE("a stream goes through TLS byte for byte", "[scenario][tls]") {
  F f;
  f.add_provider("one").enqueue(Script::stream("hello"));
  speak_tls(f);
  f.start();
  TlsClient::Options options;
  options.ca_file = tls_file("ca.pem");
  options.version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  const auto client = tls_client(f, options);
  client->send(F::post(F::body(true)));
  f.until([&] {
    const auto all = client->answers();
    return (!all.empty() && all.back().complete) || client->gone();
  });
  REQUIRE(client->answers().size() == 1);
  CHECK(client->answers()[0].body == stream_body());
  CHECK(client->server_name() == "cc-relay test server");
  // The connection goes on, and an end that was meant says so.
  client->send(F::get("/health", "Connection: close\r\n"));
  f.until([&] { return client->eof(); });
  CHECK(client->answers().size() == 2);
  CHECK(client->ended());
}

TEST_CASE("each event goes out when it comes, over TLS too", "[scenario][tls]") {
  F f;
  const auto events = Script::events("hello");
  Script script = Script::stream_head();
  for (const auto& event : events) script.chunk(event).hold();
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(script.last_chunk());
  speak_tls(f);
  f.start();
  const auto client = tls_client(f);
  client->send(F::post(F::body(true)));
  f.until([&] { return client->secured() && provider.requests().size() == 1; });
  for (std::size_t i = 0; i < events.size(); ++i) {
    // The first is held back, lest an error follow it.
    if (i >= 2) f.until([&] { return has(client->received(), events[i]); });
    f.harness.settle();
    provider.release();
  }
  f.until([&] { return !client->answers().empty() && client->answers()[0].complete; });
  CHECK(client->answers()[0].body == stream_body());
}

TEST_CASE("ALPN decides what is spoken", "[scenario][tls]") {
  F f;
  f.config.server.enable_http2 = GENERATE(true, false);
  speak_tls(f);
  f.start();
  TlsClient::Options options;
  options.alpn = "http/1.1";
  const auto one = tls_client(f, options);
  one->send(F::get("/health"));
  f.until([&] { return !one->answers().empty() && one->answers()[0].complete; });
  CHECK(one->protocol() == "http/1.1");
  options.alpn = "h2";
  const auto two = tls_client(f, options);
  // Its preface and empty SETTINGS (RFC 9113 section 3.4).
  two->send(std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + std::string("\0\0\0\4\0\0\0\0\0", 9));
  f.until([&] { return two->received().size() >= 9 || two->gone(); });
  if (f.config.server.enable_http2) {
    CHECK(two->protocol() == "h2");
    CHECK(two->received()[3] == 4);  // SETTINGS
  } else {
    // No protocol in common (RFC 7301 section 3.2).
    CHECK(two->failed());
  }
}

TEST_CASE("what was not agreed on is not spoken", "[scenario][tls]") {
  F f;
  speak_tls(f);
  f.start();
  TlsClient::Options options;
  options.alpn = "http/1.1";
  const auto client = tls_client(f, options);
  client->send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  f.until([&] { return client->gone(); });
  REQUIRE(client->answers().size() == 1);
  CHECK(client->answers()[0].status == 505);
}

TEST_CASE("an older TLS than allowed gets no connection", "[scenario][tls]") {
  F f;
  speak_tls(f);
  f.config.server.tls.min_version = "1.3";
  f.start();
  TlsClient::Options options;
  options.version = TLS1_2_VERSION;
  const auto old = tls_client(f, options);
  f.until([&] { return old->gone(); });
  CHECK(old->failed());
  CHECK(has(counters(f), R"("tls":{"handshakes":1,"failures":1,)"));
}

TEST_CASE("clients' certificates are asked for as configured", "[scenario][tls]") {
  struct Case {
    ClientAuth auth;
    std::string shown;
    bool admitted;
  };
  // `server` is of another authority than the clients'.
  const std::vector<Case> cases{
      {ClientAuth::none, "", true},
      {ClientAuth::none, "server", true},
      {ClientAuth::optional, "", true},
      {ClientAuth::optional, "client", true},
      {ClientAuth::optional, "server", false},
      {ClientAuth::required, "", false},
      {ClientAuth::required, "client", true},
      {ClientAuth::required, "server", false},
  };
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  for (const Case& one : cases) {
    F f;
    speak_tls(f);
    f.config.server.tls.client_auth = one.auth;
    if (one.auth != ClientAuth::none)
      f.config.server.tls.client_ca_file = tls_file("client-ca.pem");
    f.start();
    TlsClient::Options options;
    options.version = version;
    if (!one.shown.empty()) {
      options.certificate_file = tls_file(one.shown + ".pem");
      options.key_file = tls_file(one.shown + ".key");
    }
    const auto client = tls_client(f, options);
    client->send(F::get("/health"));
    f.until([&] {
      const auto all = client->answers();
      return client->gone() || (!all.empty() && all[0].complete);
    });
    INFO(static_cast<int>(one.auth) << " " << one.shown);
    CHECK(!client->answers().empty() == one.admitted);
    CHECK(client->failed() == !one.admitted);
  }
}

TEST_CASE("a client that says it is done is still answered", "[scenario][tls]") {
  F f;
  speak_tls(f);
  f.start();
  const auto client = tls_client(f);
  client->send(F::get("/health"));
  f.until([&] { return client->secured(); });
  client->finish();  // close_notify, and no FIN
  f.until([&] { return client->gone(); });
  REQUIRE(client->answers().size() == 1);
  CHECK(client->answers()[0].complete);
}

TEST_CASE("what a refused client still sends lets no RST overtake the alert", "[scenario][tls]") {
  F f;
  speak_tls(f);
  f.config.server.tls.client_auth = ClientAuth::optional;
  f.config.server.tls.client_ca_file = tls_file("client-ca.pem");
  f.start();
  TlsClient::Options options;
  options.version = TLS1_3_VERSION;  // by which a client is done before it is refused
  options.certificate_file = tls_file("server.pem");
  options.key_file = tls_file("server.key");
  const auto client = tls_client(f, options);
  f.until([&] { return client->failed(); });
  for (int i = 0; i < 2; ++i) {
    client->raw().send("the beginning of a request");
    f.harness.settle();
  }
  CHECK_FALSE(client->raw().was_reset());
  CHECK(client->raw().error() == 0);
  client->raw().close();
  f.harness.settle();
  CHECK(has(counters(f), R"("failures":1,"timeouts":0)"));
}

TEST_CASE("plain HTTP on the TLS port is told so", "[scenario][tls]") {
  F f;
  speak_tls(f);
  f.start();
  const auto client = f.connect();
  client->send(F::get("/health"));
  f.until([&] { return client->gone(); });
  REQUIRE(client->answers().size() == 1);
  const Answer answer = client->answers()[0];
  CHECK(answer.status == 400);
  CHECK(answer.complete);
  CHECK(answer.body == "This port speaks TLS: use https:// in place of http://\n");
  CHECK(has(counters(f), R"("plain_http":1)"));
}

TEST_CASE("TLS on the plain port is refused and counted", "[scenario][tls]") {
  F f;
  f.start();
  const auto client = tls_client(f);
  f.until([&] { return client->gone(); });
  CHECK(client->failed());
  CHECK(has(f.ask(F::get("/v1/providers")).body, R"("tls_on_plain":1)"));
}

TEST_CASE("a slow TLS client is fed no faster than it takes", "[scenario][tls]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  provider.enqueue(
      Script::reply(200, "application/json", "{\"t\":\"" + std::string(32 << 20, 'j') + "\"}"));
  speak_tls(f);
  f.start();
  TlsClient::Options options;
  options.receive_buffer = 64 << 10;
  const auto client = tls_client(f, options);
  client->send(F::post(F::body(false)));
  f.until([&] { return !client->received().empty(); });
  client->raw().pause_reading(true);
  f.harness.settle();
  client->close();
  CHECK(f.finished().bytes_out < (12u << 20));
  f.until([&] { return provider.cancelled() == 1; });
}

TEST_CASE("a certificate that can't be used is an error at the start", "[scenario][tls]") {
  F f;
  speak_tls(f, "server");
  TlsConfig& tls = f.config.server.tls;
  tls.cert_file = "/nowhere/cert.pem";
  CHECK(error_of(f) ==
        "server.tls.cert_file /nowhere/cert.pem: cannot be read: No such file or directory");
  tls.cert_file = tls_file("server.key");
  CHECK(error_of(f) == "server.tls.cert_file " + tls.cert_file +
                           ": holds no certificate in PEM; it begins with -----BEGIN "
                           "CERTIFICATE-----");
  tls.cert_file = tls_file("server.pem");
  tls.key_file = tls_file("wrong-host.key");
  CHECK(error_of(f) == "server.tls.key_file " + tls.key_file +
                           ": the key is not the one of the certificate in " + tls.cert_file +
                           "; give the key that the certificate was made with");
  tls.key_file = tls_file("encrypted.key");
  CHECK(error_of(f) == "server.tls.key_file " + tls.key_file +
                           ": the key is encrypted, and nobody is there to type its password; "
                           "decrypt it with: openssl pkey -in KEY -out NEW-KEY");
  tls.key_file = tls_file("ca.pem");
  CHECK(error_of(f) == "server.tls.key_file " + tls.key_file +
                           ": holds no private key in PEM; it begins with -----BEGIN PRIVATE "
                           "KEY-----");
  speak_tls(f, "expired");
  CHECK(error_of(f) == "server.tls.cert_file " + tls.cert_file +
                           ": the certificate expired on Jan  1 00:00:00 2021 GMT; renew it");
  speak_tls(f, "server");
  tls.client_auth = ClientAuth::required;
  tls.client_ca_file = tls_file("server.key");
  CHECK(error_of(f) ==
        "server.tls.client_ca_file " + tls.client_ca_file + ": holds no certificate in PEM");
}
