#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/observer.hpp>

#include <optional>

namespace ccrelay {

/// Hands what requests did to an OpenTelemetry collector. As an observer it copies what it needs
/// and never waits for anybody; it may be called from several threads.
class [[gnu::visibility("default")]] Telemetry : public Observer {
 public:
  /// The share, 0 to 1, of new traces that is sampled; what a client began goes by what the client
  /// says. With any share requests are traced: each gets a span in the client's trace, or in a new
  /// one, and each attempt one below it, of which the provider is told as `traceparent`. Nothing:
  /// they are not. Asked once, at the start of a relay.
  virtual std::optional<double> sample_ratio() const = 0;
};

}  // namespace ccrelay
