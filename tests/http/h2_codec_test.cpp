#include <string>
#include <vector>

#include "catch.hpp"
#include "http/h2_reader.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string read(const std::string& bytes) {
  H2Reader reader;
  reader.feed(h2::opening() + bytes);
  return reader.log;
}

std::string head_read(const Fields& fields, bool ends = true) {
  return read(h2::head(1, fields, ends));
}

}  // namespace

TEST_CASE("an HTTP/2 connection means the same wherever its bytes are cut", "[http][h2]") {
  const Fields trailing{{"trailer-field", "x"}};
  const std::vector<std::string> inputs{
      h2::get(1, "/health"),
      h2::post(1, "/v1/messages", "hello") + h2::get(3, "/"),
      h2::head(1, h2::fields("POST", "/"), false) + h2::frame(h2::data, 0, 1, "ab") +
          h2::frame(h2::data, h2::padded, 1, std::string("\2cd\0\0", 5)) +
          h2::head(1, trailing, true),
      h2::frame(h2::headers, h2::end_stream, 1, h2::block(h2::fields("GET", "/cut"))) +
          h2::frame(h2::continuation, h2::end_headers, 1, h2::block({{"more", "1"}})),
      h2::get(1, "/") + h2::rst(1, h2::cancel) + h2::frame(h2::ping, 0, 0, "12345678"),
      h2::head(1, h2::fields("GET", "/", {{"Upper", "x"}}), true),
      h2::get(1, "/") + h2::frame(h2::push_promise, h2::end_headers, 1, h2::number(2)),
  };
  for (const std::string& input : inputs) {
    const std::string all = h2::opening() + input;
    H2Reader whole;
    whole.answers = true;
    whole.codec.feed(all, whole.now);
    whole.written();
    for (std::size_t cut = 1; cut < all.size(); ++cut) {
      H2Reader parts;
      parts.answers = true;
      parts.codec.feed(std::string_view(all).substr(0, cut), parts.now);
      parts.codec.feed(std::string_view(all).substr(cut), parts.now);
      parts.written();
      REQUIRE(parts.log == whole.log);
      REQUIRE(parts.bodies == whole.bodies);
      REQUIRE(parts.verdict() == whole.verdict());
    }
    H2Reader bytewise;
    bytewise.answers = true;
    for (const char& byte : all) bytewise.codec.feed({&byte, 1}, bytewise.now);
    bytewise.written();
    CHECK(bytewise.log == whole.log);
    CHECK(bytewise.bodies == whole.bodies);
    CHECK(bytewise.verdict() == whole.verdict());
  }
}

TEST_CASE("a request of HTTP/2 reads like one of HTTP/1.1", "[http][h2]") {
  CHECK(head_read(h2::fields("GET", "/v1/models?limit=1", {{"x-api-key", "k"}})) ==
        "1 head GET /v1/models?limit=1\n  x-api-key: k\n  host: relay\n1 end\n");
  // RFC 9113 section 8.3.1: Host alone will do, and the same one beside :authority too.
  CHECK(head_read({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"host", "a"}}) ==
        "1 head GET /\n  host: a\n1 end\n");
  CHECK(head_read(h2::fields("GET", "/", {{"host", "RELAY"}})) ==
        "1 head GET /\n  host: relay\n1 end\n");
}

TEST_CASE("cookie crumbs become one cookie", "[http][h2]") {
  // RFC 9113 section 8.2.3.
  CHECK(head_read(h2::fields("GET", "/", {{"cookie", "a=1"}, {"x", "y"}, {"cookie", "b=2"}})) ==
        "1 head GET /\n  x: y\n  host: relay\n  cookie: a=1; b=2\n1 end\n");
  CHECK(head_read(h2::fields("GET", "/", {{"cookie", "a=1"}, {"cookie", ""}})) ==
        "1 head GET /\n  host: relay\n  cookie: a=1\n1 end\n");
}

TEST_CASE("a body comes up as it is cut into frames, padding and trailers left out", "[http][h2]") {
  H2Reader reader;
  reader.feed(h2::opening() + h2::head(1, h2::fields("POST", "/"), false) +
              h2::frame(h2::data, 0, 1, "one ") +
              h2::frame(h2::data, h2::padded, 1, std::string("\3two\0\0\0", 7)) +
              h2::head(1, {{"x-checksum", "1"}}, true));
  CHECK(reader.bodies[1] == "one two");
  CHECK(reader.log == "1 head POST /\n  host: relay\n1 body\n1 end\n");
}

TEST_CASE("what HTTP/1.1 could not carry is refused with an answer", "[http][h2]") {
  const auto refused = [](int status, const std::string& message) {
    return "1 refused " + std::to_string(status) + ' ' + message + '\n';
  };
  CHECK(head_read({{":method", "CONNECT"}, {":authority", "a:443"}}, false) ==
        refused(405, "CONNECT is not offered here"));
  CHECK(head_read(h2::fields("GET", "/", {{"host", "other"}})) ==
        refused(400, "the request's :authority and Host differ"));
  // Later versions of nghttp2 reset the stream themselves.
  const std::string with_user =
      head_read({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "u@a"}});
  const std::string refusal = refused(400, "the request's :authority is no host and port");
  CHECK((with_user == refusal || (with_user.empty() && NGHTTP2_VERSION_NUM > 0x013400)));
}

TEST_CASE(":path is held to the rules of HTTP/1.1's request target", "[http][h2]") {
  for (const char* path : {"/v1/messages#", "/a\"b", "/<a>", "/a\\b", "/\xc3\xa9", "/`"}) {
    INFO(path);
    CHECK(head_read(h2::fields("POST", path)) == "1 refused 400 the request's :path is no path\n");
  }
  for (const char* path : {"/%", "/%4", "/%zz", "/a%00b"}) {
    INFO(path);
    CHECK(head_read(h2::fields("POST", path)) ==
          "1 refused 400 the request's :path has a % without two hexadecimal digits, or %00\n");
  }
  CHECK(head_read(h2::fields("OPTIONS", "*")).starts_with("1 head OPTIONS *\n"));
  CHECK(head_read(h2::fields("GET", "/a%20b?c[]={d}|^")).starts_with("1 head GET "));
}

TEST_CASE(":authority is a host and a port", "[http][h2]") {
  for (const char* authority : {"a:99999", "a:x", "[::1", "%00"}) {
    INFO(authority);
    CHECK(
        head_read({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"host", authority}}) ==
        "1 refused 400 the request's :authority is no host and port\n");
  }
  CHECK(head_read(
            {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "[::1]:8"}})
            .starts_with("1 head GET /\n"));
}

TEST_CASE("an expectation that is not understood is refused over HTTP/2 too", "[http][h2]") {
  // RFC 9110 section 10.1.1.
  CHECK(head_read(h2::fields("GET", "/", {{"expect", "200-ok"}})) ==
        "1 refused 417 the only expectation understood is 100-continue\n");
}

TEST_CASE("more headers than may be are refused with 431 over HTTP/2 too", "[http][h2]") {
  http::H2Limits limits;
  limits.header_count_max = 3;
  const std::vector<std::pair<std::string, std::string>> three{{"a", "1"}, {"b", "2"}, {"c", "3"}};
  auto four = three;
  four.emplace_back("cookie", "d=4");
  H2Reader reader(limits);
  reader.feed(h2::opening() + h2::head(1, h2::fields("GET", "/", three), true));
  CHECK(reader.log.starts_with("1 head GET /\n"));
  reader.log.clear();
  reader.feed(h2::head(3, h2::fields("GET", "/", four), true));
  CHECK(reader.log == "3 refused 431 the request has more than 3 headers (server.max_headers)\n");
  reader.feed(h2::head(5, h2::fields("POST", "/"), false));
  reader.log.clear();
  reader.feed(h2::head(5, four, true));
  CHECK(reader.log == "5 refused 431 the request has more than 3 headers (server.max_headers)\n");
}

TEST_CASE("a header list above the limit is refused with 431", "[http][h2]") {
  http::H2Limits limits;
  limits.header_bytes_max = 1024;
  H2Reader reader(limits);
  // 4 pseudo-headers with 32 bytes each (RFC 9113 section 6.5.2) and their 42 bytes of text.
  const std::size_t room = 1024 - 170 - 32 - 1;
  reader.feed(h2::opening() +
              h2::head(1, h2::fields("GET", "/", {{"x", std::string(room, 'a')}}), true));
  CHECK(reader.log.starts_with("1 head GET /\n"));
  reader.log.clear();
  reader.feed(h2::head(3, h2::fields("GET", "/", {{"x", std::string(room + 1, 'a')}}), true));
  CHECK(reader.log ==
        "3 refused 431 the request's headers exceed 1024 bytes (server.max_header_bytes)\n");
  // Many small ones cost as much as few large ones.
  reader.log.clear();
  Fields many;
  for (int i = 0; i < 30; ++i) many.push_back({"a", ""});
  reader.feed(h2::head(5, h2::fields("GET", "/", many), true));
  CHECK(reader.log.starts_with("5 refused 431"));
  // The connection goes on.
  reader.log.clear();
  reader.feed(h2::get(7, "/"));
  CHECK(reader.log.starts_with("7 head GET /\n"));
  CHECK(reader.verdict().empty());
}

TEST_CASE("trailers above the limit are refused with 431", "[http][h2]") {
  http::H2Limits limits;
  limits.header_bytes_max = 1024;
  H2Reader reader(limits);
  reader.feed(h2::opening() + h2::head(1, h2::fields("POST", "/"), false) +
              h2::head(1, {{"x", std::string(1024, 'a')}}, true));
  CHECK(reader.log ==
        "1 head POST /\n  host: relay\n1 refused 431 the request's headers exceed 1024 bytes "
        "(server.max_header_bytes)\n");
}
