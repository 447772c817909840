#pragma once

#include <memory>
#include <string>

#include "scenario/relay_fixture.hpp"

namespace ccrelay::testing {

/// What the client has of the answer's body so far.
inline std::string body_of(const RawClient& client) {
  const auto answers = client.answers();
  return answers.empty() ? std::string() : answers.back().body;
}

inline std::unique_ptr<RawClient> open_stream(RelayFixture& f) {
  auto client = f.connect();
  client->send(RelayFixture::post(RelayFixture::body(true), "X-Request-ID: the-one\r\n"));
  return client;
}

/// A stream that is committed and then waits for release(): message_start and content_block_start.
inline Script begun() {
  const auto events = Script::events("x");
  return Script::stream_head().chunk(events[0]).chunk(events[2]).hold();
}

inline std::string begun_bytes() {
  const auto events = Script::events("x");
  return events[0] + events[2];
}

/// The rest of a begun() stream.
inline Script& finish(Script& script) {
  const auto events = Script::events("x");
  for (std::size_t i = 3; i < events.size(); ++i) script.chunk(events[i]);
  return script.last_chunk();
}

}  // namespace ccrelay::testing
