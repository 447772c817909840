#include <string>

#include "catch.hpp"
#include "http/h2_reader.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using http::H2Incident;

namespace {

constexpr std::uint32_t budget = 50;

http::H2Limits few() {
  http::H2Limits limits;
  limits.frame_budget = budget;
  return limits;
}

// How many of these a connection takes before it is ended; `until` if it is not.
std::size_t taken(const std::function<std::string(std::uint32_t)>& make, std::size_t until,
                  const std::string& before = {}, Duration apart = {}) {
  H2Reader reader(few());
  reader.feed(h2::opening() + before);
  for (std::size_t i = 0; i < until; ++i) {
    reader.now += apart;
    reader.feed(make(static_cast<std::uint32_t>(i)));
    if (!reader.codec.finished()) continue;
    CHECK(reader.verdict() == "goaway 11");
    CHECK(reader.incidents.back() == H2Incident::flood);
    for (const h2::Frame& frame : reader.all) {
      if (frame.type != h2::goaway) continue;
      CHECK(frame.reason() == "too many frames that mean nothing (server.http2_frame_budget)");
      break;
    }
    return i;
  }
  return until;
}

const std::string open_1 = h2::head(1, h2::fields("POST", "/"), false);

}  // namespace

TEST_CASE("floods of frames that mean nothing end the connection", "[http][h2]") {
  constexpr std::size_t never = 10'000;
  // SETTINGS of the opening is one of them.
  const std::size_t expected = budget - 1;
  const auto same = [](std::string frame) {
    return [frame = std::move(frame)](std::uint32_t) { return frame; };
  };
  CHECK(taken(same(h2::frame(h2::ping, 0, 0, "12345678")), never) == expected);
  CHECK(taken(same(h2::frame(h2::ping, h2::ack, 0, "12345678")), never) == expected);
  CHECK(taken(same(h2::frame(h2::settings, 0, 0)), never) == expected);
  CHECK(taken(same(h2::frame(h2::priority, 0, 3, std::string("\0\0\0\0\x10", 5))), never) ==
        expected);
  CHECK(taken(same(h2::window(0, 1)), never) == expected);
  CHECK(taken(same(h2::window(1, 1)), never, open_1) == expected);
  CHECK(taken(same(h2::frame(h2::data, 0, 1, "")), never, open_1) == expected);
  CHECK(taken(same(h2::frame(h2::data, h2::padded, 1, std::string("\1\0", 2))), never, open_1) ==
        expected);
  // CVE-2024-27316: a header block without end.
  CHECK(taken(same(h2::frame(h2::continuation, 0, 1, "")), never,
              h2::frame(h2::headers, 0, 1, h2::block(h2::fields("GET", "/")))) == expected);
  // CVE-2023-44487: requests that are taken back.
  CHECK(
      taken(
          [](std::uint32_t i) { return h2::get(2 * i + 1, "/") + h2::rst(2 * i + 1, h2::cancel); },
          never) == expected);
  // CVE-2025-8671: requests that make us reset them.
  CHECK(taken(
            [](std::uint32_t i) {
              return h2::head(2 * i + 1, h2::fields("GET", "/", {{"Upper", "x"}}), true);
            },
            never) == expected);
}

namespace {

// A field that goes into HPACK's table (RFC 7541 section 6.2.1), and one byte that stands for it.
std::string indexed(const std::string& name, const std::string& value) {
  std::string out = "\x40";
  out += static_cast<char>(name.size());
  out += name;
  // An integer with a prefix of 7 bits, section 5.1.
  if (value.size() < 127) {
    out += static_cast<char>(value.size());
  } else {
    out += '\x7f';
    std::size_t rest = value.size() - 127;
    for (; rest >= 128; rest /= 128) out += static_cast<char>(rest % 128 + 128);
    out += static_cast<char>(rest);
  }
  return out + value;
}
constexpr char newest = '\xbe';

// A request with so many references to a field of `bytes`, in frames as large as may be.
std::string with_references(std::uint32_t stream, std::size_t count, std::size_t bytes) {
  std::string block = h2::block(h2::fields("POST", "/"));
  block += indexed("x", std::string(bytes, 'v'));
  block += std::string(count, newest);
  std::string out;
  constexpr std::size_t frame_max = 16'384;
  for (std::size_t at = 0; at < block.size(); at += frame_max) {
    const bool last = at + frame_max >= block.size();
    out += h2::frame(at == 0 ? h2::headers : h2::continuation, last ? h2::end_headers : 0, stream,
                     block.substr(at, frame_max));
  }
  return out;
}

}  // namespace

TEST_CASE("a block that decodes to more than four times what it may ends the connection",
          "[http][h2]") {
  http::H2Limits limits;
  limits.header_bytes_max = 8'192;
  for (const std::size_t count : {std::size_t{20}, std::size_t{2'000}, std::size_t{16'000}}) {
    H2Reader reader(limits);
    reader.feed(h2::opening() + with_references(1, count, 4'000) + h2::get(3, "/"));
    CAPTURE(count);
    CHECK(reader.verdict() == "goaway 11");
    CHECK(reader.log.empty());
    CHECK(reader.codec.finished());
    CHECK(reader.incidents == std::vector{H2Incident::flood});
    // Four pseudo-headers and four thousand bytes nine times: however many more there are.
    CHECK(reader.codec.fields_decoded() <= 4 + 9);
  }
}

TEST_CASE("references cost no more in pieces, in trailers, or in many small fields", "[http][h2]") {
  http::H2Limits limits;
  limits.header_bytes_max = 8'192;
  limits.frame_budget = 100'000;
  H2Reader pieces(limits);
  pieces.feed(h2::opening());
  for (const char& byte : with_references(1, 2'000, 4'000)) pieces.feed({&byte, 1});
  CHECK(pieces.verdict() == "goaway 11");
  CHECK(pieces.codec.fields_decoded() <= 13);

  H2Reader trailers(limits);
  trailers.feed(h2::opening() + h2::head(1, h2::fields("POST", "/"), false) +
                h2::frame(h2::headers, h2::end_headers | h2::end_stream, 1,
                          indexed("x", std::string(4'000, 'v')) + std::string(2'000, newest)));
  CHECK(trailers.verdict() == "goaway 11");
  CHECK(trailers.codec.fields_decoded() <= 4 + 9);

  H2Reader small(limits);
  small.feed(h2::opening() + with_references(1, 100'000, 0));
  CHECK(small.verdict() == "goaway 11");
  CHECK(small.codec.fields_decoded() <= 4 + 4 * 8'192 / 33 + 1);
}

TEST_CASE("a block that is refused, but not absurd, leaves HPACK's table as the client takes it",
          "[http][h2]") {
  http::H2Limits limits;
  limits.header_bytes_max = 8'192;
  H2Reader reader(limits);
  // 431, and behind what is too much there is a field for the table.
  std::string block = h2::block(h2::fields("GET", "/"));
  block += indexed("x", std::string(4'000, 'v'));
  block += std::string(4, newest);
  block += indexed("y", "late");
  reader.feed(h2::opening() + h2::frame(h2::headers, h2::end_headers | h2::end_stream, 1, block) +
              h2::frame(h2::headers, h2::end_headers | h2::end_stream, 3,
                        h2::block(h2::fields("GET", "/")) + newest));
  CHECK(reader.verdict() == "");
  CHECK(reader.log.find("1 refused 431 ") != std::string::npos);
  REQUIRE(reader.heads.count(3) == 1);
  CHECK(reader.heads[3].headers.get("y") == "late");
}

TEST_CASE("blocks that are refused for their size are paid for", "[http][h2]") {
  http::H2Limits limits = few();
  limits.header_bytes_max = 8'192;
  H2Reader reader(limits);
  std::string first = h2::block(h2::fields("GET", "/")) + indexed("x", std::string(4'000, 'v'));
  reader.feed(h2::opening() + h2::frame(h2::headers, h2::end_headers | h2::end_stream, 1, first));
  std::uint32_t id = 3;
  for (; id < 1'000 && !reader.codec.finished(); id += 2) {
    reader.feed(h2::frame(h2::headers, h2::end_headers | h2::end_stream, id,
                          h2::block(h2::fields("GET", "/")) + std::string(4, newest)));
    reader.codec.cancel(static_cast<http::StreamId>(id));
    reader.written();
  }
  CHECK(reader.verdict() == "goaway 11");
  CHECK(id < 3 + 2 * budget + 2);
}

TEST_CASE("a block for nobody has the same limit on the wire", "[http][h2]") {
  http::H2Limits limits;
  limits.header_bytes_max = 8'192;
  limits.frame_budget = 100'000;
  H2Reader reader(limits);
  reader.feed(h2::opening() + h2::get(1, "/"));
  reader.codec.cancel(1);
  reader.written();
  reader.feed(with_references(1, 4 * 8'192 + 1, 4'000));
  CHECK(reader.count(h2::goaway) > 0);
  CHECK(reader.codec.finished());
}

TEST_CASE("what only servers may send, and priorities, end the connection or are paid for",
          "[http][h2]") {
  H2Reader push(few());
  push.feed(h2::opening() + open_1 +
            h2::frame(h2::push_promise, h2::end_headers, 1,
                      std::string("\0\0\0\2", 4) + h2::block(h2::fields("GET", "/"))));
  CHECK(push.verdict() == "goaway 1");
  CHECK(push.codec.finished());
  // Beside a head (RFC 9113 section 6.2) they are part of it.
  H2Reader priority(few());
  priority.feed(h2::opening() +
                h2::frame(h2::headers, h2::end_headers | h2::end_stream | h2::prioritised, 1,
                          std::string("\0\0\0\0\x10", 5) + h2::block(h2::fields("GET", "/"))));
  CHECK(priority.verdict() == "");
  CHECK(priority.heads.count(1) == 1);
}

TEST_CASE("all of a flood in one read ends the connection too", "[http][h2]") {
  H2Reader reader(few());
  std::string flood = h2::opening();
  for (int i = 0; i < 5'000; ++i) flood += h2::frame(h2::ping, 0, 0, "12345678");
  reader.feed(flood + h2::get(1, "/"));
  CHECK(reader.verdict() == "goaway 11");
  CHECK(reader.codec.finished());
  CHECK(reader.count(h2::ping) <= budget);
  CHECK(reader.log.empty());
}

TEST_CASE("the budget comes back with time", "[http][h2]") {
  const auto ping = [](std::uint32_t) { return h2::frame(h2::ping, 0, 0, "12345678"); };
  // As many as the budget in ten seconds.
  CHECK(taken(ping, 1'000, {}, std::chrono::milliseconds(10'000 / budget)) == 1'000);
  CHECK(taken(ping, 1'000, {}, std::chrono::milliseconds(5'000 / budget)) < 2 * budget + 1);
}

TEST_CASE("a client may give window for what it was sent", "[http][h2]") {
  H2Reader reader(few());
  reader.feed(h2::opening() + h2::get(1, "/"));
  reader.codec.write_head(1, {200, {}});
  reader.written();
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    reader.codec.write_body(1, std::string(100, 'x'));
    reader.written();
    reader.feed(h2::window(1, 100) + h2::window(0, 100));
  }
  CHECK(reader.verdict().empty());
}

TEST_CASE("the budget is the only limit on resets", "[http][h2]") {
  http::H2Limits limits;
  limits.frame_budget = 3'000;
  H2Reader reader(limits);
  reader.feed(h2::opening());
  for (std::uint32_t id = 1; id < 2 * 2'900; id += 2) {
    reader.feed(h2::get(id, "/") + h2::rst(id, h2::cancel));
  }
  CHECK(reader.verdict().empty());
}

TEST_CASE("a header list as large as is allowed may come in many frames", "[http][h2]") {
  http::H2Limits limits;
  limits.header_bytes_max = 1024 * 1024;
  H2Reader reader(limits);
  std::string bytes = h2::frame(h2::headers, h2::end_stream, 1, h2::block(h2::fields("GET", "/")));
  for (int i = 0; i < 50; ++i) {
    bytes += h2::frame(h2::continuation, i == 49 ? h2::end_headers : 0, 1,
                       h2::block({{"x", std::string(16'000, 'h')}}));
  }
  reader.feed(h2::opening() + bytes);
  CHECK(reader.log.starts_with("1 head GET /\n"));
  CHECK(reader.verdict().empty());
}

TEST_CASE("acknowledgements that the client does not take are not piled up", "[http][h2]") {
  http::H2Limits limits;
  limits.frame_budget = 1'000'000;
  H2Reader reader(limits);
  std::string pings = h2::opening();
  for (int i = 0; i < 5'000; ++i) pings += h2::frame(h2::ping, 0, 0, "12345678");
  reader.codec.feed(pings, reader.now);
  reader.written();
  CHECK(reader.verdict() == "goaway 11");
  CHECK(reader.count(h2::ping) <= 1'001);
  CHECK(reader.incidents == std::vector{H2Incident::flood});
}

TEST_CASE("streams that are refused are paid for though the client reads nothing", "[http][h2]") {
  http::H2Limits limits = few();
  limits.streams_max = 2;
  H2Reader reader(limits);
  reader.codec.feed(h2::opening() + h2::get(1, "/") + h2::get(3, "/"), reader.now);
  for (std::uint32_t id = 5; id < 5 + 2 * budget; id += 2) {
    reader.codec.feed(h2::frame(h2::headers, h2::end_headers | h2::end_stream, id), reader.now);
  }
  CHECK(reader.incidents == std::vector{H2Incident::flood});
  reader.written();
  CHECK(reader.count(h2::rst_stream) < budget);
  CHECK(reader.verdict() == "goaway 11");
}

TEST_CASE("what waits for a client that reads nothing is bounded whatever the budget",
          "[http][h2]") {
  http::H2Limits limits;
  limits.frame_budget = 1'000'000;
  limits.streams_max = 2;
  H2Reader reader(limits);
  reader.codec.feed(h2::opening() + h2::get(1, "/") + h2::get(3, "/"), reader.now);
  for (std::uint32_t id = 5; id < 10'000; id += 2) {
    reader.codec.feed(h2::frame(h2::headers, h2::end_headers | h2::end_stream, id), reader.now);
  }
  reader.written();
  CHECK(reader.count(h2::rst_stream) < 1'100);
  CHECK(reader.incidents.at(0) == H2Incident::flood);
}

TEST_CASE("a header block goes on when another stream ends", "[http][h2]") {
  H2Reader reader;
  // Its reset waits until something is written.
  reader.codec.feed(
      h2::opening() + h2::head(1, h2::fields("GET", "/", {{"Upper", "x"}}), true) +
          h2::frame(h2::headers, h2::end_stream, 3, h2::block(h2::fields("GET", "/"))),
      reader.now);
  CHECK(reader.codec.header_block() == 3);
  reader.written();
  CHECK(reader.verdict() == "rst 1 1");
  CHECK(reader.codec.header_block() == 3);
}

TEST_CASE("no header block is awaited on a connection that has failed", "[http][h2]") {
  H2Reader reader;
  reader.codec.feed(
      h2::opening() + h2::frame(h2::headers, h2::end_stream, 1, h2::block(h2::fields("GET", "/"))),
      reader.now);
  CHECK(reader.codec.header_block() == 1);
  reader.codec.fail(h2::enhance_your_calm, "late");
  CHECK(reader.codec.header_block() == 0);
}
