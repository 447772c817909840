#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.hpp"

namespace ccrelay::fuzz {

/// The bytes of one run, taken from the front: first what steers the run, then what is tried.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  std::uint8_t byte() {
    const std::string_view taken = bytes(1);
    return taken.empty() ? 0 : static_cast<std::uint8_t>(taken.front());
  }
  /// So many, or as many as there are.
  std::string_view bytes(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest() const { return rest_; }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

/// A piece's bytes in memory of their own, so that reading past them is seen.
class Piece {
 public:
  explicit Piece(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {}
  operator std::string_view() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::vector<char> bytes_;
};

/// Gives the sink `text` in pieces. Their lengths come from `cuts`, over and over: 1 to 64 bytes
/// each; all at once when there are no cuts.
template <class Sink>
void in_pieces(std::string_view text, std::string_view cuts, Sink sink) {
  for (std::size_t i = 0; !text.empty(); ++i) {
    const std::size_t length =
        cuts.empty() ? text.size() : 1 + static_cast<std::uint8_t>(cuts[i % cuts.size()]) % 64;
    sink(Piece(text.substr(0, length)));
    text.remove_prefix(std::min(length, text.size()));
  }
}

/// Lines `name: value`, as header fields.
template <class Sink>
void each_field(std::string_view text, Sink sink) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto colon = line.find(": ");
    if (colon != std::string_view::npos) sink(line.substr(0, colon), line.substr(colon + 2));
  }
}

}  // namespace ccrelay::fuzz

/// What has to hold whatever the input is.
#define FUZZ_CHECK(condition) CCRELAY_ASSERT(condition, "a fuzz target's property")
