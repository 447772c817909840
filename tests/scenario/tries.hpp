#pragma once

#include <ccrelay/observer.hpp>

#include <string>
#include <string_view>

#include "catch.hpp"
#include "scenario/relay_fixture.hpp"

namespace ccrelay::testing {

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// "one:failed two:success": which providers were asked, and how each try ended.
inline std::string tries(const RequestSummary& summary) {
  std::string out;
  for (const AttemptSummary& attempt : summary.attempts) {
    if (!out.empty()) out += ' ';
    out.append(attempt.provider).append(":").append(to_string(attempt.outcome));
  }
  return out;
}

inline std::string request(bool stream, const std::string& more_headers = {}) {
  return RelayFixture::post(RelayFixture::body(stream), more_headers);
}

/// A request of this conversation.
inline std::string request_of(const std::string& session, bool stream = false) {
  return request(stream, "X-Claude-Code-Session-Id: " + session + "\r\n");
}

inline std::string in_band_error(std::string_view type) {
  return "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"" + std::string(type) +
         "\",\"message\":\"from the provider\"}}\n\n";
}

/// What provider one does, provider two being well: which tries that makes.
inline std::string tries_after(const Script& script, bool stream) {
  RelayFixture f;
  f.add_provider("one").enqueue(script);
  f.add_provider("two");
  f.start();
  const Answer answer = f.ask(request(stream));
  CHECK(answer.status == 200);
  CHECK(has(answer.body, stream ? "message_stop" : "end_turn"));
  return tries(f.finished());
}

/// What the client gets of this from the only provider.
inline Answer alone(const Script& script, bool stream) {
  RelayFixture f;
  f.add_provider("one").enqueue(script);
  f.start();
  return f.ask(request(stream));
}

inline void add_key(RelayFixture& f, std::size_t provider, const std::string& key) {
  f.config.providers[provider].keys.push_back({Secret(key), 1, 1});
}

}  // namespace ccrelay::testing
