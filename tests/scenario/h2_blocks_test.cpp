#include <memory>
#include <string>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/h2_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

// Header blocks that decode to many times what they are (HPACK, RFC 7541), from a client's end to
// a provider's.

namespace {

constexpr std::uint32_t enhance_your_calm = 11;
constexpr std::size_t frame_max = 16'384;

// A field of `bytes` that goes into the table (RFC 7541 section 6.2.1), then one byte each for so
// many more of it.
std::string references(std::size_t count, std::size_t bytes) {
  std::string out("\x40\x01x", 3);
  out += '\x7f';
  std::size_t rest = bytes - 127;
  for (; rest >= 128; rest /= 128) out += static_cast<char>(rest % 128 + 128);
  out += static_cast<char>(rest);
  return out + std::string(bytes, 'v') + std::string(count, '\xbe');
}

// HEADERS, and CONTINUATION where that is too long.
std::string in_frames(std::uint32_t stream, const std::string& block, std::uint8_t flags = 0) {
  std::string out;
  for (std::size_t at = 0; at < block.size(); at += frame_max) {
    const bool last = at + frame_max >= block.size();
    const auto end = static_cast<std::uint8_t>(last ? h2::end_headers : 0);
    out += at == 0 ? h2::frame(h2::headers, static_cast<std::uint8_t>(end | flags), stream,
                               block.substr(0, frame_max))
                   : h2::frame(h2::continuation, end, stream, block.substr(at, frame_max));
  }
  return out;
}

std::string figures(F& f) {
  const std::string body = f.ask(F::get("/v1/providers")).body;
  return body.substr(body.find("\"http2\":"));
}

}  // namespace

TEST_CASE("a head of references ends its connection, and no provider hears of it",
          "[scenario][h2]") {
  const std::size_t count = GENERATE(20u, 40'000u);
  F f;
  f.config.server.max_header_bytes = 8'192;
  FakeProvider& one = f.add_provider("one");
  f.start();
  const auto bystander = h2_connect(f);
  const auto client = h2_connect(f);
  CHECK(ended(f, *client, client->post(F::body(false))).answer.status == 200);
  REQUIRE(one.requests().size() == 1);
  client->send(in_frames(client->next_stream(),
                         h2::block(h2::fields("POST", "/v1/messages")) + references(count, 4'000)));
  f.until([&] { return client->raw().gone(); });
  REQUIRE(!client->goaways().empty());
  CHECK(client->goaways().back().code() == enhance_your_calm);
  CHECK(one.requests().size() == 1);
  CHECK(has(figures(f), R"("floods":1)"));
  // Nobody else's.
  CHECK(ended(f, *bystander, bystander->post(F::body(false))).answer.status == 200);
  CHECK(one.requests().size() == 2);
}

TEST_CASE("trailers of references end what the connection has at its providers", "[scenario][h2]") {
  F f;
  f.config.server.max_header_bytes = 8'192;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(stream_held_at(4));
  f.start();
  const auto client = h2_connect(f);
  const auto running = client->post(F::body(true));
  f.until([&] { return !client->stream(running).answer.body.empty(); });
  const auto uploading = client->begin(h2::fields("POST", "/v1/messages"));
  client->send(in_frames(uploading, references(40'000, 4'000), h2::end_stream));
  f.until([&] { return client->raw().gone(); });
  REQUIRE(!client->goaways().empty());
  CHECK(client->goaways().back().code() == enhance_your_calm);
  // The stream that ran is given up, what was being sent has gone nowhere.
  f.until([&] { return one.cancelled() == 1; });
  CHECK(one.requests().size() == 1);
  CHECK(has(figures(f), R"("floods":1)"));
}
