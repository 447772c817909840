#pragma once

#include <ccrelay/http.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace ccrelay::http {

/// What a client says of the trace that its request is part of (W3C Trace Context,
/// https://www.w3.org/TR/trace-context/). Empty texts where it says nothing that is well-formed.
struct TraceContext {
  /// `VERSION-TRACE-SPAN-FLAGS`, without what a later version may say behind it.
  std::string traceparent;
  std::string tracestate;  ///< with a good traceparent alone, lines put together
};
TraceContext trace_context_of(const Headers& headers);

/// Parts of a well-formed traceparent.
inline std::string_view trace_id_of(std::string_view traceparent) {
  return traceparent.substr(3, 32);
}
inline std::string_view span_id_of(std::string_view traceparent) {
  return traceparent.substr(36, 16);
}
bool is_sampled(std::string_view traceparent);

/// A new trace with its first span, from random numbers; zeros, which mean nothing, become ones.
std::string new_traceparent(std::uint64_t high, std::uint64_t low, std::uint64_t span,
                            bool sampled);
/// Another span of a trace: its id and, of the flags, those that say something of the whole trace
/// (sampled, and that the id is random) are kept. What it says is version 00.
std::string child_traceparent(std::string_view traceparent, std::uint64_t span);

}  // namespace ccrelay::http
