#include <functional>
#include <string>

#include "catch.hpp"
#include "scenario/tls_stage.hpp"
#include "support/tls_server.hpp"
#include "tls/session.hpp"
#include "upstream/tls_records.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

// Records that carry nothing cost their reader more than their sender (RFC 8446 section 4.6.3).

namespace {

constexpr int borne = static_cast<int>(tls::Session::useless_records_max);
static_assert(borne == static_cast<int>(upstream::TlsRecords::useless_max));

using Answering = std::function<void(TlsServer::Connection&)>;

const std::string json_head =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n";

// A relay whose only provider answers like this.
struct Hostile {
  explicit Hostile(const Answering& answering)
      : server(f.harness.loop(), tls_file("server.pem"), tls_file("server.key"), answering) {
    ProviderConfig entry;
    entry.name = "one";
    entry.type = "anthropic";
    entry.base_url = server.url();
    entry.ca_file = tls_file("ca.pem");
    entry.keys.push_back({Secret("sk-test-one"), 1, 1});
    f.config.providers.push_back(entry);
    f.start();
  }

  F f;
  TlsServer server;
};

}  // namespace

TEST_CASE("a client may update its keys, and go on", "[scenario][tls]") {
  const bool asks = GENERATE(false, true);
  F f;
  FakeProvider& provider = f.add_provider("one");
  speak_tls(f);
  f.start();
  const auto client = tls_client(f);
  f.until([&] { return client->secured(); });
  for (int i = 0; i < 5; ++i) {
    client->update_keys(borne, asks);
    client->send(F::post(F::body(false)));
    f.until([&] { return client->answers().size() == static_cast<std::size_t>(i) + 1; });
  }
  CHECK(client->answers().back().status == 200);
  CHECK(provider.requests().size() == 5);
  CHECK_FALSE(client->failed());
}

TEST_CASE("a client that does nothing but update its keys is cut off", "[scenario][tls]") {
  const bool asks = GENERATE(false, true);
  const bool in_one_write = GENERATE(false, true);
  F f;
  FakeProvider& provider = f.add_provider("one");
  speak_tls(f);
  f.start();
  const auto client = tls_client(f);
  f.until([&] { return client->secured(); });
  if (in_one_write) {
    client->update_keys(borne + 1, asks);
  } else {
    for (int i = 0; i <= borne && !client->gone(); ++i) {
      client->update_keys(1, asks);
      f.harness.settle();
    }
  }
  f.until([&] { return client->gone(); });
  CHECK(has(counters(f), R"("failures":1)"));
  CHECK(provider.requests().empty());
}

TEST_CASE("what comes behind a flood of key updates is not read", "[scenario][tls]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  speak_tls(f);
  f.start();
  const auto client = tls_client(f);
  f.until([&] { return client->secured(); });
  client->hold_output();
  client->update_keys(2'000, false);
  client->send(F::post(F::body(false)));
  client->raw().send(client->take_output());
  f.until([&] { return client->gone(); });
  CHECK(client->received().empty());
  CHECK(provider.requests().empty());
}

TEST_CASE("a request whose record comes in pieces is no useless record", "[scenario][tls]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  speak_tls(f);
  f.start();
  const auto client = tls_client(f);
  f.until([&] { return client->secured(); });
  client->hold_output();
  client->update_keys(borne - 1, false);
  client->send(F::post(F::body(false)));
  for (const char& byte : client->take_output()) {
    client->raw().send({&byte, 1});
    f.harness.settle();
  }
  f.until([&] { return !client->answers().empty(); });
  CHECK(client->answers()[0].status == 200);
  CHECK(provider.requests().size() == 1);
}

TEST_CASE("a provider may update its keys and send tickets in the middle of an answer",
          "[scenario][tls]") {
  const bool asks = GENERATE(false, true);
  Hostile h([&](TlsServer::Connection& connection) {
    connection.send_tickets(borne / 2);
    connection.send(json_head);
    connection.update_keys(borne - 1, asks);
    connection.send("{");
    connection.update_keys(borne / 2, asks);
    connection.send_tickets(2);
    connection.send("}");
    connection.send_tickets(3);  // and while it is pooled
  });
  for (int i = 0; i < 2; ++i) {
    const Answer answer = h.f.ask(F::post("{}", "", "/v1/files"));
    CHECK(answer.status == 200);
    CHECK(answer.body == "{}");
    h.f.harness.settle();
  }
  CHECK(h.server.requests() == 2);
  CHECK(h.server.accepted() == 1);
}

TEST_CASE("a provider that sends records without an answer is cut off", "[scenario][tls]") {
  const int kind = GENERATE(0, 1, 2);
  Hostile h([&](TlsServer::Connection& connection) {
    if (kind == 2) {
      connection.send_tickets(borne + 1);
    } else {
      connection.update_keys(kind == 0 ? borne + 1 : 2'000, kind == 1);
    }
    connection.send(json_head + "{}");
  });
  const Answer answer = h.f.ask(F::post("{}", "", "/v1/files"));
  CAPTURE(kind);
  CHECK(answer.status == 502);
  CHECK(h.server.requests() >= 1);
  h.f.until([&] { return h.server.open() == 0; });
}

TEST_CASE("a provider that sends such records into a stream breaks it", "[scenario][tls]") {
  Hostile h([&](TlsServer::Connection& connection) {
    const auto events = Script::events("hello");
    std::string stream =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    for (std::size_t i = 0; i < 4; ++i) stream += events[i];
    connection.send(stream);
    connection.flush();
    connection.update_keys(borne + 1, false);
    connection.send(events[4]);
  });
  const Answer answer = h.f.ask(F::post(F::body(true)));
  CHECK(answer.status == 200);
  CHECK(has(answer.body, "event: error"));
  CHECK_FALSE(has(answer.body, "message_stop"));
}

TEST_CASE("a pooled connection on which such records come is given up", "[scenario][tls]") {
  TlsServer::Connection* first = nullptr;
  Hostile h([&](TlsServer::Connection& connection) {
    if (!first) first = &connection;
    connection.send(json_head + "{}");
  });
  CHECK(h.f.ask(F::post("{}", "", "/v1/files")).status == 200);
  h.f.harness.settle();
  CHECK(h.server.open() == 1);
  first->update_keys(borne + 1, false);
  first->flush();
  h.f.until([&] { return h.server.open() == 0; });
  CHECK(h.f.ask(F::post("{}", "", "/v1/files")).status == 200);
  CHECK(h.server.accepted() == 2);
}
