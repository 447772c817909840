#pragma once

#include <string>

#include "scenario/tries.hpp"

namespace ccrelay::testing {

/// How a peer goes away.
enum class Cut { close, reset };

inline void cut(RawClient& client, Cut how) {
  how == Cut::reset ? client.reset() : client.close();
}

/// Who stands behind the relay.
enum class Cast {
  one,       ///< one provider
  two,       ///< one that fails, and behind it the one the test is about
  over_tls,  ///< one provider, over TLS
};

/// A relay and its providers; all that the tests of sudden ends have in common. No breaker opens
/// and no conversation settles down: each request takes the way of the first.
struct KillStage {
  explicit KillStage(Cast cast) {
    if (cast == Cast::two) {
      f.add_provider("failing").respond_with(
          [](const RecordedRequest&) { return Script::error(500, "api_error", "no"); });
    }
    good = cast == Cast::over_tls ? &f.add_tls_provider("good") : &f.add_provider("good");
    f.config.health.failure_threshold = 1'000'000;
    f.config.routing.affinity = "none";
    f.start();
  }

  /// Nothing is left of what went before, and the next client is served.
  void check_usable() {
    f.until([this] { return f.relay->in_flight() == 0; });
    good->respond_with({});
    const Answer answer = f.ask(request(false));
    CHECK(answer.status == 200);
    CHECK(answer.complete);
  }

  RelayFixture f;
  FakeProvider* good = nullptr;
};

/// All bytes of a script's answer.
inline std::string bytes_of(const Script& script) {
  std::string out;
  for (const Script::Step& step : script.steps()) {
    if (step.kind == Script::Step::Kind::send) out += step.bytes;
  }
  return out;
}

}  // namespace ccrelay::testing
