#include <nghttp2/nghttp2.h>

#include <string>
#include <vector>

#include "catch.hpp"
#include "http/h2_reader.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using http::H2Incident;

namespace {

std::string body_of(const std::vector<h2::Frame>& frames, std::uint32_t stream) {
  std::string body;
  for (const h2::Frame& frame : frames) {
    if (frame.type == h2::data && frame.stream == stream) body += frame.payload;
  }
  return body;
}

const h2::Frame* first(const std::vector<h2::Frame>& frames, std::uint8_t type) {
  for (const h2::Frame& frame : frames) {
    if (frame.type == type) return &frame;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("an answer is one HEADERS and as many DATA as it takes", "[http][h2]") {
  H2Reader reader;
  reader.feed(h2::opening() + h2::get(1, "/"));
  reader.codec.write_head(1, {200,
                              {{"Content-Type", "text/plain"},
                               {"Connection", "close"},
                               {"Transfer-Encoding", "chunked"},
                               {"Keep-Alive", "1"}}});
  reader.codec.write_body(1, "hel");
  auto frames = reader.written();
  REQUIRE(frames.size() == 2);
  h2::Fields fields;
  const Headers head = fields.read(frames[0].payload);
  // RFC 9113 sections 8.2.1 and 8.2.2: lower case, nothing of a connection's.
  REQUIRE(head.size() == 2);
  CHECK(head[0].name == ":status");
  CHECK(head[0].value == "200");
  CHECK(head[1].name == "content-type");
  CHECK_FALSE(frames[1].ends_stream());
  CHECK(reader.written().empty());
  reader.codec.write_body(1, "lo");
  reader.codec.write_end(1);
  frames = reader.written();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].payload == "lo");
  CHECK(frames[0].ends_stream());
  CHECK(reader.log.ends_with("1 end\n1 answered\n"));
}

TEST_CASE("an answer's head may be long, and one that is too long resets its stream",
          "[http][h2]") {
  H2Reader reader;
  reader.feed(h2::opening() + h2::get(1, "/") + h2::get(3, "/"));
  for (const http::StreamId id : {1, 3}) {
    ResponseHead head{200, {}};
    for (int i = 0; i < (id == 1 ? 30 : 500); ++i) head.headers.add("x", std::string(5'000, 'h'));
    reader.codec.write_head(id, head);
    reader.codec.write_body(id, "x");
    reader.codec.write_end(id);
  }
  reader.written();
  CHECK(body_of(reader.all, 1) == "x");
  CHECK(body_of(reader.all, 3).empty());
  CHECK(reader.verdict() == "rst 3 2");
  CHECK(reader.log.find("3 closed\n") != std::string::npos);
  CHECK(reader.incidents.empty());
}

TEST_CASE("answers to HEAD, 204 and 304 have no body", "[http][h2]") {
  const std::string method = GENERATE("HEAD", "GET");
  const int status = method == "HEAD" ? 200 : GENERATE(204, 304);
  H2Reader reader;
  reader.feed(h2::opening() + h2::head(1, h2::fields(method, "/"), true));
  reader.codec.write_head(1, {status, {{"content-length", "5"}}});
  reader.codec.write_body(1, "hello");
  reader.codec.write_end(1);
  const auto frames = reader.written();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].type == h2::headers);
  CHECK(frames[0].ends_stream());
  CHECK(reader.log.ends_with("1 answered\n"));
}

TEST_CASE("an answer is never longer than it announced, and never shorter and whole",
          "[http][h2]") {
  H2Reader reader;
  reader.feed(h2::opening() + h2::get(1, "/") + h2::get(3, "/"));
  for (const http::StreamId id : {1, 3})
    reader.codec.write_head(id, {200, {{"content-length", "4"}}});
  reader.codec.write_body(1, "hello");
  reader.codec.write_end(1);
  reader.codec.write_body(3, "hel");
  reader.codec.write_end(3);
  reader.written();
  CHECK(body_of(reader.all, 1) == "hell");
  CHECK(body_of(reader.all, 3) == "hel");
  CHECK(reader.verdict() == "rst 3 2");
  CHECK(reader.log.find("1 answered\n") != std::string::npos);
  CHECK(reader.log.find("3 closed\n") != std::string::npos);
  // Not the client's doing.
  CHECK(reader.incidents.empty());
}

TEST_CASE("a broken answer is reset behind what there was of it", "[http][h2]") {
  H2Reader reader;
  reader.feed(h2::opening() + h2::get(1, "/"));
  reader.codec.write_head(1, {200, {}});
  reader.codec.write_body(1, "half");
  reader.codec.break_off(1);
  reader.written();
  CHECK(body_of(reader.all, 1) == "half");
  CHECK(reader.all.back().type == h2::rst_stream);
  CHECK(reader.all.back().code() == h2::internal_error);
}

TEST_CASE("an answer that comes before the request's end ends the request", "[http][h2]") {
  // RFC 9113 section 8.1.
  H2Reader reader;
  reader.answers = true;
  reader.feed(h2::opening() + h2::head(1, h2::fields("POST", "/"), false));
  CHECK(body_of(reader.all, 1) == "hello");
  CHECK(reader.verdict() == "rst 1 0");
  CHECK(reader.log.ends_with("1 answered\n"));
  // What was on its way does no harm.
  reader.feed(h2::frame(h2::data, h2::end_stream, 1, "late"));
  CHECK(reader.count(h2::goaway) == 0);
}

TEST_CASE("Expect: 100-continue is known, and answered by an interim head", "[http][h2]") {
  H2Reader reader;
  reader.feed(h2::opening() +
              h2::head(1, h2::fields("POST", "/", {{"expect", "100-continue"}}), false));
  REQUIRE(reader.codec.expects_continue(1));
  reader.codec.write_continue(1);
  CHECK_FALSE(reader.codec.expects_continue(1));
  const auto frames = reader.written();
  REQUIRE(frames.size() == 1);
  h2::Fields fields;
  CHECK(fields.read(frames[0].payload).get(":status") == "100");
  CHECK_FALSE(frames[0].ends_stream());
  reader.feed(h2::frame(h2::data, h2::end_stream, 1, "x"));
  reader.answer(1);
  const auto answer = reader.written();
  CHECK(fields.read(answer.at(0).payload).get(":status") == "200");
  // A body that has come already needs no leave.
  reader.feed(h2::head(3, h2::fields("POST", "/", {{"expect", "100-continue"}}), false) +
              h2::frame(h2::data, 0, 3, "x"));
  CHECK_FALSE(reader.codec.expects_continue(3));
}

TEST_CASE("a client gets its window back as the handler takes bytes", "[http][h2]") {
  H2Reader reader;
  reader.takes = false;
  reader.feed(h2::opening());
  // Our SETTINGS hold once they are acknowledged (RFC 9113 section 6.5.3).
  reader.feed(h2::frame(h2::settings, h2::ack, 0) + h2::head(1, h2::fields("POST", "/"), false));
  std::size_t sent = 0;
  // 256 KiB for a stream, in frames of the largest size.
  for (; sent + 16'384 <= 256 * 1024; sent += 16'384) {
    const auto frames = reader.feed(h2::frame(h2::data, 0, 1, std::string(16'384, 'b')));
    CHECK(first(frames, h2::window_update) == nullptr);
  }
  reader.codec.take(1, sent);
  const auto frames = reader.written();
  REQUIRE(first(frames, h2::window_update) != nullptr);
  CHECK(reader.verdict().empty());
  reader.feed(h2::frame(h2::data, h2::end_stream, 1, "end"));
  CHECK(reader.bodies[1].size() == sent + 3);
}

TEST_CASE("bodies that nobody wants cost the other streams no window", "[http][h2]") {
  H2Reader reader;
  reader.feed(h2::opening());
  reader.feed(h2::frame(h2::settings, h2::ack, 0));
  bool given_back = false;
  for (std::uint32_t id = 1; id <= 5; id += 2) {
    reader.feed(h2::head(id, h2::fields("POST", "/", {{"host", "other"}}), false));
    for (int i = 0; i < 14; ++i) {
      const auto frames = reader.feed(h2::frame(h2::data, 0, id, std::string(16'000, 'b')));
      const h2::Frame* update = first(frames, h2::window_update);
      if (update && update->stream == 0) given_back = true;
    }
  }
  CHECK(given_back);
  CHECK(reader.bodies.empty());
}

TEST_CASE("a client that sends beyond its window is cut off", "[http][h2]") {
  H2Reader reader;
  reader.takes = false;
  reader.feed(h2::opening());
  // Our SETTINGS hold once they are acknowledged (RFC 9113 section 6.5.3).
  reader.feed(h2::frame(h2::settings, h2::ack, 0) + h2::head(1, h2::fields("POST", "/"), false));
  for (int i = 0; i < 17; ++i) reader.feed(h2::frame(h2::data, 0, 1, std::string(16'384, 'b')));
  CHECK(reader.verdict() != "");
  // What was read at once with the excess is all that came up of it.
  CHECK(reader.bodies[1].size() <= 256 * 1024 + 16'384);
}

TEST_CASE("an answer goes out as far as the client's window lets it", "[http][h2]") {
  H2Reader reader;
  // SETTINGS_INITIAL_WINDOW_SIZE 10.
  reader.feed(std::string(h2::preface) + h2::frame(h2::settings, 0, 0, h2::setting(4, 10)) +
              h2::get(1, "/"));
  reader.codec.write_head(1, {200, {}});
  reader.codec.write_body(1, std::string(25, 'x'));
  reader.codec.write_end(1);
  reader.written();
  CHECK(body_of(reader.all, 1).size() == 10);
  CHECK(reader.codec.waiting(1) == 15);
  CHECK(reader.codec.blocked(1));
  CHECK(reader.codec.take_progress() == std::vector<http::StreamId>{1});
  reader.feed(h2::window(1, 15));
  CHECK(body_of(reader.all, 1).size() == 25);
  CHECK(reader.log.ends_with("1 answered\n"));
}

TEST_CASE("streams take turns, whatever the client thinks of them", "[http][h2]") {
  H2Reader reader;
  // Stream 3 is said to depend on 1, alone (RFC 7540), and 1 to be the most urgent (RFC 9218).
  const auto urgent = h2::fields("GET", "/", {{"priority", "u=0"}});
  reader.feed(std::string(h2::preface) + h2::frame(h2::settings, 0, 0, h2::setting(4, 1 << 20)) +
              h2::window(0, 1 << 24) + h2::head(1, urgent, true) +
              h2::frame(h2::headers, h2::end_headers | h2::end_stream | h2::prioritised, 3,
                        h2::number(1) + std::string(1, '\0') + h2::block(h2::fields("GET", "/"))));
  for (const http::StreamId id : {1, 3}) {
    reader.codec.write_head(id, {200, {}});
    reader.codec.write_body(id, std::string(500'000, 'x'));
    reader.codec.write_end(id);
  }
  reader.written(200'000);
  const auto one = body_of(reader.all, 1).size();
  const auto three = body_of(reader.all, 3).size();
  CHECK(one > 60'000);
  // An nghttp2 that does not know RFC 9218 goes by the client's priorities.
  if (nghttp2_version(0x013000)) CHECK(three > 60'000);
}

TEST_CASE("what is written at once is bounded", "[http][h2]") {
  H2Reader reader;
  reader.feed(std::string(h2::preface) + h2::frame(h2::settings, 0, 0, h2::setting(4, 1 << 20)) +
              h2::window(0, 1 << 24) + h2::get(1, "/"));
  reader.codec.write_head(1, {200, {}});
  reader.codec.write_body(1, std::string(500'000, 'x'));
  base::ByteQueue out;
  reader.codec.write_to(out, 50'000);
  CHECK(out.size() >= 50'000);
  CHECK(out.size() < 50'000 + 16'384 + 9);
  CHECK(reader.codec.wants_write());
}

TEST_CASE("a stream that the client resets is over at once", "[http][h2]") {
  H2Reader reader;
  reader.feed(h2::opening() + h2::get(1, "/"));
  reader.codec.write_head(1, {200, {}});
  reader.codec.write_body(1, "x");
  reader.codec.feed(h2::rst(1, h2::cancel), reader.now);
  CHECK(reader.log.ends_with("1 closed\n"));
  // Whoever has not heard yet does no harm.
  reader.codec.write_body(1, "more");
  reader.codec.write_end(1);
  reader.codec.break_off(1);
  CHECK(reader.codec.waiting(1) == 0);
  reader.written();
  CHECK(reader.count(h2::data) == 0);
  CHECK(reader.incidents == std::vector<H2Incident>{H2Incident::client_reset});
}

TEST_CASE("a connection is ended gently", "[http][h2]") {
  H2Reader reader;
  reader.feed(h2::opening() + h2::get(1, "/"));
  reader.codec.begin_shutdown();
  auto frames = reader.written();
  // RFC 9113 section 6.8: first that there will be an end, then where it is.
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].type == h2::goaway);
  CHECK(frames[0].payload.substr(0, 4) == h2::number(0x7fffffff));
  CHECK(frames[0].code() == h2::no_error);
  REQUIRE(frames[1].type == h2::ping);
  // A request that was on its way is served.
  reader.feed(h2::get(3, "/"));
  CHECK(reader.log.ends_with("3 head GET /\n  host: relay\n3 end\n"));
  frames = reader.feed(h2::frame(h2::ping, h2::ack, 0, frames[1].payload));
  REQUIRE(first(frames, h2::goaway) != nullptr);
  CHECK(first(frames, h2::goaway)->payload.substr(0, 4) == h2::number(3));
  // One that was not, is not.
  const std::string before = reader.log;
  reader.feed(h2::head(5, h2::fields("POST", "/"), false) + h2::frame(h2::data, 0, 5, "x") +
              h2::head(5, {{"trailer", "x"}}, true));
  CHECK(reader.log == before);
  CHECK_FALSE(reader.codec.finished());
  reader.codec.end_shutdown();
  CHECK(reader.written().empty());
  reader.answer(1);
  reader.written();
  CHECK_FALSE(reader.codec.finished());
  reader.answer(3);
  reader.written();
  CHECK(reader.codec.finished());
}

// RFC 9113 section 6.8: a GOAWAY never names more streams than the one before it, and what it names
// as taken is answered.
TEST_CASE("a stream that begins before the last GOAWAY is written is served", "[http][h2]") {
  H2Reader reader;
  reader.feed(h2::opening() + h2::get(1, "/"));
  reader.codec.end_shutdown();
  CHECK(reader.codec.wants_write());
  reader.codec.feed(h2::get(3, "/"), reader.now);
  const bool fails = GENERATE(false, true);
  if (fails) reader.codec.feed(h2::frame(h2::continuation, 0, 3), reader.now);
  reader.answer(1);
  reader.answer(3);
  std::vector<std::string> last;
  for (const h2::Frame& frame : reader.written()) {
    if (frame.type == h2::goaway) last.push_back(frame.payload.substr(0, 4));
  }
  CHECK(last.at(0) == h2::number(3));
  CHECK(last.back() == h2::number(3));
  if (!fails) CHECK(reader.log.ends_with("1 answered\n3 answered\n"));
}

TEST_CASE("a connection that failed says why, and takes nothing more", "[http][h2]") {
  H2Reader reader;
  reader.feed(h2::opening() + h2::get(1, "/"));
  reader.codec.fail(h2::enhance_your_calm, "because");
  reader.written();
  REQUIRE(first(reader.all, h2::goaway) != nullptr);
  CHECK(first(reader.all, h2::goaway)->code() == h2::enhance_your_calm);
  CHECK(first(reader.all, h2::goaway)->reason() == "because");
  CHECK(reader.codec.finished());
  const std::string before = reader.log;
  reader.feed(h2::get(3, "/"));
  CHECK(reader.log == before);
}
