#include <string>

#include "catch.hpp"
#include "http/h1_reader.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

TEST_CASE("an answer with a length is sized", "[http]") {
  const H1Written written = answer(get_1_1, {200, {{"Content-Length", "5"}}}, {"he", "llo"});
  CHECK(written.bytes == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(written.keeps_alive);
  CHECK_FALSE(written.incomplete);
}

TEST_CASE("an answer without a length is chunked", "[http]") {
  const H1Written written = answer(get_1_1, {200, {{"a", "b"}}}, {"hello", "", "0123456789abcdef"});
  CHECK(written.bytes ==
        "HTTP/1.1 200 OK\r\na: b\r\ntransfer-encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n");
}

TEST_CASE("HTTP/1.0 gets an answer without a length until the connection closes", "[http]") {
  const H1Written written =
      answer("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", {200, {}}, {"hello", " you"});
  CHECK(written.bytes == "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello you");
  CHECK_FALSE(written.keeps_alive);
}

TEST_CASE("HTTP/1.0 keeps its connection when it asks for that", "[http]") {
  const H1Written written = answer("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                                   {200, {{"content-length", "1"}}}, {"x"});
  CHECK(written.bytes == "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n\r\nx");
  CHECK(written.keeps_alive);
}

TEST_CASE("HTTP/1.0 closes by itself", "[http]") {
  CHECK_FALSE(answer(get_1_0, {200, {{"content-length", "1"}}}, {"x"}).keeps_alive);
}

TEST_CASE("the client's wish to close is granted", "[http]") {
  const H1Written written = answer("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                                   {200, {{"content-length", "1"}}}, {"x"});
  CHECK(written.bytes == "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx");
  CHECK_FALSE(written.keeps_alive);
}

TEST_CASE("an answer that ends the connection says so", "[http]") {
  const H1Written written = answer(get_1_1, {200, {{"content-length", "1"}}}, {"x"}, true);
  CHECK(written.bytes == "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx");
}

TEST_CASE("the answer to HEAD has no body", "[http]") {
  const H1Written written =
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
  const H1Written written =
      answer(get_1_1, {200, {{"content-length", "3"}}}, {"ab", "cd", "HTTP/1.1 200 OK"});
  CHECK(written.bytes == "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc");
  CHECK_FALSE(written.incomplete);
}

TEST_CASE("less than was announced is an incomplete answer", "[http]") {
  CHECK(answer(get_1_1, {200, {{"content-length", "3"}}}, {"ab"}).incomplete);
}

TEST_CASE("a refusal after a HEAD is told with its body", "[http]") {
  H1Reader reader;
  reader.feed("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  reader.feed("garbage\r\n\r\n");
  base::ByteQueue out;
  reader.codec.write_head(out, {400, {{"content-length", "2"}}}, true);
  reader.codec.write_body(out, "no");
  CHECK(out.view() ==
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno");
}
