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
