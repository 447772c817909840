#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "http/h1_reader.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

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
    H1Reader reader(200);
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
      H1Reader reader(100);
      reader.feed(std::string_view(text).substr(0, cut));
      reader.feed(std::string_view(text).substr(cut));
      INFO("cut at " << cut);
      CHECK(reader.recorder.calls == calls);
    }
    H1Reader by_byte(100);
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
