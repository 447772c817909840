#pragma once

#include <memory>
#include <string>

#include "scenario/tries.hpp"
#include "support/h2_client.hpp"

namespace ccrelay::testing {

/// A client of HTTP/2 of this relay.
inline std::unique_ptr<H2Client> h2_connect(RelayFixture& f, std::uint32_t window = 65'535,
                                            int receive_buffer = 0) {
  return std::make_unique<H2Client>(f.harness.loop(), f.relay->port(), window, receive_buffer);
}

/// Waits for the end of a stream; how it went.
inline H2Client::Stream ended(RelayFixture& f, H2Client& client, std::uint32_t id) {
  f.until([&] { return client.over(id) || client.raw().gone(); });
  return client.stream(id);
}

inline std::string text_of(const std::vector<std::string>& events) {
  std::string text;
  for (const std::string& event : events) text += event;
  return text;
}

/// A stream that holds before its event number `at`.
inline Script stream_held_at(std::size_t at, const std::string& text = "hello") {
  const auto events = Script::events(text);
  Script script = Script::stream_head();
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i == at) script.hold();
    script.chunk(events[i]);
  }
  return script.last_chunk();
}

}  // namespace ccrelay::testing
