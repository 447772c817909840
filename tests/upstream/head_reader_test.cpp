#include "upstream/head_reader.hpp"

#include <string>

#include "catch.hpp"

using ccrelay::upstream::HeadReader;
using Step = HeadReader::Step;

TEST_CASE("a folded header line is one value", "[upstream]") {
  HeadReader reader;
  for (const char* line : {"HTTP/1.1 200 OK\r\n", "a: one\r\n", "\t two  \r\n", "  \r\n", "b:\r\n"})
    REQUIRE(reader.line(line) == Step::more);
  REQUIRE(reader.line("\r\n") == Step::complete);
  const ccrelay::ResponseHead head = reader.take();
  CHECK(head.headers.get("a") == "one two");
  CHECK(head.headers.get("b") == "");
  CHECK(head.headers.size() == 2);
}

TEST_CASE("a head is told once, and nothing of an earlier one", "[upstream]") {
  HeadReader reader;
  REQUIRE(reader.line("HTTP/1.1 103 Early Hints\n") == Step::more);
  REQUIRE(reader.line("link: x\n") == Step::more);
  REQUIRE(reader.line("\n") == Step::more);
  CHECK_FALSE(reader.complete());
  REQUIRE(reader.line("HTTP/1.0 404\n") == Step::more);
  REQUIRE(reader.line("\n") == Step::complete);
  const ccrelay::ResponseHead head = reader.take();
  CHECK(head.status == 404);
  CHECK(head.headers.empty());
  CHECK(reader.line("x-trailer: 1\r\n") == Step::more);
  CHECK(reader.line("\r\n") == Step::more);
}

TEST_CASE("a status that is none is refused", "[upstream]") {
  HeadReader reader;
  CHECK(reader.line(GENERATE("HTTP/1.1 2x0 OK\r\n", "HTTP/1.1\r\n", "HTTP/1.1 020 OK\r\n")) ==
        Step::refused);
  CHECK(reader.problem() == "its status line is not valid");
}

TEST_CASE("trailers count for the limit too", "[upstream]") {
  HeadReader reader;
  reader.line("HTTP/1.1 200 OK\r\n");
  REQUIRE(reader.line("\r\n") == Step::complete);
  Step step = Step::more;
  int lines = 0;
  for (; step == Step::more && lines < 1000; ++lines) step = reader.line(std::string(1024, 'x'));
  CHECK(step == Step::refused);
  CHECK(lines == 256);
}
