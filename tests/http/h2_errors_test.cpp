#include <nghttp2/nghttp2.h>

#include <string>
#include <vector>

#include "catch.hpp"
#include "http/h2_reader.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using http::H2Incident;

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

const std::string eight = "12345678";
const std::string five_of_priority = std::string("\0\0\0\0\x10", 5);

// How a connection takes these bytes behind its opening.
std::string verdict(const std::string& bytes) {
  H2Reader reader;
  reader.feed(h2::opening() + bytes);
  const bool connection = reader.verdict().starts_with("goaway");
  // Whatever it is, the connection ends when it says so, and only then.
  CHECK(reader.codec.finished() == connection);
  std::erase(reader.incidents, H2Incident::client_reset);
  CHECK(reader.incidents ==
        (reader.verdict().empty()
             ? std::vector<H2Incident>{}
             : std::vector{connection ? H2Incident::connection_error : H2Incident::stream_error}));
  if (!connection) {
    reader.log.clear();
    reader.feed(h2::get(99, "/after"));
    CHECK(reader.log == "99 head GET /after\n  host: relay\n99 end\n");
  }
  return reader.verdict();
}

std::string goaway(h2::Code code) {
  return "goaway " + std::to_string(code);
}
std::string rst(int stream, h2::Code code) {
  return "rst " + std::to_string(stream) + ' ' + std::to_string(code);
}

// A stream that is open, with a body to come.
const std::string open_1 = h2::head(1, h2::fields("POST", "/"), false);
// One whose request is complete.
const std::string whole_1 = h2::get(1, "/");

struct Case {
  const char* what;
  std::string bytes;
  std::string expected;
};

void check(const std::vector<Case>& cases) {
  for (const Case& each : cases) {
    INFO(each.what);
    CHECK(verdict(each.bytes) == each.expected);
  }
}

std::string malformed(const Fields& fields) {
  return h2::head(1, fields, true);
}

std::string with(const std::string& name, const std::string& value) {
  return malformed(h2::fields("GET", "/", {{name, value}}));
}

}  // namespace

TEST_CASE("frames of a wrong size end the connection or the stream", "[http][h2]") {
  check({
      {"4.2: DATA above SETTINGS_MAX_FRAME_SIZE",
       open_1 + h2::frame(h2::data, 0, 1, std::string(16'385, 'x')), goaway(h2::frame_size_error)},
      {"4.2: HEADERS above it", h2::frame(h2::headers, 5, 1, std::string(16'385, 'x')),
       goaway(h2::frame_size_error)},
      {"4.2: an unknown frame above it", h2::frame(0xbe, 0, 0, std::string(16'385, 'x')),
       goaway(h2::frame_size_error)},
      {"6.3: PRIORITY of 4 bytes", open_1 + h2::frame(h2::priority, 0, 1, "1234"),
       goaway(h2::frame_size_error)},
      {"6.4: RST_STREAM of 3 bytes", open_1 + h2::frame(h2::rst_stream, 0, 1, "123"),
       goaway(h2::frame_size_error)},
      {"6.5: SETTINGS of 5 bytes", h2::frame(h2::settings, 0, 0, "12345"),
       goaway(h2::frame_size_error)},
      {"6.5: SETTINGS acknowledged with a payload",
       h2::frame(h2::settings, h2::ack, 0, h2::setting(4, 1)), goaway(h2::frame_size_error)},
      {"6.7: PING of 7 bytes", h2::frame(h2::ping, 0, 0, "1234567"), goaway(h2::frame_size_error)},
      {"6.7: PING of 9 bytes", h2::frame(h2::ping, 0, 0, "123456789"),
       goaway(h2::frame_size_error)},
      {"6.8: GOAWAY of 7 bytes", h2::frame(h2::goaway, 0, 0, "1234567"),
       goaway(h2::frame_size_error)},
      {"6.9: WINDOW_UPDATE of 3 bytes", h2::frame(h2::window_update, 0, 0, "123"),
       goaway(h2::frame_size_error)},
      {"6.2: HEADERS too short for the priority they announce",
       h2::frame(h2::headers, h2::end_headers | h2::prioritised, 1, "123"),
       goaway(h2::frame_size_error)},
  });
}

TEST_CASE("frames on a stream where they may not be end the connection", "[http][h2]") {
  const auto error = goaway(h2::protocol_error);
  check({
      {"5.1.1: an even stream", h2::get(2, "/"), error},
      {"5.1.1: a stream below the last", h2::get(5, "/") + h2::get(3, "/"),
       goaway(h2::stream_closed)},
      {"5.1: HEADERS on a stream that the client has reset",
       open_1 + h2::rst(1, h2::cancel) + whole_1, goaway(h2::stream_closed)},
      {"6.1: DATA on stream 0", h2::frame(h2::data, 0, 0, "x"), error},
      {"5.1: DATA on an idle stream", h2::frame(h2::data, 0, 1, "x"), error},
      {"6.2: HEADERS on stream 0", h2::frame(h2::headers, 5, 0, h2::block(h2::fields("GET", "/"))),
       error},
      {"6.3: PRIORITY on stream 0", h2::frame(h2::priority, 0, 0, five_of_priority), error},
      {"6.4: RST_STREAM on stream 0", h2::rst(0, h2::cancel), error},
      {"5.1: RST_STREAM on an idle stream", h2::rst(1, h2::cancel), error},
      {"6.5: SETTINGS on a stream", open_1 + h2::frame(h2::settings, 0, 1), error},
      {"6.6: PUSH_PROMISE of a client",
       open_1 + h2::frame(h2::push_promise, h2::end_headers, 1,
                          h2::number(2) + h2::block(h2::fields("GET", "/"))),
       error},
      {"6.7: PING on a stream", open_1 + h2::frame(h2::ping, 0, 1, eight), error},
      {"6.8: GOAWAY on a stream", open_1 + h2::frame(h2::goaway, 0, 1, eight), error},
      {"5.1: WINDOW_UPDATE on an idle stream", h2::window(1, 1), error},
      {"6.10: CONTINUATION on stream 0", h2::frame(h2::continuation, 4, 0, ""), error},
      {"6.10: CONTINUATION behind nothing", open_1 + h2::frame(h2::continuation, 4, 1, ""), error},
  });
}

TEST_CASE("a header block is not interrupted", "[http][h2]") {
  const std::string begun = h2::frame(h2::headers, h2::end_stream, 1,
                                      h2::block({{":method", "GET"}, {":scheme", "http"}}));
  const auto error = goaway(h2::protocol_error);
  check({
      {"6.2: by DATA", begun + h2::frame(h2::data, 0, 1, "x"), error},
      {"6.2: by HEADERS of another stream", begun + h2::get(3, "/"), error},
      {"6.2: by PING", begun + h2::frame(h2::ping, 0, 0, eight), error},
      {"6.2: by SETTINGS", begun + h2::frame(h2::settings, 0, 0), error},
      {"6.10: by CONTINUATION of another stream", begun + h2::frame(h2::continuation, 4, 3, ""),
       error},
      {"5.5: by an unknown frame", begun + h2::frame(0xbe, 0, 0, "x"), error},
  });
}

TEST_CASE("a header block that does not decode ends the connection", "[http][h2]") {
  // RFC 9113 section 4.3: the two sides' tables would differ from here on.
  const auto error = goaway(h2::compression_error);
  check({
      {"an index beyond the tables", h2::frame(h2::headers, 5, 1, "\xff\x7f"), error},
      {"index 0", h2::frame(h2::headers, 5, 1, "\x80"), error},
      {"a name cut short",
       h2::frame(h2::headers, 5, 1,
                 std::string("\0\x0a"
                             "abc",
                             5)),
       error},
      {"a table above SETTINGS_HEADER_TABLE_SIZE",
       h2::frame(h2::headers, 5, 1, "\x3f\xe1\xff\x03" + h2::block(h2::fields("GET", "/"))), error},
      {"wrong Huffman padding", h2::frame(h2::headers, 5, 1, std::string("\0\x81\x00\x01x", 5)),
       error},
  });
}

TEST_CASE("padding that is longer than its frame ends the connection", "[http][h2]") {
  const auto error = goaway(h2::protocol_error);
  check({
      {"6.1: of DATA",
       open_1 + h2::frame(h2::data, h2::padded, 1,
                          "\x05"
                          "abcd"),
       error},
      {"6.1: of DATA, all of it", open_1 + h2::frame(h2::data, h2::padded, 1, "\x01"), error},
      {"6.2: of HEADERS",
       h2::frame(h2::headers, h2::end_headers | h2::padded, 1,
                 "\x10"
                 "abc"),
       error},
  });
}

TEST_CASE("SETTINGS out of range end the connection", "[http][h2]") {
  const auto settings = [](std::uint16_t id, std::uint32_t value) {
    return h2::frame(h2::settings, 0, 0, h2::setting(id, value));
  };
  check({
      {"6.5.2: ENABLE_PUSH 2", settings(2, 2), goaway(h2::protocol_error)},
      {"6.5.2: INITIAL_WINDOW_SIZE above 2^31-1", settings(4, 0x80000000),
       goaway(h2::flow_control_error)},
      {"6.5.2: MAX_FRAME_SIZE below 2^14", settings(5, 16'383), goaway(h2::protocol_error)},
      {"6.5.2: MAX_FRAME_SIZE above 2^24-1", settings(5, 1 << 24), goaway(h2::protocol_error)},
      {"6.5.2: an unknown one is ignored", settings(0xbeef, 1), ""},
      {"6.9.2: a window that a running stream would overflow",
       open_1 + h2::window(1, 0x7fffffff - 65'535) + settings(4, 65'536),
       goaway(h2::flow_control_error)},
  });
}

TEST_CASE("windows that overflow or do not grow are errors", "[http][h2]") {
  check({
      {"6.9.1: of the connection", h2::window(0, 0x7fffffff), goaway(h2::flow_control_error)},
      {"6.9: by 0, of the connection", h2::window(0, 0), goaway(h2::protocol_error)},
      {"6.9.1: of a stream", open_1 + h2::window(1, 0x7fffffff), goaway(h2::flow_control_error)},
  });
}

TEST_CASE("a stream's own errors leave the others alone", "[http][h2]") {
  check({
      {"5.1: HEADERS on a half-closed stream", whole_1 + h2::head(1, h2::fields("GET", "/"), true),
       goaway(h2::stream_closed)},
      {"5.1: DATA on a half-closed stream", whole_1 + h2::frame(h2::data, 0, 1, "x"),
       goaway(h2::stream_closed)},
      {"8.1: trailers that do not end the stream", open_1 + h2::head(1, {{"x", "y"}}, false),
       rst(1, h2::protocol_error)},
      {"8.1: pseudo-headers in trailers", open_1 + h2::head(1, {{":path", "/"}}, true),
       rst(1, h2::protocol_error)},
  });
}

TEST_CASE("a malformed request resets its stream", "[http][h2]") {
  const auto error = rst(1, h2::protocol_error);
  const auto pseudo = [](const Fields& fields) { return malformed(fields); };
  check({
      {"8.2.1: a name in upper case", with("Accept", "x"), error},
      {"8.2.1: a name with a blank", with("a b", "x"), error},
      {"8.2.1: a name with a colon", with("a:b", "x"), error},
      {"8.2.1: an empty name", with("", "x"), error},
      {"8.2.1: NUL in a value", with("a", std::string("x\0y", 3)), error},
      {"8.2.1: CR LF in a value", with("a", "x\r\ny: z"), error},
      {"8.2.2: connection", with("connection", "keep-alive"), error},
      {"8.2.2: keep-alive", with("keep-alive", "1"), error},
      {"8.2.2: proxy-connection", with("proxy-connection", "close"), error},
      {"8.2.2: transfer-encoding", with("transfer-encoding", "chunked"), error},
      {"8.2.2: upgrade", with("upgrade", "h2c"), error},
      {"8.2.2: te other than trailers", with("te", "gzip"), error},
      {"8.2.2: te: trailers is fine", with("te", "trailers"), ""},
      {"8.3: an unknown pseudo-header", pseudo(h2::fields("GET", "/", {{":x", "y"}})), error},
      {"8.3: one of an answer", pseudo(h2::fields("GET", "/", {{":status", "200"}})), error},
      {"8.3: one behind a field",
       pseudo({{":method", "GET"}, {":scheme", "http"}, {"a", "b"}, {":path", "/"}}), error},
      {"8.3: one twice", pseudo(h2::fields("GET", "/", {{":path", "/"}})), error},
      {"8.3.1: no :method", pseudo({{":scheme", "http"}, {":path", "/"}, {":authority", "a"}}),
       error},
      {"8.3.1: no :scheme", pseudo({{":method", "GET"}, {":path", "/"}, {":authority", "a"}}),
       error},
      {"8.3.1: no :path", pseudo({{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}}),
       error},
      {"8.3.1: an empty :path", pseudo(h2::fields("GET", "")), error},
      {"8.3.1: a :path that is none", pseudo(h2::fields("GET", "a")), error},
      {"8.3.1: neither :authority nor Host",
       pseudo({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}}), error},
      {"8.3.1: Host twice", pseudo(h2::fields("GET", "/", {{"host", "a"}, {"host", "a"}})), error},
      {"8.5: CONNECT with :path", pseudo(h2::fields("CONNECT", "/")), error},
      {"RFC 8441: an extended CONNECT", pseudo(h2::fields("CONNECT", "/", {{":protocol", "x"}})),
       error},
      {"8.1.1: content-length twice",
       pseudo(h2::fields("GET", "/", {{"content-length", "0"}, {"content-length", "0"}})), error},
      {"8.1.1: content-length that is no number", with("content-length", "1x"), error},
      {"8.1.1: content-length with a sign", with("content-length", "+1"), error},
  });
}

// nghttp2 takes these to be malformed since 1.49. Before, those that would matter behind are
// refused.
TEST_CASE("blanks where none may be do not get through", "[http][h2]") {
  const std::vector<std::pair<const char*, std::string>> cases = {
      {"8.2.1: a value that begins with a blank", with("a", " x")},
      {"8.3: a method with a blank", malformed(h2::fields("GET /x", "/"))},
      {"8.3.1: a blank in :path", malformed(h2::fields("GET", "/ HTTP/1.1"))},
  };
  for (const auto& [what, bytes] : cases) {
    INFO(what);
    H2Reader reader;
    reader.feed(h2::opening() + bytes);
    if (nghttp2_version(0x013100)) {
      CHECK(reader.verdict() == rst(1, h2::protocol_error));
    } else {
      CHECK(reader.log.starts_with("1 refused 400 "));
    }
  }
}

TEST_CASE("a body of another length than announced resets its stream", "[http][h2]") {
  // RFC 9113 section 8.1.1.
  const std::string announced =
      h2::head(1, h2::fields("POST", "/", {{"content-length", "3"}}), false);
  const auto error = rst(1, h2::protocol_error);
  check({
      {"shorter", announced + h2::frame(h2::data, h2::end_stream, 1, "ab"), error},
      {"none", h2::head(1, h2::fields("POST", "/", {{"content-length", "3"}}), true), error},
      {"longer", announced + h2::frame(h2::data, h2::end_stream, 1, "abcd"), error},
      {"longer, not ended", announced + h2::frame(h2::data, 0, 1, "abcd"), error},
      {"as it was", announced + h2::frame(h2::data, h2::end_stream, 1, "abc"), ""},
  });
}

TEST_CASE("a stream that depends on itself is of no consequence where dependencies are not heeded",
          "[http][h2]") {
  // RFC 9113 section 5.3.2 has done away with them; what RFC 7540 called an error is ignored or
  // refused, and the others go on either way.
  H2Reader reader;
  reader.feed(h2::opening() + open_1 +
              h2::frame(h2::priority, 0, 1, h2::number(1) + std::string(1, '\x10')));
  reader.feed(h2::get(3, "/"));
  if (reader.verdict().empty()) {
    CHECK(reader.log.ends_with("3 head GET /\n  host: relay\n3 end\n"));
  } else {
    CHECK(reader.verdict() == goaway(h2::protocol_error));
  }
}

TEST_CASE("a connection that does not begin with the preface is ended", "[http][h2]") {
  // RFC 9113 section 3.4.
  const std::string wrong =
      GENERATE("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "GET / HTTP/1.1\r\nHost: a");
  H2Reader reader;
  reader.feed(wrong);
  CHECK(reader.verdict() == goaway(h2::protocol_error));
  CHECK(reader.codec.finished());
  CHECK(reader.incidents == std::vector{H2Incident::connection_error});
}

TEST_CASE("the first frame must be SETTINGS", "[http][h2]") {
  H2Reader reader;
  reader.feed(std::string(h2::preface) + h2::get(1, "/"));
  CHECK(reader.verdict() == goaway(h2::protocol_error));
  CHECK(reader.log.empty());
}

TEST_CASE("a stream beyond the limit is refused", "[http][h2]") {
  http::H2Limits limits;
  limits.streams_max = 2;
  H2Reader reader(limits);
  // Before the client has said that it knows the limit (RFC 9113 section 5.1.2).
  reader.feed(h2::opening() + h2::get(1, "/") + h2::get(3, "/") + h2::get(5, "/"));
  CHECK(reader.verdict() == rst(5, h2::refused_stream));
  CHECK(reader.log.find("5 head") == std::string::npos);
  CHECK(reader.incidents == std::vector{H2Incident::refused_stream});
  // There is room again once one is answered.
  reader.answer(1);
  reader.written();
  reader.feed(h2::get(7, "/"));
  CHECK(reader.log.find("7 head") != std::string::npos);
}

TEST_CASE("what was on its way to a stream that we reset is ignored", "[http][h2]") {
  H2Reader reader;
  reader.feed(h2::opening() + open_1);
  reader.codec.cancel(1);
  reader.written();
  reader.feed(h2::frame(h2::data, 0, 1, "late") + h2::head(1, {{"x", "y"}}, true) +
              h2::get(3, "/"));
  CHECK(reader.verdict() == rst(1, h2::cancel));
  CHECK(reader.log.ends_with("3 head GET /\n  host: relay\n3 end\n"));
}

TEST_CASE("a stream that was answered is not used again", "[http][h2]") {
  H2Reader reader;
  reader.answers = true;
  reader.feed(h2::opening() + whole_1);
  reader.feed(whole_1);
  CHECK(reader.verdict() == goaway(h2::stream_closed));
}

TEST_CASE("DATA on a stream that is over ends the connection", "[http][h2]") {
  H2Reader reader;
  reader.answers = true;
  reader.feed(h2::opening() + h2::frame(h2::settings, h2::ack, 0) + whole_1);
  const std::string before = reader.log;
  reader.feed(h2::frame(h2::data, 0, 1, "more"));
  CHECK(reader.log == before);
  CHECK(reader.verdict() == goaway(h2::stream_closed));
}

TEST_CASE("the rest of a request that needed no reading is ignored", "[http][h2]") {
  H2Reader reader;
  reader.answers = true;
  reader.feed(h2::opening() + open_1);
  CHECK(reader.verdict() == rst(1, h2::no_error));
  for (int i = 0; i < 2'000; ++i) reader.feed(h2::frame(h2::data, 0, 1, "late"));
  reader.feed(h2::frame(h2::data, h2::end_stream, 1, "") + h2::get(3, "/"));
  CHECK(reader.verdict() == rst(1, h2::no_error));
  CHECK(reader.heads.count(3) == 1);
}

TEST_CASE("the body of a stream that is refused is ignored", "[http][h2]") {
  http::H2Limits limits;
  limits.streams_max = 1;
  H2Reader reader(limits);
  // The client has not seen our SETTINGS; its body comes at once, before it can see a reset.
  reader.feed(std::string(h2::preface) + h2::frame(h2::settings, 0, 0, "") + open_1 +
              h2::head(3, h2::fields("POST", "/"), false) + h2::frame(h2::data, 0, 3, "body"));
  CHECK(reader.verdict() == rst(3, h2::refused_stream));
  reader.feed(h2::frame(h2::data, h2::end_stream, 3, "more"));
  CHECK(reader.verdict() == rst(3, h2::refused_stream));
  CHECK(reader.heads.count(3) == 0);
}

TEST_CASE("of many streams that are refused none ends the connection", "[http][h2]") {
  http::H2Limits limits;
  limits.streams_max = 1;
  H2Reader reader(limits);
  std::string heads;
  std::string bodies;
  for (std::uint32_t id = 1; id < 601; id += 2) {
    heads += h2::head(id, h2::fields("POST", "/"), false);
    bodies += h2::frame(h2::data, h2::end_stream, id, "body");
  }
  reader.feed(h2::opening() + heads);
  reader.feed(bodies);
  CHECK(reader.verdict() == rst(3, h2::refused_stream));
  CHECK(reader.log.find("1 end") != std::string::npos);
}

TEST_CASE("a client that acknowledges our SETTINGS has seen them", "[http][h2]") {
  H2Reader reader;
  reader.feed(std::string(h2::preface) + h2::frame(h2::settings, 0, 0, ""));
  CHECK_FALSE(reader.codec.settings_acknowledged());
  reader.feed(h2::frame(h2::settings, h2::ack, 0, ""));
  CHECK(reader.codec.settings_acknowledged());
}

TEST_CASE("frames that mean nothing are ignored", "[http][h2]") {
  check({
      {"5.5: an unknown type", h2::frame(0xbe, 0xff, 7, "anything"), ""},
      {"6.3: PRIORITY of an idle stream", h2::frame(h2::priority, 0, 9, five_of_priority), ""},
      {"4.1: unknown flags and the reserved bit", h2::frame(h2::ping, 0xfe, 0x80000000, eight), ""},
      {"6.4: an unknown error code", whole_1 + h2::rst(1, 0xbeef) + h2::window(1, 5), ""},
      {"6.8: an unknown error code in RST_STREAM of a stream that is over",
       whole_1 + h2::rst(1, 0xbeef) + h2::rst(1, 0xbeef), ""},
  });
}
