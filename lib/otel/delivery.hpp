#pragma once

#include <ccrelay/clock.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace ccrelay::otel {

/// How one request to the collector has ended.
struct Reply {
  int status = 0;                       ///< HTTP; 0 = there was no answer
  std::string failure;                  ///< of a reply without status, in curl's words
  std::optional<Duration> retry_after;  ///< as the answer asks
  std::string body;                     ///< its beginning
};

/// What becomes of what was sent (OTLP specification, "OTLP/HTTP Response" and "Failures"): an
/// answer in 2xx has taken it; 429, 502, 503, 504 and no answer at all are tried again, at growing
/// distances and only so often; any other has refused it for good. Pure; one for each of what is
/// sent.
class Delivery {
 public:
  enum class Verdict { arrived, again, lost };
  static constexpr int tries_max = 6;

  /// `dice`: a random number, so that relays that failed together don't come back together.
  Verdict judge(const Reply& reply, std::uint64_t dice);
  /// After Verdict::again: how long to wait.
  Duration wait() const { return wait_; }
  void begin_anew() { tries_ = 0; }

 private:
  int tries_ = 0;
  Duration wait_{};
};

/// What is wrong and what to do, for a person; nothing of what the collector said.
std::string in_words(const Reply& reply);

/// Of an answer that has taken only a part: how many spans or points it refused
/// (ExportTracePartialSuccess and its like); 0 when it took all, or can't be read.
std::uint64_t rejected_in(std::string_view body);

/// Seconds, as `Retry-After` tells them; a date, which no collector is known to send, is nothing.
std::optional<Duration> retry_after_of(std::string_view value);

}  // namespace ccrelay::otel
