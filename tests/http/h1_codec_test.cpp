#include "http/h1_codec.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using http::H1Codec;

namespace {

/// Writes down the calls; pieces of one body become one, since cuts decide about them.
struct Recorder final : http::H1Sink {
  void on_request_head(RequestHead head) override {
    calls += "head " + head.method + " " + head.target + " 1." +
             std::to_string(head.version_minor) + "\n";
    for (const Header field : head.headers) {
      calls.append("  ").append(field.name).append("=").append(field.value).append("\n");
    }
    in_body = false;
  }
  void on_request_body(std::string_view bytes) override {
    if (!in_body) calls += "body ";
    in_body = true;
    calls += bytes;
  }
  void on_request_end() override {
    if (in_body) calls += "\n";
    in_body = false;
    calls += "end\n";
  }
  void on_refusal(http::Refusal refusal) override {
    if (in_body) calls += "\n";
    in_body = false;
    calls += "refused " + std::to_string(refusal.status) + " " + refusal.message + "\n";
  }
  std::string calls;
  bool in_body = false;
};

constexpr std::size_t plenty = 64 * 1024;

/// A codec and what it said.
struct Reader {
  explicit Reader(std::size_t header_bytes_max = plenty) : codec(recorder, header_bytes_max, 200) {}

  /// Like a connection whose answers are out at once.
  void feed(std::string_view bytes) {
    while (!bytes.empty()) {
      bytes.remove_prefix(codec.feed(bytes));
      codec.next_request();
    }
  }

  Recorder recorder;
  H1Codec codec;
};

std::string read(std::string_view bytes, std::size_t header_bytes_max = plenty) {
  Reader reader(header_bytes_max);
  reader.feed(bytes);
  return reader.recorder.calls;
}

bool starts(const std::string& text, std::string_view prefix) {
  return std::string_view(text).substr(0, prefix.size()) == prefix;
}

std::string request(const std::string& line, const std::string& headers,
                    const std::string& body = {}) {
  return line + "\r\n" + headers + "\r\n" + body;
}

/// The bytes of an answer to `request_text`, body in two pieces, and how it went.
struct Written {
  std::string bytes;
  bool keeps_alive = false;
  bool incomplete = false;
};

Written answer(const std::string& request_text, const ResponseHead& head,
               const std::vector<std::string>& body, bool close = false) {
  Reader reader;
  reader.codec.feed(request_text);
  base::ByteQueue out;
  reader.codec.write_head(out, head, close);
  for (const std::string& piece : body) reader.codec.write_body(out, piece);
  reader.codec.write_end(out);
  return {std::string(out.view()), reader.codec.keeps_alive(), reader.codec.answer_incomplete()};
}

const std::string get_1_1 = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string get_1_0 = "GET / HTTP/1.0\r\n\r\n";

}  // namespace

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
      Reader reader;
      reader.feed(std::string_view(input).substr(0, cut));
      reader.feed(std::string_view(input).substr(cut));
      INFO(input << " cut at " << cut);
      CHECK(reader.recorder.calls == expected);
    }
    Reader by_byte;
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
  Reader reader;
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
  Reader reader;
  reader.codec.feed(
      request("POST / HTTP/1.1", "Host: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n"));
  CHECK(reader.codec.expects_continue());
  reader.codec.feed("a");
  CHECK_FALSE(reader.codec.expects_continue());
}

TEST_CASE("the interim answer is written once", "[http]") {
  Reader reader;
  reader.codec.feed(
      request("POST / HTTP/1.1", "Host: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"));
  base::ByteQueue out;
  reader.codec.write_continue(out);
  CHECK(out.view() == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK_FALSE(reader.codec.expects_continue());
}

TEST_CASE("HTTP/1.0 knows no interim answer", "[http]") {
  Reader reader;
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

TEST_CASE("HTTP/1.0 needs no Host", "[http]") {
  CHECK(read(get_1_0) == "head GET / 1.0\nend\n");
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

TEST_CASE("a bad chunk is refused in the middle of a body", "[http]") {
  const std::string calls = read(request(
      "POST / HTTP/1.1", "Host: a\r\nTransfer-Encoding: chunked\r\n", "3\r\nabc\r\nxyz\r\n"));
  const std::string until_then =
      "head POST / 1.1\n  Host=a\n  Transfer-Encoding=chunked\nbody abc\n";
  CHECK(starts(calls, until_then + "refused 400 the request is not valid HTTP/1.1: "));
}

TEST_CASE("after a refusal nothing more is read", "[http]") {
  Reader reader;
  reader.feed("garbage\r\n\r\n");
  const std::string before = reader.recorder.calls;
  reader.feed(get_1_1);
  CHECK(reader.recorder.calls == before);
}

TEST_CASE("a head of just the limit is served, a byte more is refused", "[http]") {
  const std::string text = request("GET / HTTP/1.1", "Host: a\r\nX: 0123456789\r\n");
  CHECK(starts(read(text, text.size()), "head GET / "));
  CHECK(read(text, text.size() - 1) == "refused 431 the request line and headers exceed " +
                                           std::to_string(text.size() - 1) +
                                           " bytes (server.max_header_bytes)\n");
}

TEST_CASE("a head that never ends is refused at the limit wherever it is cut", "[http]") {
  const std::string endless = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(500, 'x');
  for (std::size_t step = 1; step < 300; step += 13) {
    Reader reader(200);
    std::string_view rest = endless;
    while (!rest.empty()) {
      reader.feed(rest.substr(0, step));
      rest.remove_prefix(std::min(step, rest.size()));
    }
    INFO("steps of " << step);
    CHECK(reader.recorder.calls ==
          "refused 431 the request line and headers exceed 200 bytes (server.max_header_bytes)\n");
  }
}

TEST_CASE("each request of a connection has the whole header limit", "[http]") {
  const std::string text = request("GET / HTTP/1.1", "Host: a\r\nX: 0123456789\r\n");
  const std::string once = read(text, text.size());
  CHECK(read(text + text + text, text.size()) == once + once + once);
}

TEST_CASE("a body larger than the header limit is no matter", "[http]") {
  const std::string body(1000, 'b');
  CHECK(read(request("POST / HTTP/1.1", "Host: a\r\nContent-Length: 1000\r\n", body), 100) ==
        "head POST / 1.1\n  Host=a\n  Content-Length=1000\nbody " + body + "\nend\n");
}

TEST_CASE("chunk extensions and trailers are bounded wherever they are cut", "[http]") {
  const std::string head = request("POST / HTTP/1.1", "Host: a\r\nTransfer-Encoding: chunked\r\n");
  const std::string seen = "head POST / 1.1\n  Host=a\n  Transfer-Encoding=chunked\n";
  const std::string refusal =
      "refused 431 chunk extensions and trailers exceed 100 bytes (server.max_header_bytes)\n";
  const std::string long_text(200, 'x');
  std::string many_small;
  for (int i = 0; i < 20; ++i) many_small += "1;abcdefghijklmnopqrst\r\nx\r\n";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"1;" + long_text + "\r\nb\r\n0\r\n\r\n", refusal},
      {"1\r\nb\r\n1;" + long_text + "\r\nc\r\n0\r\n\r\n", "body b\n" + refusal},
      {"1\r\nb\r\n0;" + long_text + "\r\n\r\n", "body b\n" + refusal},
      {"1\r\nb\r\n0\r\nX: " + long_text + "\r\n\r\n", "body b\n" + refusal},
      {"1\r\nb\r\n0\r\nX:" + std::string(200, ' ') + "\r\n\r\n", "body b\n" + refusal},
      {many_small + "0\r\n\r\n", {}},
  };
  for (const auto& [framing, expected] : cases) {
    const std::string text = head + framing;
    const std::string calls = read(text, 100);
    INFO(framing);
    if (!expected.empty()) CHECK(calls == seen + expected);
    CHECK(calls.find(refusal) != std::string::npos);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      Reader reader(100);
      reader.feed(std::string_view(text).substr(0, cut));
      reader.feed(std::string_view(text).substr(cut));
      INFO("cut at " << cut);
      CHECK(reader.recorder.calls == calls);
    }
    Reader by_byte(100);
    for (const char& byte : text) by_byte.feed({&byte, 1});
    CHECK(by_byte.recorder.calls == calls);
  }
}

TEST_CASE("a body in many small chunks is no matter for the header limit", "[http]") {
  const std::string head = request("POST / HTTP/1.1", "Host: a\r\nTransfer-Encoding: chunked\r\n");
  std::string chunks;
  for (int i = 0; i < 500; ++i) chunks += "00000001\r\nx\r\n";
  CHECK(read(head + chunks + "0\r\n\r\n", 100) ==
        "head POST / 1.1\n  Host=a\n  Transfer-Encoding=chunked\nbody " + std::string(500, 'x') +
            "\nend\n");
}

TEST_CASE("line ends without a request are refused at the header limit", "[http]") {
  std::string ends;
  for (int i = 0; i < 200; ++i) ends += "\r\n";
  CHECK(read(ends, 100) == "refused 400 no request line\n");
}

TEST_CASE("a codec knows whether it is in a head or a body", "[http]") {
  Reader reader;
  CHECK_FALSE(reader.codec.in_head());
  reader.codec.feed("P");
  CHECK(reader.codec.in_head());
  reader.codec.feed("OST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n");
  CHECK(reader.codec.in_body());
  reader.codec.feed("ab");
  CHECK_FALSE(reader.codec.in_body());
}

TEST_CASE("an answer with a length is sized", "[http]") {
  const Written written = answer(get_1_1, {200, {{"Content-Length", "5"}}}, {"he", "llo"});
  CHECK(written.bytes == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(written.keeps_alive);
  CHECK_FALSE(written.incomplete);
}

TEST_CASE("an answer without a length is chunked", "[http]") {
  const Written written = answer(get_1_1, {200, {{"a", "b"}}}, {"hello", "", "0123456789abcdef"});
  CHECK(written.bytes ==
        "HTTP/1.1 200 OK\r\na: b\r\ntransfer-encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n");
}

TEST_CASE("HTTP/1.0 gets an answer without a length until the connection closes", "[http]") {
  const Written written =
      answer("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", {200, {}}, {"hello", " you"});
  CHECK(written.bytes == "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello you");
  CHECK_FALSE(written.keeps_alive);
}

TEST_CASE("HTTP/1.0 keeps its connection when it asks for that", "[http]") {
  const Written written = answer("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                                 {200, {{"content-length", "1"}}}, {"x"});
  CHECK(written.bytes == "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n\r\nx");
  CHECK(written.keeps_alive);
}

TEST_CASE("HTTP/1.0 closes by itself", "[http]") {
  CHECK_FALSE(answer(get_1_0, {200, {{"content-length", "1"}}}, {"x"}).keeps_alive);
}

TEST_CASE("the client's wish to close is granted", "[http]") {
  const Written written = answer("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                                 {200, {{"content-length", "1"}}}, {"x"});
  CHECK(written.bytes == "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx");
  CHECK_FALSE(written.keeps_alive);
}

TEST_CASE("an answer that ends the connection says so", "[http]") {
  const Written written = answer(get_1_1, {200, {{"content-length", "1"}}}, {"x"}, true);
  CHECK(written.bytes == "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx");
}

TEST_CASE("the answer to HEAD has no body", "[http]") {
  const Written written =
      answer("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", {200, {{"content-length", "5"}}}, {"hello"});
  CHECK(written.bytes == "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n");
  CHECK_FALSE(written.incomplete);
}

TEST_CASE("204 and 304 have neither body nor chunks", "[http]") {
  CHECK(answer(get_1_1, {204, {}}, {"x"}).bytes == "HTTP/1.1 204 No Content\r\n\r\n");
  CHECK(answer(get_1_1, {304, {}}, {"x"}).bytes == "HTTP/1.1 304 Not Modified\r\n\r\n");
}

TEST_CASE("an unknown status has no words but a valid status line", "[http]") {
  CHECK(answer(get_1_1, {299, {{"content-length", "0"}}}, {}).bytes ==
        "HTTP/1.1 299 \r\ncontent-length: 0\r\n\r\n");
}

TEST_CASE("more than was announced is not written", "[http]") {
  const Written written =
      answer(get_1_1, {200, {{"content-length", "3"}}}, {"ab", "cd", "HTTP/1.1 200 OK"});
  CHECK(written.bytes == "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc");
  CHECK_FALSE(written.incomplete);
}

TEST_CASE("less than was announced is an incomplete answer", "[http]") {
  CHECK(answer(get_1_1, {200, {{"content-length", "3"}}}, {"ab"}).incomplete);
}

TEST_CASE("a refusal after a HEAD is told with its body", "[http]") {
  Reader reader;
  reader.feed("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  reader.feed("garbage\r\n\r\n");
  base::ByteQueue out;
  reader.codec.write_head(out, {400, {{"content-length", "2"}}}, true);
  reader.codec.write_body(out, "no");
  CHECK(out.view() ==
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno");
}
