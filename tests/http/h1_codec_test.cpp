#include "http/h1_codec.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "http/h1_reader.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

TEST_CASE("a request means the same wherever its bytes are cut", "[http]") {
  const std::vector<std::string> inputs{
      get_1_1,
      get_1_0,
      request("POST /v1/messages?beta=true HTTP/1.1", "Host: a\r\nContent-Length: 5\r\n", "hello"),
      request("POST / HTTP/1.1", "Host: a\r\nTransfer-Encoding: chunked\r\n",
              "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nTrailer: x\r\n\r\n"),
      request("POST / HTTP/1.1", "Host: a\r\nContent-Length: 2\r\n", "ab") + get_1_1 + get_1_0,
      "\r\n" + get_1_1,
      request("POST / HTTP/1.1", "Host: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n", "x"),
      request("HEAD /health HTTP/1.1", "Host: a\r\nX-Empty:\r\nX-Blank:  v \t\r\n"),
      request("GET http://relay:8787/v1/models?x HTTP/1.1", "Host: a\r\n"),
      request("POST / HTTP/1.1", "Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
              "0\r\n\r\n"),
      request("POST / HTTP/1.1", "Host: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n", "x"),
      request("POST / HTTP/1.1", "Host: a\r\nTransfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
      request("POST / HTTP/1.1", "Host: a\r\nTransfer-Encoding: chunked\r\n", "zz\r\n"),
      request("GET / HTTP/1.1", ""),
      request("GET / HTTP/1.1", "Host: a\r\nHost: b\r\n"),
      request("CONNECT api.anthropic.com:443 HTTP/1.1", "Host: a\r\n"),
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\x16\x03\x01\x02\x00\x01",
      "no request at all\r\n\r\n",
      request("FROB / HTTP/1.1", "Host: a\r\n"),
      "\r\nFROB / HTTP/1.1\r\na/b: c\r\n\r\n",
      "FROB / HTTP/0.9\r\n\r\n",
  };
  for (const std::string& input : inputs) {
    const std::string expected = read(input);
    for (std::size_t cut = 0; cut <= input.size(); ++cut) {
      H1Reader reader;
      reader.feed(std::string_view(input).substr(0, cut));
      reader.feed(std::string_view(input).substr(cut));
      INFO(input << " cut at " << cut);
      CHECK(reader.recorder.calls == expected);
    }
    H1Reader by_byte;
    for (const char& byte : input) by_byte.feed({&byte, 1});
    INFO(input << " byte by byte");
    CHECK(by_byte.recorder.calls == expected);
  }
}

TEST_CASE("a sized body is read to its length", "[http]") {
  CHECK(read(request("POST /p HTTP/1.1", "Host: a\r\nContent-Length: 5\r\n", "hello")) ==
        "head POST /p 1.1\n  Host=a\n  Content-Length=5\nbody hello\nend\n");
}

TEST_CASE("a chunked body is read without its framing and trailers", "[http]") {
  CHECK(read(request("POST / HTTP/1.1", "Host: a\r\nTransfer-Encoding: Chunked\r\n",
                     "3\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Late: 1\r\n\r\n")) ==
        "head POST / 1.1\n  Host=a\n  Transfer-Encoding=Chunked\nbody abc0123456789\nend\n");
}

TEST_CASE("pipelined requests are read one at a time", "[http]") {
  H1Reader reader;
  const std::string two = get_1_1 + get_1_1;
  CHECK(reader.codec.feed(two) == get_1_1.size());
  CHECK(reader.codec.feed(two.substr(get_1_1.size())) == 0);
  reader.codec.next_request();
  CHECK(reader.codec.feed(two.substr(get_1_1.size())) == get_1_1.size());
  CHECK(reader.recorder.calls == "head GET / 1.1\n  Host=a\nend\nhead GET / 1.1\n  Host=a\nend\n");
}

TEST_CASE("blanks around a header value are no part of it", "[http]") {
  CHECK(read(request("GET / HTTP/1.1", "Host: \t a \t\r\n")) == "head GET / 1.1\n  Host=a\nend\n");
}

TEST_CASE("an absolute target is served by its path", "[http]") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"http://relay/v1/models?limit=1", "/v1/models?limit=1"},
      {"HTTP://relay", "/"},
      {"https://relay?x=1", "/?x=1"},
      {"/plain", "/plain"},
  };
  for (const auto& [target, path] : cases) {
    INFO(target);
    // RFC 9112 section 3.2.2: the Host header does not count then.
    const std::string host = target[0] == '/' ? "Host=a" : "host=relay";
    CHECK(read(request("GET " + target + " HTTP/1.1", "Host: a\r\n")) ==
          "head GET " + path + " 1.1\n  " + host + "\nend\n");
  }
}

TEST_CASE("Expect: 100-continue waits only until the body comes", "[http]") {
  H1Reader reader;
  reader.codec.feed(
      request("POST / HTTP/1.1", "Host: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n"));
  CHECK(reader.codec.expects_continue());
  reader.codec.feed("a");
  CHECK_FALSE(reader.codec.expects_continue());
}

TEST_CASE("the interim answer is written once", "[http]") {
  H1Reader reader;
  reader.codec.feed(
      request("POST / HTTP/1.1", "Host: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"));
  base::ByteQueue out;
  reader.codec.write_continue(out);
  CHECK(out.view() == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK_FALSE(reader.codec.expects_continue());
}

TEST_CASE("HTTP/1.0 knows no interim answer", "[http]") {
  H1Reader reader;
  reader.codec.feed(
      request("POST / HTTP/1.0", "Host: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"));
  CHECK_FALSE(reader.codec.expects_continue());
}

TEST_CASE("an offer to upgrade is ignored", "[http]") {
  CHECK(read(request("GET / HTTP/1.1", "Host: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n") +
             get_1_1) ==
        "head GET / 1.1\n  Host=a\n  Connection=Upgrade\n  Upgrade=h2c\nend\n"
        "head GET / 1.1\n  Host=a\nend\n");
}

TEST_CASE("HTTP/1.0 needs no Host", "[http]") {
  CHECK(read(get_1_0) == "head GET / 1.0\nend\n");
}

TEST_CASE("a codec knows whether it is in a head or a body", "[http]") {
  H1Reader reader;
  CHECK_FALSE(reader.codec.in_head());
  reader.codec.feed("P");
  CHECK(reader.codec.in_head());
  reader.codec.feed("OST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n");
  CHECK(reader.codec.in_body());
  reader.codec.feed("ab");
  CHECK_FALSE(reader.codec.in_body());
}
