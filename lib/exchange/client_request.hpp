#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/provider.hpp>

#include <cstdint>
#include <optional>
#include <string>

#include "exchange/auth.hpp"
#include "wire/request_view.hpp"
#include "worker/traces.hpp"

namespace ccrelay::exchange {

/// About how many a text of so many bytes has: four bytes each.
constexpr std::uint64_t tokens_of(std::uint64_t bytes) {
  return bytes / 4 + 1;
}

/// What a client asked for, whole. Owned by the exchange; its attempts send from it, so it stays
/// where it is until the last of them needs it no more.
struct ClientRequest {
  worker::Trace* trace = nullptr;  ///< the exchange's; null in tests
  Operation operation = Operation::messages;
  Dialect dialect = Dialect::anthropic;
  /// How a streamed answer is to be written: as events, else (a Gemini client that did not ask for
  /// `alt=sse`) as one JSON array.
  bool sse = true;
  RequestHead head;
  /// What head and forwardable fields take, counted by Admission::hold_head().
  std::uint64_t head_bytes = 0;
  /// The end-to-end headers of `head` without credentials, cookies and proxy trails.
  Headers forwardable;
  /// Via for a provider that may be another relay: by whom it has come, and this one.
  std::string via;
  Access access;
  std::string id;  ///< X-Request-ID
  /// Of the relay's own span for it, where requests are traced; else empty, and what the client
  /// says of its trace goes on as it came.
  std::string traceparent;
  std::string tracestate;  ///< of the client, with it
  std::string body;
  /// Why the body can't be read: its coding is not undone here. It goes on as it came, to who
  /// speaks the client's own dialect. Empty: it can.
  std::string unread;
  wire::RequestView view;
  /// Which conversation it belongs to; empty where it can't be told or nobody wants to know.
  std::optional<std::uint64_t> conversation;
  /// It is the first of its conversation: how others began that look the same is no matter.
  bool begins = false;
  /// Somebody wants to know what it may cost: the strategy, or whoever watches the client's budget.
  bool weighed = false;
  /// Whose prompt it continues, where that is wanted: a hash of the conversation, which of its
  /// agents speaks, and the model. What one of them has cached is not the others'.
  std::optional<std::uint64_t> prompt;
};

}  // namespace ccrelay::exchange
