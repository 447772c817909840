#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "wire/sse.hpp"

namespace ccrelay::dialect {

/// What stands around an event's data in the stream.
struct EventFrame {
  std::string_view before;  ///< empty: not known, for the event came in pieces
  std::string_view behind;
};

/// Takes the events that have data.
class EventSink {
 public:
  virtual ~EventSink() = default;
  /// Of an event that is told; valid during the call.
  EventFrame frame;
  /// `name` is empty where the stream has no `event:` line. Both are valid during the call. After
  /// `[DONE]`, which is told as data like any other, events may still come.
  virtual void on_event(std::string_view name, std::string_view data) = 0;
  /// Where nothing of an event has come yet: how many of these bytes are a whole one that the sink
  /// knows, and has taken, without its being read; 0: it is to be read.
  virtual std::size_t take_known(std::string_view) { return 0; }
};

/// Reads server-sent events with line ends of any kind, cut anywhere; comments and events without
/// data are passed over. Unlike a browser it takes a last event without its blank line when the
/// data is whole JSON or [DONE]. Owns nothing but the event that is being read.
class SseEvents final : private wire::SseSink {
 public:
  SseEvents(EventSink& sink, std::size_t event_bytes_max)
      : sink_(sink), scanner_(*this, event_bytes_max) {}
  SseEvents(const SseEvents&) = delete;
  SseEvents& operator=(const SseEvents&) = delete;

  void feed(std::string_view bytes);
  /// The stream is over.
  void end();
  /// An event was larger than is kept; nothing is told from then on.
  bool failed() const { return failed_; }
  /// What is kept of the event that is being read.
  std::size_t kept_bytes() const { return scanner_.kept_bytes(); }

 private:
  void on_event_begin(std::string_view) override {}
  void on_event(std::string_view name, std::string_view data) override;
  void on_long_data(std::string_view) override { failed_ = true; }

  EventFrame frame_of(std::string_view data);

  EventSink& sink_;
  wire::SseScanner scanner_;
  std::string_view fed_;  // of the bytes that are fed, those behind the last event; else empty
  bool failed_ = false;
  bool ending_ = false;
};

/// Appends `event: NAME` (none for an empty name), `data: DATA`, and a blank line. `data` is one
/// line.
void append_event(std::string& out, std::string_view name, std::string_view data);

}  // namespace ccrelay::dialect
