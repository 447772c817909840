#include "http/answer_reader.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using Reader = http::AnswerReader;
using Step = Reader::Step;
using Take = Reader::Take;

namespace {

/// Writes down what it is told.
struct Seen final : Reader::Sink {
  std::vector<ResponseHead> heads;
  std::string body;
  int pauses = 0;  // how often it will refuse bytes
  bool stop_at_head = false;
  bool stop_at_body = false;

  bool on_answer_head(ResponseHead head) override {
    heads.push_back(std::move(head));
    return !stop_at_head;
  }
  Take on_answer_body(std::string_view bytes) override {
    CHECK(!bytes.empty());
    if (stop_at_body) return Take::stop;
    if (pauses > 0) return --pauses, Take::pause;
    body.append(bytes);
    return Take::taken;
  }
};

/// Feeds pieces of a given size; delivers what a pause has left over.
struct Reading {
  Seen seen;
  Reader reader{seen};
  Step step = Step::more;
  std::size_t taken = 0;

  Step feed(const std::string& text, std::size_t piece_size = std::string::npos) {
    while (step == Step::more && taken < text.size()) {
      // A copy of its own: nobody may look at the bytes later.
      std::string piece = text.substr(taken, piece_size);
      std::size_t used = 0;
      step = reader.feed(piece, used);
      while (step == Step::paused) {
        const std::string rest = piece.substr(used);
        const std::string untaken(reader.untaken());
        if (seen.on_answer_body(untaken) == Take::pause) continue;
        taken += used;
        piece = rest;
        step = reader.feed(piece, used);
      }
      taken += used;
    }
    return step;
  }
};

std::string fields(const ResponseHead& head) {
  std::string text = std::to_string(head.status);
  for (const Header field : head.headers)
    text.append("|").append(field.name).append("=").append(field.value);
  return text;
}

}  // namespace

TEST_CASE("an answer is the same wherever it is cut", "[http]") {
  struct Row {
    const char* text;
    const char* head;
    const char* body;
  };
  const Row row = GENERATE(
      Row{"HTTP/1.1 200 OK\r\na: b\r\ncontent-length: 5\r\n\r\nhello", "200|a=b|content-length=5",
          "hello"},
      Row{"HTTP/1.1 201\r\nEmpty:\r\nX:  two words \t\r\nTransfer-Encoding: Chunked\r\n\r\n"
          "3;ext=1\r\none\r\n00A\r\n two three\r\n0\r\ntrailer: x\r\n\r\n",
          "201|Empty=|X=two words|Transfer-Encoding=Chunked", "one two three"},
      Row{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n"
          "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
          "200|Content-Length=2", "ok"},
      Row{"HTTP/1.1 204 No Content\r\ncontent-length: 7\r\nx: 1\r\n\r\n", "204|x=1", ""},
      Row{"HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n",
          "304|transfer-encoding=chunked", ""},
      Row{"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "200|content-length=0", ""},
      Row{"HTTP/1.1 200 OK\r\ncontent-length: 99\r\ntransfer-encoding: chunked\r\n\r\n"
          "2\r\nok\r\n0\r\n\r\n",
          "200|content-length=99|transfer-encoding=chunked", "ok"},
      // RFC 9112 section 7.1.1, and 2.2 for the trailer's line.
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
          "2 ; a = b\t;c=\"d;\\\"e\\\\\"\r\nok\r\n1 \r\n!\r\n0;x;y=z\r\nt: u\nv: w\r\n\r\n",
          "200|transfer-encoding=chunked", "ok!"},
      Row{"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
          "200|transfer-encoding=chunked", "ok"});
  const std::string text = row.text;
  for (std::size_t size = 1; size <= text.size(); ++size) {
    for (const int pauses : {0, 1, 3}) {
      CAPTURE(row.text, size, pauses);
      Reading reading;
      reading.seen.pauses = pauses;
      REQUIRE(reading.feed(text, size) == Step::complete);
      CHECK(reading.taken == text.size());
      REQUIRE(reading.seen.heads.size() == 1);
      CHECK(fields(reading.seen.heads[0]) == row.head);
      CHECK(reading.seen.body == row.body);
    }
  }
}

TEST_CASE("an answer in two pieces is the same, cut anywhere", "[http]") {
  const std::string text =
      "HTTP/1.1 200 OK\r\nx-name: some value\r\ntransfer-encoding: chunked\r\n\r\n"
      "4\r\nbody\r\n0\r\n\r\n";
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    CAPTURE(cut);
    Reading reading;
    REQUIRE(reading.feed(text.substr(0, cut)) == Step::more);
    reading.taken = 0;
    REQUIRE(reading.feed(text.substr(cut)) == Step::complete);
    CHECK(fields(reading.seen.heads.at(0)) == "200|x-name=some value|transfer-encoding=chunked");
    CHECK(reading.seen.body == "body");
    CHECK(reading.reader.keeps_alive());
  }
}

TEST_CASE("the answer to HEAD ends with its head", "[http]") {
  Reading reading;
  reading.reader.begin(true);
  const std::string head = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n";
  CHECK(reading.feed(head + "surplus") == Step::complete);
  CHECK(reading.taken == head.size());
  CHECK(reading.reader.keeps_alive());
  CHECK(reading.seen.body == "");
}

TEST_CASE("only what may go on keeps the connection", "[http]") {
  struct Row {
    const char* text;
    bool keeps;
  };
  const Row row = GENERATE(
      Row{"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", true},
      Row{"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", false},
      Row{"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", false},
      Row{"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n", true},
      Row{"HTTP/1.1 204 No Content\r\n\r\n", true},
      // RFC 9110 section 8.6: neither may have a length, and one reader in between may believe it.
      Row{"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n", false},
      Row{"HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n", false},
      Row{"HTTP/1.1 103 Early\r\ncontent-length: 5\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", false},
      Row{"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n", true},
      // RFC 9112 section 6.1: HTTP/1.0 has no chunks.
      Row{"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n"
          "0\r\n\r\n",
          false},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", true},
      Row{"HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
          "0\r\n\r\n",
          false},
      // A proxy on the way may have read the other length (RFC 9112 section 6.3).
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n0\r\n\r\n",
          false});
  CAPTURE(row.text);
  Reading reading;
  REQUIRE(reading.feed(row.text) == Step::complete);
  CHECK(reading.reader.keeps_alive() == row.keeps);
}

TEST_CASE("what follows an answer is not taken", "[http]") {
  const std::string framing = GENERATE("content-length: 2\r\n\r\nok",
                                       "transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
  const std::string answer = "HTTP/1.1 200 OK\r\n" + framing;
  Reading reading;
  CHECK(reading.feed(answer + "HTTP/1.1 500 Next\r\n\r\n") == Step::complete);
  CHECK(reading.taken == answer.size());
  CHECK(reading.seen.body == "ok");
  CHECK(reading.seen.heads.size() == 1);
}

TEST_CASE("the end of the connection ends only an answer without another end", "[http]") {
  struct Row {
    const char* text;
    bool begun;
    bool complete;
  };
  const Row row = GENERATE(
      Row{"", false, false}, Row{"HTTP/1.1 20", false, false},
      Row{"HTTP/1.1 200 OK\r\na: ", true, false}, Row{"HTTP/1.1 100 Continue\r\n\r\n", true, false},
      Row{"HTTP/1.1 200 OK\r\n\r\n", true, true}, Row{"HTTP/1.1 200 OK\r\n\r\nsome", true, true},
      Row{"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nsome", true, false},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nsome\r\n", true, false});
  CAPTURE(row.text);
  Reading reading;
  REQUIRE(reading.feed(row.text) == Step::more);
  CHECK(reading.reader.begun() == row.begun);
  CHECK((reading.reader.finish() == Step::complete) == row.complete);
  if (row.complete) CHECK_FALSE(reading.reader.keeps_alive());
}

TEST_CASE("what is no answer is refused, with words", "[http]") {
  struct Row {
    const char* text;
    const char* why;  // empty: llhttp's
  };
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const Row row = GENERATE(
      Row{"SSH-2.0-OpenSSH_9.2p1\r\n", ""}, Row{"<html>", ""}, Row{"GET / HTTP/1.1\r\n", ""},
      Row{"HTTP/2.0 200 OK\r\n\r\n", ""}, Row{"HTTP/1.1 2x0 OK\r\n\r\n", ""},
      Row{"HTTP/1.1 020 OK\r\n\r\n", "its status line is not valid"},
      Row{"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
          "it switches to a protocol nobody asked for"},
      Row{"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "a line of its head is no header field"},
      Row{"HTTP/1.1 200 OK\r\nnocolon\r\n\r\n", "a line of its head is no header field"},
      Row{"HTTP/1.1 200 OK\r\na b: c\r\n\r\n", "a line of its head is no header field"},
      Row{"HTTP/1.1 200 OK\r\n: c\r\n\r\n", "a line of its head is no header field"},
      Row{"HTTP/1.1 200 OK\r\na: b\rc\r\n\r\n", "a CR stands without its LF in its head"},
      Row{"HTTP/1.1 200 OK\rx-evil: 1\r\n\r\n", "a CR stands without its LF in its head"},
      Row{"HTTP/1.1 200\rx-evil: 1\r\n\r\n", "a CR stands without its LF in its head"},
      Row{"HTTP/1.1 200 OK\r\r\n\r\n", "a CR stands without its LF in its head"},
      Row{"HTTP/1.1 200 OK\r\na: b\r\r\n\r\n", "a CR stands without its LF in its head"},
      Row{"HTTP/1.1 200 OK\r\na: b\r\n\rx-evil: 1\r\n\r\n",
          "a CR stands without its LF in its head"},
      Row{"HTTP/1.1 200 OK\r\na: b\r\n\r\r\n", "a CR stands without its LF in its head"},
      Row{"HTTP/1.1 103 Early\rx-evil: 1\r\n\r\n", "a CR stands without its LF in its head"},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\rx: 1\r\nok\r\n0\r\n\r\n", ""},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;a=\"\r\"\r\nok\r\n", ""},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2 0\r\nok\r\n", ""},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nt: u\rv: w\r\n\r\n",
          "a CR stands without its LF"},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
          "the only Transfer-Encoding understood is chunked"},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n",
          "the only Transfer-Encoding understood is chunked"},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding:\r\n\r\n",
          "the only Transfer-Encoding understood is chunked"},
      Row{"HTTP/1.1 200 OK\r\na: b\x01\r\n\r\n", "a header line contains a control character"},
      Row{"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n", ""},
      Row{"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\nhello", ""},
      Row{"HTTP/1.1 200 OK\r\ncontent-length: 5, 5\r\n\r\nhello", ""},
      Row{"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", ""},
      Row{"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\n", ""},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
          "the only Transfer-Encoding understood is chunked"},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\ncontent-length: 2\r\n\r\nok",
          "the only Transfer-Encoding understood is chunked"},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", ""},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n", ""},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n", ""},
      Row{"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nokay\r\n", ""});
  const std::size_t size = GENERATE(std::size_t{1}, std::size_t{7}, std::string::npos);
  CAPTURE(row.text, size);
  Reading reading;
  CHECK(reading.feed(row.text, size) == Step::refused);
  INFO(reading.reader.problem());
  CHECK(reading.reader.problem() != "");
  if (*row.why) CHECK(reading.reader.problem() == row.why);
}

// RFC 9112 section 5.2 allows both; llhttp 9 refuses.
TEST_CASE("a folded header line is one value, or refused", "[http]") {
  const std::string text =
      "HTTP/1.1 200 OK\r\na: one\r\n\t two: three  \r\n  \r\nb:\r\ncontent-length: 0\r\n\r\n";
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    CAPTURE(cut);
    Reading reading;
    reading.feed(text.substr(0, cut));
    reading.taken = 0;
    reading.feed(text.substr(cut));
    if (reading.step == Step::refused) continue;
    REQUIRE(reading.step == Step::complete);
    CHECK(fields(reading.seen.heads.at(0)) == "200|a=one two: three|b=|content-length=0");
  }
}

// In proportion to their number, as all is that a provider decides.
TEST_CASE("a value folded over very many lines is one value, or refused", "[http]") {
  std::string text = "HTTP/1.1 200 OK\r\na: b";
  for (int i = 0; i < 40'000; ++i) text += "\r\n c";
  Reading reading;
  reading.feed(text + "\r\ncontent-length: 0\r\n\r\n");
  if (reading.step == Step::refused) return;  // by llhttp 9
  REQUIRE(reading.step == Step::complete);
  const std::string value(reading.seen.heads.at(0).headers.get("a").value_or(""));
  CHECK(value.size() == 1 + 2 * 40'000);
  CHECK(value.substr(0, 7) == "b c c c");
}

TEST_CASE("a sink that wants no more stops the reading", "[http]") {
  const bool at_head = GENERATE(true, false);
  Reading reading;
  reading.seen.stop_at_head = at_head;
  reading.seen.stop_at_body = !at_head;
  CHECK(reading.feed("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok") == Step::stopped);
  CHECK(reading.seen.heads.size() == 1);
  CHECK(reading.seen.body == "");
}

// RFC 9112 section 2.2 lets a reader take it for the end of a line.
TEST_CASE("a line of a head that ends with LF alone is a line, or refused", "[http]") {
  for (const char* text : {"HTTP/1.1 200 OK\na: b\ncontent-length: 2\n\nok",
                           "HTTP/1.1 200 OK\r\na: b\ncontent-length: 2\r\n\nok",
                           "HTTP/1.1 200 OK\r\na: b\r\ncontent-length: 2\n\r\nok"}) {
    for (const std::size_t size : {std::size_t{1}, std::string::npos}) {
      CAPTURE(text, size);
      Reading reading;
      reading.feed(text, size);
      if (reading.step == Step::refused) continue;
      REQUIRE(reading.step == Step::complete);
      CHECK(fields(reading.seen.heads.at(0)) == "200|a=b|content-length=2");
      CHECK(reading.seen.body == "ok");
    }
  }
}

TEST_CASE("a body may have any bytes, CR among them", "[http]") {
  for (const std::string text :
       {"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n\r\ra\rb\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\n\r\ra\rb\n\r\n0\r\n\r\n"}) {
    for (std::size_t size = 1; size <= text.size(); ++size) {
      CAPTURE(text, size);
      Reading reading;
      REQUIRE(reading.feed(text, size) == Step::complete);
      CHECK(reading.seen.body == "\r\ra\rb\n");
    }
  }
}

TEST_CASE("heads have a limit, all lines together and each", "[http]") {
  const std::size_t size = GENERATE(std::size_t{999}, std::size_t{65'536}, std::string::npos);
  Reading many;
  std::string text = "HTTP/1.1 200 OK\r\n";
  while (text.size() < 300'000) text += "x-fill: " + std::string(1000, 'x') + "\r\n";
  CHECK(many.feed(text, size) == Step::refused);
  CHECK(many.reader.problem() == "its head is larger than 256 KiB");
  Reading interim;
  text.clear();
  while (text.size() < 300'000) text += "HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n";
  CHECK(interim.feed(text, size) == Step::refused);
  CHECK(interim.reader.problem() == "its head is larger than 256 KiB");
  for (const char* before : {"HTTP/1.1 200 ", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\na: "}) {
    Reading one;
    CHECK(one.feed(before + std::string(300'000, 'x') + "\r\n\r\n", size) == Step::refused);
    CHECK(one.reader.problem() == "a line of its head is too long");
  }
}

TEST_CASE("trailers and chunk extensions count for the limit, chunks do not", "[http]") {
  const std::string begin = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  const std::size_t size = GENERATE(std::size_t{999}, std::string::npos);
  Reading plain;
  std::string text = begin;
  for (int i = 0; i < 100'000; ++i) text += "1\r\nx\r\n";
  CHECK(plain.feed(text + "0\r\n\r\n", size) == Step::complete);
  CHECK(plain.seen.body.size() == 100'000);
  Reading extended;
  text = begin;
  for (int i = 0; i < 10'000; ++i) text += "1;ext=" + std::string(60, 'e') + "\r\nx\r\n";
  CHECK(extended.feed(text, size) == Step::refused);
  Reading trailers;
  text = begin + "0\r\n";
  for (int i = 0; i < 5'000; ++i) text += "x-trailer: " + std::string(60, 't') + "\r\n";
  CHECK(trailers.feed(text, size) == Step::refused);
  CHECK(trailers.reader.problem() == "its head is larger than 256 KiB");
}
