#include <string>

#include "catch.hpp"
#include "scenario/tries.hpp"
#include "support/paths.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

namespace {

const std::string folder = test_data() + "/tls/";

/// A provider's certificate that is not to be trusted, and what the relay says of it.
struct Distrust {
  const char* certificate;
  const char* ca;  ///< empty: the system's
  const char* why;
};

const Distrust no_ca{"server", "",
                     "SSL certificate problem: unable to get local issuer certificate; if its CA "
                     "is a private one, name its file in ca_file"};
const Distrust other_ca{"server", "other-ca.pem",
                        "SSL certificate problem: unable to get local issuer certificate; its CA "
                        "is not in ca_file "};
const Distrust expired{"expired", "ca.pem",
                       "SSL certificate problem: certificate has expired; its certificate must be "
                       "renewed, or this clock is wrong"};
const Distrust other_host{"wrong-host", "ca.pem",
                          "; the certificate is for another host: check base_url"};

FakeProvider& add(F& f, const Distrust& row) {
  FakeProvider& provider = f.add_tls_provider("one", row.certificate);
  f.config.providers[0].ca_file = *row.ca ? folder + row.ca : "";
  return provider;
}

}  // namespace

TEST_CASE("a provider whose CA is named in ca_file is spoken to over TLS", "[scenario]") {
  F f;
  FakeProvider& one = f.add_tls_provider("one");
  f.start();
  CHECK(f.ask(request(false)).status == 200);
  const Answer stream = f.ask(request(true));
  CHECK(stream.status == 200);
  CHECK(stream.complete);
  CHECK(has(stream.body, "event: message_stop"));
  CHECK(f.finished(2).attempts.size() == 1);
  CHECK(one.requests().size() == 2);
  CHECK(one.requests()[0].body == F::body(false));
  CHECK(one.connections_accepted() == 1);
}

TEST_CASE("a certificate that does not hold is a 502 that says why", "[scenario]") {
  const Distrust row = GENERATE(no_ca, other_ca, expired, other_host);
  CAPTURE(row.certificate, row.ca);
  F f;
  FakeProvider& one = add(f, row);
  f.start();
  const Answer answer = f.ask(request(false));
  CHECK(answer.status == 502);
  CHECK(has(answer.body, R"("type":"api_error")"));
  CHECK(has(answer.body,
            R"(provider \"one\": TLS with 127.0.0.1:)" + std::to_string(one.port()) + " failed: "));
  CHECK(has(answer.body, row.why));
  if (std::string(row.why).ends_with("ca_file ")) CHECK(has(answer.body, folder + row.ca));
  // No repeat in place: it does not get better by trying again.
  CHECK(tries(f.finished()) == "one:transport");
  CHECK(one.connections_accepted() == 1);
  CHECK(one.requests().empty());
}

TEST_CASE("behind a certificate that does not hold the next provider is asked", "[scenario]") {
  const Distrust row = GENERATE(no_ca, other_ca, expired, other_host);
  CAPTURE(row.certificate, row.ca);
  F f;
  FakeProvider& one = add(f, row);
  FakeProvider& two = f.add_tls_provider("two");
  f.start();
  CHECK(f.ask(request(GENERATE(false, true))).status == 200);
  CHECK(tries(f.finished()) == "one:transport two:success");
  CHECK(one.connections_accepted() == 1);
  CHECK(one.requests().empty());
  CHECK(two.requests().size() == 1);
}

TEST_CASE("a certificate that does not hold counts against the provider's breaker", "[scenario]") {
  F f;
  FakeProvider& one = add(f, expired);
  f.add_tls_provider("two");
  f.config.health.failure_threshold = 2;
  f.config.health.checks = false;
  f.start();
  for (int i = 0; i < 3; ++i) CHECK(f.ask(request(false)).status == 200);
  CHECK(tries(f.observer.requests[1]) == "one:transport two:success");
  CHECK(tries(f.finished(3)) == "two:success");
  CHECK(one.connections_accepted() == 2);
}

TEST_CASE("an https provider that speaks no TLS is a 502 that says so", "[scenario]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  f.config.providers[0].base_url = "https://127.0.0.1:" + std::to_string(one.port());
  f.start();
  const Answer answer = f.ask(request(false));
  CHECK(answer.status == 502);
  CHECK(has(answer.body, "; check that base_url's port speaks TLS"));
  CHECK(tries(f.finished()) == "one:transport");
}

TEST_CASE("a reload that names the right CA mends the provider", "[scenario]") {
  F f;
  add(f, other_ca);
  f.start();
  CHECK(f.ask(request(false)).status == 502);
  f.config.providers[0].ca_file = folder + "ca.pem";
  REQUIRE(f.relay->reload(f.config));
  CHECK(f.ask(request(false)).status == 200);
  // And one that takes it away is not helped by the connection that is still open.
  f.config.providers[0].ca_file = folder + "other-ca.pem";
  REQUIRE(f.relay->reload(f.config));
  CHECK(f.ask(request(false)).status == 502);
}
