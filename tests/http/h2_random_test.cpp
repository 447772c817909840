#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "http/h2_reader.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

std::vector<std::string> frames() {
  return {
      h2::frame(h2::settings, 0, 0, h2::setting(4, 100)),
      h2::frame(h2::settings, h2::ack, 0),
      h2::frame(h2::ping, 0, 0, "12345678"),
      h2::head(1, h2::fields("POST", "/", {{"content-length", "4"}}), false),
      h2::frame(h2::data, h2::padded, 1, std::string("\2ab\0\0", 5)),
      h2::frame(h2::data, h2::end_stream, 1, "cd"),
      h2::get(3, "/three"),
      h2::frame(h2::headers, h2::end_stream, 5, h2::block(h2::fields("GET", "/five"))),
      h2::frame(h2::continuation, h2::end_headers, 5, h2::block({{"more", "1"}})),
      h2::window(0, 1000),
      h2::window(3, 1000),
      h2::rst(5, h2::cancel),
      h2::frame(h2::priority, 0, 3, std::string("\0\0\0\1\x10", 5)),
      h2::head(7, h2::fields("GET", "/", {{"expect", "100-continue"}}), false),
      h2::head(7, {{"trailer", "1"}}, true),
      h2::frame(h2::goaway, 0, 0, std::string(8, '\0')),
  };
}

}  // namespace

// Whatever comes: no crash, and a connection that ends has said so. What a seed does is always the
// same.
TEST_CASE("bytes that make no sense do no harm", "[http][h2]") {
  const auto parts = frames();
  for (std::uint32_t seed = 0; seed < 3'000; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::size_t limit) { return random() % limit; };
    std::string bytes;
    const std::size_t count = 1 + below(30);
    for (std::size_t i = 0; i < count; ++i) bytes += parts[below(parts.size())];
    for (std::size_t i = below(6); i > 0; --i)
      bytes[below(bytes.size())] = static_cast<char>(below(256));
    bytes = h2::opening() + bytes;
    H2Reader reader;
    reader.answers = seed % 2 == 0;
    std::size_t taken = 0;
    while (taken < bytes.size()) {
      const std::size_t piece = std::min(bytes.size() - taken, 1 + below(100));
      reader.feed(std::string_view(bytes).substr(taken, piece));
      taken += piece;
      for (const auto& [id, head] : reader.heads) {
        if (below(20) == 0) reader.codec.cancel(id);
        if (below(20) == 0) reader.codec.break_off(id);
      }
    }
    INFO("seed " << seed);
    if (reader.codec.finished()) {
      // GOAWAY of ours, or of the client's with nothing left to do.
      CHECK((reader.count(h2::goaway) > 0 || bytes.find(parts.back()) != std::string::npos ||
             bytes.find('\7') != std::string::npos));
    }
  }
}
