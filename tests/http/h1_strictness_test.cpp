#include <uv.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "support/h1_cases.hpp"
#include "support/paths.hpp"
#include "support/tls_client.hpp"

// Part of the scenario program: the whole front reads these bytes, not the codec alone.

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

namespace {

// Of all answers, whether whole or not: those to HEAD announce a body and have none.
std::vector<int> statuses(const std::string& wire) {
  const std::string start = "HTTP/1.1 ";
  std::vector<int> found;
  for (auto at = wire.find(start); at != std::string::npos; at = wire.find(start, at + 1)) {
    const std::string digits = wire.substr(at + start.size(), 3);
    if (std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      found.push_back(std::stoi(digits));
    }
  }
  return found;
}

template <class Client>
void send_in_pieces(F& f, Client& client, const std::string& bytes, std::size_t size) {
  f.until([&] { return client.connected() || client.gone(); });
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    client.send(std::string_view(bytes).substr(at, size));
    uv_run(&f.harness.loop(), UV_RUN_NOWAIT);  // the relay reads it by itself
  }
}

// What went wrong, or nothing.
template <class Client>
std::string run(F& f, const H1Case& one, std::size_t piece) {
  const auto client = std::make_unique<Client>(f.harness.loop(), f.relay->port());
  send_in_pieces(f, *client, one.bytes, piece);
  const auto seen = [&] {
    std::string out;
    for (const int status : statuses(client->received())) out += std::to_string(status) + " ";
    return "answers " + out + (client->gone() ? "and the end" : "and no end") + "\n" +
           client->received();
  };
  if (one.then == H1Case::Then::wait) {
    f.harness.settle();
    return client->received().empty() && !client->gone() ? "" : seen();
  }
  std::vector<int> expected = one.statuses;
  if (!f.harness.run_until(
          [&] {
            return client->gone() || (one.then == H1Case::Then::keep &&
                                      statuses(client->received()).size() >= expected.size());
          },
          std::chrono::seconds(2))) {
    return seen();
  }
  if (one.then == H1Case::Then::keep && statuses(client->received()) == expected) {
    client->send(F::get("/health"));
    expected.push_back(200);
    static_cast<void>(f.harness.run_until(
        [&] { return client->gone() || statuses(client->received()).size() >= expected.size(); },
        std::chrono::seconds(2)));
  }
  const bool closes = one.then == H1Case::Then::close;
  return statuses(client->received()) == expected && client->eof() == closes ? "" : seen();
}

// The first request is the provider's, and is good.
bool passed_on(const H1Case& one) {
  const bool interim = !one.statuses.empty() && one.statuses[0] == 100;
  return one.bytes.find("POST") != std::string::npos && one.statuses.size() > interim &&
         one.statuses[interim] == 200;
}

// However odd the request was: one length, no other framing, no header of the connection's.
void check_canonical(const RecordedRequest& request) {
  CHECK(request.head.method == "POST");
  CHECK(request.head.target == "/v1/messages");
  CHECK(request.head.version_minor == 1);
  CHECK(request.body == R"({"model":"m"})");
  std::set<std::string> names;
  for (const Header header : request.head.headers) {
    std::string name;
    for (const char c : header.name) name += static_cast<char>(std::tolower(c));
    INFO(name);
    CHECK(names.insert(name).second);
  }
  CHECK(request.head.headers.get("content-length") == "13");
  CHECK(names.count("host") == 1);
  for (const char* name : {"transfer-encoding", "connection", "expect", "upgrade", "te", "trailer",
                           "content-length ", "x"}) {
    INFO(name);
    CHECK(names.count(name) == 0);
  }
}

// In one piece, and byte by byte; what is very long, in pieces that are small enough.
template <class Client>
void run_all(F& f, FakeProvider& provider, bool split) {
  const auto cases = h1_cases();
  REQUIRE(cases.size() >= 150);
  for (const H1Case& one : cases) {
    const std::size_t before = provider.requests().size();
    const std::size_t small = one.bytes.size() > 20'000 ? 997 : 1;
    const std::string wrong = run<Client>(f, one, split ? small : one.bytes.size());
    INFO(one.place << ": " << one.name << ", RFC " << one.rule << (split ? ", in pieces" : ""));
    CHECK(wrong == "");
    CHECK(provider.requests().size() == before + passed_on(one));
    if (passed_on(one)) check_canonical(provider.requests().back());
  }
}

}  // namespace

TEST_CASE("every case of the table is answered as it says", "[scenario][h1]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.max_connections = 100'000;
  f.config.server.enable_http2 = false;
  const bool tls = GENERATE(false, true);
  if (tls) {
    f.config.server.tls.cert_file = test_data() + "/tls/server.pem";
    f.config.server.tls.key_file = test_data() + "/tls/server.key";
  }
  f.start();
  const bool split = GENERATE(false, true);
  if (tls) {
    run_all<TlsClient>(f, provider, split);
  } else {
    run_all<RawClient>(f, provider, split);
  }
}

TEST_CASE("odd but legal heads reach the provider in one plain form", "[scenario][h1]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.hosts = {"other.example"};
  f.start();
  const Answer answer = f.ask(
      "\r\nPOST http://other.example:80/v1/messages?beta=true HTTP/1.1\r\nhOsT:\t a \r\n"
      "connection: X-Hop , close,,\r\nX-Hop: 1\r\nX-Odd:\t \tcaf\xc3\xa9\t \r\nX-Empty:\r\n"
      "TRANSFER-ENCODING:\tCHUNKED \r\n\r\n00D;a=\"b\";c\r\n{\"model\":\"m\"}\r\n000\r\n"
      "X-Length: 99\r\nX-Trailer: 1\r\n\r\n");
  CHECK(answer.status == 200);
  REQUIRE(provider.requests().size() == 1);
  const RecordedRequest& request = provider.requests()[0];
  CHECK(request.head.target == "/v1/messages?beta=true");
  CHECK(request.body == R"({"model":"m"})");
  const Headers& headers = request.head.headers;
  CHECK(headers.get("x-odd") == "caf\xc3\xa9");
  CHECK(headers.get("content-length") == "13");
  CHECK(headers.get("host") == provider.url().substr(7));
  for (const char* name : {"x-hop", "connection", "x-trailer", "transfer-encoding"}) {
    INFO(name);
    CHECK_FALSE(headers.contains(name));
  }
}

TEST_CASE("the host that a URL in the request line names is the one that counts",
          "[scenario][h1]") {
  // RFC 9112 section 3.2.2. Here it decides whether a web page is this machine's own.
  F f;
  f.add_provider("one");
  f.start();
  const std::string same = "Sec-Fetch-Site: same-origin\r\n\r\n";
  CHECK(f.ask("GET http://localhost/v1/models HTTP/1.1\r\nHost: evil.example\r\n" + same).status ==
        200);
  CHECK(f.ask("GET http://evil.example/v1/models HTTP/1.1\r\nHost: localhost\r\n" + same).status ==
        403);
}
