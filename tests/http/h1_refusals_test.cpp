#include <string>

#include "catch.hpp"
#include "http/h1_reader.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

TEST_CASE("a refusal of framing says what is wrong with it", "[http]") {
  CHECK(read(request("POST / HTTP/1.1", "Host: a\r\nTransfer-Encoding: gzip\r\n")) ==
        "refused 400 Transfer-Encoding must end with chunked, and name it once\n");
}

TEST_CASE("no smuggling shape reaches a handler", "[http]") {
  for (const char* headers : {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                              "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                              "Content-Length: 3\r\nContent-Length: 4\r\n",
                              "Content-Length: 3, 3\r\n",
                              "Content-Length: -1\r\n",
                              "Content-Length: +3\r\n",
                              "Content-Length: 0x3\r\n",
                              "Content-Length: 99999999999999999999\r\n",
                              "Content-Length:\r\n",
                              "Transfer-Encoding: identity\r\n",
                              "Transfer-Encoding: chunked, gzip\r\n",
                              "Transfer-Encoding: xchunked\r\n",
                              "Transfer-Encoding: \"chunked\"\r\n",
                              "Transfer-Encoding : chunked\r\n",
                              "Content-Length : 3\r\n",
                              "X: a\nY: b\r\n",
                              "X: a\rY: b\r\n",
                              "X\t: a\r\n",
                              "X : a\r\n",
                              "X Y: a\r\n",
                              "Host : b\r\n",
                              ": no name\r\n",
                              "no colon\r\n"}) {
    INFO(headers);
    const std::string calls =
        read(request("POST / HTTP/1.1", std::string("Host: a\r\n") + headers, "abc"));
    CHECK(starts(calls, "refused 400 "));
  }
}

TEST_CASE("a folded header value is refused", "[http]") {
  // RFC 9112 section 5.2. llhttp 8 would unfold it, llhttp 9 not.
  CHECK(read(request("GET / HTTP/1.1", "Host: a\r\nX: b\r\n c\r\n")) ==
        "refused 400 a header line begins with a blank\n");
}

TEST_CASE("HTTP/1.0 with a transfer encoding is refused", "[http]") {
  CHECK(starts(read(request("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n")),
               "refused 400 "));
}

TEST_CASE("a request without its one Host is refused", "[http]") {
  CHECK(read(request("GET / HTTP/1.1", "")) ==
        "refused 400 the request needs exactly one Host header\n");
  CHECK(read(request("GET / HTTP/1.1", "Host: a\r\nHost: a\r\n")) ==
        "refused 400 the request needs exactly one Host header\n");
}

TEST_CASE("a tunnel is not offered", "[http]") {
  CHECK(read(request("CONNECT api.anthropic.com:443 HTTP/1.1", "Host: a\r\n")) ==
        "refused 405 CONNECT is not offered here\n");
}

TEST_CASE("bytes of other protocols are refused", "[http]") {
  for (const std::string& bytes :
       {std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), std::string("garbage\n\n"),
        std::string("GET / HTTP/3.0\r\nHost: a\r\n\r\n"), std::string("GET /\r\n\r\n"),
        std::string("\0\0\0\0", 4)}) {
    INFO(bytes);
    const std::string calls = read(bytes);
    const bool refused = starts(calls, "refused 400 ") || starts(calls, "refused 505 ");
    CHECK(refused);
  }
}

TEST_CASE("an unknown method is refused when its line has come, wherever that is cut", "[http]") {
  const std::string line = "FOO /path HTTP/1.1\r\n";
  for (std::size_t cut = 1; cut < line.size(); ++cut) {
    INFO("cut at " << cut);
    H1Reader reader;
    reader.feed(line.substr(0, cut));
    CHECK(reader.recorder.calls == "");
    CHECK(reader.codec.in_head());
    reader.feed(line.substr(cut));
    CHECK(reader.recorder.calls == "refused 405 the method is not offered here\n");
  }
}

TEST_CASE("what else is wrong with a line comes before its method", "[http]") {
  CHECK(read("FOO /path HTTP/2.0\r\n") ==
        "refused 505 only HTTP/1.1 and HTTP/1.0 are spoken here\n");
  CHECK(starts(read("FOO /a b"), "refused 400 the request line does not end with HTTP/1.1"));
  // And a line that is too long is none of those that could become good.
  CHECK(read("FOO /" + std::string(100, 'x'), 64) ==
        "refused 405 the method is not offered here\n");
  CHECK(starts(read("GET /" + std::string(100, 'x'), 64), "refused 414 "));
}

TEST_CASE("a target that is neither path nor URL is refused when its line has come", "[http]") {
  const std::string line = "GET not-a-path HTTP/1.1\r\n";
  CHECK(starts(read(line), "refused 400 the request is not valid HTTP/1.1: "));
  H1Reader by_byte;
  for (const char& byte : line) by_byte.feed({&byte, 1});
  CHECK(by_byte.recorder.calls == read(line));
}

TEST_CASE("a bad chunk is refused in the middle of a body", "[http]") {
  const std::string calls = read(request(
      "POST / HTTP/1.1", "Host: a\r\nTransfer-Encoding: chunked\r\n", "3\r\nabc\r\nxyz\r\n"));
  const std::string until_then =
      "head POST / 1.1\n  Host=a\n  Transfer-Encoding=chunked\nbody abc\n";
  CHECK(calls == until_then + "refused 400 a chunk's size is not up to 16 hexadecimal digits\n");
}

TEST_CASE("after a refusal nothing more is read", "[http]") {
  H1Reader reader;
  reader.feed("garbage\r\n\r\n");
  const std::string before = reader.recorder.calls;
  reader.feed(get_1_1);
  CHECK(reader.recorder.calls == before);
}
