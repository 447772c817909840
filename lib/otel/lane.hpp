#pragma once

#include <ccrelay/clock.hpp>

#include <string>

#include "otel/delivery.hpp"
#include "otel/post.hpp"

namespace ccrelay::otel {

/// One of the two kinds of what is sent, traces or metrics: its request, which may have to be
/// repeated, and what is known of how it goes. One thread.
struct Lane {
  Lane(CURLM* multi, const TelemetryOptions& options, const std::string& path,
       std::string_view called)
      : post(multi, options, path), name(called) {}

  /// Neither under way nor waiting for its next try.
  bool is_free() const { return !post.runs() && !repeats; }
  bool may_start(TimePoint now) const { return !post.runs() && now >= not_before; }

  Post post;
  Delivery delivery;
  const std::string_view name;
  bool wanted = false;   ///< what there is shall be sent, however little it is
  bool repeats = false;  ///< the last try failed, and there is to be another
  TimePoint not_before{};
  std::string trouble;  ///< empty while it goes well
};

}  // namespace ccrelay::otel
