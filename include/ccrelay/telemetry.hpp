#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/clock.hpp>
#include <ccrelay/observer.hpp>
#include <ccrelay/result.hpp>
#include <ccrelay/secret.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ccrelay {

struct Config;

/// Where traces and metrics go and how. Plain data.
struct TelemetryOptions {
  /// Of the collector, without `/v1/traces`: `http://127.0.0.1:4318`.
  std::string endpoint;
  std::vector<std::pair<std::string, Secret>> headers;  ///< sent along
  bool traces = true;
  bool metrics = true;
  double sample_ratio = 1;  ///< see Telemetry::sample_ratio()
  std::string service_name = "cc-relay";
  std::chrono::milliseconds interval{10'000};  ///< at most so long after its end a request is sent
  std::chrono::milliseconds timeout{10'000};   ///< of one request to the collector
  std::size_t queue_max = 4'096;               ///< requests that wait; what is beyond goes
  std::string proxy;                           ///< URL of an HTTP proxy; empty = direct
  std::string ca_file;                         ///< PEM; empty = the system's
  /// Told of trouble, on a thread of the telemetry's own. Outlives it; null: nobody.
  Observer* notes = nullptr;
};

/// As `[otel]` has it, with the environment's proxy where one leads there; an empty endpoint where
/// it is off. Notes are for whoever makes the telemetry.
[[gnu::visibility("default")]] TelemetryOptions telemetry_options(const Config& config);

/// How a telemetry is, for `status` and metrics. A value type.
struct TelemetryStatus {
  std::string endpoint;
  bool up = true;          ///< what was sent last has arrived, or nothing was sent yet
  std::string trouble;     ///< what keeps it from arriving and what to do; empty when nothing does
  std::size_t queue = 0;   ///< requests whose spans have not arrived yet
  std::uint64_t sent = 0;  ///< requests whose spans have arrived
  std::uint64_t dropped = 0;  ///< requests whose spans, or figures, never will
};

/// `http://127.0.0.1:4318: up` or what is wrong, in one line for a person.
[[gnu::visibility("default")]] std::string in_words(const TelemetryStatus& status);

/// Hands what requests did to an OpenTelemetry collector, on a thread of its own. As an observer it
/// copies what it needs into a queue and never waits for anybody; it may be called from several
/// threads. Nothing of a prompt, an answer, a credential or the words of an error is in what it
/// sends. Requests that hold no credential the relay knows, and looks at its health, are not sent.
/// Destroying it sends what waits, for at most three seconds.
class [[gnu::visibility("default")]] Telemetry : public Observer {
 public:
  /// The share, 0 to 1, of new traces that is sampled; what a client began goes by what the client
  /// says. With any share requests are traced: each gets a span in the client's trace, or in a new
  /// one, and each attempt one below it, of which the provider is told as `traceparent`. Nothing:
  /// they are not. Asked once, at the start of a relay.
  virtual std::optional<double> sample_ratio() const = 0;
  /// Sends what waits, now. Whether all of it has arrived within `patience`.
  virtual bool flush(std::chrono::milliseconds patience) = 0;
  virtual TelemetryStatus status() const = 0;
};

/// Starts the thread. An error: an endpoint that is none, or no thread to be had. A collector that
/// can't be reached is none: the observer of notes is told.
[[gnu::visibility("default")]] Result<std::unique_ptr<Telemetry>> make_telemetry(
    TelemetryOptions options);

}  // namespace ccrelay
